// SPDX-License-Identifier: GPL-3.0-or-later

/// A telephone number with its country's code, and the language that is most likely spoken there.
///
/// It says nothing of itself in logs: a number is somebody's.
public struct PhoneNumber: Hashable, Sendable {
    /// The number in the form of ITU-T E.164: `+`, the country's code, the national number without its leading 0.
    public let e164: String
    /// The language of the country or, in North America, of the area.
    public let locale: LanguageTag

    /// The digits of a number, at most fifteen (ITU-T E.164, clause 6) and in no country fewer than four behind the code.
    private static let lengths = 6...15

    /// Reads a number as people write it: `+81 (0)90-1234-5678`.
    ///
    /// The 0 that is dialled before national numbers at home is dropped behind the country's code, where the country has
    /// such a 0: a call to `+81 090…` reaches nobody. Italy's numbers keep theirs.
    ///
    /// - Throws: ``PhoneNumberError``, which never repeats the number.
    public init(_ text: some StringProtocol) throws(PhoneNumberError) {
        var rest = text.drop(while: \.isWhitespace)
        guard let plus = rest.popFirst(), plus == "+" || plus == "＋" else { throw .noCountryCode }
        var digits = ""
        for character in rest {
            if let value = character.wholeNumberValue, (0...9).contains(value), character.isNumber {
                digits.append("\(value)")
            } else if !(character.isWhitespace || "-‐‑–.()/（）－".contains(character)) {
                throw .notANumber
            }
        }
        guard let (entry, length) = CallingCodes.entry(of: digits) else { throw .unknownCountry }
        let national = digits.dropFirst(length)
        if entry.hasTrunkZero, national.first == "0" { digits = String(digits.prefix(length) + national.dropFirst()) }
        guard Self.lengths.contains(digits.count) else { throw .length }
        e164 = "+" + digits
        // Without the 0, the beginning of an area may be another.
        locale = CallingCodes.entry(of: digits)?.entry.locale ?? entry.locale
    }
}

extension PhoneNumber: CustomStringConvertible, CustomReflectable {
    /// The language, never the number.
    public var description: String { "PhoneNumber(\(locale))" }

    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Why a text is no telephone number with a country's code.
public enum PhoneNumberError: Error, Hashable, Sendable {
    /// It does not begin with a `+`.
    case noCountryCode
    /// It has a sign that no number has.
    case notANumber
    /// No country's code stands behind the `+`.
    case unknownCountry
    /// It has too few digits, or too many.
    case length
}

extension PhoneNumberError: CustomStringConvertible {
    /// A sentence that says what to do.
    public var description: String {
        switch self {
        case .noCountryCode: "must begin with + and the country's code, such as +81"
        case .notANumber: "must have digits, spaces, hyphens and brackets only, behind the +"
        case .unknownCountry: "has no country's code behind the +"
        case .length: "must have 6 to 15 digits"
        }
    }
}
