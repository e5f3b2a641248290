// SPDX-License-Identifier: GPL-3.0-or-later

/// A BCP 47 language tag, such as `ja-JP` or `zh-Hant-TW`, in the canonical case of RFC 5646, section 2.1.1.
///
/// Extensions and private-use subtags are taken and dropped: no voice differs by them.
public struct LanguageTag: Hashable, Sendable {
    /// The language subtag in lower case, such as `ja`.
    public let language: String
    /// The script subtag in title case, such as `Hant`, where there is one.
    public let script: String?
    /// The region subtag in upper case, such as `JP` or `419`, where there is one.
    public let region: String?
    /// The variant subtags in lower case.
    public let variants: [String]

    /// The same tag in another language.
    init(_ tag: LanguageTag, language: String) {
        self.language = language
        (script, region, variants) = (tag.script, tag.region, tag.variants)
    }

    /// Takes the subtags of a canonical tag without variants.
    init(subtags: (language: String, script: String?, region: String?)) {
        (language, script, region) = subtags
        variants = []
    }

    /// Parses a tag, or the name of a POSIX locale: an underscore stands for a hyphen, `.UTF-8` and `@euro` are dropped,
    /// `sr_RS@latin` is `sr-Latn-RS` and `ca_ES@valencia` is `ca-ES-valencia`.
    ///
    /// - Returns: nil where the text is not a well-formed tag; `C` and `POSIX` are none (``isNone(_:)``).
    public init?(_ text: some StringProtocol) {
        if let plain = Self.plain(Array(text.utf8)) {
            self = plain
            return
        }
        let name = text.prefix { $0 != "." && $0 != "@" }
        let modifier = text.firstIndex(of: "@").map { text[text.index(after: $0)...].lowercased() }
        var subtags = name.split(omittingEmptySubsequences: false) { $0 == "-" || $0 == "_" }.map { $0.lowercased() }[
            ...]
        guard subtags.allSatisfy({ (1...8).contains($0.utf8.count) && $0.utf8.allSatisfy(\.isAlphanumeric) }),
            let first = subtags.popFirst(), (2...3).contains(first.utf8.count), first.utf8.allSatisfy(\.isLetter)
        else { return nil }
        // An extended language subtag (`zh-yue`) is canonically the language (RFC 5646, section 4.5).
        if let subtag = subtags.first, subtag.utf8.count == 3, subtag.utf8.allSatisfy(\.isLetter) {
            language = subtag
            subtags.removeFirst()
        } else {
            language = first
        }
        if let subtag = subtags.first, subtag.utf8.count == 4, subtag.utf8.allSatisfy(\.isLetter) {
            script = subtag.prefix(1).uppercased() + subtag.dropFirst()
            subtags.removeFirst()
        } else {
            script = modifier.flatMap { Self.modifiers[$0]?.script }
        }
        if let subtag = subtags.first,
            subtag.utf8.count == 2 && subtag.utf8.allSatisfy(\.isLetter)
                || subtag.utf8.count == 3 && subtag.utf8.allSatisfy(\.isDigit)
        {
            region = subtag.uppercased()
            subtags.removeFirst()
        } else {
            region = nil
        }
        let written = Array(subtags.prefix { $0.utf8.count > 1 })
        // What is left is a singleton, which begins an extension or private use and never stands alone.
        guard written.allSatisfy({ $0.utf8.count >= 5 || ($0.utf8.count == 4 && $0.utf8.first?.isDigit == true) }),
            subtags.count - written.count != 1
        else { return nil }
        variants = written + [modifier.flatMap { Self.modifiers[$0]?.variant }].compactMap(\.self)
    }

    /// What the modifiers of POSIX locales say of the script or the variant; others say nothing that is heard.
    ///
    /// Source: glibc's `localedata/SUPPORTED`, the names with an `@`.
    private static let modifiers: [String: (script: String?, variant: String?)] = [
        "latin": ("Latn", nil), "cyrillic": ("Cyrl", nil), "devanagari": ("Deva", nil), "iqtelif": ("Latn", nil),
        "valencia": (nil, "valencia"),
    ]

    /// Whether a text is how an environment says that it has no language: `C`, `POSIX`, `C.UTF-8`, or nothing at all.
    ///
    /// Containers have `LANG=C.UTF-8`, or none. Source: POSIX.1-2024, Base Definitions, 7.2 and 8.2.
    public static func isNone(_ text: some StringProtocol) -> Bool {
        text.isEmpty || ["c", "posix"].contains(text.prefix { $0 != "." && $0 != "@" }.lowercased())
    }

    private init(language: String, region: String) {
        (self.language, self.region) = (language, region)
        script = nil
        variants = []
    }

    /// A tag as most are written, such as `ja-JP`, without taking it apart; nil for others.
    private static func plain(_ text: [UInt8]) -> LanguageTag? {
        guard text.count == 5, text[2] == UInt8(ascii: "-"), text[..<2].allSatisfy({ $0.isLetter && $0 >= 0x61 }),
            text[3...].allSatisfy({ $0.isLetter && $0 < 0x61 })
        else { return nil }
        return LanguageTag(
            language: String(decoding: text[..<2], as: UTF8.self), region: String(decoding: text[3...], as: UTF8.self))
    }
}

extension LanguageTag: CustomStringConvertible {
    /// The tag in canonical form.
    public var description: String {
        ([language, script, region].compactMap(\.self) + variants).joined(separator: "-")
    }
}

extension UInt8 {
    fileprivate var isLetter: Bool { (0x61...0x7A).contains(self) || (0x41...0x5A).contains(self) }
    fileprivate var isDigit: Bool { (0x30...0x39).contains(self) }
    fileprivate var isAlphanumeric: Bool { isLetter || isDigit }
}
