// SPDX-License-Identifier: GPL-3.0-or-later

/// A rate at which SpeakCode renders audio, in samples a second (Hz).
public enum SampleRate: Int, CaseIterable, Sendable, Comparable {
    /// The telephone's rate, G.711.
    case hz8000 = 8000
    /// Wide-band telephony, G.722.
    case hz16000 = 16_000
    /// eSpeak NG's own rate.
    case hz22050 = 22_050
    /// Speech services' rate.
    case hz24000 = 24_000
    /// The compact disc's rate.
    case hz44100 = 44_100
    /// Video's, browsers' and Opus's rate.
    case hz48000 = 48_000

    /// Samples a second.
    public var hertz: Int { rawValue }

    /// The longest duration, either way, whose samples are counted: some thirty thousand years.
    public static let longest: Duration = .seconds(1 << 40)

    /// The samples of a duration, rounded to the nearest; a longer one than ``longest`` has as many as that.
    public func samples(in duration: Duration) -> Int {
        let (seconds, attoseconds) = min(max(duration, .zero - Self.longest), Self.longest).components
        return Int(seconds) * rawValue + Int((Double(attoseconds) * 1e-18 * Double(rawValue)).rounded())
    }

    /// The duration of some samples.
    public func duration(of samples: Int) -> Duration {
        let (seconds, rest) = samples.quotientAndRemainder(dividingBy: rawValue)
        return .seconds(seconds) + .nanoseconds(Int64(rest) * 1_000_000_000 / Int64(rawValue))
    }

    /// By samples a second.
    public static func < (a: SampleRate, b: SampleRate) -> Bool { a.rawValue < b.rawValue }
}
