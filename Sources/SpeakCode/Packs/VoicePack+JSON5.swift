// SPDX-License-Identifier: GPL-3.0-or-later

package import JSON5

extension VoicePack {
    /// Reads a pack and checks all that can be checked without an engine.
    ///
    /// - Parameters:
    ///   - json5: the pack's text.
    ///   - source: the file's name or path, for errors; its name without ending is the locale that the pack must have.
    /// - Throws: ``VoicePackError`` with the line of what is wrong. A pack that says something silly is not an error
    ///   here: `PackChecker` of SpeakCodePackTools asks the engine.
    public init(json5: String, source: String) throws(VoicePackError) {
        let value = try JSON5Value(json5: json5, source: source)
        do throws(PackViolation) {
            try self.init(value, source: source, json5: json5)
        } catch {
            throw VoicePackError(error, source: source, json5: json5)
        }
    }

    /// Reads a pack from its compact form, which the binary has of its own packs.
    ///
    /// - Throws: ``VoicePackError`` without a line.
    init(compact: StaticString, source: String) throws(VoicePackError) {
        guard let value = compact.withUTF8Buffer(JSON5Value.init(compact:)) else {
            throw VoicePackError(.syntax, source: source, problem: "cannot be read; build it anew")
        }
        do throws(PackViolation) {
            try self.init(value, source: source, revision: compact.withUTF8Buffer(Self.revision(of:)))
        } catch {
            throw VoicePackError(error, source: source)
        }
    }

    /// - Parameter revision: nil to reckon it from the value; comments make no difference to it.
    package init(
        _ value: JSON5Value, source: String, json5: String? = nil, revision: UInt64? = nil
    ) throws(PackViolation) {
        let file = try PackField(value: value, path: []).members(known: [
            "locale", "name", "checkedBy", "engine", "endings", "pauses", "register", "phrases", "registers", "values",
            "templates", "digits", "letters", "capital", "styles",
        ])
        let tag = try file.required("locale")
        guard let locale = LanguageTag(try tag.text()), locale.description == (try tag.text()) else {
            throw tag.violation("must be a BCP 47 tag in canonical case, such as ja-JP")
        }
        let fileName = source.split(separator: "/").last.map(String.init) ?? source
        guard fileName == "\(locale).json5" else {
            throw tag.violation("says \(locale), so the file must be named \(locale).json5")
        }
        self.locale = locale
        self.json5 = json5
        self.revision = revision ?? Self.revision(of: value.compact.utf8)
        name = try file.required("name").text()
        checkedBy = try file.required("checkedBy").text()
        let engine = try file.required("engine")
        voice = try EngineVoice(engine)
        phrasePace = try Self.phrasePace(engine, voice)
        endings = [.continuing: ",", .falling: "."].merging(try Self.endings(file["endings"])) { $1 }
        pauses = try Pauses(file["pauses"])
        values = try Self.values(file["values"])
        phrases = try Self.phrases(file.required("phrases"))
        register = try file["register"].map(Self.register)
        registers = try Self.registers(file["registers"], of: phrases)
        digits = try Self.styles(file.required("digits"), of: CodeSymbol.digits)
        letters = try Self.styles(file["letters"], of: CodeSymbol.letters)
        capital = try file["capital"].map(Self.capital)
        templates = try Self.templates(file["templates"], phrases: phrases, in: file.path)
        usualStyles = try Self.usualStyles(file["styles"], digits: digits, letters: letters)
    }

