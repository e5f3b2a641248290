// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCode
import SpeakCodeEspeak
import SpeakCodeSndfile
import SpeakCodeSoxr
import SpeakCodeTesting
import Testing

@testable import SpeakCodeCorpus

/// What `speakcode check` finds, and what it does not.
@Suite("A line that is checked")
struct LineCheckTests {
    /// An announcement, and what its lines are made of.
    struct Announcement: Sendable {
        let samples: [Int16]
        let words: [AnnouncedWord]
        let material: LineMaterial

        static let hertz = 8000
        private static let reader = CodeReader(
            engine: EngineProcess(executable: BuiltProduct.path(of: "speakcode-engine")), resampler: SoxrResampler(),
            encoder: SoundFileEncoder(), retry: .none)

        init(
            _ code: String, _ locale: String, _ gender: EngineVoice.Gender = .male, readings: Int = 2,
            template: String = "code-only"
        ) async throws {
            let pack = try #require(VoicePackCatalog.builtIn.pack(for: locale).spoken(by: gender))
            let script = try Script(
                code: VerificationCode(code), pack: pack, wording: Wording(template: template))
            let rendition = try await Self.reader.render(
                script, length: CodeReader.Length(readings: readings), as: AudioFormat(.sln))
            samples = SampleCoding.linearSamples(of: Array(rendition.slices.joined())[...])
            words = try Announced(captions: Array(Captions(of: rendition.timeline).text(as: .json).utf8)).words
            material = LineMaterial(of: samples, among: [], seed: 1)
        }

        func check(_ heard: [Int16]) -> LineCheck {
            LineCheck(
                of: samples.map { Float($0) / 32768 }, saying: words, heardAs: heard.map { Float($0) / 32768 },
                hertz: Self.hertz)
        }

        func word(_ reading: Int, _ position: Int) -> AnnouncedWord {
            words.first { $0.reading == reading && $0.position == position } ?? words[0]
        }
    }

    /// What a line does to samples, and what is found of it.
    struct Defect: CustomTestStringConvertible, Sendable {
        let name: String
        let finds: [Finding.Kind]
        var says = ""
        let happen: @Sendable (Announcement) throws -> [Int16]

        var testDescription: String { name }
    }

    private static func over(_ line: String) -> @Sendable (Announcement) throws -> [Int16] {
        { announcement in
            var draws = Draws(seed: 5, line)
            return try Line(line).heard(
                announcement.samples, in: announcement.material, by: SoundFileCoder(), &draws)
        }
    }

    /// Samples with some of them put in or left out, and then over a telephone's codec.
    private static func changed(
        _ change: @escaping @Sendable (Announcement, inout [Int16]) -> Void, codec: TelephoneCodec = .muLaw
    ) -> @Sendable (Announcement) throws -> [Int16] {
        { announcement in
            var samples = announcement.samples
            change(announcement, &samples)
            return try SoundFileCoder().heard(samples, through: codec)
        }
    }

    /// A clock that is so many parts in a million fast: each sample between two others.
    private static func stretched(_ millionths: Double) -> @Sendable (Announcement) throws -> [Int16] {
        { announcement in
            let sent = announcement.samples
            let count = Int(Double(sent.count) * (1 + millionths / 1e6))
            return (0..<count).map { place in
                let at = Double(place) / (1 + millionths / 1e6)
                let (before, share) = (Int(at), at - at.rounded(.down))
                let behind = min(before + 1, sent.count - 1)
                return Int16(Double(sent[min(before, sent.count - 1)]) * (1 - share) + Double(sent[behind]) * share)
            }
        }
    }

