// SPDX-License-Identifier: GPL-3.0-or-later

extension LanguageTag {
    /// The best of some tags for this one: RFC 4647 lookup, then the nearest of the same language, then a language that its
    /// speakers understand.
    ///
    /// Lookup (section 3.4) shortens the tag from its end until it is found: `de-CH-1996`, `de-CH`, `de`. Where only
    /// tags of other regions are left, the one whose way of speaking is nearest comes first (`ja` finds `ja-JP`, `en-AU`
    /// finds `en-GB`), then the first in alphabetical order. `no` finds `nb-NO`, `zh-Hant-HK` finds `yue-HK`, `gsw` finds
    /// `de-CH`.
    ///
    /// - Parameters:
    ///   - available: the tags to choose from.
    ///   - fallback: whether another language is good enough.
    /// - Returns: nil where none is of this language, or none in a script that this tag asks for.
    public func lookup(in available: some Sequence<LanguageTag>, allowingFallback fallback: Bool = true) -> LanguageTag?
    {
        let available = Array(available)
        if available.contains(self) { return self }
        let wanted = canonical
        // Who reads Chinese in Hong Kong and Macao speaks Cantonese.
        if wanted.language == "zh", ["HK", "MO"].contains(wanted.region), wanted.script != "Hans",
            let cantonese = LanguageTag(wanted, language: "yue").nearest(in: available)
        {
            return cantonese
        }
        if let found = wanted.nearest(in: available) { return found }
        guard fallback else { return nil }
        let understood = LanguageKinship.understood[wanted.language] ?? []
        return understood.lazy.compactMap { language in
            // The region stays: Swiss German finds the German of Switzerland.
            let region = wanted.region ?? (wanted.language == "gsw" ? "CH" : nil)
            return LanguageTag(subtags: (language, nil, region)).nearest(in: available)
        }.first
    }

    /// The tag in today's name of its language.
    package var canonical: LanguageTag {
        guard let name = LanguageKinship.canonical[language].flatMap({ LanguageTag($0) }) else { return self }
        return LanguageTag(subtags: (name.language, script ?? name.script, region))
    }

    /// The script in which the language is written in the region, where it is another than elsewhere.
    ///
    /// Only of languages that have packs in two scripts. Source: CLDR, `likelySubtags.xml`, such as `zh_AU` → `zh_Hant_AU`.
    private var likelyScript: String? {
        guard let region else { return nil }
        let regions: [String: (script: String, regions: Set<String>)] = [
            "sr": ("Latn", ["ME", "RO", "TR"]),
            "zh": (
                "Hant",
                ["AU", "BN", "GB", "GF", "HK", "ID", "MO", "PA", "PF", "PH", "SR", "TH", "TW", "US", "VN"]
            ),
        ]
        return regions[language].flatMap { $0.regions.contains(region) ? $0.script : nil }
    }

    private func nearest(in available: [LanguageTag]) -> LanguageTag? {
        let candidates = available.filter { $0.language == language }.sorted { $0.description < $1.description }
        guard !candidates.isEmpty else { return nil }

        var range = [language, script, region].compactMap(\.self) + variants
        while !range.isEmpty {
            let wanted = range.joined(separator: "-")
            if let found = candidates.first(where: { $0.description == wanted }) { return found }
            range.removeLast()
        }
        // In the script that was asked for first; else in the one that nobody has to ask for.
        let likely = likelyScript
        let script = script ?? candidates.first { $0.script == likely }?.script
        let readable =
            candidates.filter { $0.script == script }
            + candidates.filter { $0.script != script && $0.agrees(with: script) }
        // A region found behind a script that was not asked for, or the reverse, is still the same place.
        if let region, let found = readable.first(where: { $0.region == region }) { return found }
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
    /// English: CLDR's `$enUS` is near to the American, Canada with it; the rest is nearer to Britain.
    /// Spanish: below `es-419` as in Latin America, else as in Spain. The others: CLDR's likely subtags.
    /// Source: unicode-org/cldr, `common/supplemental/`: `languageInfo.xml` (matchVariable `$enUS`), `supplementalData.xml`
    /// (parentLocales), `likelySubtags.xml`.
    private static func kin(of tag: LanguageTag) -> String? {
        switch tag.language {
        case "en":
            [nil, "US", "AS", "CA", "GU", "MH", "MP", "PH", "PR", "UM", "VI"].contains(tag.region) ? "US" : "GB"
        case "es":
            [nil, "ES", "EA", "IC", "GQ", "PH"].contains(tag.region) ? "ES" : "419"
        case "pt": [nil, "BR"].contains(tag.region) ? "BR" : "PT"
        case "zh": (tag.script ?? tag.likelyScript) == "Hant" ? "TW" : "CN"
        case "ja": "JP"
        case "de": tag.region == "LI" ? "CH" : "DE"
        case "fr": "FR"
        default: nil
        }
    }
}
