// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCodePackTools
import SpeakCodeTesting
import Testing

@testable import SpeakCode

/// A folder of a test's own with a lent voice in it.
struct LentFolder: ~Copyable {
    let path = FileManager.default.temporaryDirectory.appending(path: "speakcode-\(UUID().uuidString)/june").path

    deinit { try? FileManager.default.removeItem(atPath: (path as NSString).deletingLastPathComponent) }

    func voice(hertz: Int = 16_000) throws -> RecordedVoice {
        try RecordedVoice(folder: path, decoder: PlainDecoder(hertz: hertz))
    }

    func text() throws -> String { try String(contentsOfFile: "\(path)/\(RecordedVoice.fileName)", encoding: .utf8) }

    func setText(_ text: String) throws {
        try Data(text.utf8).write(to: URL(filePath: "\(path)/\(RecordedVoice.fileName)"))
    }
}

@Suite("A lent voice", .timeLimit(.minutes(10)))
struct RecordedVoiceTests {
    private let crash = EngineError(.missing, "there is no engine")

    private func reader(_ engine: FakeEngine) -> CodeReader { .plain(engine: engine) }

    private func script(_ pack: VoicePack, template: String = VoicePack.standard) throws -> Script {
        try Script(code: VerificationCode("7193"), pack: pack, wording: Wording(template: template))
    }

    @Test("says a whole announcement, and no engine is asked")
    func noEngine() async throws {
        let folder = LentFolder()
        try LentVoice.write(to: folder.path, of: TestPack.pack())
        let pack = try #require(try TestPack.pack().spoken(by: folder.voice()))
        let engine = FakeEngine([.fail(crash), .fail(crash)])
        for prefetch in [PrefetchPolicy.none, .section] {
            let reader = CodeReader(
                engine: engine, resampler: PlainResampler(), encoder: PlainEncoder(), prefetch: prefetch,
                retry: .none)
            let rendition = try await reader.render(script(pack))
            #expect(rendition.readings == 3)
        }
        #expect(engine.requests.isEmpty)
    }

    @Test(
        "is as loud as the engine's, whatever it was recorded at, and keeps its own spectrum", arguments: [0.02, 0.9])
    func levels(peak: Double) async throws {
        let folder = LentFolder()
        var speaker = FakeSpeaker()
        (speaker.peak, speaker.noise) = (peak, -100)
        try LentVoice.write(to: folder.path, of: TestPack.pack(), speaker: speaker)
        let pack = try #require(try TestPack.pack().spoken(by: folder.voice()))
        let bank = Bank.plain(pack)
        let units: [SpeakCode.SpeechUnit] =
            pack.digits["standard"]?.keys.map { .symbol($0, style: "standard", .falling) } ?? []
        let clips = try await bank.clips(of: units, in: ClipFormat(sampleRate: .hz8000))
        for unit in units {
            let clip = try #require(clips[unit])
            let samples = PCM(littleEndian: clip.bytes, hertz: 8000).samples
            let signal = samples.map { Float($0) / 32768 } + [Float](repeating: 0, count: 2000)
            #expect(abs(ActiveSpeechLevel(of: signal, hertz: 8000).dBov + 22) < 1)
            #expect((samples.map { abs(Int($0)) }.max() ?? 0) <= 23_198, "-3 dBFS")
        }
    }

    @Test("gets no shelf: high and low stay as they were said")
    func noShelf() throws {
        let samples = (0..<8000).map { index -> Int16 in
            let time = Double(index) / 16_000
            return Int16(4000 * sin(2 * .pi * 400 * time) + 4000 * sin(2 * .pi * 3000 * time))
        }
        let conditioner = UnitConditioner(resampler: PlainResampler())
        let sound = PCM(samples: samples, hertz: 16_000)
        func ratio(_ origin: UnitConditioner.Origin) throws -> Double {
            let made = try #require(try conditioner.condition([sound], from: origin, to: .hz16000).first ?? nil)
            func power(_ hertz: Double) -> Double {
                let (c, s) = made.enumerated().reduce((0.0, 0.0)) { sum, sample in
                    let phase = 2 * Double.pi * hertz * Double(sample.offset) / 16_000
                    return (sum.0 + Double(sample.element) * cos(phase), sum.1 + Double(sample.element) * sin(phase))
                }
                return c * c + s * s
            }
            return 10 * log10(power(3000) / power(400))
        }
        #expect(abs(try ratio(.recording)) < 0.5)
        #expect(try ratio(.engine()) > 9)
    }

