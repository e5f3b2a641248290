// SPDX-License-Identifier: GPL-3.0-or-later

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// An address of IPv4 or IPv6; one of IPv4 that is written as IPv6 is an IPv4 address.
package struct NetworkAddress: Hashable, Sendable {
    /// 4 or 16.
    let bytes: [UInt8]

    /// Reads an address as it stands alone, such as `192.0.2.7` and `2001:db8::7`.
    package init?(_ text: some StringProtocol) {
        // C's text ends at the first zero, whatever follows it.
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        let text = String(text)
        var four = [UInt8](repeating: 0, count: 4)
        if inet_pton(AF_INET, text, &four) == 1 {
            bytes = four
            return
        }
        var six = [UInt8](repeating: 0, count: 16)
        guard inet_pton(AF_INET6, text, &six) == 1 else { return nil }
        let isMapped = six.prefix(10).allSatisfy { $0 == 0 } && six[10] == 0xFF && six[11] == 0xFF
        bytes = isMapped ? Array(six.suffix(4)) : six
    }

    /// Reads an address as proxies write it: perhaps in brackets, perhaps with a port (RFC 7239, section 6).
    init?(node text: some StringProtocol) {
        let text = text[...]
        if text.first == "[" {
            guard let end = text.firstIndex(of: "]"), Self.isPort(text[text.index(after: end)...]) else { return nil }
            let inside = text[text.index(after: text.startIndex)..<end]
            guard inside.contains(":") else { return nil }
            self.init(inside)
        } else if text.utf8.count(where: { $0 == UInt8(ascii: ":") }) == 1, let colon = text.firstIndex(of: ":") {
            guard Self.isPort(text[colon...]) else { return nil }
            self.init(text[..<colon])
        } else {
            self.init(text)
        }
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Whether it is nothing, or a colon and a port; RFC 7239 allows names as ports as well.
    private static func isPort(_ text: some StringProtocol) -> Bool {
        guard let first = text.first else { return true }
        let port = text.dropFirst().utf8
        return first == ":" && (1...6).contains(port.count)
            && port.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }

    /// Who is counted as one client: an address of IPv4, the first 64 bits of one of IPv6, which are one household's or
    /// machine's (RFC 6177).
    package var neighbourhood: NetworkAddress {
        bytes.count == 4
            ? self : NetworkAddress(bytes: bytes.prefix(8) + [UInt8](repeating: 0, count: 8))
    }

    /// Whether it stands for all addresses of a machine, and is none that anybody can connect to.
    var isUnspecified: Bool { bytes.allSatisfy { $0 == 0 } }

    /// Whether only this machine reaches it.
    var isLoopback: Bool {
        bytes.count == 4 ? bytes[0] == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
    }

    /// Whether it is of a network that is not routed on the Internet (RFC 1918, 3927, 4193, 4291 and 6598).
    var isPrivate: Bool {
        guard bytes.count == 4 else { return bytes[0] & 0xFE == 0xFC || bytes[0] == 0xFE && bytes[1] & 0xC0 == 0x80 }
        switch (bytes[0], bytes[1]) {
        case (10, _), (172, 16...31), (192, 168), (169, 254), (100, 64...127): return true
        default: return false
        }
    }
}

extension NetworkAddress: CustomStringConvertible {
    /// In the canonical form, such as `2001:db8::7`: never what a client has written.
    package var description: String {
        guard bytes.count == 16 else { return bytes.map { String($0) }.joined(separator: ".") }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(AF_INET6, bytes, &text, socklen_t(text.count)) != nil else { return "::" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
