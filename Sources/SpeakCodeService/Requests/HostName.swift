// SPDX-License-Identifier: GPL-3.0-or-later

/// A host and perhaps a port, as a client names the service: what can stand behind `https://` in a link.
///
/// A name of DNS, whose labels may have underscores as Docker Compose's services do, or an address. What nobody can connect
/// to is none: all addresses of a machine, the port 0. A name in other letters than ASCII comes as its A-label (RFC 5891).
struct HostName: Hashable, Sendable, CustomStringConvertible {
    /// Without the dot that a name may end with.
    let description: String

    /// Reads the value of a header such as `Host`.
    init?(_ text: some StringProtocol) {
        var host = text[...]
        var port = ""
        if host.first == "[" {
            guard let end = host.firstIndex(of: "]") else { return nil }
            let (inside, rest) = (host[host.index(after: host.startIndex)..<end], host[host.index(after: end)...])
            guard inside.contains(":"), let address = NetworkAddress(inside), !address.isUnspecified,
                let said = Self.port(rest)
            else { return nil }
            description = "[\(inside.lowercased())]\(said)"
            return
        }
        if let colon = host.firstIndex(of: ":") {
            guard let said = Self.port(host[colon...]) else { return nil }
            (host, port) = (host[..<colon], said)
        }
        if host.last == "." { host = host.dropLast() }
        guard Self.isName(host) else { return nil }
        // What is all digits and dots is an address, or nothing.
        if let last = host.split(separator: ".").last, last.utf8.allSatisfy(Self.isDigit) {
            guard let address = NetworkAddress(host), !address.isUnspecified else { return nil }
        }
        description = host + port
    }

    /// A colon and a port, or nothing; nil for what is neither.
    private static func port(_ text: some StringProtocol) -> String? {
        guard !text.isEmpty else { return "" }
        let digits = text.dropFirst()
        guard text.first == ":", digits.utf8.allSatisfy(isDigit) else { return nil }
        // RFC 3986, section 3.2.3: the port behind the colon may be empty.
        guard !digits.isEmpty else { return "" }
        guard let number = UInt16(digits), number > 0 else { return nil }
        return ":\(number)"
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isName(_ text: some StringProtocol) -> Bool {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        return text.utf8.count <= 253
            && labels.allSatisfy { label in
                (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                    && label.utf8.allSatisfy { byte in
                        switch byte {
                        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                            UInt8(ascii: "-"), UInt8(ascii: "_"):
                            true
                        default: isDigit(byte)
                        }
                    }
            }
    }
}
