// SPDX-License-Identifier: GPL-3.0-or-later

/// Where a WebSocket is opened: `ws://127.0.0.1:8088/ari/events?app=speakcode`, in its parts.
package struct WebSocketAddress: Hashable, Sendable {
    /// A name, or an address without brackets.
    package let host: String
    package let port: Int
    package let usesTLS: Bool
    /// Host and port as they are written, for `Host`.
    package let authority: String
    /// The path, and the query with its question mark.
    package let path: String

    /// - Returns: nil for what is none.
    package init?(_ url: String) {
        let usesTLS = url.hasPrefix("wss://")
        guard usesTLS || url.hasPrefix("ws://") else { return nil }
        let place = url.drop { $0 != "/" }.dropFirst(2)
        let authority = String(place.prefix { $0 != "/" })
        let name = authority.last == "]" ? nil : authority.lastIndex(of: ":")
        let figures = name.map { authority[authority.index(after: $0)...] }
        guard let port = figures.map({ Int($0) }) ?? (usesTLS ? 443 : 80), (1...65_535).contains(port) else {
            return nil
        }
        let host = authority[..<(name ?? authority.endIndex)].filter { !"[]".contains($0) }
        guard !host.isEmpty else { return nil }
        (self.host, self.port, self.usesTLS, self.authority) = (host, port, usesTLS, authority)
        path = String(place.dropFirst(authority.count))
    }
}