    /// FNV-1a over the pack's compact form: stable between processes, which Swift's own hashes are not.
    static func revision(of bytes: some Sequence<UInt8>) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
    }

    private static func phrasePace(_ engine: PackField, _ voice: EngineVoice) throws(PackViolation) -> Double {
        guard let rate = try engine.members()["phraseRate"] else { return 1 }
        return Double(try EngineVoice.rate(rate)) / Double(voice.rate)
    }

    fileprivate static func endings(_ field: PackField?) throws(PackViolation) -> [Intonation: String] {
        let fields = try field?.members(known: ["continuing", "falling"])
        var endings: [Intonation: String] = [:]
        for intonation in Intonation.allCases {
            guard let field = fields?[intonation.rawValue] else { continue }
            let ending = try field.text()
            // Letters would make another word of every symbol, and control characters are commands to the engine.
            guard ending.utf8.count <= 8, ending.allSatisfy({ $0.isPunctuation && !"[]".contains($0) || $0 == " " })
            else { throw field.violation("must be punctuation of at most 8 bytes") }
            endings[intonation] = ending
        }
        return endings
    }

    /// Reads by how many dB the sounds without voice of one symbol are louder.
    fileprivate static func gain(_ field: PackField) throws(PackViolation) -> Double {
        let gain = try field.number()
        guard (-12...12).contains(gain) else { throw field.violation("must be -12 to 12 dB") }
        return gain
    }

    // MARK: Words

    private static func phrases(_ field: PackField) throws(PackViolation) -> [String: Line] {
        var lines: [String: Line] = [:]
        for (name, field) in try field.members() { lines[name] = try Line(field) }
        return lines
    }

    private static func register(_ field: PackField) throws(PackViolation) -> Register {
        guard let register = Register(rawValue: try field.text()) else {
            throw field.violation("must be \(Register.allCases.map(\.rawValue).joined(separator: " or "))")
        }
        return register
    }

    private static func registers(
        _ field: PackField?, of phrases: [String: Line]
    ) throws(PackViolation) -> [Register: [String: Line]] {
        var registers: [Register: [String: Line]] = [:]
        for (name, field) in try field?.members() ?? [:] {
            guard let register = Register(rawValue: name) else {
                throw field.violation("must be \(Register.allCases.map(\.rawValue).joined(separator: " or "))")
            }
            registers[register] = try Self.phrases(field)
            for (name, line) in registers[register] ?? [:] {
                let path = field.path + [name]
                guard let usual = phrases[name] else {
                    throw PackViolation(path: path, problem: "is not in `phrases`, so nothing asks for it")
                }
                guard line.slots == usual.slots else {
                    throw PackViolation(path: path, problem: "must have the slots that it has in `phrases`")
                }
            }
        }
        return registers
    }

    /// Reads what can stand in slots; see ``OperatorWording`` for those of an operator.
    static func values(_ field: PackField?) throws(PackViolation) -> [String: [String: Line]] {
        var values: [String: [String: Line]] = [:]
        var fields = try field?.members() ?? [:]
        // A language that counts places ("vierstellig", 네 자리) has the same words for letters.
        let isNeutral = fields[Wording.characters]?.value == .text(Wording.digits)
        if isNeutral { fields[Wording.characters] = nil }
        for (slot, field) in fields {
            guard Line.isSlot(slot) else {
                throw field.violation("must be the name of a slot: 1 to \(Line.longestSlot) letters")
            }
            values[slot] = [:]
            for (key, field) in try field.members() { values[slot]?[key] = try value(field) }
        }
        if isNeutral { values[Wording.characters] = values[Wording.digits] }
        return values
    }

    /// Reads one thing that can stand in a slot: words without a slot of their own.
    static func value(_ field: PackField) throws(PackViolation) -> Line {
        let line = try Line(field)
        guard line.utterance.notation == .words, line.slots.isEmpty else {
            throw field.violation("stands in a slot itself: words, no `phonemes` and no { }")
        }
        return line
    }

    private static func styles(
        _ field: PackField?, of symbols: [CodeSymbol]
    ) throws(PackViolation) -> [String: [CodeSymbol: Line]] {
        var styles: [String: [CodeSymbol: Line]] = [:]
        for (style, field) in try field?.members() ?? [:] {
            for (name, field) in try field.members() {
                guard let symbol = symbols.first(where: { String($0.character) == name }) else {
                    throw field.violation("is not one of the \(symbols.count == 10 ? "digits" : "letters")")
                }
                let line = try Line(field, isSymbol: true)
                guard line.slots.isEmpty else { throw field.violation("must not have a slot in { }") }
                styles[style, default: [:]][symbol] = line
            }
        }
        guard let field else { return [:] }
        // A pack may leave all letters out, and then reads digits only.
        if symbols.count > 10, styles.isEmpty { return [:] }
        let missing = symbols.filter { styles[standard]?[$0] == nil }.map { String($0.character) }
        guard missing.isEmpty else {
            throw PackViolation(path: field.path + [standard], problem: "lacks \(missing.joined(separator: ", "))")
        }
        return styles
    }

    private static func capital(_ field: PackField) throws(PackViolation) -> Capital {
        let places = try field.members(known: ["before", "after"])
        let (word, isBehind): (PackField, Bool) =
            switch (places["before"], places["after"]) {
            case (let word?, nil): (word, false)
            case (nil, let word?): (word, true)
            default:
                throw field.violation("must have either `before` or `after`: where the word stands beside the letter")
            }
        let line = try Line(word, isSymbol: true)
        guard line.slots.isEmpty else { throw word.violation("must not have a slot in { }") }
        return Capital(line: line, isBehind: isBehind)
    }

    private static func usualStyles(
        _ field: PackField?, digits: [String: [CodeSymbol: Line]], letters: [String: [CodeSymbol: Line]]
    ) throws(PackViolation) -> (digits: String, letters: String) {
        let fields = try field?.members(known: ["digits", "letters"])
        func style(_ key: String, _ known: some Collection<String>) throws(PackViolation) -> String {
            guard let field = fields?[key] else { return standard }
            let style = try field.text()
            guard known.contains(style) else {
                throw field.violation("must be a style of `\(key)`: \(known.sorted().joined(separator: ", "))")
            }
            return style
        }
        return (try style("digits", digits.keys), try style("letters", letters.keys))
    }

    // MARK: Templates

    /// The templates of a pack that writes down none of its own, as far as it has their phrases.
    package static let usualTemplates: [(name: String, first: [String], again: [String], end: [String])] = [
        (standard, ["opening", "{code}"], ["bridge", "{code}"], []),
        ("goodbye", ["opening", "{code}"], ["bridge", "{code}"], ["closing"]),
        ("counted", ["counted", "{code}"], ["bridge", "{code}"], []),
        ("branded", ["branded", "{code}"], ["bridge", "{code}"], []),
        ("timed", ["opening", "{code}", "validity"], ["bridge", "{code}"], []),
    ]

    private static func templates(
        _ field: PackField?, phrases: [String: Line], in path: [String]
    ) throws(PackViolation) -> [String: Template] {
        var templates: [String: Template] = [:]
        if let field {
            for (name, field) in try field.members() { templates[name] = try Template(field, phrases: phrases) }
        } else {
            for usual in usualTemplates {
                let parts = (usual.first + usual.again + usual.end).filter { $0 != "{code}" }
                guard parts.allSatisfy({ phrases[$0] != nil }) else { continue }
                templates[usual.name] = Template(
                    first: usual.first.map(Template.Step.init), again: usual.again.map(Template.Step.init),
                    end: usual.end.map(Template.Step.init))
            }
        }
        if templates[codeOnly] == nil { templates[codeOnly] = Template(first: [.code], again: [.code], end: []) }
        guard templates[standard] != nil else {
            guard let field else {
                throw PackViolation(path: path + ["phrases"], problem: "lacks `opening` or `bridge`")
            }
            throw field.violation("lacks `\(standard)`")
        }
        return templates
    }
}

