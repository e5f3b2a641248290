// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCode
import SpeakCodeTesting
import Testing

@Suite("Active speech level")
struct ActiveSpeechLevelTests {
    private func sine(_ amplitude: Double, hertz: Double, seconds: Double, rate: Int) -> [Float] {
        (0..<Int(seconds * Double(rate))).map { Float(amplitude * sin(2 * .pi * hertz * Double($0) / Double(rate))) }
    }

    @Test(
        "of a tone that never pauses is the tone's power",
        arguments: [8000, 16_000, 22_050], [1, 0.1, 0.01])
    func continuousTone(rate: Int, amplitude: Double) {
        let level = ActiveSpeechLevel(of: sine(amplitude, hertz: 1000, seconds: 2, rate: rate), hertz: rate)
        // A sine's power is half of its amplitude's square. The envelope's rise at the start costs some milliseconds.
        #expect(abs(level.dBov - 20 * log10(amplitude) + 10 * log10(2)) < 0.1)
        #expect(level.activity > 0.98)
    }

    @Test("of speech half of the time is that of the speech, and activity is half")
    func halfOfTheTime() {
        let on = sine(0.1, hertz: 500, seconds: 5, rate: 8000)
        let off = [Float](repeating: 0, count: on.count)
        let level = ActiveSpeechLevel(of: on + off + on + off, hertz: 8000)
        // The hang-over of 200 ms behind each stretch of 5 s counts as speech.
        #expect(abs(level.dBov - -23.01 + 10 * log10(5.2 / 5)) < 0.1)
        #expect(abs(level.activity - 0.52) < 0.01)
    }

    @Test("does not change with the silence around the speech", arguments: [1, 5])
    func silenceAround(seconds: Int) {
        let speech = sine(0.1, hertz: 500, seconds: 2, rate: 8000)
        let silence = [Float](repeating: 0, count: seconds * 8000)
        let alone = ActiveSpeechLevel(of: speech + [Float](repeating: 0, count: 8000), hertz: 8000)
        let level = ActiveSpeechLevel(of: silence + speech + silence, hertz: 8000)
        #expect(abs(level.dBov - alone.dBov) < 0.1)
        #expect(level.activity < alone.activity)
    }

    @Test("of silence, and of nothing, is -100 dBov without activity", arguments: [0, 1, 8000])
    func silence(count: Int) {
        let level = ActiveSpeechLevel(of: [Float](repeating: 0, count: count), hertz: 8000)
        #expect(level.dBov == -100)
        #expect(level.activity == 0)
    }

    @Test("rises by 6.02 dB with every doubling")
    func doubling() {
        let noise = Self.bursts(seed: 9, hertz: 8000, on: 300, off: 400, count: 5, amplitude: 500)
        let level = ActiveSpeechLevel(of: PCM(samples: noise, hertz: 8000))
        let doubled = ActiveSpeechLevel(of: PCM(samples: noise.map { $0 * 2 }, hertz: 8000))
        #expect(abs(doubled.dBov - level.dBov - 20 * log10(2)) < 1e-6)
        #expect(abs(doubled.activity - level.activity) < 1e-9)
    }

    // MARK: The reference

    // Golden values: the same samples, written as 16-bit WAV, measured with an implementation of P.56 method B of
    // another author, in Python with numpy and scipy (`active_level`, margin 15.9 dB), which prints six decimals.

    struct Golden: Sendable {
        let name: String
        let hertz: Int
        let dBov: Double
        let activity: Double
        let samples: @Sendable () throws -> [Int16]
    }

    private static let goldens: [Golden] = [
        Golden(name: "a reading", hertz: 8000, dBov: -21.905278, activity: 0.664745) { try reading() },
        Golden(name: "a reading and 2 s of silence", hertz: 8000, dBov: -22.503162, activity: 0.469451) {
            try reading() + [Int16](repeating: 0, count: 16_000)
        },
        Golden(name: "a very soft reading", hertz: 8000, dBov: -52.023979, activity: 0.663320) {
            try reading().map { $0 / 32 }
        },
        Golden(name: "a reading twice as fast", hertz: 16_000, dBov: -23.291710, activity: 0.914742) { try reading() },
        Golden(name: "bursts at 8 kHz", hertz: 8000, dBov: -21.831628, activity: 0.758859) {
            bursts(seed: 1, hertz: 8000, on: 400, off: 500, count: 6, amplitude: 6000)
        },
        Golden(name: "bursts at 16 kHz", hertz: 16_000, dBov: -41.713587, activity: 0.424475) {
            bursts(seed: 2, hertz: 16_000, on: 150, off: 900, count: 4, amplitude: 800)
        },
        Golden(name: "bursts at 22.05 kHz", hertz: 22_050, dBov: -14.287054, activity: 0.993229) {
            bursts(seed: 3, hertz: 22_050, on: 60, off: 140, count: 12, amplitude: 20_000)
        },
        Golden(name: "bursts at 48 kHz", hertz: 48_000, dBov: -46.446489, activity: 0.990927) {
            bursts(seed: 4, hertz: 48_000, on: 1000, off: 250, count: 2, amplitude: 300)
        },
        Golden(name: "rare bursts", hertz: 8000, dBov: -11.303666, activity: 0.246863) {
            bursts(seed: 5, hertz: 8000, on: 90, off: 1500, count: 3, amplitude: 32_000)
        },
    ]

    @Test("is what the reference measures, to a thousandth of a decibel", arguments: goldens)
    func reference(golden: Golden) throws {
        let level = ActiveSpeechLevel(of: PCM(samples: try golden.samples(), hertz: golden.hertz))
        #expect(abs(level.dBov - golden.dBov) < 1e-3, "\(level.dBov) dBov")
        #expect(abs(level.activity - golden.activity) < 1e-4, "\(level.activity)")
    }

    /// 3.2 s of an American reading at 8,000 Hz: `Tests/Fixtures/reading-8000.wav`, behind its header of 44 bytes.
    private static func reading() throws -> [Int16] {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Fixtures/reading-8000.wav")
        return PCM(littleEndian: try Data(contentsOf: file).dropFirst(44), hertz: 8000).samples
    }

    /// White noise, even from -amplitude to amplitude, and silence in turns; `on` and `off` in milliseconds.
    private static func bursts(
        seed: UInt64, hertz: Int, on: Int, off: Int, count: Int, amplitude: UInt64
    ) -> [Int16] {
        var random = SeededGenerator(seed: seed)
        let silence = [Int16](repeating: 0, count: hertz * off / 1000)
        var samples: [Int16] = []
        for _ in 0..<count {
            for _ in 0..<(hertz * on / 1000) {
                let number = Int(random.next() % (2 * amplitude + 1))
                samples.append(Int16(number - Int(amplitude)))
            }
            samples += silence
        }
        return samples
    }
}

extension ActiveSpeechLevelTests.Golden: CustomTestStringConvertible {
    var testDescription: String { name }
}