    @Test("that lacks words is an error that names them, and the code alone can be said")
    func missing() async throws {
        let folder = LentFolder()
        try LentVoice.write(to: folder.path, of: TestPack.pack(), places: ["digits"])
        let pack = try #require(try TestPack.pack().spoken(by: folder.voice()))
        let engine = FakeEngine()
        let reader = reader(engine)
        let error = await #expect(throws: BankError.self) { try await reader.render(script(pack)) }
        #expect(
            error
                == BankError(
                    .notRecorded(
                        voice: "june", pack.locale,
                        [RecordingName(of: .phrase("bridge")), RecordingName(of: .phrase("opening"))])))
        #expect("\(try #require(error))".contains("phrases/bridge, phrases/opening"))
        _ = try await reader.render(script(pack, template: VoicePack.codeOnly))
        #expect(engine.requests.isEmpty)
    }

    @Test("with the engine to fill it asks the engine for what is missing and nothing else")
    func fill() async throws {
        let folder = LentFolder()
        try LentVoice.write(
            to: folder.path, of: TestPack.pack(), places: ["digits", "phrases.bridge"],
            description: LentVoice.described(TestPack.pack(), fill: .engine))
        let pack = try #require(try TestPack.pack().spoken(by: folder.voice()))
        let engine = FakeEngine()
        let reader = CodeReader(
            engine: engine, resampler: PlainResampler(), encoder: PlainEncoder(), prefetch: .none, retry: .none)
        _ = try await reader.render(script(pack, template: VoicePack.codeOnly))
        #expect(engine.requests.isEmpty)
        _ = try await reader.render(script(pack))
        #expect(engine.requests.flatMap(\.self).map(\.text) == ["Your code is:"])
    }

    @Test("says a digit that is recorded once in the midst of a code and at its end")
    func oneForBoth() async throws {
        let folder = LentFolder()
        var sounds = try LentVoice.write(to: folder.path, of: TestPack.pack())
        let seven = try #require(CodeSymbol("7"))
        let unit = SpeakCode.SpeechUnit.symbol(seven, style: "standard", .falling)
        let old = try #require(sounds.first { $0.name == RecordingName(of: unit) })
        sounds.removeAll { $0.name.text.hasPrefix("digits/standard/7") }
        sounds.append(
            Adoption.Sound(
                name: RecordingName(sharedBy: unit), caption: old.caption, source: "a test", audio: old.audio))
        try LentVoice.write(sounds, to: folder.path, LentVoice.described(TestPack.pack()))
        let pack = try #require(try TestPack.pack().spoken(by: folder.voice()))
        let clips = try await Bank.plain(pack).clips(
            of: [unit, .symbol(seven, style: "standard", .continuing)], in: ClipFormat(sampleRate: .hz8000))
        #expect(clips.count >= 2)
        #expect(clips[unit]?.bytes == clips[.symbol(seven, style: "standard", .continuing)]?.bytes)
    }

    @Test("does not say what the pack has changed since")
    func otherWords() throws {
        let folder = LentFolder()
        try LentVoice.write(to: folder.path, of: TestPack.pack())
        try folder.setText(folder.text().replacing("Your code is:", with: "Your PIN is:"))
        let (voice, pack) = (try folder.voice(), try TestPack.pack())
        #expect(voice.recording(of: .phrase("opening"), in: pack) == nil)
        #expect(voice.recording(of: .phrase("bridge"), in: pack) != nil)
        let finding = try #require(voice.report(in: pack).findings.first)
        #expect(finding.fault == .outdated && "\(finding)".contains("phrases/opening: says \"Your PIN is:\""))
    }

    @Test("whose file was changed behind its back is refused, and the file is named")
    func damage() async throws {
        let folder = LentFolder()
        try LentVoice.write(to: folder.path, of: TestPack.pack())
        let loaded = try folder.voice().loaded()
        let file = URL(filePath: "\(folder.path)/digits/standard/7-continuing.flac")
        var bytes = try Data(contentsOf: file)
        bytes[4000] ^= 1
        try bytes.write(to: file)
        let pack = try TestPack.pack()
        let voice = try folder.voice()
        let reader = reader(FakeEngine())
        let spoken = try #require(pack.spoken(by: voice))
        let error = await #expect(throws: BankError.self) { try await reader.render(script(spoken)) }
        #expect("\(try #require(error))".contains("7-continuing.flac: is not the recording that was adopted"))
        #expect(voice.report(in: pack).findings.map(\.fault) == [.damaged])
        try Data("RIFF".utf8).write(to: file)
        let noSound = try #require(try folder.voice().report(in: pack).findings.first)
        #expect("\(noSound)".contains("is not a sound file"))
        try FileManager.default.removeItem(at: file)
        let gone = try #require(try folder.voice().report(in: pack).findings.first)
        #expect("\(gone)".contains("is not there"))
        // A service reads it once, and is not touched by what becomes of the folder.
        let kept = try #require(pack.spoken(by: loaded))
        _ = try await CodeReader.plain(engine: FakeEngine()).render(script(kept))
    }

    @Test("speaks its own locale and no other")
    func locale() throws {
        let folder = LentFolder()
        try LentVoice.write(to: folder.path, of: TestPack.pack())
        let voice = try folder.voice()
        #expect(try VoicePackCatalog.builtIn.pack(for: "fr-FR").spoken(by: voice) == nil)
    }

    @Test(
        "makes other bytes than the engine, so caches tell the two apart; a man's gives way to a woman's that is asked for"
    )
    func identity() throws {
        let folder = LentFolder()
        let pack = try VoicePackCatalog.builtIn.pack(for: "en-US")
        try LentVoice.write(to: folder.path, of: pack)
        let spoken = try #require(try pack.spoken(by: folder.voice()))
        #expect(spoken.revision != pack.revision)
        #expect(spoken.spokenByEngine.revision == pack.revision)
        #expect(spoken.spoken(by: .male)?.revision == spoken.revision, "it is a man's already")
        let woman = try #require(spoken.spoken(by: .female))
        #expect(woman.recordings == nil && woman.revision == pack.spoken(by: .female)?.revision)
    }

    @Test(
        "is refused with the line of what is wrong",
        arguments: [
            ("locale: \"en-US\"", "locale: \"english\"", 3, "locale: must be a BCP 47 tag"),
            ("speaker:", "speeker:", 4, "speeker: is not known here"),
            ("gender: \"male\"", "gender: \"robot\"", 5, "gender: must be female or male"),
            ("licence: \"CC0-1.0\",", "", nil, "lacks `licence`"),
            ("date: \"2026-11-30\"", "date: 2026", 7, "date: must be a text"),
            (
                "\"digits/standard/0-continuing\"", "\"../0-continuing\"", 12,
                "must be a name that `speakcode voices script`"
            ),
            (
                "\"digits/standard/0-continuing\"", "\"/etc/passwd\"", 12,
                "must be a name that `speakcode voices script`"
            ),
            ("\"digits/standard/0-continuing\"", "\"digits//0\"", 12, "must be a name that `speakcode voices script`"),
        ] as [(String, String, Int?, String)])
    func refusals(right: String, wrong: String, line: Int?, problem: String) throws {
        let folder = LentFolder()
        try LentVoice.write(to: folder.path, of: TestPack.pack())
        let text = try folder.text()
        try #require(text.contains(right))
        try folder.setText(text.replacing(right, with: wrong))
        let error = #expect(throws: VoicePackError.self) { try folder.voice() }
        #expect(error?.line == line)
        #expect("\(try #require(error))".contains(problem), "\(String(describing: error))")
    }

    @Test("that is no voice folder is told how one is made")
    func noFolder() throws {
        let folder = LentFolder()
        let error = #expect(throws: VoicePackError.self) { try folder.voice() }
        #expect("\(try #require(error))".contains("voice.json5: is not there; a voice folder is made with"))
    }
}
