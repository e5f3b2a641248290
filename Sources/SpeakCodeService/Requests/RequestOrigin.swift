// SPDX-License-Identifier: GPL-3.0-or-later

internal import HTTPTypes

/// Where a request came from, and by which address it was sent to us.
struct RequestOrigin: Sendable {
    /// The client's address; nil where none is known.
    let client: NetworkAddress?
    /// Whether the address at the other end of the connection is a trusted proxy's.
    let isProxied: Bool
    private let scheme: String
    /// Nil where the request names no host that can stand in a link.
    private let host: HostName?

    fileprivate init(client: NetworkAddress?, isProxied: Bool, scheme: String, host: HostName?) {
        (self.client, self.isProxied, self.scheme, self.host) = (client, isProxied, scheme, host)
    }

    /// Scheme and authority, such as `https://codes.example.net`: the base of links where the operator has set none.
    ///
    /// - Throws: ``Problem`` where there is no host: a link to nowhere would be found out about by who is called.
    func base() throws(Problem) -> String {
        guard let host else { throw .unknownHost }
        return "\(scheme)://\(host)"
    }
}

/// The proxies whose word about the client is taken, by address or network.
package struct TrustedProxies: Sendable {
    private let networks: [Network]
    private let usesTLS: Bool

    /// Reads addresses such as `10.0.0.7`, `10.0.0.0/8` and `fd00::/8`.
    ///
    /// - Returns: nil where one of them is not an address.
    init?(_ networks: [String], usesTLS: Bool) {
        let read = networks.map(Network.init)
        guard read.allSatisfy({ $0 != nil }) else { return nil }
        self.networks = read.compactMap(\.self)
        self.usesTLS = usesTLS
    }

    /// A block of addresses.
    private struct Network: Sendable {
        let address: NetworkAddress
        let bits: Int

        init?(_ text: String) {
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count <= 2, let address = NetworkAddress(parts[0]) else { return nil }
            let bits = parts.count == 2 ? Int(parts[1]) : address.bytes.count * 8
            guard let bits, (0...address.bytes.count * 8).contains(bits) else { return nil }
            (self.address, self.bits) = (address, bits)
        }

        func contains(_ other: NetworkAddress) -> Bool {
            guard address.bytes.count == other.bytes.count else { return false }
            for index in address.bytes.indices {
                let width = min(8, max(0, bits - index * 8))
                let mask = UInt8(truncatingIfNeeded: 0xFF00 >> width)
                if address.bytes[index] & mask != other.bytes[index] & mask { return false }
            }
            return true
        }
    }

    /// Whether an address is a proxy's whose word is taken.
    package func trusts(_ address: NetworkAddress) -> Bool { networks.contains { $0.contains(address) } }

    /// Where a request came from: of what proxies say, only what trusted ones say is taken.
    func origin(of request: Request) -> RequestOrigin {
        let peer = request.peer.flatMap { NetworkAddress($0) }
        let scheme = usesTLS ? "https" : "http"
        guard let peer, trusts(peer) else {
            return RequestOrigin(
                client: peer, isProxied: false, scheme: scheme, host: request.authority.flatMap { HostName($0) })
        }
        let said = Said(request.headers)
        // The last address that no trusted proxy has written about another trusted proxy is the client's. What stands
        // before it, or before what is no address, anybody may have written.
        var (client, place) = (peer, said.clients.endIndex)
        while place > said.clients.startIndex, trusts(client), let before = said.clients[place - 1] {
            (client, place) = (before, place - 1)
        }
        // What the proxy that wrote of no address says besides is its word as well.
        if place > said.clients.startIndex, trusts(client) { place -= 1 }
        return RequestOrigin(
            client: client, isProxied: true, scheme: said.scheme(from: place) ?? scheme,
            host: (said.host(from: place) ?? request.authority).flatMap { HostName($0) })
    }

    /// What proxies say: `Forwarded` (RFC 7239), else the older `X-Forwarded-…`; each adds to the end of what it got.
    private struct Said {
        /// Nil stands for what is no address, such as `unknown`.
        private(set) var clients: [NetworkAddress?] = []
        private var schemes: [String?] = []
        private var hosts: [String?] = []
        /// Whether what stands at one place is of one proxy.
        private let isAligned: Bool

        init(_ headers: HTTPFields) {
            let forwarded = headers[values: Self.forwarded].joined(separator: ",")
            isAligned = !forwarded.isEmpty
            guard isAligned else {
                clients = Self.list(headers, Self.forwardedFor).map { NetworkAddress(node: $0) }
                schemes = Self.list(headers, Self.forwardedProto)
                hosts = Self.list(headers, Self.forwardedHost)
                return
            }
            for element in forwarded.split(separator: ",") {
                var pairs: [String: String] = [:]
                for pair in element.split(separator: ";") {
                    let parts = pair.split(separator: "=", maxSplits: 1).map(Self.trimmed)
                    if parts.count == 2 { pairs[parts[0].lowercased()] = parts[1] }
                }
                clients.append(pairs["for"].flatMap { NetworkAddress(node: $0) })
                schemes.append(pairs["proto"])
                hosts.append(pairs["host"])
            }
        }

        /// What the proxy says that the client has spoken to, or else the first of those behind it that says so.
        func scheme(from place: Int) -> String? {
            first(of: schemes, from: place).map { $0.lowercased() }.flatMap {
                ["http", "https"].contains($0) ? $0 : nil
            }
        }

        /// The host that the client has asked for.
        func host(from place: Int) -> String? { first(of: hosts, from: place) }

        private func first(of values: [String?], from place: Int) -> String? {
            values.dropFirst(isAligned ? place : 0).lazy.compactMap(\.self).first
        }

        private static let forwarded = name("Forwarded")
        private static let forwardedFor = name("X-Forwarded-For")
        private static let forwardedProto = name("X-Forwarded-Proto")
        private static let forwardedHost = name("X-Forwarded-Host")

        private static func name(_ text: String) -> HTTPField.Name {
            guard let name = HTTPField.Name(text) else { preconditionFailure("\(text) is a header's name.") }
            return name
        }

        private static func list(_ headers: HTTPFields, _ name: HTTPField.Name) -> [String] {
            headers[values: name].joined(separator: ",").split(separator: ",").map(trimmed)
        }

        private static func trimmed(_ text: some StringProtocol) -> String {
            var text = text[...]
            while let first = text.first, first == " " || first == "\t" || first == "\"" { text = text.dropFirst() }
            while let last = text.last, last == " " || last == "\t" || last == "\"" { text = text.dropLast() }
            return String(text)
        }
    }
}
