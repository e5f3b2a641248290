// SPDX-License-Identifier: GPL-3.0-or-later

/// A telephone number with its country's code, and the language that is most likely spoken there.
///
/// It says nothing of itself in logs: a number is somebody's.
public struct PhoneNumber: Hashable, Sendable {
    /// The number in the form of ITU-T E.164: `+`, the country's code, the national number without its leading 0.
    public let e164: String
    /// The language of the country or, in North America, of the area.
    public let locale: LanguageTag

    /// The country's code, such as `81`, which is no secret.
    package var countryCode: Substring {
        let digits = e164.dropFirst()
        return digits.prefix(CallingCodes.entry(of: digits)?.countryCodeLength ?? 0)
    }

    /// The digits of a number, at most fifteen (ITU-T E.164, clause 6) and in no country fewer than four behind the code.
    private static let lengths = 6...15

    /// Reads a number as people, address books and `tel:` links write it: `+81 (0)90-1234-5678`.
    ///
    /// The 0 that is dialled before national numbers at home is dropped behind the country's code, where the country has
    /// such a 0: a call to `+81 090…` reaches nobody. Italy's numbers keep theirs. An extension (`;ext=12`, `x12`) and
    /// other parameters of a `tel:` URI (RFC 3966) are dropped: they are dialled once somebody has answered, and tell
    /// nothing of the language.
    ///
    /// - Throws: ``PhoneNumberError``, which never repeats the number.
    public init(_ text: some StringProtocol) throws(PhoneNumberError) {
        var digits = ""
        for character in try Self.international(text) {
            if let symbol = CodeSymbol(character), symbol.isDigit {
                digits.append(symbol.character)
            } else if !Self.isPunctuation(character) {
                throw character.isLetter ? PhoneNumberError(.letters) : PhoneNumberError(.notANumber)
            }
        }
        guard let (entry, length) = CallingCodes.entry(of: digits) else { throw PhoneNumberError(.unknownCountry) }
        let national = digits.dropFirst(length)
        if entry.hasTrunkZero, national.first == "0" { digits = String(digits.prefix(length) + national.dropFirst()) }
        guard Self.lengths.contains(digits.count) else { throw PhoneNumberError(.length) }
        e164 = "+" + digits
        // Without the 0, the beginning of an area may be another.
        locale = CallingCodes.entry(of: digits)?.entry.locale ?? entry.locale
    }

    /// What stands between the `+` and an extension.
    private static func international(_ text: some StringProtocol) throws(PhoneNumberError) -> Substring {
        let visible = text.withoutInvisibleMarks
        var rest = visible.drop(while: \.isWhitespace)
        if rest.prefix(4).lowercased() == "tel:" { rest = unescaped(rest.dropFirst(4))[...] }
        rest = rest.drop { $0 != "+" && isPunctuation($0) }
        guard let plus = rest.first, "+＋﹢".contains(plus) else {
            let beginning = rest.prefix(2).compactMap { CodeSymbol($0)?.character }
            throw beginning == ["0", "0"] ? PhoneNumberError(.internationalPrefix) : PhoneNumberError(.noCountryCode)
        }
        rest.removeFirst()
        guard let end = rest.indices.first(where: { extensionIntroductions.contains(rest[$0]) }),
            isExtension(rest[end...])
        else { return rest }
        return rest[..<end]
    }

    /// What begins an extension: a parameter, a pause, `x12`, `ext. 12`, `#12`.
    private static let extensionIntroductions: Set<Character> = [";", ",", "x", "X", "×", "e", "E", "#"]

    /// Whether a text is an extension or parameters, as in `;ext=12;phone-context=+1`, `x12`, `ext. 12`, `,,12#`.
    private static func isExtension(_ text: Substring) -> Bool {
        guard let first = text.first else { return false }
        if first == ";", text.dropFirst().first?.isLetter == true {
            return text.split(separator: ";").allSatisfy { parameter in
                parameter.prefix { $0 != "=" }.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
            }
        }
        let dialled = text.drop { $0.isLetter || $0 == "×" }
        let word = text[..<dialled.startIndex].lowercased()
        let rest = dialled.filter { !$0.isWhitespace && !";,.:#*()".contains($0) }
        return ["", "x", "×", "ext", "extn", "extension"].contains(word)
            && (1...9).contains(rest.count) && rest.allSatisfy { CodeSymbol($0)?.isDigit == true }
    }

    /// The text with `%2B` and the like as the signs that they stand for (RFC 3986, section 2.1).
    private static func unescaped(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let escaped = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(escaped)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self).withoutInvisibleMarks
    }

    /// What people write between digits: spaces, dashes, full stops, brackets, slashes, a long-vowel mark in Japanese.
    ///
    /// Source: libphonenumber's `VALID_PUNCTUATION`.
    private static func isPunctuation(_ character: Character) -> Bool {
        guard let scalar = character.unicodeScalars.first, character.unicodeScalars.count == 1 else { return false }
        switch scalar.properties.generalCategory {
        case .spaceSeparator, .dashPunctuation: return true
        default: return character.isWhitespace || "\u{2212}ー.．·()（）[]［］/／~～⁓∼".contains(character)
        }
    }
}

extension PhoneNumber: CustomStringConvertible, CustomReflectable {
    /// The language, never the number.
    public var description: String { "PhoneNumber(\(locale))" }

    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Why a text is no telephone number with a country's code.
public struct PhoneNumberError: Error, Hashable, Sendable {
    /// What is wrong with the number.
    public enum Reason: Hashable, Sendable {
        /// It does not begin with a `+`.
        case noCountryCode
        /// It begins with 00, which is dialled before a country's code in some countries and means something else in others.
        case internationalPrefix
        /// It has letters, which some keypads show and others do not.
        case letters
        /// It has a sign that no number has.
        case notANumber
        /// No country's code stands behind the `+`.
        case unknownCountry
        /// It has too few digits, or too many.
        case length
    }

    /// What is wrong with the number.
    public let reason: Reason

    init(_ reason: Reason) {
        self.reason = reason
    }
}

extension PhoneNumberError: CustomStringConvertible {
    /// A sentence that says what to do.
    public var description: String {
        switch reason {
        case .noCountryCode: "must begin with + and the country's code, such as +81"
        case .internationalPrefix: "begins with 00, which is not dialled everywhere: write + in its place"
        case .letters: "has letters: write them as digits"
        case .notANumber: "must have digits, spaces, hyphens and brackets only, behind the +"
        case .unknownCountry: "has no country's code behind the +"
        case .length: "must have 6 to 15 digits"
        }
    }
}
