// SPDX-License-Identifier: GPL-3.0-or-later

import FoundationEssentials

extension VoicePack {
    /// Reads a pack and checks all that can be checked without an engine.
    ///
    /// - Parameters:
    ///   - json5: the pack's text.
    ///   - source: the file's name or path, for errors; its name without ending is the locale that the pack must have.
    /// - Throws: ``VoicePackError`` with the line of what is wrong. A pack that says something silly is not an error
    ///   here: ``PackChecker`` asks the engine.
    public init(json5: String, source: String) throws(VoicePackError) {
        try self.init(json5: json5, source: source, isBuiltIn: false)
    }

    /// - Parameter isBuiltIn: whether the text is one of this package's own, whose keys need not be counted each time.
    init(json5: String, source: String, isBuiltIn: Bool) throws(VoicePackError) {
        let file: PackFile
        do {
            let decoder = JSONDecoder()
            decoder.allowsJSON5 = true
            file = try decoder.decode(PackFile.self, from: Data(json5.utf8))
        } catch let error as DecodingError {
            throw VoicePackError(error, source: source, json5: json5)
        } catch {
            throw VoicePackError(.syntax, source: source, problem: "is not JSON5: \(error)")
        }
        // The decoder takes one of the two, and nobody knows which one was meant.
        if !isBuiltIn, let twice = JSON5Outline(json5).duplicate {
            throw VoicePackError(
                .value, source: source, line: twice.line,
                problem: "\(twice.path.joined(separator: ".")): stands here for the second time; leave one of them out")
        }
        do {
            try self.init(file, source: source, json5: json5)
        } catch {
            throw VoicePackError(
                .value, source: source, line: JSON5Outline(json5).line(of: error.path),
                problem: "\(error.path.joined(separator: ".")): \(error.problem)")
        }
    }

    /// FNV-1a over the pack's text: stable between processes, which Swift's own hashes are not.
    private static func revision(of text: String) -> UInt64 {
        text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
    }

    /// A value that breaks a rule of the pack's format.
    fileprivate struct Violation: Error {
        let path: [String]
        let problem: String
    }

    private init(_ file: PackFile, source: String, json5: String) throws(Violation) {
        guard let locale = LanguageTag(file.locale), locale.description == file.locale else {
            throw Violation(path: ["locale"], problem: "must be a BCP 47 tag in canonical case, such as ja-JP")
        }
        let name = source.split(separator: "/").last.map(String.init) ?? source
        guard name == "\(locale).json5" else {
            throw Violation(path: ["locale"], problem: "says \(locale), so the file must be named \(locale).json5")
        }
        self.locale = locale
        self.name = file.name
        self.json5 = json5
        revision = Self.revision(of: json5)
        checkedBy = file.checkedBy
        voice = try Self.voice(file.engine)
        endings = [
            .continuing: file.endings?.continuing ?? ",",
            .falling: file.endings?.falling ?? ".",
        ]
        // Letters would make another word of every symbol, and control characters are commands to the engine.
        for (intonation, ending) in endings
        where ending.utf8.count > 8 || !ending.allSatisfy({ $0.isPunctuation && !"[]".contains($0) || $0 == " " }) {
            throw Violation(path: ["endings", intonation.rawValue], problem: "must be punctuation of at most 8 bytes")
        }
        pauses = try Self.pauses(file.pauses)

        var phrases: [String: Line] = [:]
        for (name, line) in file.phrases { phrases[name] = try Self.line(line, at: ["phrases", name]) }
        self.phrases = phrases
        digits = try Self.styles(file.digits, of: CodeSymbol.digits, at: "digits")
        letters = try Self.styles(file.letters ?? [:], of: CodeSymbol.letters, at: "letters")
        templates = try Self.templates(file.templates, phrases: phrases)
    }

    private static func voice(_ engine: PackFile.Engine) throws(Violation) -> EngineVoice {
        guard EngineVoice.rates.contains(engine.rate) else {
            throw Violation(path: ["engine", "rate"], problem: "must be 80 to 450 words a minute")
        }
        for (key, value) in [("pitch", engine.pitch), ("range", engine.range)] {
            guard EngineVoice.pitches.contains(value) else {
                throw Violation(path: ["engine", key], problem: "must be 0 to 99")
            }
        }
        for (key, value) in [("voice", engine.voice), ("variant", engine.variant)] {
            guard let value else { continue }
            guard EngineVoice.isName(value) else {
                throw Violation(
                    path: ["engine", key], problem: "must be a voice's name: letters, digits, - _ / and space")
            }
        }
        return EngineVoice(
            name: engine.voice, variant: engine.variant, rate: engine.rate, pitch: engine.pitch, range: engine.range)
    }

    private static func pauses(_ file: PackFile.Pauses?) throws(Violation) -> Pauses {
        func duration(_ key: String, _ seconds: Double?, or usual: Duration) throws(Violation) -> Duration {
            guard let seconds else { return usual }
            // Compared as numbers: a duration of 1e300 s, which JSON5 can write, does not fit and would end the process.
            let longest = Pauses.longest.components.seconds
            guard (0...Double(longest)).contains(seconds) else {
                throw Violation(path: ["pauses", key], problem: "must be 0 to \(longest) seconds")
            }
            // 1.2 is not a binary fraction; the nearest microsecond is what was meant.
            return .microseconds(Int64((seconds * 1_000_000).rounded()))
        }
        let calm = Pauses.calm
        return Pauses(
            lead: try duration("lead", file?.lead, or: calm.lead),
            phrase: try duration("phrase", file?.phrase, or: calm.phrase),
            symbol: try duration("symbol", file?.symbol, or: calm.symbol),
            group: try duration("group", file?.group, or: calm.group),
            reading: try duration("reading", file?.reading, or: calm.reading),
            tail: max(try duration("tail", file?.tail, or: calm.tail), Pauses.shortestTail))
    }

