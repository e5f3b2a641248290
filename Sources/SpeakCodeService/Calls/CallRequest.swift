// SPDX-License-Identifier: GPL-3.0-or-later

internal import JSON5
internal import SpeakCode
internal import SpeakCodeGateways

/// What a caller asks for: the body of `POST /v1/calls`.
///
/// It does not show itself, since a telephone number is a person.
struct CallRequest: Sendable {
    /// What is read to who answers.
    var announcement: AnnouncementRequest
    /// Whom to ring.
    let callee: CalledParty
    /// The operator's name of a gateway; nil for the one that its number leads to.
    let through: String?
    /// What the telephone shows, of those that the operator has listed; nil for the first of them.
    let from: String?
    /// Seconds that the telephone may ring.
    let timeout: Int
    /// Where its events go, of the addresses that the operator has listed; nil for the first of them.
    let events: String?
    /// When the code waits for a key.
    let gate: Gate

    /// When the code waits for a key, so that a voicemail never hears it.
    enum Gate: String, CaseIterable, Sendable {
        case always
        /// Until the gateway says that a person answered, or the key is pressed.
        case whenMachine
        case never
    }

    /// All fields, in the order in which they are asked for.
    static let known: [String] = {
        var fields = Fields(["code": .text("0"), "to": .text("sip:a@example.net")])
        _ = try? CallRequest(all: &fields)
        return fields.asked
    }()

    /// The seconds that a telephone may ring; the networks end it after two minutes at the latest.
    static let timeouts = 5...120
    private static let usualTimeout = 30
    private static let longestAddress = 255

    /// Reads a body.
    ///
    /// - Throws: ``Problem`` that names the field.
    init(json body: some Collection<UInt8>) throws(Problem) {
        var fields = try Fields(json: body)
        try self.init(all: &fields)
    }

    private init(all fields: inout Fields) throws(Problem) {
        announcement = try AnnouncementRequest(said: &fields)
        guard let to = try AnnouncementRequest.name(&fields, "to", atMost: Self.longestAddress) else {
            throw .field(
                "to", "must be given: a number such as +81 90-1234-5678, or an address such as sip:anna@example.net")
        }
        callee = try CalledParty(to)
        announcement.phoneNumber = callee.number
        through = try AnnouncementRequest.name(&fields, "through")
        from = try AnnouncementRequest.name(&fields, "from", atMost: Self.longestAddress)
        timeout = try fields.integer("timeout", in: Self.timeouts) ?? Self.usualTimeout
        events = try AnnouncementRequest.name(&fields, "events", atMost: 2048)
        var gate = Gate.always
        if let name = try AnnouncementRequest.name(&fields, "gate") {
            guard let known = Gate(rawValue: name) else {
                throw .field("gate", "must be \(Gate.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            gate = known
        }
        self.gate = gate
        announcement.gate = gate != .never
        try fields.refuseTheRest()
    }
}

extension CallRequest: CustomStringConvertible, CustomReflectable {
    var description: String { "CallRequest" }
    var customMirror: Mirror { Mirror(self, children: []) }
}

/// Whom a call is to.
///
/// It does not show itself.
struct CalledParty: Hashable, Sendable {
    /// As the gateway is told it.
    let callee: CallOrder.Callee
    /// The number, of a SIP address too whose user is one; nil where there is none.
    let number: PhoneNumber?
    /// The host of a SIP address, in small letters; nil of a number.
    let host: String?

    /// Reads a number as people write it, or an address of SIP (RFC 3261, section 19.1).
    ///
    /// - Throws: ``Problem``.
    init(_ text: String) throws(Problem) {
        guard text.prefix(4).lowercased() == "sip:" else {
            let number = try AnnouncementRequest.phoneNumber(text, "to")
            (callee, self.number, host) = (.number(number.e164), number, nil)
            return
        }
        let parts = text.dropFirst(4).split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, Self.isUser(parts[0]), let host = Self.host(parts[1]) else {
            throw .field("to", "must be such as sip:anna@example.net, with a port or parameters at most")
        }
        callee = .sip("sip:" + text.dropFirst(4))
        self.host = host
        // A trunk takes numbers as users: those are called, and are held to what numbers are held to.
        let user = parts[0].prefix { $0 != ";" }.filter { !"-.()".contains($0) }
        if user.first == "+" {
            number = try AnnouncementRequest.phoneNumber(user, "to")
        } else if user.hasPrefix("00") {
            number = try AnnouncementRequest.phoneNumber("+" + user.dropFirst(2), "to")
        } else {
            number = nil
        }
    }

    /// What it is counted by: the same however it is written.
    var key: String {
        switch callee {
        case .number(let number): number
        case .sip(let address): number?.e164 ?? String(address.prefix { $0 != ";" }).lowercased()
        }
    }

    /// Letters, digits and the marks that a user has (RFC 3261, section 25.1), no password, no header and nothing escaped:
    /// `%2B49` is `+49` to who is called.
    private static func isUser(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { isAlphanumeric($0) || "-_.!~*'()&=+$,;".utf8.contains($0) }
    }

    /// The host of `host[:port][;parameters]`; nil where it is none.
    private static func host(_ text: Substring) -> String? {
        let parameters = text.drop { $0 != ";" }
        guard parameters.utf8.allSatisfy({ isAlphanumeric($0) || "-_.;=".utf8.contains($0) }) else { return nil }
        guard let host = HostName(text.prefix { $0 != ";" }) else { return nil }
        let name = host.description
        let end = name.last == "]" ? name.endIndex : name.lastIndex(of: ":") ?? name.endIndex
        return name[..<end].lowercased()
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: false
        }
    }
}

extension CalledParty: CustomStringConvertible, CustomReflectable {
    var description: String { "\(callee)" }
    var customMirror: Mirror { Mirror(self, children: []) }
}
