// SPDX-License-Identifier: GPL-3.0-or-later

public import SpeakCode

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Somebody who records lines: a buzz with two formants for each text, its own, the same every time, in a quiet room.
public struct FakeSpeaker: Sendable {
    /// The voice's pitch in Hz.
    public var pitch = 130.0
    /// Samples a second (Hz).
    public var hertz = 16_000
    /// The silence before and behind the speech, in seconds.
    public var silence = 0.3
    /// The highest sample, full scale 1.
    public var peak = 0.4
    /// The noise of the room, in dB below full scale.
    public var noise = -80.0

    /// A man in a quiet room.
    public init() {}

    /// A recording of a text.
    public func says(_ text: String) -> Signal {
        var random = text.utf8.reduce(UInt64(5381)) { ($0 &* 33) ^ UInt64($1) }
        func next() -> Double {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(random >> 11) / Double(1 << 53)
        }
        let own = pitch * (0.95 + 0.1 * next())
        let (first, second) = (300 + 500 * next(), 900 + 1600 * next())
        let length = Int(Double(hertz) * (0.3 + 0.25 * next()))
        let harmonics = (1...max(1, Int(3400 / own))).map { number -> (hertz: Double, gain: Double, phase: Double) in
            let frequency = Double(number) * own
            let gain = exp(-pow((frequency - first) / 150, 2)) + 0.5 * exp(-pow((frequency - second) / 250, 2)) + 0.02
            return (frequency, gain, 2 * .pi * next())
        }
        var speech = (0..<length).map { index -> Double in
            let time = Double(index) / Double(hertz)
            let sum = harmonics.reduce(0) { $0 + $1.gain * sin(2 * .pi * $1.hertz * time + $1.phase) }
            return sum * sin(.pi * (Double(index) + 0.5) / Double(length)).squareRoot()
        }
        let highest = speech.reduce(0) { max($0, abs($1)) }
        speech = speech.map { $0 / highest * peak }
        let around = [Double](repeating: 0, count: Int(Double(hertz) * silence))
        let room = pow(10, noise / 20) * 3.0.squareRoot()
        return Signal(
            samples: (around + speech + around).map { Float(max(-1, min(1, $0 + room * (2 * next() - 1)))) },
            hertz: hertz)
    }
}