    private static func line(_ file: PackFile.Line, at path: [String]) throws(Violation) -> Line {
        let (text, notation): (String, Utterance.Notation)
        switch (file.engine, file.phonemes) {
        case (let words?, nil): (text, notation) = (words, .words)
        case (nil, let phonemes?): (text, notation) = (phonemes, .phonemes)
        default: throw Violation(path: path, problem: "must have either `engine` or `phonemes`")
        }
        guard text.contains(where: { !$0.isWhitespace }), text.utf8.count <= Utterance.maximumLength else {
            throw Violation(path: path, problem: "must give the engine 1 to \(Utterance.maximumLength) bytes of text")
        }
        guard text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control && $0 != "<" }) else {
            throw Violation(path: path, problem: "must not give the engine control characters or markup")
        }
        // In words, [[ would open a passage of phonemes, and long or unclosed ones crash eSpeak NG 1.51.
        guard !text.contains("[["), !text.contains("]]"), notation == .words || text.utf8.count <= 60 else {
            throw Violation(path: path, problem: "must not have [[ or ]] in it; `phonemes` has at most 60 bytes")
        }
        guard file.caption.contains(where: { !$0.isWhitespace }), !file.caption.contains(where: \.isNewline) else {
            throw Violation(path: path + ["caption"], problem: "must be one line for a person to read")
        }
        return Line(utterance: Utterance(text, notation: notation), caption: file.caption)
    }

    private static func styles(
        _ file: [String: [String: PackFile.Line]], of symbols: [CodeSymbol], at key: String
    ) throws(Violation) -> [String: [CodeSymbol: Line]] {
        var styles: [String: [CodeSymbol: Line]] = [:]
        for (style, lines) in file {
            for (name, line) in lines {
                guard let symbol = symbols.first(where: { String($0.character) == name }) else {
                    throw Violation(path: [key, style, name], problem: "is not one of the \(key)")
                }
                styles[style, default: [:]][symbol] = try Self.line(line, at: [key, style, name])
            }
        }
        // A pack may leave all letters out, and then reads digits only.
        if key == "letters", styles.isEmpty { return [:] }
        let missing = symbols.filter { styles[standard]?[$0] == nil }.map { String($0.character) }
        guard missing.isEmpty else {
            throw Violation(path: [key, standard], problem: "lacks \(missing.joined(separator: ", "))")
        }
        return styles
    }

    private static func templates(
        _ file: [String: PackFile.Template], phrases: [String: Line]
    ) throws(Violation) -> [String: Template] {
        var templates: [String: Template] = [:]
        for (name, template) in file {
            func steps(_ key: String, _ steps: [String]?, codes: Int) throws(Violation) -> [Template.Step] {
                let path = ["templates", name, key]
                guard (steps ?? []).filter({ $0 == "{code}" }).count == codes else {
                    throw Violation(path: path, problem: codes == 0 ? "must not have {code}" : "must have {code} once")
                }
                return try (steps ?? []).map { (step: String) throws(Violation) in
                    guard step == "{code}" || phrases[step] != nil else {
                        throw Violation(path: path, problem: "names `\(step)`, which is not in `phrases`")
                    }
                    return step == "{code}" ? .code : .phrase(step)
                }
            }
            templates[name] = Template(
                first: try steps("first", template.first, codes: 1),
                again: try steps("again", template.again, codes: 1),
                end: try steps("end", template.end, codes: 0))
        }
        guard templates[standard] != nil else {
            throw Violation(path: ["templates"], problem: "lacks `\(standard)`")
        }
        return templates
    }
}

extension EngineVoice {
    /// Whether a text can be a voice's name; eSpeak NG keeps names in buffers of 40 bytes and puts them into paths.
    package static func isName(_ text: String) -> Bool {
        (1...38).contains(text.utf8.count) && !text.hasPrefix("/") && !text.contains("..")
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_/ !".contains($0)) }
    }
}

extension VoicePackError {
    fileprivate init(_ error: DecodingError, source: String, json5: String) {
        func failure(_ path: [any CodingKey], _ problem: String) -> VoicePackError {
            let path = path.map { $0.intValue.map(String.init) ?? $0.stringValue }
            let place = path.isEmpty ? "" : path.joined(separator: ".") + ": "
            return VoicePackError(
                .value, source: source, line: JSON5Outline(json5).line(of: path), problem: place + problem)
        }
        switch error {
        case .keyNotFound(let key, let context):
            self = failure(context.codingPath, "lacks `\(key.stringValue)`")
        case .typeMismatch(let type, let context):
            self = failure(context.codingPath, "must be \(Self.word(for: type))")
        case .valueNotFound(let type, let context):
            self = failure(context.codingPath, "must be \(Self.word(for: type)), not null")
        case .dataCorrupted(let context) where !context.codingPath.isEmpty:
            self = failure(context.codingPath, context.debugDescription)
        case .dataCorrupted:
            self.init(
                .syntax, source: source, line: JSON5Outline(json5).brokenLine,
                problem: "is not JSON5 here: look for a comma, quotation mark or bracket that is missing or too many")
        @unknown default:
            self.init(.syntax, source: source, problem: "is not JSON5: \(error)")
        }
    }

    private static func word(for type: Any.Type) -> String {
        switch type {
        case is String.Type: "a text"
        case is Int.Type: "a whole number"
        case is Double.Type: "a number"
        case is [Any].Type, is [String].Type: "a list"
        default: "an object"
        }
    }
}
