// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCodeTesting
import Testing

@testable import SpeakCode
@testable import SpeakCodePackTools

@Suite("Adoption", .timeLimit(.minutes(10)))
struct AdoptionTests {
    private static let words = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]

    private static func takes(
        _ change: (Int, inout FakeSpeaker) -> Void = { _, _ in }, _ edit: (Int, inout Signal) -> Void = { _, _ in }
    ) -> [Adoption.Take] {
        words.enumerated().compactMap { number, word in
            var speaker = FakeSpeaker()
            change(number, &speaker)
            var signal = speaker.says(word)
            edit(number, &signal)
            guard let symbol = CodeSymbol(Character("\(number)")) else { return nil }
            return Adoption.Take(
                name: RecordingName(of: .symbol(symbol, style: "standard", .falling)), caption: word,
                source: "\(number).wav", signal: signal)
        }
    }

    private static func adoption(_ takes: [Adoption.Take], promptsAreCut: Bool = false) throws -> Adoption {
        try Adoption(of: takes, promptsAreCut: promptsAreCut, resampler: PlainResampler())
    }

    @Test("takes good recordings, cuts the silence around them and sets their level")
    func good() throws {
        let takes = Self.takes()
        let adoption = try Self.adoption(takes)
        #expect(adoption.findings.isEmpty, "\(adoption.findings)")
        #expect(adoption.sounds.count == 10)
        for (sound, take) in zip(adoption.sounds, takes) {
            #expect(sound.audio.hertz == 16_000)
            let (length, before) = (sound.audio.samples.count, take.signal.samples.count)
            // Of the 0.6 s around the speech, 0.09 s are left.
            #expect(before - length > 16_000 * 45 / 100 && before - length < 16_000 * 6 / 10)
            let signal = sound.audio.samples.map { Float($0) / 32768 } + [Float](repeating: 0, count: 4000)
            #expect(abs(ActiveSpeechLevel(of: signal, hertz: 16_000).dBov + 22) < 1)
            #expect((sound.audio.samples.map { abs(Int($0)) }.max() ?? 0) <= 23_198, "-3 dBFS")
        }
    }

    /// One recording of ten has a fault, and the finding names its file and no other.
    @Test(
        "finds the recording that is at fault", arguments: Adoption.Fault.acceptable.filter { $0 != .word } + [.silent])
    func faults(fault: Adoption.Fault) throws {
        var takes: [Adoption.Take]
        switch fault {
        case .clipped:
            takes = Self.takes().replacingSeventh { signal in
                signal.samples = signal.samples.map { max(-0.5, min(0.5, $0 * 3)) }
            }
        case .noisy: takes = Self.takes { number, speaker in if number == 7 { speaker.noise = -32 } }
        case .truncated:
            takes = Self.takes().replacingSeventh { $0.samples = Array($0.samples[..<($0.samples.count / 2)]) }
        case .alike:
            takes = Self.takes()
            let three = takes[3].signal
            takes = takes.replacingSeventh { $0 = three }
        case .level:
            takes = Self.takes { number, speaker in
                if number == 7 { (speaker.peak, speaker.noise) = (0.04, -100) }
            }
        case .pitch: takes = Self.takes { number, speaker in if number == 7 { speaker.pitch = 220 } }
        case .silent: takes = Self.takes().replacingSeventh { $0.samples = [Float](repeating: 0, count: 8000) }
        case .word, .missing, .damaged, .outdated: return
        }
        let findings = try Self.adoption(takes).findings
        #expect(findings.map(\.fault) == [fault], "\(findings)")
        #expect(findings.first?.source == "7.wav")
    }

    @Test("lets prompts that others have cut begin and end where they will")
    func prompts() throws {
        let takes = Self.takes { _, speaker in speaker.silence = 0 }
        let findings = try Self.adoption(takes, promptsAreCut: true).findings
        #expect(findings.isEmpty, "\(findings)")
    }

    @Test("takes the same recording under two names where the same is to be said")
    func sameWords() throws {
        var takes = Self.takes()
        let seven = try #require(CodeSymbol("7"))
        takes.append(
            Adoption.Take(
                name: RecordingName(of: .symbol(seven, style: "standard", .continuing)), caption: "seven",
                source: "7b.wav", signal: takes[7].signal))
        #expect(try Self.adoption(takes).findings.isEmpty)
    }

    /// A vowel, and behind it what a hard cut loses: a weak hiss, or a burst after closed lips.
    private static func word(_ tail: (Int) -> Float, seconds: Double, after gap: Double) -> Signal {
        let hertz = 16_000
        let vowel = (0..<(hertz * 3 / 10)).map { Float(0.4 * sinTone(150, $0)) + Float(0.2 * sinTone(600, $0)) }
        let quiet = [Float](repeating: 0, count: hertz * 3 / 10)
        let pause = [Float](repeating: 0, count: Int(gap * Double(hertz)))
        return Signal(
            samples: quiet + vowel + pause + (0..<Int(seconds * Double(hertz))).map(tail) + quiet, hertz: hertz)
    }

    private static func sinTone(_ hertz: Double, _ index: Int) -> Double {
        // Without Foundation: a triangle is tone enough.
        let phase = (hertz * Double(index) / 16_000).truncatingRemainder(dividingBy: 1)
        return 4 * abs(phase - 0.5) - 1
    }

    private static func hiss(_ gain: Float) -> (Int) -> Float {
        { index in gain * (index.isMultiple(of: 2) ? 1 : -1) * (index % 7 < 4 ? 1 : 0.4) }
    }

    @Test("keeps the weak hiss at a word's end, and the burst behind closed lips; a click far away is cut off")
    func consonants() throws {
        func speech(_ signal: Signal) throws -> Double {
            Double(try #require(TakeMeasures(of: signal).speech).count) / 16_000
        }
        // As a prompt that was cut tightly, its first consonant far below the vowel: the French "sept" of Asterisk.
        var prompt = Self.word(Self.hiss(0.0005), seconds: 0.2, after: 0)
        let quiet = 16_000 * 3 / 10
        prompt.samples = Array(prompt.samples[(quiet - 320)..<(prompt.samples.count - quiet + 320)].reversed())
        #expect(try speech(prompt) > 0.48)
        // 40 dB below the vowel.
        #expect(abs(try speech(Self.word(Self.hiss(0.004), seconds: 0.15, after: 0)) - 0.45) < 0.02)
        #expect(abs(try speech(Self.word(Self.hiss(0.05), seconds: 0.02, after: 0.12)) - 0.44) < 0.02)
        #expect(abs(try speech(Self.word(Self.hiss(0.3), seconds: 0.01, after: 0.5)) - 0.3) < 0.02)
    }

    @Test("hears a voice's pitch", arguments: [80.0, 110, 180, 240])
    func pitch(hertz: Double) throws {
        var speaker = FakeSpeaker()
        speaker.pitch = hertz
        let pitches = try Self.words.map { try #require(TakeMeasures(of: speaker.says($0)).pitch) }
        // One in ten may be taken for its half.
        #expect(pitches.count { $0 > hertz * 0.9 && $0 < hertz * 1.1 } >= 9, "\(pitches)")
    }

    // MARK: What is missing

    private func name(_ text: String, in pack: VoicePack) throws -> RecordingName {
        try #require(try RecordingScript(of: pack, places: RecordingScript.allPlaces).line(named: text)).name
    }

    @Test("misses ten digits, the sentences that nobody has left to others, and the rest of a style that was begun")
    func missing() throws {
        let pack = try VoicePackCatalog.builtIn.pack(for: "ja-JP")
        let digits = try (0...9).map { try name("digits/standard/\($0)", in: pack) }
        func missing(_ names: [RecordingName], _ fill: RecordedVoice.Fill?) -> [String] {
            Adoption.missing(from: Set(names), of: pack, fill: fill).map(\.name.text)
        }
        #expect(missing(digits, .engine).isEmpty)
        #expect(missing(digits, .nobody).isEmpty)
        #expect(missing(digits, nil).count == 19, "phrases, each with its values")
        #expect(missing(Array(digits.dropFirst()), .engine) == ["digits/standard/0-continuing"])
        let two = try name("digits/telephone/2", in: pack)
        #expect(missing(digits + [two], .engine) == ["digits/telephone/5-continuing"])
        let q = try name("letters/icao/Q-falling", in: pack)
        #expect(missing(digits + [q], .nobody).count == 25)
    }

    // MARK: What a recogniser hears

    @Test(
        "takes what a recogniser writes in words or figures, and tells when it is another line",
        arguments: [
            ("digits/standard/7-falling", "Sept.", true), ("digits/standard/7-falling", " 7\n", true),
            ("digits/standard/7-falling", "cette", true), ("digits/standard/7-falling", "cinq", false),
            ("digits/standard/7-falling", "5", false), ("digits/standard/7-falling", "", false),
            ("phrases/bridge", "je répète", true), ("phrases/bridge", "au revoir", false),
            ("phrases/closing", "Au revoir !", true),
        ])
    func heard(name: String, text: String, isRight: Bool) throws {
        let script = try RecordingScript(of: VoicePackCatalog.builtIn.pack(for: "fr-FR"))
        let line = try #require(script.line(named: name)).line
        #expect((HeardLine(text).fault(of: line, among: script) == nil) == isRight)
    }

    // MARK: Prompts of telephone switches

    @Test("finds a switch's prompts where they lie")
    func layouts() throws {
        let english = try VoicePackCatalog.builtIn.pack(for: "en-US")
        let british = try VoicePackCatalog.builtIn.pack(for: "en-GB")
        func paths(_ layout: PromptLayout, _ pack: VoicePack, _ name: String) -> [String]? {
            layout.prompts(for: pack).first { $0.name.text == name }?.paths
        }
        #expect(paths(.asterisk, english, "digits/standard/7") == ["digits/7.wav"])
        #expect(paths(.asterisk, english, "digits/radio/9") == ["phonetic/9_p.wav"])
        #expect(paths(.asterisk, english, "letters/standard/Q") == ["letters/q.wav"])
        #expect(paths(.asterisk, english, "letters/icao/Q") == ["phonetic/q_p.wav"])
        #expect(paths(.asterisk, british, "letters/standard/Z") == ["letters/zed.wav", "letters/z.wav"])
        // As freeswitch-sounds-en-us-callie has them: a folder for each rate in its archives, FLAC in its Debian packages.
        let seven = paths(.freeswitch, english, "digits/standard/7")
        #expect(seven?.suffix(2) == ["digits/8000/7.wav", "digits/flac/7.flac"])
        #expect(paths(.freeswitch, english, "letters/standard/Q")?.first == "ascii/48000/113.wav")
        #expect(paths(.freeswitch, english, "letters/icao/A")?.last == "phonetic-ascii/flac/97.flac")
    }

    @Test(
        "reads from a folder's name who speaks which language",
        arguments: [
            ("/usr/share/asterisk/sounds/fr_CA_f_June", "fr-CA", EngineVoice.Gender.female, "June"),
            ("/usr/share/asterisk/sounds/it_IT_m_Carlo", "it-IT", .male, "Carlo"),
            ("/usr/share/freeswitch/sounds/en/us/callie", "en-US", nil, "Callie"),
            ("/usr/share/freeswitch/sounds/pt/br/karina", "pt-BR", nil, "Karina"),
            ("/srv/sounds/de", "de", nil, nil), ("/srv/sounds", nil, nil, nil),
        ] as [(String, String?, EngineVoice.Gender?, String?)])
    func origins(path: String, locale: String?, gender: EngineVoice.Gender?, speaker: String?) {
        let origin = PromptLayout.Origin(path: path)
        #expect(origin.locale?.description == locale)
        #expect(origin.gender == gender && origin.speaker == speaker)
    }
}

extension [Adoption.Take] {
    /// The takes with that of the seven changed.
    fileprivate func replacingSeventh(_ change: (inout Signal) -> Void) -> [Adoption.Take] {
        var takes = self
        var signal = takes[7].signal
        change(&signal)
        takes[7] = Adoption.Take(
            name: takes[7].name, caption: takes[7].caption, source: takes[7].source, signal: signal)
        return takes
    }
}
