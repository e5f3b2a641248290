// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCode
import SpeakCodeSoxr
import Testing

@Suite("The resampler")
struct ResamplerTests {
    /// The engine's own rate.
    private let source = 22_050

    private func tone(_ hertz: Double, seconds: Double = 1, amplitude: Double = 0.5) -> [Float] {
        (0..<Int(seconds * Double(source))).map {
            Float(amplitude * sin(2 * .pi * hertz * Double($0) / Double(source)))
        }
    }

    /// The part away from the edges, where a tone begins and ends in full swing.
    private func middle(_ samples: [Float]) -> ArraySlice<Float> {
        samples[(samples.count / 4)..<(3 * samples.count / 4)]
    }

    private func power(_ samples: some Collection<Float>) -> Double {
        samples.reduce(0) { $0 + Double($1) * Double($1) } / Double(samples.count)
    }

    /// What is found of a tone in samples: its amplitude, its phase as a sine, and the power of everything else.
    private func find(
        _ hertz: Double, in samples: ArraySlice<Float>, at rate: SampleRate
    ) -> (amplitude: Double, phase: Double, rest: Double) {
        func angle(_ index: Int) -> Double { 2 * .pi * hertz * Double(index) / Double(rate.hertz) }
        // Least squares; over this many whole periods the two waves are orthogonal.
        let scale = 2 / Double(samples.count)
        let inPhase = scale * samples.indices.reduce(0) { $0 + Double(samples[$1]) * sin(angle($1)) }
        let quadrature = scale * samples.indices.reduce(0) { $0 + Double(samples[$1]) * cos(angle($1)) }
        let rest = samples.indices.map {
            Float(Double(samples[$0]) - inPhase * sin(angle($0)) - quadrature * cos(angle($0)))
        }
        return ((inPhase * inPhase + quadrature * quadrature).squareRoot(), atan2(quadrature, inPhase), power(rest))
    }

    @Test(
        "keeps a tone's frequency, level and place, and adds nothing to it", arguments: SampleRate.allCases,
        [300.0, 1000, 3400])
    func tones(rate: SampleRate, hertz: Double) throws {
        let samples = try alone(tone(hertz), from: source, to: rate)
        let found = find(hertz, in: middle(samples), at: rate)
        #expect(abs(20 * log10(found.amplitude / 0.5)) < 0.1)
        #expect(abs(found.phase) < 0.01, "no delay")
        #expect(10 * log10(found.rest / power(middle(samples)) + 1e-20) < -60)
    }

    @Test("lets nothing through that the target rate cannot carry", arguments: [4400.0, 5000, 6000, 8000, 10_000])
    func aliases(hertz: Double) throws {
        let samples = try alone(tone(hertz), from: source, to: .hz8000)
        #expect(10 * log10(power(middle(samples)) / power(tone(hertz)) + 1e-20) < -60)
    }

    @Test("makes as many samples as the duration has at the new rate", arguments: SampleRate.allCases)
    func lengths(rate: SampleRate) throws {
        for count in [1, 2, 3, 10, 100, 441, 999, 4410, 22_050, 40_001] {
            let samples = try alone([Float](repeating: 0.1, count: count), from: source, to: rate)
            let exact = Double(count * rate.hertz) / Double(source)
            #expect(abs(Double(samples.count) - exact) <= 1, "\(count) samples")
        }
    }

    @Test("makes nothing of nothing", arguments: SampleRate.allCases)
    func nothing(rate: SampleRate) throws {
        #expect(try alone([], from: source, to: rate) == [])
    }

    @Test("gives the same samples again")
    func again() throws {
        let first = try alone(tone(440), from: source, to: .hz8000)
        _ = try alone(tone(700), from: source, to: .hz48000)
        let second = try alone(tone(440), from: source, to: .hz8000)
        let same = first.elementsEqual(second)
        #expect(same)
    }

    @Test("gives a signal the same samples whatever stands beside it", arguments: SampleRate.allCases)
    func company(rate: SampleRate) throws {
        let signals = [440.0, 700, 3000].flatMap { hertz in
            [0, 441, 5000, 9001, 11_999, 40_000].map { count in Array(tone(hertz).prefix(count)) }
        }
        let together = try SoxrResampler().resample(signals, from: source, to: rate)
        for (index, signal) in signals.enumerated() {
            let same = try alone(signal, from: source, to: rate).elementsEqual(together[index])
            #expect(same, "signal \(index), \(signal.count) samples")
        }
    }

    private func alone(_ signal: [Float], from source: Int, to rate: SampleRate) throws -> [Float] {
        try SoxrResampler().resample([signal], from: source, to: rate)[0]
    }
}
