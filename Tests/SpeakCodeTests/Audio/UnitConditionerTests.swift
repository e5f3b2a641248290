// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCode
import SpeakCodeTesting
import Testing

/// An engine that says the same sound for everything.
private struct OneSound: SpeechEngine {
    let audio: PCM

    func speak(_ utterances: [Utterance], voice: EngineVoice) -> [Speech] {
        utterances.map { Speech(audio: audio, phonemes: $0.text) }
    }
}

@Suite("A unit's sound")
struct UnitConditionerTests {
    private let rate = 22_050

    /// The samples of a clip made of a sound at the engine's own rate.
    private func clip(
        of samples: [Int16], at sampleRate: SampleRate = .hz22050, as unit: SpeechUnit = .phrase("opening"),
        in json5: String = TestPack.json5
    ) async throws -> [Int16] {
        let pack = try VoicePack(json5: json5, source: "en-US.json5")
        let bank = Bank.plain(pack, engine: OneSound(audio: PCM(samples: samples, hertz: rate)))
        let clips = try await bank.clips(of: [unit], in: ClipFormat(sampleRate: sampleRate))
        return PCM(littleEndian: try #require(clips[unit]).bytes, hertz: sampleRate.hertz).samples
    }

    private func tone(_ amplitude: Double, seconds: Double = 0.5, offset: Double = 0, hertz: Double = 440) -> [Int16] {
        (0..<Int(seconds * Double(rate))).map {
            Int16(offset + amplitude * sin(2 * .pi * hertz * Double($0) / Double(rate)))
        }
    }

    private func silence(_ seconds: Double) -> [Int16] { [Int16](repeating: 0, count: Int(seconds * Double(rate))) }

    /// The amplitude of one frequency in samples (Hz).
    private func amplitude(of hertz: Double, in samples: some Collection<Int16>) -> Double {
        var (real, imaginary) = (0.0, 0.0)
        for (index, sample) in samples.enumerated() {
            let angle = 2 * .pi * hertz * Double(index) / Double(rate)
            real += Double(sample) * cos(angle)
            imaginary += Double(sample) * sin(angle)
        }
        return 2 * hypot(real, imaginary) / Double(samples.count)
    }

    @Test(
        "is raised above 1.2 kHz by 11.5 dB, by half of that at 1.2 kHz, and below 300 Hz not at all",
        arguments: [(150.0, 0.0), (300, 0.1), (1200, 5.75), (3000, 11.2), (6000, 11.5)])
    func presence(hertz: Double, raised: Double) async throws {
        let low = tone(2000, hertz: 200)
        let both = zip(low, tone(2000, hertz: hertz)).map { $0 + $1 }
        // A fifth of a second, in which all have whole periods; without the edges, which are faded.
        let middle = try await clip(of: both).dropFirst(rate / 10).prefix(rate / 5)
        let decibels = 20 * log10(amplitude(of: hertz, in: middle) / amplitude(of: 200, in: middle))
        #expect(abs(decibels - raised) < 0.2)
    }

    @Test("has sounds without voice as loud as its symbol asks for, its vowel as it was", arguments: [-6.0, 0, 6])
    func voiceless(gain: Double) async throws {
        let json5 = TestPack.json5.replacing(
            #""7": "seven""#, with: #""7": { engine: "seven", caption: "seven", voiceless: \#(gain) }"#)
        let hiss = tone(2000, seconds: 0.2, hertz: 3000)
        let vowel = zip(tone(4000, seconds: 0.3, hertz: 200), tone(1000, seconds: 0.3, hertz: 3000)).map { $0 + $1 }
        /// By how many dB the hiss before the vowel, the one behind it and what is high in the vowel are above its low tone.
        func highs(of digit: Character) async throws -> [Double] {
            let unit = SpeechUnit.symbol(try #require(CodeSymbol(digit)), style: VoicePack.standard, .falling)
            let samples = try await clip(of: hiss + vowel + hiss, as: unit, in: json5)
            let tenth = rate / 10
            let middle = samples.dropFirst((samples.count - tenth) / 2).prefix(tenth)
            return [samples.dropFirst(tenth / 2).prefix(tenth), samples.dropLast(tenth / 2).suffix(tenth), middle].map {
                20 * log10(amplitude(of: 3000, in: $0) / amplitude(of: 200, in: middle))
            }
        }
        for (seven, (eight, louder)) in zip(try await highs(of: "7"), zip(try await highs(of: "8"), [gain, gain, 0])) {
            #expect(abs(seven - eight - louder) < 0.2)
        }
    }

    @Test("loses the silence around it, but for a few milliseconds", arguments: [0, 0.1, 2])
    func trimming(around: Double) async throws {
        let trimmed = try await clip(of: silence(around) + tone(8000, seconds: 0.5) + silence(around))
        // 5 ms stay on each side, and some 20 ms in which the high-pass that takes the offset away rings.
        #expect((0.5...0.54).contains(Double(trimmed.count) / Double(rate)))
    }

    @Test("keeps a weak onset, 46 dB below its peak")
    func weakOnset() async throws {
        let onset = tone(60, seconds: 0.1, hertz: 3000)
        let trimmed = try await clip(of: silence(0.3) + onset + tone(12_000, seconds: 0.4) + silence(0.1))
        #expect(Double(trimmed.count) / Double(rate) > 0.495)
    }

    @Test("has no offset, whatever the engine's", arguments: [-6000, 0, 3000])
    func offset(offset: Double) async throws {
        let samples = try await clip(of: tone(6000, seconds: 1, offset: offset))
        let mean = samples.reduce(0.0) { $0 + Double($1) } / Double(samples.count)
        #expect(abs(mean) < 33, "\(mean): -60 dBFS")
    }

    @Test("begins and ends in silence, and steps nowhere more than a tone at its level does")
    func edges() async throws {
        // Cut off in full swing on both sides.
        let samples = try await clip(of: tone(20_000, seconds: 0.3).map { $0 }.suffix(6000))
        #expect(abs(Int(samples.first ?? 0)) < 40)
        #expect(abs(Int(samples.last ?? 0)) < 40)
        let peak = samples.reduce(0) { max($0, abs(Int($1))) }
        let steepest = Double(peak) * 2 * .pi * 440 / Double(rate)
        let steps = zip(samples, samples.dropFirst()).map { abs(Int($1) - Int($0)) }
        #expect(Double(steps.max() ?? 0) < 2 * steepest)
    }

    @Test("comes out at one level, however loud the engine", arguments: [40, 300, 3000, 30_000])
    func level(amplitude: Double) async throws {
        let samples = try await clip(of: tone(amplitude, seconds: 1))
        // As in a reading, with a pause behind it.
        let heard = PCM(samples: samples + silence(0.3), hertz: rate)
        #expect(abs(ActiveSpeechLevel(of: heard).dBov - -22) < 0.3)
    }

    @Test("has no peak above -3 dBFS, even where that keeps it below the level")
    func peak() async throws {
        var clicks = tone(300, seconds: 1)
        for index in stride(from: 500, to: clicks.count, by: 4000) { clicks[index] = 32_000 }
        let samples = try await clip(of: clicks)
        let peak = samples.reduce(0) { max($0, abs(Int($1))) }
        #expect(20 * log10(Double(peak) / 32_768) <= -3)
        #expect(20 * log10(Double(peak) / 32_768) > -4, "and no lower than need be")
        #expect(ActiveSpeechLevel(of: PCM(samples: samples + silence(0.3), hertz: rate)).dBov < -23)
    }

    @Test("is an error where there is nothing to hear, named as a person reads it", arguments: [0, 20])
    func silent(amplitude: Double) async throws {
        let error = await #expect(throws: BankError.self) { try await clip(of: tone(amplitude)) }
        #expect(error == BankError(.silent(try #require(LanguageTag("en-US")), caption: "Your code is:")))
        await #expect(throws: BankError.self) { try await clip(of: []) }
    }

    @Test(
        "makes a reading of -22 dBov ± 1 dB, with peaks below -3 dBFS, no offset and no click",
        arguments: SampleRate.allCases)
    func reading(sampleRate: SampleRate) async throws {
        let script = try Script(code: VerificationCode("0123456789"), pack: TestPack.pack())
        let rendition = try await CodeReader.plain().render(script, length: .init(readings: 1), as: .wav(sampleRate))
        let heard = PCM(littleEndian: Bytes(joining: rendition.slices)[44...].bytes, hertz: sampleRate.hertz)
        let level = ActiveSpeechLevel(of: heard)
        let samples = heard.samples
        #expect(abs(level.dBov - -22) <= 1, "\(level.dBov) dBov")
        #expect((0.2..<0.9).contains(level.activity))
        let peak = samples.reduce(0) { max($0, abs(Int($1))) }
        #expect(20 * log10(Double(peak) / 32_768) <= -3)
        let mean = samples.reduce(0.0) { $0 + Double($1) } / Double(samples.count)
        #expect(abs(mean) < 4)
        // At a joint, where silence meets sound, the first step is next to nothing.
        for cue in rendition.timeline.cues {
            #expect(abs(Int(samples[cue.start])) < 40)
            #expect(abs(Int(samples[cue.end - 1])) < 40)
        }
    }
}
