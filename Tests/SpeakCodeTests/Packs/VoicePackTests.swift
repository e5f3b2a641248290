// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCode
import Testing

@Suite("A voice pack")
struct VoicePackTests {
    @Test("is read from its file's text")
    func goodPack() throws {
        let pack = try TestPack.pack()
        #expect(pack.locale.description == "en-US")
        #expect(pack.name == "English (tests)")
        #expect(pack.checkedBy == "nobody")
        #expect(pack.voice == EngineVoice(name: "gmw/en-US", variant: "m3", rate: 150, pitch: 40, range: 40))
        #expect(pack.endings == [.continuing: ",", .falling: "."])
        #expect(pack.pauses.lead == .milliseconds(200))
        #expect(pack.pauses.phrase == .milliseconds(400))
        #expect(pack.pauses.symbol == .milliseconds(500))
        #expect(pack.pauses.group == .milliseconds(1000))
        #expect(pack.pauses.reading == .milliseconds(1200))
        #expect(pack.pauses.tail == .milliseconds(800))
        #expect(pack.phrases["bridge"]?.utterance == Utterance("I repeat:"), "one text is given and read alike")
        #expect(pack.phrases["bridge"]?.caption == "I repeat:")
        #expect(pack.phrases["closing"]?.caption == "Goodbye & <thanks>")
        #expect(pack.templates["standard"]?.first == [.phrase("opening"), .code])
        #expect(pack.templates["polite"]?.end == [.phrase("closing")])
        #expect(pack.digits["standard"]?.count == 10)
        #expect(pack.letters["standard"]?.count == 26)
    }

    @Test("gives the engine each symbol with the punctuation of its intonation")
    func utterances() throws {
        let pack = try TestPack.pack()
        let nine = try #require(CodeSymbol("9"))
        let eight = try #require(CodeSymbol("8"))
        let standard = VoicePack.standard
        #expect(
            pack.utterance(for: .symbol(nine, style: standard, .continuing)) == Utterance("nine", ending: ","))
        #expect(pack.utterance(for: .symbol(nine, style: standard, .falling)) == Utterance("nine", ending: "."))
        #expect(
            pack.utterance(for: .symbol(nine, style: "radio", .falling))
                == Utterance("n'aIn3", notation: .phonemes, ending: "."))
        #expect(
            pack.utterance(for: .symbol(eight, style: "radio", .falling)) == Utterance("eight", ending: "."),
            "what a style does not have is said as usual")
        #expect(pack.utterance(for: .phrase("opening")) == Utterance("Your code is:"))
        #expect(pack.utterance(for: .phrase("none")) == nil)
    }

    @Test("gives the engine a symbol with punctuation of its own where it has some")
    func ownEndings() throws {
        let json5 = TestPack.json5.replacing(
            #""7": "seven""#, with: #""7": { engine: "seven", caption: "seven", endings: { continuing: "" } }"#)
        let pack = try VoicePack(json5: json5, source: "en-US.json5")
        let seven = try #require(CodeSymbol("7"))
        for (intonation, ending) in [(Intonation.continuing, ""), (.falling, ".")] {
            let unit = SpeechUnit.symbol(seven, style: VoicePack.standard, intonation)
            #expect(pack.utterance(for: unit) == Utterance("seven", ending: ending))
        }
    }

    @Test("has its phrases said at a rate of their own where it gives one, and its digits and letters at the voice's")
    func phraseRate() throws {
        let json5 = TestPack.json5.replacing("rate: 150", with: "rate: 150, phraseRate: 120")
        let pack = try VoicePack(json5: json5, source: "en-US.json5")
        #expect(pack.voice.rate == 150)
        for unit in pack.units {
            let isPhrase = if case .phrase = unit { true } else { false }
            #expect(pack.utterance(for: unit)?.pace == (isPhrase ? 0.8 : 1))
        }
        #expect(pack.revision != (try TestPack.pack()).revision)
    }

    @Test("lists every unit once, phrases first, each symbol in both intonations")
    func units() throws {
        let units = try TestPack.pack().units
        #expect(units.count == 3 + 2 * (10 + 1 + 26))
        #expect(Set(units).count == units.count)
        #expect(units.prefix(3) == [.phrase("bridge"), .phrase("closing"), .phrase("opening")])
    }

    @Test("may leave letters out, and pauses and endings to the usual ones")
    func optionalParts() throws {
        let pauses = try #require(TestPack.json5.firstRange(of: "  pauses:"))
        let phrases = try #require(TestPack.json5.firstRange(of: "  phrases:"))
        let json5 = TestPack.json5[..<pauses.lowerBound] + TestPack.json5[phrases.lowerBound...]
        #expect(try VoicePack(json5: String(json5), source: "en-US.json5").pauses == .calm)
        #expect(try TestPack.digitsOnly().letters.isEmpty)
    }

    @Test("has a tail of at least 100 ms, however short a one its file has")
    func shortestTail() throws {
        let json5 = TestPack.json5.replacing("tail: 0.8", with: "tail: 0")
        #expect(try VoicePack(json5: json5, source: "en-US.json5").pauses.tail == .milliseconds(100))
    }

    @Test(
        "is spoken by a woman or a man where its voice has a counterpart",
        arguments: [
            ("speakcode-male", "speakcode-female", "speakcode-male"),
            ("speakcode-male-en", "speakcode-female", "speakcode-male-en"),
            ("speakcode-female", "speakcode-female", "speakcode-male"),
            ("m3", "f2", "m3"), ("klatt2", nil, nil),
        ])
    func gender(variant: String, female: String?, male: String?) throws {
        let text = TestPack.json5.replacing(#"variant: "m3""#, with: #"variant: "\#(variant)""#)
        let pack = try VoicePack(json5: text, source: "en-US.json5")
        for (gender, variant) in [(EngineVoice.Gender.female, female), (.male, male)] {
            let spoken = pack.spoken(by: gender)
            #expect(spoken?.voice.variant == variant)
            #expect(spoken.map { ($0.revision == pack.revision) == (variant == pack.voice.variant) } ?? true)
        }
    }

    @Test("has a revision that changes with its text and with nothing else")
    func revision() throws {
        let pack = try TestPack.pack()
        #expect(
            pack.revision == 905_555_965_934_783_534, "a replica that runs elsewhere must come to the same number")
        #expect(try VoicePack(json5: TestPack.json5, source: "packs/en-US.json5").revision == pack.revision)
        let other = try VoicePack(json5: TestPack.json5.replacing("zero", with: "oh"), source: "en-US.json5")
        #expect(other.revision != pack.revision)
        let commented = try VoicePack(json5: "// A word\n" + TestPack.json5, source: "en-US.json5")
        #expect(commented.revision == pack.revision, "a comment is not heard")
    }
}