    static let defects: [Defect] = [
        Defect(
            name: "a symbol is silent", finds: [.lost], says: "symbol 3 of reading 1 is lost",
            happen: changed { a, samples in
                let word = a.word(1, 3)
                for place in word.start..<word.end { samples[place] = 0 }
            }),
        Defect(
            name: "a packet of 20 ms is lost", finds: [.gap], says: "ms of symbol 2 of reading 2 are missing",
            happen: changed { a, samples in
                let middle = (a.word(2, 2).start + 800)
                for place in middle..<(middle + 160) { samples[place] = 0 }
            }),
        Defect(
            name: "60 ms are lost over GSM", finds: [.gap], says: "symbol 4 of reading 1",
            happen: { a in
                var heard = try SoundFileCoder().heard(a.samples, through: .gsm)
                let middle = (a.word(1, 4).start + 800)
                for place in middle..<(middle + 480) { heard[place] = 0 }
                return heard
            }),
        Defect(
            name: "40 ms are put in", finds: [.slip], says: "40 ms were put in before symbol 1 of reading 2",
            happen: changed { a, samples in
                samples.insert(contentsOf: repeatElement(0, count: 320), at: a.word(2, 1).start - 1000)
            }),
        Defect(
            name: "20 ms of a pause are left out", finds: [.slip],
            says: "20 ms were left out before symbol 3 of reading 1",
            happen: changed { a, samples in
                let start = a.word(1, 3).start - 600
                samples.removeSubrange(start..<(start + 160))
            }),
        Defect(
            name: "it ends in the second reading", finds: [.cutAtEnd], says: "behind symbol 2 of reading 2",
            happen: changed { a, samples in
                samples.removeSubrange((a.word(2, 3).start - 100)...)
            }),
        Defect(
            name: "it goes silent in the second reading", finds: [.cutAtEnd], says: "behind symbol 5 of reading 2",
            happen: changed { a, samples in
                for place in (a.word(2, 6).start - 100)..<samples.count { samples[place] = 0 }
            }),
        Defect(
            name: "it begins in the first reading", finds: [.cutAtStart], says: "begins with symbol 3 of reading 1",
            happen: changed { a, samples in
                samples.removeSubrange(..<(a.word(1, 3).start - 100))
            }),
        Defect(
            name: "it is 10 dB softer", finds: [.level], says: "10.0 dB softer",
            happen: changed { _, samples in
                for place in samples.indices { samples[place] = Int16(Double(samples[place]) * 0.3162) }
            }),
        Defect(
            name: "one symbol is 12 dB softer", finds: [.unevenLevel], says: "symbol 4 of reading 2",
            happen: changed { a, samples in
                for place in a.word(2, 4).start..<a.word(2, 4).end { samples[place] /= 4 }
            }),
        Defect(name: "a clock is 400 parts in a million fast", finds: [.drift], says: "slow", happen: stretched(-400)),
        Defect(name: "a clock is 400 parts in a million slow", finds: [.drift], says: "fast", happen: stretched(400)),
        Defect(name: "there is white noise", finds: [.noise], says: "15", happen: over("white15")),
        Defect(name: "there is noise like the voice's own", finds: [.noise], says: "10", happen: over("noise10+ulaw")),
        Defect(name: "peaks are cut off", finds: [.clipping], says: "cut off", happen: over("clip6")),
        Defect(name: "peaks are cut off, and then comes µ-law", finds: [.clipping], happen: over("clip6+ulaw")),
        Defect(
            name: "one symbol is another sound", finds: [.distorted],
            says: "symbol 3 of reading 2 is not what was sent",
            happen: changed { a, samples in
                // As loud on the mean as it was, and loudest where it was softest.
                let word = a.word(2, 3)
                let power = samples[word.start..<word.end].reduce(0.0) { $0 + Double($1) * Double($1) }
                let length = word.end - word.start
                let noise = (0..<length).map { Double(a.material.white[$0]) * Double($0) / Double(length) }
                let gain = (power / noise.reduce(0) { $0 + $1 * $1 }).squareRoot()
                for place in word.start..<word.end {
                    samples[place] = Int16(max(-32768, min(32767, noise[place - word.start] * gain)))
                }
            }),
        Defect(
            name: "it is another announcement", finds: [.absent],
            happen: { a in
                Array(a.samples.reversed())
            }),
        Defect(name: "it is silence", finds: [.absent], happen: { a in a.samples.map { _ in 0 } }),
        Defect(
            name: "it is noise alone", finds: [.absent],
            happen: { a in
                a.material.white.prefix(a.samples.count).map { Int16($0 * 2000) }
            }),
    ]

    @Test("has its defect found, and nothing else", arguments: defects, ["en-US", "de-DE"])
    func found(defect: Defect, locale: String) async throws {
        let announcement = try await Announcement("735 198", locale)
        let check = announcement.check([Int16](repeating: 0, count: 3210) + (try defect.happen(announcement)))
        #expect(check.findings.map(\.kind) == defect.finds, "\(check.text)")
        if !defect.says.isEmpty {
            #expect(check.findings.first?.says.contains(defect.says) == true, "\(check.text)")
        }
        if defect.finds != [.absent], defect.finds != [.cutAtStart] {
            #expect(abs(check.offset - 3210 / 8000) < 0.002, "\(check.offset)")
        }
    }

    @Test("loses packets as it says", arguments: ["loss5+ulaw", "burst5", "loss20"])
    func packets(line: String) async throws {
        let announcement = try await Announcement("735198", "en-US")
        let heard = try Self.over(line)(announcement)
        let check = announcement.check(heard)
        #expect(Set(check.findings.map(\.kind)).isSubset(of: [.gap, .lost]), "\(check.text)")
        // A packet that is lost within a word, where it is loud, is found; each that is found was lost.
        let lost = Set(
            stride(from: 0, to: heard.count, by: 160).filter { start in
                heard[start..<min(heard.count, start + 160)].allSatisfy { $0 == 0 }
            })
        for gap in check.words.flatMap(\.gaps) {
            #expect(lost.contains { $0 < gap.upperBound && $0 + 160 > gap.lowerBound })
        }
        #expect(check.words.contains { !$0.gaps.isEmpty })
    }

    // MARK: Another code

