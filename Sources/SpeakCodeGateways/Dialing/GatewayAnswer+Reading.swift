// SPDX-License-Identifier: GPL-3.0-or-later

internal import HTTPTypes
package import JSON5

extension GatewayAnswer {
    /// The body, where it is an object of JSON.
    var object: [String: JSON5Value]? { JSON5Value.object(in: body) }

    /// Whether a status says that what was asked for is done.
    var isSuccess: Bool { (200..<300).contains(status) }

    /// What an answer says that names no call.
    ///
    /// A server's error may come behind the call that it placed, and so may an answer that cannot be read.
    ///
    /// - Parameters:
    ///   - outcome: how a call ends that is refused.
    ///   - cause: the gateway's own word for it; the status where it has none.
    func unplaced(_ outcome: CallOutcome = .failed, cause: String? = nil) -> PlacedCall {
        switch status {
        case 429: .busy(after: retryAfter)
        case 408: .unknown
        case 300..<500: .refused(CallEnd(outcome, cause: CallEnd.word(cause) ?? "HTTP \(status)"))
        default: .unknown
        }
    }

    /// Seconds to wait by `Retry-After` (RFC 9110, section 10.2.3), an hour at most; one where it tells none, or a date.
    var retryAfter: Int {
        guard let text = headers[.retryAfter], let seconds = Int(text) else { return 1 }
        return min(max(1, seconds), 3600)
    }
}

extension CallEnd {
    /// A gateway's own word, if it is one: short, and with too few figures for a number.
    static func word(_ text: String?) -> String? {
        guard let text, !text.isEmpty, text.utf8.count <= 60,
            text.utf8.allSatisfy({ FormFields.isPlain($0) || " ()/:".utf8.contains($0) }),
            text.utf8.count(where: CallOrder.isFigure) <= 6
        else { return nil }
        return text
    }
}

extension CallOutcome {
    /// What gateways call busy or failed, told apart by the status of SIP.
    func refined(by sipStatus: Int?) -> CallOutcome {
        guard self == .busy || self == .failed, let sipStatus else { return self }
        let told = SIPStatus.outcome(sipStatus)
        return told == .failed ? self : told
    }
}

extension CallParty {
    /// Who answered, in gateways' words.
    init?(word: String) {
        switch word {
        case "human", "human_residence", "human_business": self = .human
        case "machine", "machine_start", "machine_end_beep", "machine_end_silence", "machine_end_other", "fax",
            "fax_detected":
            self = .machine
        case "unknown", "not_sure", "silence": self = .unsure
        default: return nil
        }
    }
}

extension JSON5Value {
    /// The object that bytes are; nil for anything else.
    package static func object(in bytes: [UInt8]) -> [String: JSON5Value]? {
        value(in: bytes)?.members
    }

    /// The list that bytes are; nil for anything else.
    package static func list(in bytes: [UInt8]) -> [JSON5Value]? {
        value(in: bytes)?.elements
    }

    /// What bytes are as JSON; nil for anything else.
    ///
    /// A key may stand twice: FreeSWITCH writes a header of an event as often as it has it.
    package static func value(in bytes: [UInt8]) -> JSON5Value? {
        String(validating: bytes, as: UTF8.self).flatMap { JSON5Document($0, as: .json).value }
    }

    /// A text; nil for anything else, and for an empty one.
    package var text: String? {
        guard case .text(let text) = self, !text.isEmpty else { return nil }
        return text
    }

    /// A whole number, also one that is written as a text.
    package var whole: Int? {
        switch self {
        case .number(let number): Int(exactly: number)
        case .text(let text): Int(text)
        default: nil
        }
    }

    package var members: [String: JSON5Value]? {
        guard case .object(let members) = self else { return nil }
        return members
    }

    package var elements: [JSON5Value]? {
        guard case .list(let elements) = self else { return nil }
        return elements
    }
}

extension Int {
    /// Seconds that a call lasted, as a gateway tells them; nil for nonsense.
    static func duration(_ seconds: Int?) -> Int? { seconds.flatMap { (0...1_000_000).contains($0) ? $0 : nil } }

    /// A final status of SIP; nil for nonsense.
    static func sipStatus(_ status: Int?) -> Int? { status.flatMap { (100...699).contains($0) ? $0 : nil } }
}
