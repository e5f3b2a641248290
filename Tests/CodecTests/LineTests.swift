// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCode
import SpeakCodeAMR
import SpeakCodeSndfile
import Testing

@testable import SpeakCodeCorpus

/// What lines do to speech: as much as their names say, and where it was.
@Suite("A line")
struct LineTests {
    /// A code as it is heard on the telephone.
    private static let speech: [Int16] = {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../samples/languages/en-US.wav").standardized
        let bytes = (try? Data(contentsOf: file)) ?? Data()
        return (try? SoundFileDecoder().decode(Array(bytes)))?.samples.map { Int16($0 * 32768) } ?? []
    }()
    private static let material = LineMaterial(of: speech, among: [speech, speech.reversed()], seed: 1)

    private struct Coder: TelephoneCoder {
        func heard(_ samples: [Int16], through codec: TelephoneCodec) throws -> [Int16] {
            codec.amrMode == nil
                ? try SoundFileCoder().heard(samples, through: codec) : try AMRCoder().heard(samples, through: codec)
        }
    }

    private static func heard(_ name: String, _ samples: [Int16] = speech, seed: UInt64 = 1) throws -> [Int16] {
        var draws = Draws(seed: seed, "test")
        return try Line(name).heard(samples, in: material, by: Coder(), &draws)
    }

    private static func floats(_ samples: [Int16]) -> [Float] { samples.map { Float($0) / 32768 } }

    private static func level(_ samples: [Int16]) -> Double {
        ActiveSpeechLevel(of: floats(samples), hertz: 8000).dBov
    }

    /// dBov.
    private static func power(_ samples: [Double]) -> Double {
        10 * log10(samples.reduce(0) { $0 + $1 * $1 } / Double(samples.count) / 32768 / 32768)
    }

    @Test(
        "leaves speech where it was, and as it was for the codec's bits",
        arguments: [
            ("clean", 1), ("ulaw", 0.999), ("alaw", 0.999), ("g726", 0.99), ("gsm", 0.7), ("opus", 0.9),
            ("amr475", 0.6),
            ("amr795", 0.7), ("amr122", 0.8),
        ])
    func codec(name: String, likeness: Double) throws {
        if name.hasPrefix("amr") {
            try #require(AMRCoder.isInstalled, "libopencore-amrnb is not installed: apt-get install libopencore-amrnb0")
        }
        let heard = Self.floats(try Self.heard(name))
        #expect(heard.count == Self.speech.count)
        // The second second, without its neighbours.
        let part = Self.floats(Self.speech)[8000..<16_000]
        let match = try #require(Likeness.best(of: part, in: heard, at: 7900...8100))
        #expect(abs(match.place - 8000) < 2, "\(match)")
        #expect(match.likeness > likeness - 0.001, "\(match)")
    }

    @Test("has as much noise as its name says", arguments: ["white", "noise", "babble"], [-5.0, 5, 20])
    func noise(kind: String, snr: Double) throws {
        let heard = try Self.heard("\(kind)\(snr)")
        let noise = zip(heard, Self.speech).map { Double($0) - Double($1) }
        #expect(abs(Self.level(Self.speech) - Self.power(noise) - snr) < 0.2)
    }

    @Test("has noise with the spectrum of the voice")
    func spectrum() throws {
        let noise = zip(try Self.heard("noise0"), Self.speech).map { Double($0) - Double($1) }
        /// How much louder it is below a frequency than above it, in dB.
        func tilt(_ samples: [Double], _ frequency: Double) -> Double {
            var (low, high) = (Biquad.lowPass(frequency, hertz: 8000), Biquad.highPass(frequency, hertz: 8000))
            return Self.power(samples.map { low.next($0) }) - Self.power(samples.map { high.next($0) })
        }
        for frequency in [500.0, 1000, 2000] {
            #expect(abs(tilt(noise, frequency) - tilt(Self.speech.map(Double.init), frequency)) < 3, "\(frequency) Hz")
        }
    }

    @Test("loses whole packets, as many as its name says", arguments: [("loss10", 1...1.3), ("burst10", 2.2...4.0)])
    func loss(name: String, runs: ClosedRange<Double>) throws {
        // A minute and more in which nothing is silent.
        let steady = [Int16](repeating: 1000, count: 160 * 5000)
        let heard = try Self.heard(name, steady)
        let isLost = stride(from: 0, to: heard.count, by: 160).map { start in
            Set(heard[start..<(start + 160)])
        }
        #expect(isLost.allSatisfy { $0 == [0] || $0 == [1000] })
        let lost = isLost.count { $0 == [0] }
        #expect(abs(Double(lost) / 5000 - 0.1) < 0.02)
        let begun = zip([[1000]] + isLost, isLost).count { $0 == [1000] && $1 == [0] }
        #expect(runs.contains(Double(lost) / Double(begun)))
    }

    @Test("cuts off what is above the level that its name says")
    func clip() throws {
        let heard = try Self.heard("clip6")
        let highest = Double(heard.map { abs(Int($0)) }.max() ?? 0) / 32768
        #expect(abs(20 * log10(highest) - Self.level(Self.speech) - 6) < 0.05)
    }

    @Test("has the level that its name says", arguments: [-36.0, -22])
    func level(dBov: Double) throws {
        #expect(abs(Self.level(try Self.heard("level\(Int(dBov))")) - dBov) < 0.1)
    }

    @Test(
        "has the band that its name says", arguments: [(100.0, -60.0 ... -30), (1000, -0.3...0.3), (3900, -80 ... -40)])
    func band(frequency: Double, gain: ClosedRange<Double>) throws {
        let tone = (0..<8000).map { Int16(10_000 * sin(2 * .pi * frequency * Double($0) / 8000)) }
        let heard = try Self.heard("band", tone)
        #expect(gain.contains(Self.power(heard.suffix(4000).map(Double.init)) - Self.power(tone.map(Double.init))))
    }

    @Test("has an echo as its name says")
    func echo() throws {
        var click = [Int16](repeating: 0, count: 4000)
        click[100] = 20_000
        let heard = try Self.heard("echo20", click)
        #expect(heard[100] == 20_000 && heard[1300] == 2000 && heard.count { $0 != 0 } == 2)
    }

    @Test("does one thing after another, and the same for the same seed")
    func chain() throws {
        let name = "babble5+loss5+ulaw"
        #expect(try Self.heard(name) == Self.heard(name))
        #expect(try Self.heard(name) != Self.heard(name, seed: 2))
        var draws = Draws(seed: 1, "test")
        let noisy = try Line("babble5").heard(Self.speech, in: Self.material, by: Coder(), &draws)
        let lossy = try Line("loss5").heard(noisy, in: Self.material, by: Coder(), &draws)
        #expect(try Self.heard(name) == Coder().heard(lossy, through: .muLaw))
    }

    @Test(
        "of another name is refused, with what there is",
        arguments: [
            ("", "clean, ulaw"), ("ulaw5", "clean, ulaw"), ("loss", "0.1 to 90"), ("loss99", "0.1 to 90"),
            ("noise1e1", "-20 to 60"), ("noise--5", "-20 to 60"), ("band3", "no number"), ("ulaw+", "clean, ulaw"),
            ("clean+ulaw", "clean, ulaw"), ("burst76", "0.1 to 75"), ("level-15", "-60 to -20"),
            (Array(repeating: "ulaw", count: 21).joined(separator: "+"), "100 bytes"), ("level20", "level-20"),
            ("AMR475", "clean, ulaw"),
        ])
    func refused(name: String, words: String) {
        let error = #expect(throws: LineError.self) { try Line(name) }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }
}