extension VoicePack.Line {
    /// Reads a line: an object, or a text that is both what the engine is given and what a person reads.
    ///
    /// - Parameter isSymbol: whether it is a digit or a letter, which may have endings of its own.
    init(_ field: PackField, isSymbol: Bool = false) throws(PackViolation) {
        let (text, caption, notation): (String, String, Utterance.Notation)
        var endings: [Intonation: String] = [:]
        var voiceless = 0.0
        if case .text(let both) = field.value {
            (text, caption, notation) = (both, both, .words)
        } else {
            let ofSymbols = isSymbol ? ["endings", "voiceless"] : []
            let line = try field.members(known: ["engine", "phonemes", "caption"] + ofSymbols)
            endings = try VoicePack.endings(line["endings"])
            voiceless = try line["voiceless"].map(VoicePack.gain) ?? 0
            caption = try line.required("caption").text()
            switch (line["engine"], line["phonemes"]) {
            case (let words?, nil): (text, notation) = (try words.text(), .words)
            case (nil, let phonemes?): (text, notation) = (try phonemes.text(), .phonemes)
            default: throw field.violation("must have either `engine` or `phonemes`")
            }
        }
        guard text.contains(where: { !$0.isWhitespace }), text.utf8.count <= Utterance.maximumLength else {
            throw field.violation("must give the engine 1 to \(Utterance.maximumLength) bytes of text")
        }
        guard text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control && $0 != "<" }) else {
            throw field.violation("must not give the engine control characters or markup")
        }
        // In words, [[ would open a passage of phonemes, and long or unclosed ones crash eSpeak NG 1.51.
        guard !text.contains("[["), !text.contains("]]"), notation == .words || text.utf8.count <= 60 else {
            throw field.violation("must not have [[ or ]] in it; `phonemes` has at most 60 bytes")
        }
        guard caption.contains(where: { !$0.isWhitespace }), !caption.contains(where: \.isNewline) else {
            throw PackViolation(path: field.path + ["caption"], problem: "must be one line for a person to read")
        }
        self.init(utterance: Utterance(text, notation: notation), caption: caption)
        self.endings = endings
        self.voiceless = voiceless
        guard notation == .phonemes || slots == Self.slots(in: text), slots.isEmpty || notation == .words else {
            throw field.violation("must have the same slots in `engine` and `caption`, and none in `phonemes`")
        }
        guard slots.allSatisfy(Self.isSlot),
            caption.count(where: { $0 == "{" }) == caption.count(where: { $0 == "}" })
        else { throw field.violation("has a { or } that is not a slot such as {brand}") }
    }

    /// Whether a text can be the name of a slot.
    static func isSlot(_ name: String) -> Bool {
        (1...longestSlot).contains(name.utf8.count) && name.allSatisfy { $0.isASCII && $0.isLetter } && name != "code"
    }
}

