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

    /// Parses a tag; an underscore, as in POSIX locale names, stands for a hyphen, and `.UTF-8` or `@euro` is dropped.
    ///
    /// - Returns: nil where the text is not a well-formed tag.
    public init?(_ text: some StringProtocol) {
        let name = text.prefix { $0 != "." && $0 != "@" }
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
            script = nil
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
        variants = Array(subtags.prefix { $0.utf8.count > 1 })
        // What is left is a singleton, which begins an extension or private use and never stands alone.
        guard variants.allSatisfy({ $0.utf8.count >= 5 || ($0.utf8.count == 4 && $0.utf8.first?.isDigit == true) }),
            subtags.count - variants.count != 1
        else { return nil }
    }
}

extension LanguageTag: CustomStringConvertible {
    /// The tag in canonical form.
    public var description: String {
        ([language, script, region].compactMap(\.self) + variants).joined(separator: "-")
    }
}

extension LanguageTag {
    /// The best of some tags for this one: RFC 4647 lookup, then the nearest of the same language.
    ///
    /// Lookup (section 3.4) shortens the tag from its end until it is found: `de-CH-1996`, `de-CH`, `de`. Where only
    /// tags of other regions are left, the one whose way of speaking is nearest comes first (`ja` finds `ja-JP`, `en-AU`
    /// finds `en-GB`), then the first in alphabetical order.
    ///
    /// - Parameter available: the tags to choose from.
    /// - Returns: nil where none is of this language, or none in a script that this tag asks for.
    public func lookup(in available: some Sequence<LanguageTag>) -> LanguageTag? {
        let candidates = available.filter { $0.language == language }.sorted { $0.description < $1.description }
        guard !candidates.isEmpty else { return nil }

        var range = [language, script, region].compactMap(\.self) + variants
        while !range.isEmpty {
            let wanted = range.joined(separator: "-")
            if let found = candidates.first(where: { $0.description == wanted }) { return found }
            range.removeLast()
        }
        // A region found behind a script that was not asked for, or the reverse, is still the same place.
        if let region, let found = candidates.first(where: { $0.region == region && $0.agrees(with: script) }) {
            return found
        }
        let readable = candidates.filter { $0.agrees(with: script) }
        let home = Self.kin(of: self)
        return readable.first { $0.region == home } ?? readable.first { $0.region == nil } ?? readable.first
    }

    /// Whether this tag's script is the one asked for; a tag without one agrees with any.
    private func agrees(with wanted: String?) -> Bool {
        guard let wanted, let script else { return true }
        return wanted == script
    }

    /// The region whose way of speaking is nearest where the region itself has no pack.
    ///
    /// English: CLDR's parent locales put all but the American ones below `en-001`, which is spoken as in Britain.
    /// Spanish: below `es-419` as in Latin America, else as in Spain. The others: CLDR's likely subtags.
    /// Source: unicode-org/cldr, `common/supplemental/supplementalData.xml` (parentLocales) and `likelySubtags.xml`.
    private static func kin(of tag: LanguageTag) -> String? {
        switch tag.language {
        case "en": [nil, "US", "PR", "PH", "VI", "GU", "AS", "MP", "UM"].contains(tag.region) ? "US" : "GB"
        case "es":
            [nil, "ES", "EA", "IC", "GQ", "PH"].contains(tag.region) ? "ES" : "419"
        case "pt": [nil, "BR"].contains(tag.region) ? "BR" : "PT"
        case "zh": tag.script == "Hant" || ["TW", "HK", "MO"].contains(tag.region) ? "TW" : "CN"
        case "ja": "JP"
        case "de": "DE"
        case "fr": "FR"
        default: nil
        }
    }
}

extension UInt8 {
    fileprivate var isLetter: Bool { (0x61...0x7A).contains(self) || (0x41...0x5A).contains(self) }
    fileprivate var isDigit: Bool { (0x30...0x39).contains(self) }
    fileprivate var isAlphanumeric: Bool { isLetter || isDigit }
}