    /// A recording of two readings in which one symbol of each is another, spoken by the same voice.
    private static func spliced(_ announcement: Announcement, _ position: Int, by other: Int) -> [Int16] {
        var heard = announcement.samples
        for reading in [1, 2] {
            let (to, from) = (announcement.word(reading, position), announcement.word(reading, other))
            for place in 0..<(to.end - to.start) {
                heard[to.start + place] =
                    place < from.end - from.start ? announcement.samples[from.start + place] : 0
            }
        }
        return heard
    }

    @Test(
        "is not good where a digit is another of the same voice",
        arguments: ["en-US", "fr-FR", "ja-JP"], ["clean", "band+ulaw"])
    func wrongDigit(locale: String, line: String) async throws {
        let announcement = try await Announcement("0123456789", locale)
        for position in 1...10 {
            for step in [1, 4, 7] {
                let other = (position - 1 + step) % 10 + 1
                var draws = Draws(seed: 3, line)
                let heard = try Line(line).heard(
                    Self.spliced(announcement, position, by: other), in: announcement.material, by: SoundFileCoder(),
                    &draws)
                let check = announcement.check(heard)
                let pair = "\(position - 1) heard as \(other - 1): \(check.text)"
                #expect(!check.findings.isEmpty, "\(pair)")
                #expect(check.wholeReadings.isEmpty || check.findings.contains { $0.kind == .gap }, "\(pair)")
            }
        }
    }

    @Test(
        "is not good where the recording is of another code", arguments: ["en-US", "fr-FR", "ja-JP"],
        ["code-only", "standard"])
    func wrongCode(locale: String, template: String) async throws {
        let sent = try await Announcement("735192", locale, template: template)
        for code in ["735199", "135192", "735921", "184607"] {
            let heard = try await Announcement(code, locale, template: template)
            let check = sent.check(heard.samples)
            #expect(
                check.findings.contains { [.distorted, .lost, .absent].contains($0.kind) }, "\(code): \(check.text)")
            #expect(check.wholeReadings.isEmpty, "\(code): \(check.text)")
        }
    }

    @Test(
        "has one picture and one report over a clean line, whatever the code", arguments: ["en-US", "fr-FR", "ja-JP"])
    func picture(locale: String) async throws {
        var pictures: Set<String> = []
        var reports: Set<String> = []
        for code in ["735192", "184607", "000000", "962538"] {
            let announcement = try await Announcement(code, locale)
            let check = announcement.check(announcement.samples)
            #expect(check.findings.isEmpty, "\(check.text)")
            pictures.insert(check.picture)
            reports.insert(check.text)
        }
        #expect(pictures.count == 1)
        #expect(reports.count == 1, "\(reports)")
    }

    @Test("is not whole where no symbol was sent, and stops at nothing where words come in another order")
    func unusual() async throws {
        let announcement = try await Announcement("735198", "en-US", template: "standard")
        let phrases = LineCheck(
            of: announcement.samples.map { Float($0) / 32768 },
            saying: announcement.words.filter { $0.position == nil },
            heardAs: announcement.samples.map { Float($0) / 32768 }, hertz: Announcement.hertz)
        #expect(phrases.wholeReadings.isEmpty)
        // The last of three sounds comes first, and the first one last.
        let sounds = [(0, 1000, 3100), (1400, 3000, 0), (3400, 4400, -3100)]
        var (sent, heard) = ([Float](repeating: 0, count: 4800), [Float](repeating: 0, count: 24_000))
        for (start, end, later) in sounds {
            for place in start..<end {
                sent[place] = announcement.material.white[place] * 0.1
                heard[8000 + place + later] += sent[place]
            }
        }
        let words = sounds.enumerated().map {
            AnnouncedWord(start: $1.0, end: $1.1, reading: 1, position: $0 + 1)
        }
        let check = LineCheck(of: sent, saying: words, heardAs: heard, hertz: Announcement.hertz)
        #expect(!check.findings.isEmpty)
    }

    // MARK: 200 that have nothing

    static let clean: [(locale: String, gender: EngineVoice.Gender)] = ["en-US", "de-DE", "ja-JP", "fr-FR", "zh-CN"]
        .flatMap { [($0, EngineVoice.Gender.male), ($0, .female)] }
    static let cleanLines = [
        "clean", "ulaw", "alaw", "gsm", "g726", "opus", "band+ulaw", "level-26+gsm", "white30+alaw", "ulaw+gsm+alaw",
    ]

    @Test("has no defect found that it does not have", arguments: clean)
    func nothing(locale: String, gender: EngineVoice.Gender) async throws {
        var draws = Draws(seed: 11, locale, gender.rawValue)
        for _ in 0..<2 {
            let code = String((0..<6).map { _ in CodeSymbol.digits[draws.number(below: 10)].character })
            let announcement = try await Announcement(code, locale, gender, template: "standard")
            for line in Self.cleanLines {
                let silence = [Int16](repeating: 0, count: draws.number(below: 20_000))
                let check = announcement.check(silence + (try Self.over(line)(announcement)) + silence)
                #expect(check.findings.isEmpty, "\(line): \(check.text)")
                #expect(abs(check.offset - Double(silence.count) / 8000) < 0.003)
                #expect(check.wholeReadings == [1, 2])
            }
        }
    }
}