extension VoicePack.Template {
    /// Reads a template whose phrases are all there.
    init(_ field: PackField, phrases: [String: VoicePack.Line]) throws(PackViolation) {
        let template = try field.members(known: ["first", "again", "end"])
        func steps(_ field: PackField, codes: Int) throws(PackViolation) -> [Step] {
            let steps = try field.texts()
            guard steps.count(where: { $0 == "{code}" }) == codes else {
                throw field.violation(codes == 0 ? "must not have {code}" : "must have {code} once")
            }
            if let stranger = steps.first(where: { $0 != "{code}" && phrases[$0] == nil }) {
                throw field.violation("names `\(stranger)`, which is not in `phrases`")
            }
            return steps.map(Step.init)
        }
        first = try steps(template.required("first"), codes: 1)
        again = try steps(template.required("again"), codes: 1)
        end = try template["end"].map { (field) throws(PackViolation) in try steps(field, codes: 0) } ?? []
    }
}

extension VoicePack.Template.Step {
    init(_ text: String) {
        self = text == "{code}" ? .code : .phrase(text)
    }
}

extension Pauses {
    /// Reads the silences that differ from the calm ones, in seconds.
    fileprivate init(_ field: PackField?) throws(PackViolation) {
        let fields = try field?.members(known: ["lead", "phrase", "symbol", "group", "reading", "tail"])
        func duration(_ key: String, or usual: Duration) throws(PackViolation) -> Duration {
            guard let field = fields?[key] else { return usual }
            let seconds = try field.number()
            // Compared as numbers: a duration of 1e300 s, which JSON5 can write, does not fit and would end the process.
            let longest = Pauses.longest.components.seconds
            guard (0...Double(longest)).contains(seconds) else {
                throw field.violation("must be 0 to \(longest) seconds")
            }
            // 1.2 is not a binary fraction; the nearest microsecond is what was meant.
            return .microseconds(Int64((seconds * 1_000_000).rounded()))
        }
        let calm = Pauses.calm
        self.init(
            lead: try duration("lead", or: calm.lead), phrase: try duration("phrase", or: calm.phrase),
            symbol: try duration("symbol", or: calm.symbol), group: try duration("group", or: calm.group),
            reading: try duration("reading", or: calm.reading),
            tail: max(try duration("tail", or: calm.tail), Pauses.shortestTail))
    }
}

