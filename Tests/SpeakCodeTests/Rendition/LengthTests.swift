// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCode
import SpeakCodeTesting
import Testing

/// Whoever sees how long an announcement is (a proxy, its log, the wire under TLS) must not learn anything of its code.
@Suite("Codes of one shape cannot be told by a length", .timeLimit(.minutes(10)))
struct LengthTests {
    /// What anybody may know of a code, and so may see in a length.
    struct Shape: Sendable, CustomTestStringConvertible {
        /// `0` stands for a digit, `A` for a digit or a letter, of which there is at least one.
        let testDescription: String

        init(_ pattern: String) { testDescription = pattern }

        func code(using random: inout SeededGenerator) throws -> VerificationCode {
            let symbols = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
            while true {
                let text = testDescription.map { character -> Character in
                    switch character {
                    case "0": symbols[Int.random(in: 0..<10, using: &random)]
                    case "A": symbols[Int.random(in: 0..<36, using: &random)]
                    default: character
                    }
                }
                guard !testDescription.contains("A") || text.contains(where: \.isLetter) else { continue }
                return try VerificationCode(String(text))
            }
        }
    }

    /// The number of different values of everything that shows: 1 of each is none that tells.
    private struct Seen {
        private(set) var values: [String: Set<Int>] = [:]

        mutating func see(_ value: Int, _ name: String) { values[name, default: []].insert(value) }

        /// What tells something, and how many values it has.
        var telling: [String] { values.filter { $0.value.count > 1 }.map { "\($0.key): \($0.value.count)" }.sorted() }
    }

    private static let shapes: [Shape] = [.init("000000"), .init("0000-0000"), .init("AAAAAA"), .init("00-AAA")]
    /// Of several writings and directions.
    private static let locales = ["en-US", "de-DE", "ja-JP", "ar-SA", "hi-IN", "th-TH"]
    private static let reader = CodeReader.plain()

    @Test(
        "in 500 codes of each of four shapes: audio, cues, captions in every format and style", arguments: locales)
    func nothingTells(locale: String) async throws {
        try await look(at: VoicePackCatalog.builtIn.pack(for: locale), codes: 500)
    }

