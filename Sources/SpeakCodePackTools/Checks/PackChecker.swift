// SPDX-License-Identifier: GPL-3.0-or-later

public import SpeakCode

/// Asks an engine for every phrase and symbol of a pack, and tells what a listener would not understand.
public struct PackChecker: Sendable {
    /// One thing that is wrong with a pack.
    public struct Finding: Hashable, Sendable, CustomStringConvertible {
        /// The kinds of fault.
        public enum Fault: String, Hashable, Sendable, CaseIterable {
            /// Nothing, or nearly nothing, is heard.
            case silent
            /// The voice goes over into another language.
            case otherLanguage
            /// Two symbols of a style sound the same.
            case soundsAlike
            /// The engine says something else than the text: a sign's name, a number, an ordinal.
            case expanded
            /// The engine says the beginning of a string of phonemes only.
            case cut
            /// The engine failed on it.
            case engine
            /// It takes less time than can be understood, or more than a listener waits.
            case length
            /// It is so quiet or so loud that it cannot be brought to the level of the others.
            case level
            /// Two symbols of a style differ in one sound only, which a bad line blurs: a warning.
            case nearlyAlike

            /// Whether it is no fault but something to know: another style may help.
            public var isWarning: Bool { self == .nearlyAlike }
        }

        /// What kind of fault it is.
        public let fault: Fault
        /// Where it is in the pack, such as `digits.standard.7`.
        public let path: String
        /// What is wrong, in words.
        public let message: String

        /// The place and what is wrong with it.
        public var description: String { "\(path): \(message)" }
    }

    /// What was heard of a pack.
    public struct Report: Sendable {
        /// What is wrong, and what is to be known.
        public var findings: [Finding]
        /// The time from first to last sound of the shortest and the longest symbol.
        public internal(set) var symbolDurations: ClosedRange<Duration>?
        /// The same of phrases.
        public internal(set) var phraseDurations: ClosedRange<Duration>?
        /// The active speech levels of the quietest and the loudest unit as the engine says it, in dBov.
        public internal(set) var levels: ClosedRange<Double>?
        /// The two digits that sound most alike in the style that nobody has to ask for, and their distance.
        public internal(set) var nearestDigits: (first: Character, second: Character, distance: Double)?
        /// The pairs of digits and letters of the usual styles that differ in one sound which a bad line blurs.
        public internal(set) var confusions: [Confusion] = []

        /// The findings that are faults.
        public var faults: [Finding] { findings.filter { !$0.fault.isWarning } }
        /// The findings that are none.
        public var warnings: [Finding] { findings.filter(\.fault.isWarning) }
    }

    /// Two symbols that sound nearly alike.
    public struct Confusion: Hashable, Sendable {
        /// The one that comes first in the alphabet, digits before letters.
        public let first: CodeSymbol
        /// The other.
        public let second: CodeSymbol
        /// How different they sound: 0 is the same, and 1 about one sound that nobody takes for another.
        public let distance: Double

        /// Describes a pair.
        public init(first: CodeSymbol, second: CodeSymbol, distance: Double) {
            (self.first, self.second, self.distance) = (first, second, distance)
        }
    }

    /// The shortest audio that counts as heard: the shortest digits of any voice last about 150 ms.
    static let shortest: Duration = .milliseconds(60)
    /// How long a symbol takes: the shortest letters last 0.1 s, the longest spelling words below 2 s.
    static let symbolDurations: ClosedRange<Duration> = .milliseconds(100) ... .seconds(2)
    /// How long a phrase takes.
    static let phraseDurations: ClosedRange<Duration> = .milliseconds(500) ... .seconds(6)
    /// The levels that conditioning brings to that of the others without noise or clipping, in dBov.
    static let levels = -40.0 ... -6.0
    /// The quietest active speech level of what an engine says, in dBov, that counts as heard.
    static let quietest = -50.0

    private let engine: any SpeechEngine

    /// Checks with an engine.
    public init(engine: any SpeechEngine) {
        self.engine = engine
    }

