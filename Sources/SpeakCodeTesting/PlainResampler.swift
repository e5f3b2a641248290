// SPDX-License-Identifier: GPL-3.0-or-later

public import SpeakCode

/// A resampler in a few lines of Swift, for tests that are not about sound quality: straight lines between samples.
public struct PlainResampler: Resampler {
    /// A resampler without state.
    public init() {}

    /// Signals at another rate.
    public func resample(_ signals: [[Float]], from source: Int, to target: SampleRate) -> [[Float]] {
        signals.map { Self.resample($0, from: source, to: target) }
    }

    private static func resample(_ samples: [Float], from source: Int, to target: SampleRate) -> [Float] {
        guard let last = samples.last else { return [] }
        let count = (samples.count * target.hertz + source / 2) / source
        return (0..<count).map { index in
            let (whole, rest) = (index * source).quotientAndRemainder(dividingBy: target.hertz)
            guard whole + 1 < samples.count else { return last }
            let fraction = Float(rest) / Float(target.hertz)
            return samples[whole] + fraction * (samples[whole + 1] - samples[whole])
        }
    }
}
