// SPDX-License-Identifier: GPL-3.0-or-later

/// How codes are read aloud in one locale: a voice, its words, its pauses.
///
/// A voice pack is data, one file for a locale.
public struct VoicePack: Sendable {
    /// The locale that the pack speaks.
    public let locale: LanguageTag
    /// The locale's name in English.
    public let name: String
    /// Who has listened to the pack, or a plain word that nobody has.
    public let checkedBy: String
    /// The engine's voice.
    public let voice: EngineVoice
    /// The punctuation that the engine is given behind a symbol: a comma makes it continue, a full stop fall.
    public let endings: [Intonation: String]
    /// The pauses of a calm reading in this language.
    public let pauses: Pauses
    /// Phrases by name.
    public let phrases: [String: Line]
    /// Orders of phrases and code, by name; `standard` is always there.
    public let templates: [String: Template]
    /// Digits by style; `standard` is always there and has all ten.
    public let digits: [String: [CodeSymbol: Line]]
    /// Letters by style; empty in a pack that reads digits only, else `standard` is there and has all twenty-six.
    public let letters: [String: [CodeSymbol: Line]]
    /// A number that differs where the pack's file differs; caches and entity tags are built on it.
    public let revision: UInt64

    /// The pack's file.
    let json5: String

    /// The name of the style and template that every pack has.
    public static let standard = "standard"
    /// The name of the phrase that asks for a key press before the code ("press 1 to hear your code").
    public static let gate = "gate"

    /// One thing to say: what the engine is given, beside what a person reads.
    public struct Line: Hashable, Sendable {
        /// What the engine is given.
        public let utterance: Utterance
        /// What a person reads in captions, in the language's own script.
        public let caption: String
    }

    /// In which order phrases and code are said.
    public struct Template: Hashable, Sendable {
        /// One step of a reading.
        public enum Step: Hashable, Sendable {
            /// A phrase, by its name.
            case phrase(String)
            /// The code's place.
            case code
        }

        /// The first reading.
        public let first: [Step]
        /// Each later reading.
        public let again: [Step]
        /// What follows the last reading of a finite announcement.
        public let end: [Step]
    }
}

extension VoicePack {
    /// What is said for a unit; nil where the pack does not have it.
    public func line(for unit: Unit) -> Line? {
        switch unit {
        case .phrase(let name): phrases[name]
        case .symbol(let symbol, let style, _): line(for: symbol, style: style)
        }
    }

    /// What the engine is given for a unit, its intonation included; nil where the pack does not have it.
    public func utterance(for unit: Unit) -> Utterance? {
        guard let line = line(for: unit) else { return nil }
        guard case .symbol(_, _, let intonation) = unit else { return line.utterance }
        return line.utterance.ending(endings[intonation] ?? "")
    }

    /// The line in the pack's file, from 1, of a path such as `digits.standard.7`.
    public func line(ofPath path: String) -> Int? {
        JSON5Outline(json5).line(of: path.split(separator: ".").map(String.init))
    }

    /// Every unit that the pack can say: phrases, then the digits and the letters of each style.
    public var units: [Unit] {
        phrases.keys.sorted().map(Unit.phrase) + symbolUnits(of: digits) + symbolUnits(of: letters)
    }

    /// The units that belong with a unit: a bank speaks them together.
    ///
    /// Phrases are one section, the digits of a style another, its letters a third, so that a service that reads digits
    /// never speaks letters.
    func section(of unit: Unit) -> [Unit] {
        switch unit {
        case .symbol(let symbol, let style, _) where !symbol.isDigit:
            symbolUnits(CodeSymbol.letters, style: style)
        case .symbol(_, let style, _):
            symbolUnits(CodeSymbol.digits, style: style)
        case .phrase:
            phrases.keys.sorted().map(Unit.phrase)
        }
    }

    private func line(for symbol: CodeSymbol, style: String) -> Line? {
        let styles = symbol.isDigit ? digits : letters
        return styles[style]?[symbol] ?? styles[Self.standard]?[symbol]
    }

    private func symbolUnits(of styles: [String: [CodeSymbol: Line]]) -> [Unit] {
        styles.sorted { $0.key < $1.key }.flatMap { style, lines in
            symbolUnits(lines.keys.sorted { $0.index < $1.index }, style: style)
        }
    }

    private func symbolUnits(_ symbols: [CodeSymbol], style: String) -> [Unit] {
        symbols.flatMap { symbol in
            Intonation.allCases.map { .symbol(symbol, style: style, $0) }
        }
    }
}