    /// Checks every unit of a pack.
    ///
    /// - Returns: what was heard, and what is wrong; no faults for a good pack.
    /// - Throws: `EngineError` where the engine cannot speak at all: it is missing, has no such voice, or there is no
    ///   process for it.
    public func report(on pack: VoicePack) async throws(EngineError) -> Report {
        let pack = pack.withStandIns
        let units = pack.units
        let utterances = units.compactMap(pack.utterance(for:))
        let speech: [Speech]
        do {
            speech = try await engine.speakAll(utterances, voice: pack.voice)
        } catch  where error.isTransient && error.reason != .exhausted {
            return Report(findings: try await findingsOneByOne(units, utterances, in: pack, after: error))
        }
        let heard = Dictionary(
            zip(units, speech.map(HeardUnit.init)), uniquingKeysWith: { first, _ in first })
        let findings = units.flatMap { unit in
            heard[unit].map { Self.findings(for: unit, said: $0, in: pack) } ?? []
        }
        // A symbol has two intonations, and mostly the same fault in both.
        var seen: Set<String> = []
        var report = Report(
            findings: (findings + Self.alike(heard, in: pack)).filter {
                seen.insert("\($0.fault) \($0.path)").inserted
            })
        report.measure(heard)
        let distances = Self.distances(heard, in: pack)
        report.nearestDigits = distances.filter { $0.second.isDigit }.min { $0.distance < $1.distance }.map {
            ($0.first.character, $0.second.character, $0.distance)
        }
        report.confusions = distances.filter { $0.distance < PhonemeDistance.near }
        return report
    }

    /// Finds the unit on which an engine fails.
    private func findingsOneByOne(
        _ units: [SpeechUnit], _ utterances: [Utterance], in pack: VoicePack, after error: EngineError
    ) async throws(EngineError) -> [Finding] {
        var findings: [Finding] = []
        for (unit, utterance) in zip(units, utterances) {
            do {
                _ = try await engine.speakAll([utterance], voice: pack.voice)
            } catch  where error.isTransient && error.reason != .exhausted {
                findings.append(Finding(fault: .engine, path: unit.path, message: error.message))
            }
        }
        guard !findings.isEmpty else { throw error }
        return findings
    }

    private static func findings(for unit: SpeechUnit, said heard: HeardUnit, in pack: VoicePack) -> [Finding] {
        let path = unit.path
        guard heard.phonemes.isSpeech, heard.level > quietest, heard.loudDuration > shortest / 4,
            heard.duration > shortest
        else {
            return [Finding(fault: .silent, path: path, message: "the voice \(pack.voice.name) says nothing for it")]
        }
        var findings: [Finding] = []
        if let misspeaking = pack.misspeaking(of: unit, saying: heard.phonemes) {
            findings.append(Finding(fault: misspeaking.fault, path: path, message: "\(misspeaking)"))
        }
        if case .symbol = unit, let line = pack.line(for: unit),
            line.utterance.notation == .words, let problem = expansion(of: line.utterance.text, heard.phonemes)
        {
            findings.append(Finding(fault: .expanded, path: path, message: problem))
        }
        let duration = heard.soundDuration
        let (bounds, kind) = unit.isPhrase ? (phraseDurations, "phrase") : (symbolDurations, "symbol")
        if !bounds.contains(duration) {
            findings.append(
                Finding(
                    fault: .length, path: path,
                    message: "lasts \(duration.tenths) s; a \(kind) lasts \(bounds.lowerBound.tenths) to "
                        + "\(bounds.upperBound.tenths) s"))
        }
        if !levels.contains(heard.level) {
            findings.append(
                Finding(
                    fault: .level, path: path, message: "has a level of \(Int(heard.level)) dBov; another variant helps"
                ))
        }
        return findings
    }

    /// What an engine makes of a symbol's text that is not just that word; nil where nothing.
    private static func expansion(of text: String, _ phonemes: Phonemes) -> String? {
        // One figure behind letters is a tone, as in pinyin.
        guard !zip(text, text.dropFirst()).contains(where: { $0.isNumber && $1.isNumber }) else {
            return "several figures in a row are read as a number; write the word"
        }
        let strangers = text.filter { !($0.isLetter || CodeSymbol($0) != nil || $0 == " " || $0 == "'" || $0 == "’") }
        if let stranger = strangers.first {
            return "the engine may say the name of the sign \"\(stranger)\"; use letters and apostrophes"
        }
        let words = text.split(separator: " ").count
        let spoken = phonemes.words.count
        // A single letter may have a name of several words (`double v`, `i griega`).
        guard text.count == 1 || spoken <= words else {
            return "the engine says \(spoken) words for \(words): /\(phonemes)/"
        }
        return nil
    }