    @Test(
        "in a voice that a person lends either, whole or with the engine's letters and sentences",
        arguments: [["phrases", "digits", "letters"], ["digits"]])
    func lentVoices(places: [String]) async throws {
        let folder = LentFolder()
        let pack = try TestPack.pack()
        try LentVoice.write(
            to: folder.path, of: pack, places: places, description: LentVoice.described(pack, fill: .engine))
        try await look(at: #require(pack.spoken(by: folder.voice())), codes: 100)
    }

    /// Reads random codes of each shape, and expects of all that shows but one value.
    private func look(at pack: VoicePack, codes: Int) async throws {
        for (number, shape) in Self.shapes.enumerated() {
            var random = SeededGenerator(seed: UInt64(number))
            var seen = Seen()
            let pacing = Pacing(Pacing.Preset.allCases[number % 3], pauses: pack.pauses)
            for _ in 0..<codes {
                let script = try Script(code: shape.code(using: &random), pack: pack, pacing: pacing)
                let rendition = try await Self.reader.render(script, length: .init(readings: 1))
                seen.see(rendition.byteCount, "wav")
                seen.see(rendition.timeline.sampleCount, "samples")
                for cue in rendition.timeline.cues {
                    let name = cue.position.map { "symbol \($0)" } ?? cue.text
                    seen.see(cue.start, "start of \(name)")
                    seen.see(cue.end, "end of \(name)")
                }
                for style in Captions.Style.allCases {
                    let captions = Captions(of: rendition.timeline, style: style)
                    for format in Captions.Format.allCases {
                        seen.see(captions.text(as: format).utf8.count, "\(style) \(format)")
                    }
                }
            }
            #expect(seen.telling == [], "\(shape.testDescription)")
            #expect(seen.values.count > 12)
        }
    }

    @Test("in two languages and three readings, of which each has another pace")
    func twoLanguages() async throws {
        let packs = try ["ar-SA", "en-US"].map { try VoicePackCatalog.builtIn.pack(for: $0) }
        var random = SeededGenerator(seed: 7)
        var seen = Seen()
        for _ in 0..<12 {
            let code = try Shape("A0A-00").code(using: &random)
            let scripts = try packs.map {
                try Script(code: code, pack: $0, pacing: Pacing(.adaptive), wording: Wording(style: "radio"))
            }
            let script = scripts[0].inTurn(with: scripts[1])
            for format in try [.wav(.hz22050), AudioFormat(.wavMuLaw), AudioFormat(.au), AudioFormat(.sln16)] {
                let rendition = try await Self.reader.render(script, as: format)
                seen.see(rendition.byteCount, "\(format.kind)")
                guard format.kind == .au else { continue }
                for style in Captions.Style.allCases {
                    for captions in Captions.Format.allCases {
                        let text = Captions(of: rendition.timeline, style: style).text(as: captions)
                        seen.see(text.utf8.count, "\(style) \(captions)")
                    }
                }
            }
            let level = try await Self.reader.level(of: script, at: .hz8000)
            seen.see(Int(truncatingIfNeeded: level.active.dBov.bitPattern), "level")
            seen.see(Int(truncatingIfNeeded: level.peak.bitPattern), "peak")
        }
        #expect(seen.telling == [])
        #expect(seen.values.count == 4 + 6 + 2)
    }

    @Test("by what the engine is asked for either", arguments: [PrefetchPolicy.section, .none])
    func requests(prefetch: PrefetchPolicy) async throws {
        let pack = try TestPack.pack()
        for shape in Self.shapes {
            var random = SeededGenerator(seed: 3)
            var requests: Set<[[Utterance]]> = []
            for _ in 0..<3 {
                let engine = FakeEngine()
                let reader = CodeReader(
                    engine: engine, resampler: PlainResampler(), encoder: PlainEncoder(), prefetch: prefetch)
                _ = try await reader.render(Script(code: shape.code(using: &random), pack: pack))
                requests.insert(engine.requests)
            }
            #expect(requests.count == 1, "\(shape.testDescription)")
        }
    }

    // MARK: The beat

    @Test(
        "since each symbol begins one beat behind the one before, and the mean pause stays",
        arguments: [0, 200, 500, 2000])
    func beat(pause: Int) async throws {
        var pauses = Pauses.calm
        (pauses.symbol, pauses.group) = (.milliseconds(pause), .milliseconds(2 * pause))
        let script = try Script(
            code: VerificationCode("0123-4567-89"), pack: TestPack.pack(), pacing: Pacing(first: .init(pauses: pauses)))
        let rendition = try await Self.reader.render(script, length: .init(readings: 2))
        let clips = try await Bank.plain(TestPack.pack()).clips(
            of: script.units[0], in: ClipFormat(sampleRate: .hz8000))
        let beats = Beats(script.units[0], clips)
        let cues = rendition.timeline.cues
        for (cue, next) in zip(cues, cues.dropFirst()) {
            guard let position = cue.position else { continue }
            let isLast = position == 10
            let mean = isLast ? pauses.reading : [4, 8].contains(position) ? pauses.group : pauses.symbol
            let distance = next.start - cue.start
            #expect(distance == beats.beat(isLast ? .falling : .continuing, pause: mean, at: .hz8000))
            #expect(distance - beats.longest(isLast ? .falling : .continuing) >= min(8 * pause, 2400))
        }
        // Seven lengths of 0.2 to 0.5 s: with half a second between them the longest leaves more than 0.3 s.
        if pause >= 500 {
            #expect(cues[2].start - cues[1].start == beats.mean(.continuing) + 8 * pause)
        }
    }
}
