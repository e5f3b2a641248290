// SPDX-License-Identifier: GPL-3.0-or-later

internal import FoundationEssentials

/// The languages of the site.
package enum SiteLanguage: String, CaseIterable, Sendable {
    case english = "en"
    case japanese = "ja"

    /// In which codes are read to who reads the site in this language.
    package var locale: String {
        switch self {
        case .english: "en-US"
        case .japanese: "ja-JP"
        }
    }

    /// The best of a browser's languages (RFC 9110, section 12.5.4).
    package init(accepted header: String?) {
        var best: (language: SiteLanguage, quality: Double)?
        for entry in (header ?? "").split(separator: ",") {
            let parts = entry.split(separator: ";").map { $0.filter { $0 != " " } }
            guard let language = SiteLanguage(rawValue: (parts.first ?? "").prefix(2).lowercased()) else { continue }
            let quality = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
            if quality > best?.quality ?? 0 { best = (language, quality) }
        }
        self = best?.language ?? .english
    }
}

/// What the site says, in its languages: `words.json`, where a name in curly brackets is a place for a value.
package struct Words: Sendable {
    private let texts: [String: String]
    package let language: SiteLanguage

    private static let all: [String: [String: String]] = {
        let data = Data(PackageResources.words_json)
        guard let all = try? JSONDecoder().decode([String: [String: String]].self, from: data) else {
            preconditionFailure("words.json has a list of texts for each language.")
        }
        return all
    }()

    package init(_ language: SiteLanguage) {
        (self.language, texts) = (language, Self.all[language.rawValue] ?? [:])
    }

    /// The names of all texts.
    package var names: Set<String> { Set(texts.keys) }

    /// A text with values in its places; nil where there is none of that name.
    package subscript(name: String, values: [String: String] = [:]) -> String? {
        texts[name].map { text in values.reduce(text) { $0.replacing("{\($1.key)}", with: $1.value) } }
    }

    /// The texts whose names begin so, by what follows, as JSON for a module of the page.
    package func json(_ prefix: String) -> String {
        let some = texts.filter { $0.key.hasPrefix(prefix) }
        let named = Dictionary(uniqueKeysWithValues: some.map { (String($0.key.dropFirst(prefix.count)), $0.value) })
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return String(decoding: (try? encoder.encode(named)) ?? Data("{}".utf8), as: UTF8.self)
    }
}
