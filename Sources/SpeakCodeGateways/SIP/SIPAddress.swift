// SPDX-License-Identifier: GPL-3.0-or-later

/// Whom SIP can ring: `sip:anna@example.net:5060;transport=tcp` (RFC 3261, section 19.1).
///
/// It has nothing that could end a header field, and it does not show itself, since it is a person.
package struct SIPAddress: Hashable, Sendable {
    /// How requests get there.
    package enum Transport: String, CaseIterable, Sendable {
        case udp, tcp, tls
    }

    /// What stands before the @, as it is written; nil for a host alone.
    package let user: String?
    /// A name, an address of IPv4, or one of IPv6 without its brackets.
    package let host: String
    package let port: Int?
    package let transport: Transport?
    /// Whether the user is a telephone number.
    package let isPhone: Bool

    package init(user: String?, host: String, port: Int? = nil, transport: Transport? = nil, isPhone: Bool = false) {
        (self.user, self.host, self.port) = (user, host, port)
        (self.transport, self.isPhone) = (transport, isPhone)
    }

    /// Reads an address.
    ///
    /// - Parameters:
    ///   - text: with or without `sip:`.
    ///   - field: where it stands, for the message.
    /// - Throws: ``DialingError``, which does not show it.
    package init(_ text: String, field: String) throws(DialingError) {
        func wrong(_ problem: String) -> DialingError { DialingError(field, problem) }
        var rest = text[...]
        if let colon = rest.firstIndex(of: ":"), ["sip", "sips"].contains(rest[..<colon].lowercased()) {
            guard rest[..<colon].lowercased() == "sip" else {
                throw wrong("must begin with sip:, and have ;transport=tls behind it where TLS is meant")
            }
            rest = rest[rest.index(after: colon)...]
        }
        if let at = rest.lastIndex(of: "@") {
            let user = rest[..<at]
            guard !user.isEmpty, user.utf8.allSatisfy(Self.isOfUser) else {
                throw wrong("has a character before its @ that no SIP address has")
            }
            self.user = String(user)
            rest = rest[rest.index(after: at)...]
        } else {
            user = nil
        }
        let parts = rest.split(separator: ";", omittingEmptySubsequences: false)
        (host, port) = try Self.place(parts.first ?? "", field)
        var (transport, isPhone) = (Transport?.none, false)
        for parameter in parts.dropFirst() {
            let pair = parameter.lowercased().split(separator: "=", maxSplits: 1).map(String.init)
            switch pair.first {
            case "transport" where pair.count == 2:
                guard let value = Transport(rawValue: pair[1]) else {
                    throw wrong("has a transport that is not udp, tcp or tls")
                }
                transport = value
            case "user" where pair.count == 2: isPhone = pair[1] == "phone"
            case "lr": break
            default: throw wrong("may have ;transport=udp, tcp or tls behind it, and nothing else")
            }
        }
        (self.transport, self.isPhone) = (transport, isPhone)
    }

    /// Host and port.
    private static func place(_ text: Substring, _ field: String) throws(DialingError) -> (String, Int?) {
        let isBracketed = text.hasPrefix("[")
        let end = isBracketed ? text.firstIndex(of: "]") : text.firstIndex(of: ":") ?? text.endIndex
        let problem = DialingError(field, "must be such as sip:anna@example.net or sip:anna@127.0.0.1:5060")
        guard let end else { throw problem }
        let host = text[..<end].drop { $0 == "[" }
        var rest = text[end...]
        if isBracketed { rest = rest.dropFirst() }
        let isHost = { (byte: UInt8) in
            isBracketed ? isHexadecimal(byte) || byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".") : isOfName(byte)
        }
        guard !host.isEmpty, host.utf8.count <= 253, host.utf8.allSatisfy(isHost) else { throw problem }
        guard !rest.isEmpty else { return (String(host), nil) }
        guard rest.hasPrefix(":"), let port = Int(rest.dropFirst()), (1...65535).contains(port) else {
            throw DialingError(field, "has a port that is not 1 to 65535")
        }
        return (String(host), port)
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        isLetterOrDigit(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: false
        }
    }

    /// unreserved, escaped and user-unreserved of RFC 3261, section 25.1, but for what parts an address.
    private static func isOfUser(_ byte: UInt8) -> Bool {
        isLetterOrDigit(byte) || "-_.!~*'()%&=+$,/".utf8.contains(byte)
    }

    /// As it stands in a request.
    package var uri: String {
        "sip:" + (user.map { $0 + "@" } ?? "") + place + (port.map { ":\($0)" } ?? "")
            + (transport.map { ";transport=\($0)" } ?? "") + (isPhone ? ";user=phone" : "")
    }

    /// The host, one of IPv6 in its brackets.
    var place: String { host.contains(":") ? "[\(host)]" : host }

    /// The same place, where this machine's own name is its address: it stands in no DNS.
    package var resolved: SIPAddress {
        guard host.lowercased() == "localhost" else { return self }
        return SIPAddress(user: user, host: "127.0.0.1", port: port, transport: transport, isPhone: isPhone)
    }
}

extension SIPAddress: CustomStringConvertible, CustomReflectable {
    package var description: String { "a SIP address" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
