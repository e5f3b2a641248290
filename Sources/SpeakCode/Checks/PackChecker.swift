// SPDX-License-Identifier: GPL-3.0-or-later

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
            /// The engine failed on it.
            case engine
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

    /// The shortest audio that counts as heard: the shortest digits of any voice last about 150 ms.
    static let shortest: Duration = .milliseconds(60)
    /// The quietest active speech level of what an engine says, in dBov, that counts as heard.
    static let quietest = -50.0

    private let engine: any SpeechEngine

    /// Checks with an engine.
    public init(engine: any SpeechEngine) {
        self.engine = engine
    }

    /// Checks every unit of a pack.
    ///
    /// - Returns: what is wrong; nothing for a good pack.
    /// - Throws: ``EngineError`` where the engine cannot speak at all: it is missing, or has no such voice.
    public func findings(in pack: VoicePack) async throws(EngineError) -> [Finding] {
        let units = pack.units
        let utterances = units.compactMap(pack.utterance(for:))
        let speech: [Speech]
        do {
            speech = try await engine.speakAll(utterances, voice: pack.voice)
        } catch  where error.isTransient {
            return try await findingsOneByOne(units, utterances, in: pack, after: error)
        }
        let heard = Dictionary(zip(units, speech), uniquingKeysWith: { first, _ in first })
        let findings = units.flatMap { unit in
            heard[unit].map { Self.findings(for: unit, said: $0, in: pack) } ?? []
        }
        // A symbol has two intonations, and mostly the same fault in both.
        var seen: Set<Finding> = []
        return (findings + Self.alike(heard, in: pack)).filter { seen.insert($0).inserted }
    }

    /// Finds the unit on which an engine fails.
    private func findingsOneByOne(
        _ units: [Unit], _ utterances: [Utterance], in pack: VoicePack, after error: EngineError
    ) async throws(EngineError) -> [Finding] {
        var findings: [Finding] = []
        for (unit, utterance) in zip(units, utterances) {
            do {
                _ = try await engine.speakAll([utterance], voice: pack.voice)
            } catch  where error.isTransient {
                findings.append(Finding(fault: .engine, path: Self.path(of: unit), message: error.message))
            }
        }
        guard !findings.isEmpty else { throw error }
        return findings
    }

    private static func findings(for unit: Unit, said speech: Speech, in pack: VoicePack) -> [Finding] {
        let path = path(of: unit)
        let level = ActiveSpeechLevel(of: speech.audio)
        let heard = speech.audio.samples.count { abs(Int($0)) > 64 }
        guard Phonemes(speech.phonemes).isSpeech, level.dBov > quietest,
            Duration.seconds(Double(heard) / Double(speech.audio.hertz)) > shortest / 4,
            Duration.seconds(Double(speech.audio.samples.count) / Double(speech.audio.hertz)) > shortest
        else {
            return [Finding(fault: .silent, path: path, message: "the voice \(pack.voice.name) says nothing for it")]
        }
        var findings: [Finding] = []
        if let language = Phonemes(speech.phonemes).otherLanguage {
            findings.append(
                Finding(
                    fault: .otherLanguage, path: path,
                    message: "the voice goes over into \(language); write it in a script that the voice reads"))
        }
        if case .symbol = unit, let line = pack.line(for: unit),
            line.utterance.notation == .words, let problem = expansion(of: line.utterance.text, speech)
        {
            findings.append(Finding(fault: .expanded, path: path, message: problem))
        }
        return findings
    }

    /// What an engine makes of a symbol's text that is not just that word; nil where nothing.
    private static func expansion(of text: String, _ speech: Speech) -> String? {
        // One figure behind letters is a tone, as in pinyin.
        guard !zip(text, text.dropFirst()).contains(where: { $0.isNumber && $1.isNumber }) else {
            return "several figures in a row are read as a number; write the word"
        }
        let strangers = text.filter { !($0.isLetter || CodeSymbol($0) != nil || $0 == " " || $0 == "'" || $0 == "’") }
        if let stranger = strangers.first {
            return "the engine may say the name of the sign \"\(stranger)\"; use letters and apostrophes"
        }
        let words = text.split(separator: " ").count
        let spoken = Phonemes(speech.phonemes).words.count
        // A single letter may have a name of several words (`double v`, `i griega`).
        guard text.count == 1 || spoken <= words else {
            return "the engine says \(spoken) words for \(words): /\(speech.phonemes)/"
        }
        return nil
    }

    /// Symbols that have the same phonemes in a style, and symbols whose two intonations have different ones.
    private static func alike(_ heard: [Unit: Speech], in pack: VoicePack) -> [Finding] {
        var findings: [Finding] = []
        let symbols = CodeSymbol.digits + (pack.letters.isEmpty ? [] : CodeSymbol.letters)
        for style in Set(pack.digits.keys).union(pack.letters.keys).sorted() {
            var owners: [[Substring]: CodeSymbol] = [:]
            for symbol in symbols {
                // A style says only what it says differently; the rest is the standard one's.
                let spoken = pack.isOwn(symbol, style) ? style : VoicePack.standard
                let words = Intonation.allCases.compactMap { intonation in
                    heard[.symbol(symbol, style: spoken, intonation)].map { Phonemes($0.phonemes).words }
                }
                let path = path(of: .symbol(symbol, style: spoken, .continuing))
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
                        Finding(fault: .soundsAlike, path: path, message: "sounds the same as \(owner.character)"))
                } else {
                    owners[first] = symbol
                }
            }
        }
        return findings
    }

    static func path(of unit: Unit) -> String {
        switch unit {
        case .phrase(let name): "phrases.\(name)"
        case .symbol(let symbol, let style, _):
            "\(symbol.isDigit ? "digits" : "letters").\(style).\(symbol.character)"
        }
    }
}

extension VoicePack {
    fileprivate func isOwn(_ symbol: CodeSymbol, _ style: String) -> Bool {
        (symbol.isDigit ? digits : letters)[style]?[symbol] != nil
    }
}