/// One way to break ``TestPack``: the text that is replaced, what stands there instead, and what is said about it.
struct Break: Sendable, CustomTestStringConvertible {
    let old: String
    let new: String
    let reason: VoicePackError.Reason
    let problem: String
    /// How many lines below `old` the problem is.
    let lines: Int

    init(_ old: String, _ new: String, _ problem: String, reason: VoicePackError.Reason = .value, lines: Int = 0) {
        self.old = old
        self.new = new
        self.problem = problem
        self.reason = reason
        self.lines = lines
    }

    var testDescription: String { "\(old) → \(new)" }

    /// The broken pack's text, and the line where it is broken.
    func text() throws -> (json5: String, line: Int) {
        let range = try #require(TestPack.json5.firstRange(of: old), "the test breaks what the pack has")
        let line = TestPack.json5[..<range.lowerBound].count(where: \.isNewline) + 1 + lines
        return (TestPack.json5.replacingCharacters(in: range, with: new), line)
    }
}

extension String {
    fileprivate func replacingCharacters(in range: Range<String.Index>, with new: String) -> String {
        var text = self
        text.replaceSubrange(range, with: new)
        return text
    }
}

@Suite("A broken voice pack")
struct BrokenVoicePackTests {

    private static let breaks: [Break] = [
        // Misspelt keys, at every depth.
        Break("checkedBy:", "chekedBy:", "chekedBy: is not known here; known are capital, checkedBy, digits, endings"),
        Break(
            "pitch: 40", "pich: 40",
            "engine.pich: is not known here; known are phraseRate, pitch, range, rate, speed"),
        Break("symbol: 0.5", "symbols: 0.5", "pauses.symbols: is not known here"),
        Break("again: [\"bridge\"", "agian: [\"bridge\"", "templates.standard.agian: is not known here"),
        Break("caption: \"Goodbye", "captoin: \"Goodbye", "phrases.closing.captoin: is not known here"),
        Break("caption: \"nine\"", "captoin: \"nine\"", "digits.standard.9.captoin: is not known here"),
        // What is missing: the line is that of the object which lacks it.
        Break("\"7\": \"seven\",", "", "digits.standard: lacks 7", lines: -8),
        Break("K: \"K\", ", "", "letters.standard: lacks K", lines: -1),
        Break("rate: 150,", "", "engine: lacks `rate`", lines: -3),
        Break("caption: \"Goodbye & <thanks>\",", "", "phrases.closing: lacks `caption`", lines: -2),
        Break("standard: {\n      first", "plain: {\n      first", "templates: lacks `standard`", lines: -1),
        Break("standard: {\n      \"0\"", "plain: {\n      \"0\"", "digits.standard: lacks 0, 1, 2", lines: -1),
        // Of the wrong kind.
        Break("rate: 150", "rate: \"fast\"", "engine.rate: must be a"),
        Break("voice: \"gmw/en-US\"", "voice: 7", "engine.voice: must be a text"),
        Break("lead: 0.2", "lead: \"long\"", "pauses.lead: must be a number"),
        Break("again: [\"bridge\", \"{code}\"]", "again: \"bridge\"", "templates.standard.again: must be a list"),
        Break("bridge: \"I repeat:\"", "bridge: 7", "phrases.bridge: must be"),
        Break("rate: 150", "rate: null", "engine.rate: must be a"),
        Break("rate: 150", "rate: 150.5", "engine.rate: must be a whole number"),
        Break("rate: 150", "rate: 1e30", "engine.rate: must be a whole number"),
        // Out of bounds.
        Break("rate: 150", "rate: 900", "engine.rate: must be 80 to 450 words a minute"),
        Break("rate: 150", "rate: -1", "engine.rate: must be 80 to 450 words a minute"),
        Break(
            "rate: 150", "rate: 150, phraseRate: 79",
            "engine.phraseRate: must be 80 to 450 words a minute"),
        Break("rate: 150", "rate: 150, phraseRate: 130.5", "engine.phraseRate: must be a whole number"),
        Break("rate: 150", "rate: 150, phraseRate: '130'", "engine.phraseRate: must be a whole number"),
        Break("rate: 150", "rate: 150, phraseRate: null", "engine.phraseRate: must be a whole number, not null"),
        Break("rate: 150", "rate: 150, speed: 201", "engine.speed: must be 50 to 200 per cent"),
        Break("rate: 150", "rate: 150, speed: 99.5", "engine.speed: must be a whole number"),
        Break("pitch: 40", "pitch: 100", "engine.pitch: must be 0 to 99"),
        Break("range: 40", "range: -1", "engine.range: must be 0 to 99"),
        Break("symbol: 0.5", "symbol: 31", "pauses.symbol: must be 0 to 30 seconds"),
        Break("symbol: 0.5", "symbol: -0.1", "pauses.symbol: must be 0 to 30 seconds"),
        Break("symbol: 0.5", "symbol: 1e300", "pauses.symbol: must be 0 to 30 seconds"),
        Break("symbol: 0.5", "symbol: Infinity", "pauses.symbol:"),
        Break("symbol: 0.5", "symbol: NaN", "pauses.symbol:"),
        // Voices that would be looked for outside the engine's data, or overflow its buffers.
        Break("\"gmw/en-US\"", "\"../../etc/passwd\"", "engine.voice: must be a voice's name"),
        Break("\"gmw/en-US\"", "\"/etc/passwd\"", "engine.voice: must be a voice's name"),
        Break("\"gmw/en-US\"", "\"\(String(repeating: "v", count: 39))\"", "engine.voice: must be a voice's name"),
        Break("\"m3\"", "\"m3+f2\"", "engine.variant: must be a voice's name"),
        // Templates.
        Break(
            "first: [\"opening\"", "first: [\"openning\"", "templates.standard.first: names `openning`, which is not in"
        ),
        Break(
            "first: [\"opening\", \"{code}\"]", "first: [\"opening\"]",
            "templates.standard.first: must have {code} once"),
        Break("again: [\"bridge\", \"{code}\"]", "again: [\"{code}\", \"{code}\"]", "again: must have {code} once"),
        Break("end: [\"closing\"]", "end: [\"closing\", \"{code}\"]", "templates.polite.end: must not have {code}"),
        // What the engine must never be given.
        Break("engine: \"Goodbye.\"", "engine: \"Good[[bye\"", "phrases.closing: must not have [[ or ]]", lines: -1),
        Break("\"7\": \"seven\"", "\"7\": \"[[s'Ev@n]]\"", "digits.standard.7: must not have [[ or ]]"),
        Break("\"7\": \"seven\"", "\"7\": \"se\\u0001ven\"", "digits.standard.7: must not give the engine control"),
        Break("\"7\": \"seven\"", "\"7\": \"se\\nven\"", "digits.standard.7: must not give the engine control"),
        Break("\"7\": \"seven\"", "\"7\": \"<audio src='x'/>\"", "digits.standard.7: must not give the engine control"),
        Break("\"7\": \"seven\"", "\"7\": \"\"", "digits.standard.7: must give the engine 1 to 400 bytes of text"),
        Break("\"7\": \"seven\"", "\"7\": \" \\t\"", "digits.standard.7: must give the engine 1 to 400 bytes of text"),
        Break(
            "\"7\": \"seven\"", "\"7\": \"\(String(repeating: "é", count: 201))\"",
            "digits.standard.7: must give the engine 1 to 400 bytes of text"),
        Break("phonemes: \"n'aIn3\"", "phonemes: \"\(String(repeating: "n", count: 61))\"", "at most 60 bytes"),
        Break(
            "{ phonemes: \"n'aIn3\"", "{ engine: \"niner\", phonemes: \"n'aIn3\"",
            "digits.radio.9: must have either `engine` or `phonemes`"),
        Break("{ phonemes: \"n'aIn3\", ", "{ ", "digits.radio.9: must have either `engine` or `phonemes`"),
        Break("caption: \"niner\"", "caption: \" \"", "digits.radio.9.caption: must be one line for a person to read"),
        Break("caption: \"niner\"", "caption: \"ni\\nner\"", "digits.radio.9.caption: must be one line for a person"),
        Break(
            "phrases: {", "endings: { falling: \" two\" }, phrases: {",
            "endings.falling: must be punctuation of at most 8 bytes"),
        Break(
            "phrases: {", "endings: { falling: \"\\u0001S\" }, phrases: {",
            "endings.falling: must be punctuation of at most 8 bytes"),
        Break(
            "phrases: {", "endings: { falling: \"[[\" }, phrases: {",
            "endings.falling: must be punctuation of at most 8 bytes"),
        Break(
            "phonemes: \"n'aIn3\",", "phonemes: \"n'aIn3\", endings: { falling: \"x\" },",
            "digits.radio.9.endings.falling: must be punctuation of at most 8 bytes"),
        Break(
            "phonemes: \"n'aIn3\",", "phonemes: \"n'aIn3\", voiceless: 13,",
            "digits.radio.9.voiceless: must be -12 to 12 dB"),
        Break(
            "phonemes: \"n'aIn3\",", "phonemes: \"n'aIn3\", voiceless: -13,",
            "digits.radio.9.voiceless: must be -12 to 12 dB"),
        Break(
            "phonemes: \"n'aIn3\",", "phonemes: \"n'aIn3\", voiceless: '9',",
            "digits.radio.9.voiceless: must be a number"),
        Break(
            "engine: \"Goodbye.\",", "engine: \"Goodbye.\", voiceless: 9,",
            "phrases.closing.voiceless: is not known here"),
        Break(
            "engine: \"Goodbye.\",", "engine: \"Goodbye.\", endings: { falling: \"\" },",
            "phrases.closing.endings: is not known here"),
        // Symbols that are none.
        Break("\"7\": \"seven\"", "\"7\": \"seven\", \"10\": \"ten\"", "digits.standard.10: is not one of the digits"),
        Break("A: \"A\"", "A: \"A\", a: \"a\"", "letters.standard.a: is not one of the letters"),
        // Written twice: the decoder would take one of the two in silence.
        Break(
            "\"7\": \"seven\"", "\"7\": \"seven\", \"7\": \"eight\"", "digits.standard.7: stands here for the second"),
        Break("\"8\": \"eight\"", "'7': \"eight\"", "digits.standard.7: stands here for the second time"),
        Break("B: \"B\",", "B: \"B\", \"B\": \"B\",", "letters.standard.B: stands here for the second time"),
        Break("closing: {", "\"bridge\": {", "phrases.bridge: stands here for the second time"),
        Break("radio: {", "standard: {", "digits.standard: stands here for the second time"),
        Break("range: 40,", "range: 40, pitch: 41,", "engine.pitch: stands here for the second time"),
        // Locales.
        Break(
            "locale: \"en-US\"", "locale: \"en-us\"", "locale: must be a BCP 47 tag in canonical case, such as ja-JP"),
        Break("locale: \"en-US\"", "locale: \"English\"", "locale: must be a BCP 47 tag in canonical case"),
        Break("locale: \"en-US\"", "locale: \"en-GB\"", "locale: says en-GB, so the file must be named en-GB.json5"),
        // Not JSON5 at all.
        Break("rate: 150,", "rate: 150 pitch,", "is not JSON5", reason: .syntax),
        Break("pitch: 40,", "pitch: @,", "is not JSON5", reason: .syntax),
        Break("pitch: 40,", "pitch: forty,", "is not JSON5", reason: .syntax),
        Break("pitch: 40,", "pitch: ,", "is not JSON5", reason: .syntax),
        Break("pitch: 40,", "pitch 40,", "is not JSON5", reason: .syntax),
        Break("pitch: 40,", "pitch: 40,,", "is not JSON5", reason: .syntax),
        // A forgotten comma is met at the next key, a forgotten quotation mark where its text began.
        Break("pitch: 40,", "pitch: 40", "is not JSON5", reason: .syntax, lines: 1),
        Break("\"7\": \"seven\",", "\"7\": \"seven,", "is not JSON5", reason: .syntax),
        Break("\"{code}\"],\n      again", "\"{code}\",\n      again", "is not JSON5", reason: .syntax, lines: 1),
    ]

