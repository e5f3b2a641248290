// SPDX-License-Identifier: GPL-3.0-or-later

internal import HTTPTypes

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Where a request came from, and by which address it was sent to us.
struct RequestOrigin: Sendable {
    /// The client's address, without its port; nil where none is known.
    let client: String?
    /// Scheme and authority, such as `https://codes.example.net`: the base of links.
    let base: String
}

/// The proxies whose word about the client is taken, by address or network.
struct TrustedProxies: Sendable {
    private let networks: [Network]
    private let usesTLS: Bool
    /// The authority for requests that name none that can stand in a link.
    private let fallback: String

    /// Reads addresses such as `10.0.0.7`, `10.0.0.0/8` and `fd00::/8`.
    ///
    /// - Returns: nil where one of them is not an address.
    init?(_ networks: [String], usesTLS: Bool, fallback: String) {
        let read = networks.map(Network.init)
        guard read.allSatisfy({ $0 != nil }) else { return nil }
        self.networks = read.compactMap(\.self)
        self.usesTLS = usesTLS
        self.fallback = fallback
    }

    /// A block of addresses.
    private struct Network: Sendable {
        let bytes: [UInt8]
        let bits: Int

        init?(_ text: String) {
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count <= 2, let bytes = Self.bytes(String(parts[0])) else { return nil }
            let bits = parts.count == 2 ? Int(parts[1]) : bytes.count * 8
            guard let bits, (0...bytes.count * 8).contains(bits) else { return nil }
            self.bytes = bytes
            self.bits = bits
        }

        func contains(_ address: [UInt8]) -> Bool {
            guard address.count == bytes.count else { return false }
            for index in 0..<bytes.count {
                let width = min(8, max(0, bits - index * 8))
                let mask = UInt8(truncatingIfNeeded: 0xFF00 >> width)
                if bytes[index] & mask != address[index] & mask { return false }
            }
            return true
        }

        /// An IPv4 address that is written as IPv6 is an IPv4 address.
        static func bytes(_ text: String) -> [UInt8]? {
            var four = [UInt8](repeating: 0, count: 4)
            if inet_pton(AF_INET, text, &four) == 1 { return four }
            var six = [UInt8](repeating: 0, count: 16)
            guard inet_pton(AF_INET6, text, &six) == 1 else { return nil }
            let isMapped = six.prefix(10).allSatisfy { $0 == 0 } && six[10] == 0xFF && six[11] == 0xFF
            return isMapped ? Array(six.suffix(4)) : six
        }
    }

    private func trusts(_ address: String) -> Bool {
        guard let bytes = Network.bytes(address) else { return false }
        return networks.contains { $0.contains(bytes) }
    }

    /// Where a request came from: of what proxies say, only what trusted ones say is taken.
    func origin(of request: Request) -> RequestOrigin {
        var client = request.peer
        var scheme = usesTLS ? "https" : "http"
        var authority = request.authority
        if let peer = client, trusts(peer) {
            let said = Said(request.headers)
            // The last entry that no trusted proxy has written about another trusted proxy is the client.
            client = said.clients.reversed().first { !trusts($0) } ?? said.clients.first ?? client
            if let proto = said.scheme, ["http", "https"].contains(proto) { scheme = proto }
            authority = said.host ?? authority
        }
        let host = authority.flatMap { Self.isAuthority($0) ? $0 : nil } ?? fallback
        return RequestOrigin(client: client, base: "\(scheme)://\(host)")
    }

    /// Whether a host and port may stand in a link: letters, digits and what belongs to addresses.
    private static func isAuthority(_ text: String) -> Bool {
        (1...255).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: ":"),
                    UInt8(ascii: "["), UInt8(ascii: "]"):
                    true
                default: false
                }
            }
    }

    /// What a proxy says: `Forwarded` (RFC 7239), else the older `X-Forwarded-…`.
    private struct Said {
        var clients: [String] = []
        var scheme: String?
        var host: String?

        init(_ headers: HTTPFields) {
            let forwarded = headers[values: Self.forwarded].joined(separator: ",")
            guard forwarded.isEmpty else {
                for element in forwarded.split(separator: ",") {
                    for pair in element.split(separator: ";") {
                        let parts = pair.split(separator: "=", maxSplits: 1).map(Self.trimmed)
                        guard parts.count == 2 else { continue }
                        switch parts[0].lowercased() {
                        case "for": clients.append(Self.address(parts[1]))
                        case "proto": scheme = parts[1].lowercased()
                        case "host": host = parts[1]
                        default: break
                        }
                    }
                }
                return
            }
            clients = headers[values: Self.forwardedFor].joined(separator: ",").split(separator: ",")
                .map { Self.address(Self.trimmed($0)) }
            scheme = headers[Self.forwardedProto].map { Self.trimmed($0).lowercased() }
            host = headers[Self.forwardedHost].map { Self.trimmed($0) }
        }

        private static let forwarded = name("Forwarded")
        private static let forwardedFor = name("X-Forwarded-For")
        private static let forwardedProto = name("X-Forwarded-Proto")
        private static let forwardedHost = name("X-Forwarded-Host")

        private static func name(_ text: String) -> HTTPField.Name {
            guard let name = HTTPField.Name(text) else { preconditionFailure("\(text) is a header's name.") }
            return name
        }

        private static func trimmed(_ text: some StringProtocol) -> String {
            var text = text[...]
            while let first = text.first, first == " " || first == "\t" || first == "\"" { text = text.dropFirst() }
            while let last = text.last, last == " " || last == "\t" || last == "\"" { text = text.dropLast() }
            return String(text)
        }

        /// An address without brackets and port.
        private static func address(_ text: String) -> String {
            if text.hasPrefix("[") { return String(text.dropFirst().prefix { $0 != "]" }) }
            return text.count { $0 == ":" } == 1 ? String(text.prefix { $0 != ":" }) : text
        }
    }
}