    /// Symbols that have the same phonemes in a style, and symbols whose two intonations have different ones.
    private static func alike(_ heard: [SpeechUnit: HeardUnit], in pack: VoicePack) -> [Finding] {
        var findings: [Finding] = []
        let symbols = CodeSymbol.digits + (pack.letters.isEmpty ? [] : CodeSymbol.letters)
        for style in Set(pack.digits.keys).union(pack.letters.keys).sorted() {
            var owners: [[Substring]: (symbol: CodeSymbol, sounds: PhonemeDistance.Sounds)] = [:]
            for symbol in symbols {
                // A style says only what it says differently; the rest is the standard one's.
                let spoken = pack.isOwn(symbol, style) ? style : VoicePack.standard
                let words = Intonation.allCases.compactMap { intonation in
                    heard[.symbol(symbol, style: spoken, intonation)]?.words
                }
                let path = SpeechUnit.symbol(symbol, style: spoken, .continuing).path
                guard let first = words.first, !first.isEmpty else { continue }
                if words.contains(where: { $0 != first }) {
                    findings.append(
                        Finding(
                            fault: .expanded, path: path,
                            message: "the engine says another word for it at the end of a code than before more symbols"
                        ))
                }
                if let owner = owners[first] {
                    findings.append(
                        Finding(
                            fault: .soundsAlike, path: path,
                            message: "\(Misspeaking.alike(owner.symbol.character))"))
                } else {
                    let sounds = PhonemeDistance.Sounds(of: first)
                    if let near = nearest(to: sounds, among: owners.values) {
                        findings.append(
                            Finding(
                                fault: .nearlyAlike, path: path,
                                message: "sounds nearly as \(near.character): /\(first.joined(separator: " "))/"))
                    }
                    owners[first] = (symbol, sounds)
                }
            }
        }
        return findings
    }

    private static func nearest(
        to sounds: PhonemeDistance.Sounds,
        among owners: some Sequence<(symbol: CodeSymbol, sounds: PhonemeDistance.Sounds)>
    ) -> CodeSymbol? {
        owners.map { (symbol: $0.symbol, distance: PhonemeDistance.between(sounds, and: $0.sounds)) }
            .filter { $0.distance < PhonemeDistance.near }
            .min { ($0.distance, $0.symbol.index) < ($1.distance, $1.symbol.index) }?.symbol
    }

    /// How different each two digits and letters of the usual styles sound.
    private static func distances(_ heard: [SpeechUnit: HeardUnit], in pack: VoicePack) -> [Confusion] {
        let symbols = CodeSymbol.digits + (pack.letters.isEmpty ? [] : CodeSymbol.letters)
        let words = symbols.compactMap { symbol in
            let asked = symbol.isDigit ? pack.usualStyles.digits : pack.usualStyles.letters
            let style = pack.style(saying: symbol, asked: asked)
            return heard[.symbol(symbol, style: style, .continuing)].map {
                (symbol, PhonemeDistance.Sounds(of: $0.words))
            }
        }
        return words.indices.flatMap { i in
            words.indices.dropFirst(i + 1).map { j in
                Confusion(
                    first: words[i].0, second: words[j].0,
                    distance: PhonemeDistance.between(words[i].1, and: words[j].1))
            }
        }
    }
}

extension Misspeaking {
    fileprivate var fault: PackChecker.Finding.Fault {
        switch self {
        case .cut: .cut
        case .otherLanguage: .otherLanguage
        case .alike: .soundsAlike
        }
    }
}

extension VoicePack {
    /// The pack with one of its own words in each slot for which nothing is listed: brands are an operator's.
    fileprivate var withStandIns: VoicePack {
        var pack = self
        let words = digits[Self.standard]?.sorted { $0.key.index < $1.key.index }.map(\.value)
        guard let word = words?.first(where: { $0.utterance.notation == .words }) else { return self }
        for slot in Set(phrases.values.flatMap(\.slots)) where values[slot]?.isEmpty ?? true {
            pack.values[slot] = ["": word]
        }
        return pack
    }

    fileprivate func isOwn(_ symbol: CodeSymbol, _ style: String) -> Bool {
        (symbol.isDigit ? digits : letters)[style]?[symbol] != nil
    }
}

extension PackChecker.Report {
    fileprivate init(findings: [PackChecker.Finding]) {
        self.findings = findings
    }

    fileprivate mutating func measure(_ heard: [SpeechUnit: HeardUnit]) {
        func extent<Value: Comparable>(_ values: [Value]) -> ClosedRange<Value>? {
            guard let least = values.min(), let most = values.max() else { return nil }
            return least...most
        }
        symbolDurations = extent(heard.filter { !$0.key.isPhrase }.map(\.value.soundDuration))
        phraseDurations = extent(heard.filter(\.key.isPhrase).map(\.value.soundDuration))
        levels = extent(heard.values.map(\.level))
    }
}

extension Duration {
    /// Seconds with one decimal.
    fileprivate var tenths: String {
        "\((Double(self / .milliseconds(1)) / 100).rounded() / 10)"
    }
}