    @Test("is refused with its file, the line and the key that is wrong", arguments: breaks)
    func brokenPack(_ broken: Break) throws {
        let (json5, line) = try broken.text()
        let error = #expect(throws: VoicePackError.self) { try VoicePack(json5: json5, source: "packs/en-US.json5") }
        #expect(error?.source == "packs/en-US.json5")
        #expect(error?.reason == broken.reason)
        #expect(error?.problem.contains(broken.problem) == true, "\(error?.problem ?? "")")
        #expect(error?.line == line)
        let isTold = error?.column != nil
        #expect(isTold == (broken.reason == .syntax || broken.problem.contains("stands here")))
        let place = error?.column.map { "\(line):\($0)" } ?? "\(line)"
        #expect(error?.description.hasPrefix("packs/en-US.json5:\(place): ") == true)
        #expect(error?.description.contains("\n") == false, "an error is one line")
    }

    @Test(
        "is refused without a line where the whole of it is wrong", arguments: ["", "[]", "7", "{}", "// nothing\n"])
    func nothing(json5: String) {
        let error = #expect(throws: VoicePackError.self) { try VoicePack(json5: json5, source: "en-US.json5") }
        #expect(error?.source == "en-US.json5")
        #expect(error?.problem.isEmpty == false)
    }

    @Test("is refused where its text ends too early, wherever that is, and never crashes")
    func truncated() {
        let text = TestPack.json5
        for length in stride(from: 0, to: text.utf8.count - 4, by: 7) {
            let cut = String(decoding: text.utf8.prefix(length), as: UTF8.self)
            #expect(throws: VoicePackError.self, "\(length) bytes") {
                try VoicePack(json5: cut, source: "en-US.json5")
            }
        }
    }

    @Test("is refused where its values stand too deep in each other", arguments: ["[", "{a:", "{'a':[", "[\n"])
    func deep(opening: String) {
        let json5 = String(repeating: opening, count: 100_000)
        let error = #expect(throws: VoicePackError.self) { try VoicePack(json5: json5, source: "en-US.json5") }
        #expect(error?.reason == .syntax)
    }

    @Test("has its lines counted through comments, quotation marks and line breaks of every kind")
    func linesBehindOddities() throws {
        let odd = """
            /* a comment
               of two lines: { " */
            // "another {
            """
        let json5 =
            odd + "\n"
            + TestPack.json5.replacing("name: \"English (tests)\"", with: "'name': 'It\\'s \\\n English', // }")
            .replacing("rate: 150", with: "rate: 900")
        let line = json5.split(separator: "\n", omittingEmptySubsequences: false).firstIndex {
            $0.contains("rate: 900")
        }
        for text in [json5, json5.replacing("\n", with: "\r\n")] {
            let error = #expect(throws: VoicePackError.self) { try VoicePack(json5: text, source: "en-US.json5") }
            #expect(error?.problem == "engine.rate: must be 80 to 450 words a minute")
            #expect(error?.line == line.map { $0 + 1 })
        }
    }
}
