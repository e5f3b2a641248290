// SPDX-License-Identifier: GPL-3.0-or-later

/// How a switch reaches a number: its own words, with `{number}` for a number with its plus or `{digits}` for one without.
struct DialString: Hashable, Sendable {
    private let text: String

    /// - Parameter key: the setting.
    init(_ text: String, key: String) throws(DialingError) {
        let places = ["{number}", "{digits}"]
        var plain = text
        for place in places { plain = plain.replacing(place, with: "") }
        // Other marks would ring others as well, or begin something else.
        guard places.contains(where: { text.contains($0) }),
            plain.utf8.allSatisfy({ FormFields.isPlain($0) || "/@:+;=".utf8.contains($0) })
        else {
            throw DialingError(
                key, "must be a dial string with {number} or {digits} in it, such as PJSIP/{number}@trunk")
        }
        self.text = text
    }

    /// The gateway that FreeSWITCH is to go through: the name in `sofia/gateway/name/{number}`, where there is one.
    var trunk: String? {
        let parts = text.split(separator: "/")
        guard parts.count > 3, parts[0] == "sofia", parts[1] == "gateway" else { return nil }
        return String(parts[2])
    }

    func text(for order: CallOrder) throws(DialingError) -> String {
        guard case .number(let number) = try order.dialled() else {
            throw DialingError("to", "must be a number: addresses are reached without this gateway")
        }
        return text.replacing("{number}", with: number).replacing("{digits}", with: String(number.dropFirst()))
    }
}

extension CallOrder {
    /// Whether the id is a UUID in small letters, as it goes into commands.
    var isUUID: Bool {
        id.utf8.count == 36
            && id.utf8.allSatisfy { $0 == UInt8(ascii: "-") || Self.isFigure($0) || (0x61...0x66).contains($0) }
    }
}
