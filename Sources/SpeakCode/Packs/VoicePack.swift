// SPDX-License-Identifier: GPL-3.0-or-later

internal import JSON5

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
    public internal(set) var voice: EngineVoice
    /// How fast phrases are said in proportion to the voice's rate, at which digits and letters are: 1 as fast.
    public let phrasePace: Double
    /// The punctuation that the engine is given behind a symbol: a comma makes it continue, a full stop fall.
    public let endings: [Intonation: String]
    /// The pauses of a calm reading in this language.
    public let pauses: Pauses
    /// Phrases by name.
    public internal(set) var phrases: [String: Line]
    /// The register that ``phrases`` are in; nil where the language makes no difference.
    public let register: Register?
    /// The phrases that are said otherwise in another register.
    public let registers: [Register: [String: Line]]
    /// What can stand in the slots of phrases, by the slot's name and the value's: `minutes`, `10`.
    public package(set) var values: [String: [String: Line]]
    /// Orders of phrases and code, by name; `standard` is always there.
    public internal(set) var templates: [String: Template]
    /// Digits by style; `standard` is always there and has all ten.
    public let digits: [String: [CodeSymbol: Line]]
    /// Letters by style; empty in a pack that reads digits only, else `standard` is there and has all twenty-six.
    public let letters: [String: [CodeSymbol: Line]]
    /// What is said of capital letters; nil in a pack that cannot say case.
    public let capital: Capital?
    /// The styles in which digits and letters are said when nobody asks for one.
    public let usualStyles: (digits: String, letters: String)
    /// A number that differs where the pack's file differs; caches and entity tags are built on it.
    public internal(set) var revision: UInt64
    /// The voice that somebody has lent to it; nil where the engine speaks.
    public internal(set) var recordings: RecordedVoice?

    /// The phrases and slots whose words are an operator's: a brand may be said in another language.
    var operatorsWords: Set<String> = []

    /// The pack's file; nil for a pack inside the binary, whose text stayed outside.
    let json5: String?

    /// The name of the style and template that every pack has.
    public static let standard = "standard"
    /// The name of a template that every pack has: the code and no sentence.
    public static let codeOnly = "code-only"
    /// The name of the phrase that asks for a key press before the code ("press 1 to hear your code").
    public static let gate = "gate"

    /// The name of the phrase that says of a code that it takes the place of the one before.
    public static let renewed = "renewed"

    /// The styles that any pack may have; a pack without one says what it usually says.
    public static let knownStyles = ["standard", "telephone", "radio", "icao", "national"]

    /// The templates that any pack has which has their phrases.
    public static let knownTemplates = usualTemplates.map(\.name)

    /// One thing to say: what the engine is given, beside what a person reads.
    public struct Line: Hashable, Sendable {
        /// What the engine is given.
        public let utterance: Utterance
        /// What a person reads in captions, in the language's own script.
        public let caption: String
        /// The names of the slots that are to be filled, in alphabetical order; `brand` for `{brand}`.
        public let slots: [String]
        /// The punctuation behind this digit or letter, where it is not the pack's own.
        public var endings: [Intonation: String] = [:]
        /// By how many dB the sounds without voice of this digit or letter are louder than the engine says them.
        public var voiceless = 0.0
    }

    /// What is said beside a letter that is a capital one.
    public struct Capital: Hashable, Sendable {
        /// The word: “capital”, *majuscule*.
        public let line: Line
        /// Whether it stands behind the letter.
        public let isBehind: Bool
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

extension VoicePack.Template {
    /// The names of the phrases that it says.
    var phrases: [String] {
        (first + again + end).compactMap { step in
            guard case .phrase(let name) = step else { return nil }
            return name
        }
    }
}

extension VoicePack {
    /// What is said for a unit; nil where the pack does not have it.
    public func line(for unit: SpeechUnit) -> Line? {
        switch unit {
        case .phrase(let phrase): line(for: phrase)
        case .symbol(let symbol, let style, _): line(for: symbol, style: style)
        case .capital: capital?.line
        }
    }

    /// What the engine is given for a unit, its intonation included; nil where the pack does not have it.
    public func utterance(for unit: SpeechUnit) -> Utterance? {
        guard let line = line(for: unit) else { return nil }
        guard let intonation = unit.intonation else { return line.utterance.with(pace: phrasePace) }
        return line.utterance.with(ending: line.endings[intonation] ?? endings[intonation] ?? "")
    }

    /// The pack spoken by a woman or a man.
    ///
    /// - Returns: nil where its voice is one of the operator's, which has no counterpart.
    public func spoken(by gender: EngineVoice.Gender) -> VoicePack? {
        guard recordings == nil || recordings?.gender != gender else { return self }
        guard let voice = voice.spoken(by: gender) else { return nil }
        var pack = spokenByEngine
        guard voice != self.voice else { return pack }
        pack.voice = voice
        pack.revision ^= Self.revision(of: gender.rawValue.utf8)
        return pack
    }

    /// Whether a voice of some language can read the pack's words: one of the same language, of whatever region.
    ///
    /// - Parameters:
    ///   - language: the voice's.
    ///   - own: that of the pack's own voice, for which the words are written: Maltese for an Italian one, Chinese in
    ///     pinyin, which is nothing to a voice that reads 汉字.
    public func isSpoken(by language: LanguageTag, asBy own: LanguageTag) -> Bool {
        (language.script == "Latn") == (own.script == "Latn")
            && [locale, own].contains { $0.canonical.language == language.canonical.language }
    }

    /// Whether the pack says nothing but digits.
    public var isDigitsOnly: Bool { phrases.isEmpty && letters.isEmpty }

    /// The line in the pack's file, from 1, of a path such as `digits.standard.7`; nil where the file is not known.
    public func line(ofPath path: String) -> Int? {
        json5.flatMap { json5 in
            JSON5Document(json5, findsLines: true).line(of: path.split(separator: ".").map(String.init))
        }
    }

    /// Every unit that the pack can say: phrases in each register, then the digits and the letters of each style.
    ///
    /// A phrase with slots stands there once for each value of each slot, beside the first value of the others; not at
    /// all where nothing is known that could stand in one.
    public var units: [SpeechUnit] {
        let usual = phrases.keys.sorted().flatMap { fillings(of: $0, in: nil) }
        let others = registers.sorted { $0.key.rawValue < $1.key.rawValue }.flatMap { register, phrases in
            phrases.keys.sorted().flatMap { fillings(of: $0, in: register) }
        }
        return (usual + others).map(SpeechUnit.phrase) + symbolUnits(of: digits) + symbolUnits(of: letters)
            + capitalUnits
    }

    /// A phrase as it stands in the pack, its slots not filled; nil where the pack does not have it.
    func line(ofPhrase name: String, in register: Register?) -> Line? {
        register.flatMap { registers[$0]?[name] } ?? phrases[name]
    }

    private func line(for phrase: Phrase) -> Line? {
        guard let line = line(ofPhrase: phrase.name, in: phrase.register) else { return nil }
        guard !line.slots.isEmpty else { return line }
        var words: [String: Line] = [:]
        for slot in line.slots {
            guard let key = phrase.values[slot], let word = word(in: slot, key) else { return nil }
            words[slot] = word
        }
        return line.filled(with: words)
    }

    /// What stands in a slot for a key; nil where the pack has nothing of that name.
    func word(in slot: String, _ key: String) -> Line? {
        guard slot == Wording.digits, key.hasSuffix(Self.ofCharacters) else { return values[slot]?[key] }
        return values[Wording.characters]?[String(key.dropLast(Self.ofCharacters.count))]
    }

    /// What stands behind a number in the slot `digits` where letters are among what is counted.
    private static let ofCharacters = "_characters"

    /// Whether an operator's own words stand in a unit.
    func isOperators(_ unit: SpeechUnit) -> Bool {
        guard case .phrase(let phrase) = unit else { return false }
        return operatorsWords.contains(phrase.name) || phrase.values.keys.contains(where: operatorsWords.contains)
    }

    /// Whether a unit is a sentence that says how long a code is which has letters.
    package static func countsCharacters(_ unit: SpeechUnit) -> Bool {
        guard case .phrase(let phrase) = unit else { return false }
        return phrase.values[Wording.digits]?.hasSuffix(ofCharacters) == true
    }

    /// The keys of what can stand in a slot.
    private func keys(of slot: String) -> [String] {
        let keys = values[slot]?.keys.sorted() ?? []
        guard slot == Wording.digits, let characters = values[Wording.characters] else { return keys }
        return keys
            + characters.keys.sorted().filter { characters[$0] != values[slot]?[$0] }.map { $0 + Self.ofCharacters }
    }

    /// The key in the slot `digits` of what counts a code's symbols; nil where the pack has no words for so many.
    func count(of length: Int, hasLetters: Bool) -> String? {
        let digits = values[Wording.digits]?["\(length)"]
        guard hasLetters else { return digits.map { _ in "\(length)" } }
        guard let characters = values[Wording.characters]?["\(length)"] else { return nil }
        return "\(length)" + (characters == digits ? "" : Self.ofCharacters)
    }

    private func fillings(of name: String, in register: Register?) -> [Phrase] {
        guard let slots = line(ofPhrase: name, in: register)?.slots else { return [] }
        guard !slots.isEmpty else { return [Phrase(name, register: register)] }
        let keys = slots.map(keys(of:))
        guard keys.allSatisfy({ !$0.isEmpty }) else { return [] }
        let usual = Dictionary(uniqueKeysWithValues: zip(slots, keys.map { $0[0] }))
        var seen: Set<Phrase> = []
        return zip(slots, keys).flatMap { slot, keys in
            keys.map { key in
                Phrase(name, register: register, values: usual.merging([slot: key]) { $1 })
            }
        }.filter { seen.insert($0).inserted }
    }

    /// The forms in which the word for capital letters is said: before a letter it goes on.
    private var capitalUnits: [SpeechUnit] {
        capital.map { $0.isBehind ? Intonation.allCases.map(SpeechUnit.capital) : [.capital(.continuing)] } ?? []
    }

    /// The units that belong with a unit: a bank speaks them together.
    ///
    /// Phrases are one section, the digits of a style another, its letters a third, so that a service that reads digits
    /// never speaks letters.
    func section(of unit: SpeechUnit) -> [SpeechUnit] {
        switch unit {
        case .symbol(let symbol, let style, _) where !symbol.isDigit:
            symbolUnits(letters[style]?.keys.sorted { $0.index < $1.index } ?? [], style: style)
        case .symbol(_, let style, _):
            symbolUnits(digits[style]?.keys.sorted { $0.index < $1.index } ?? [], style: style)
        case .capital: capitalUnits
        case .phrase(let phrase):
            phrases.keys.sorted().filter { line(ofPhrase: $0, in: phrase.register)?.slots.isEmpty == true }
                .map { .phrase(Phrase($0, register: spokenRegister(phrase.register, of: $0))) }
        }
    }

    /// The register that a phrase differs in, so that a phrase which does not is one unit in all of them.
    func spokenRegister(_ register: Register?, of name: String) -> Register? {
        register.flatMap { registers[$0]?[name] == nil ? nil : $0 }
    }

    private func line(for symbol: CodeSymbol, style: String) -> Line? {
        let styles = symbol.isDigit ? digits : letters
        return styles[style]?[symbol] ?? styles[Self.standard]?[symbol]
    }

    /// The style whose own words say a symbol where another is asked for: a style holds only what differs.
    package func style(saying symbol: CodeSymbol, asked style: String) -> String {
        (symbol.isDigit ? digits : letters)[style]?[symbol] == nil ? Self.standard : style
    }

    private func symbolUnits(of styles: [String: [CodeSymbol: Line]]) -> [SpeechUnit] {
        styles.sorted { $0.key < $1.key }.flatMap { style, lines in
            symbolUnits(lines.keys.sorted { $0.index < $1.index }, style: style)
        }
    }

    private func symbolUnits(_ symbols: [CodeSymbol], style: String) -> [SpeechUnit] {
        symbols.flatMap { symbol in
            Intonation.allCases.map { .symbol(symbol, style: style, $0) }
        }
    }
}