extension EngineVoice {
    fileprivate init(_ field: PackField) throws(PackViolation) {
        let engine = try field.members(known: ["voice", "variant", "rate", "phraseRate", "pitch", "range", "speed"])
        func name(_ field: PackField) throws(PackViolation) -> String {
            let name = try field.text()
            guard EngineVoice.isName(name) else {
                throw field.violation("must be a voice's name: letters, digits, - _ / and space")
            }
            return name
        }
        func pitch(_ key: String) throws(PackViolation) -> Int {
            let field = try engine.required(key)
            let value = try field.wholeNumber()
            guard EngineVoice.pitches.contains(value) else { throw field.violation("must be 0 to 99") }
            return value
        }
        self.init(
            name: try name(engine.required("voice")),
            variant: try engine["variant"].map { (field) throws(PackViolation) in try name(field) },
            rate: try Self.rate(engine.required("rate")), pitch: try pitch("pitch"), range: try pitch("range"),
            speed: try engine["speed"].map(Self.speed))
    }

    private static func speed(_ field: PackField) throws(PackViolation) -> Int {
        let speed = try field.wholeNumber()
        guard speeds.contains(speed) else { throw field.violation("must be 50 to 200 per cent") }
        return speed
    }

    fileprivate static func rate(_ field: PackField) throws(PackViolation) -> Int {
        let rate = try field.wholeNumber()
        guard rates.contains(rate) else { throw field.violation("must be 80 to 450 words a minute") }
        return rate
    }

    /// Whether a text can be a voice's name; eSpeak NG keeps names in buffers of 40 bytes and puts them into paths.
    package static func isName(_ text: String) -> Bool {
        (1...38).contains(text.utf8.count) && !text.hasPrefix("/") && !text.contains("..")
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_/ !".contains($0)) }
    }
}

extension JSON5Value {
    /// Reads JSON5 in which no key stands twice in its object.
    ///
    /// - Throws: ``VoicePackError`` with the line.
    init(json5: String, source: String) throws(VoicePackError) {
        let document = JSON5Document(json5)
        guard let value = document.value else {
            throw VoicePackError(
                .syntax, source: source, line: document.broken?.position.line, column: document.broken?.position.column,
                problem: "is not JSON5 here: look for a comma, quotation mark or bracket that is missing or too many")
        }
        if let twice = document.duplicate {
            throw VoicePackError(
                .value, source: source, line: twice.position.line, column: twice.position.column,
                problem: "\(twice.path.joined(separator: ".")): stands here for the second time; leave one of them out")
        }
        self = value
    }
}

extension VoicePackError {
    /// A broken rule of the format, with its line where the text is known.
    init(_ violation: PackViolation, source: String, json5: String? = nil) {
        let place = violation.path.isEmpty ? "" : violation.path.joined(separator: ".") + ": "
        self.init(
            .value, source: source,
            line: json5.flatMap { JSON5Document($0, findsLines: true).line(of: violation.path) },
            problem: place + violation.problem)
    }
}
