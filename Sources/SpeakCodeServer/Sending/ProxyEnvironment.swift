// SPDX-License-Identifier: GPL-3.0-or-later

internal import FoundationEssentials

/// The proxies that the environment names for requests of our own: `https_proxy`, `http_proxy`, `no_proxy`, in small letters
/// or capital ones, as curl reads them.
///
/// `HTTP_PROXY` in capital letters is not read, since a CGI's client can set it.
struct ProxyEnvironment: Sendable {
    /// A proxy, and what it is told to be used.
    struct Proxy: Hashable, Sendable {
        let host: String
        let port: Int
        /// Name and password in base64; nil for a proxy that asks for none.
        let credentials: String?
    }

    private let proxies: [String: Proxy]
    /// Hosts, and ends of hosts, that are reached without a proxy; `*` for all.
    private let direct: [String]

    init(_ environment: [String: String] = ProcessInfo.processInfo.environment) {
        func value(_ names: String...) -> String? { names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty } }
        proxies = [
            "http": value("http_proxy", "all_proxy", "ALL_PROXY"),
            "https": value("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"),
        ].compactMapValues { $0.flatMap(Proxy.init) }
        direct = (value("no_proxy", "NO_PROXY") ?? "").lowercased().split { $0 == "," || $0 == " " }
            .map { String($0.drop { $0 == "." }) }
    }

    /// The proxy for an address; nil where it is reached without one, as this machine always is.
    func proxy(for url: String) -> Proxy? {
        guard let parts = URLComponents(string: url), let scheme = parts.scheme?.lowercased(),
            let host = parts.host?.lowercased(), !["localhost", "127.0.0.1", "[::1]", "::1"].contains(host),
            !direct.contains(where: { $0 == "*" || host == $0 || host.hasSuffix("." + $0) })
        else { return nil }
        return proxies[scheme]
    }
}

extension ProxyEnvironment.Proxy {
    /// Reads `http://name:password@proxy.example.net:3128`, whose scheme may be left out; nil for a proxy of another kind.
    fileprivate init?(_ text: String) {
        let url = text.contains("://") ? text : "http://" + text
        guard let parts = URLComponents(string: url), parts.scheme?.lowercased() == "http", let host = parts.host,
            !host.isEmpty
        else { return nil }
        self.host = host
        port = parts.port ?? 1080
        let credentials = parts.user.map { "\($0):\(parts.password ?? "")" }
        self.credentials = credentials.map { Data($0.utf8).base64EncodedString() }
    }
}

extension ProxyEnvironment: CustomStringConvertible, CustomReflectable {
    var description: String { "ProxyEnvironment" }
    var customMirror: Mirror { Mirror(self, children: []) }
}
