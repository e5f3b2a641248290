// SPDX-License-Identifier: GPL-3.0-or-later

import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The level of speech while somebody speaks, pauses not counted: ITU-T P.56, method B.
public struct ActiveSpeechLevel: Hashable, Sendable {
    /// Active speech level in dBov: decibels relative to the power of a full-scale square wave (32768 of 32768).
    ///
    /// Digital silence is -100 dBov.
    public let dBov: Double
    /// The share of the time in which somebody speaks, 0 to 1.
    public let activity: Double

    /// Measures samples.
    ///
    /// - Parameters:
    ///   - samples: one channel, full scale 1.
    ///   - hertz: samples a second.
    public init(of samples: some Collection<Float>, hertz: Int) {
        // In one piece: the kinds of collections of other modules are not known here, and are read step by step.
        func measure(_ samples: UnsafeBufferPointer<Float>) -> Self {
            Self(hertz: hertz, count: samples.count) { Double(samples[$0]) }
        }
        self =
            samples.withContiguousStorageIfAvailable(measure) ?? Array(samples).withUnsafeBufferPointer(measure)
    }

    /// - Parameter sample: the sample at a place.
    @inline(__always)
    private init(hertz: Int, count: Int, sample: (Int) -> Double) {
        // P.56 (03/93), 8.2: two exponential averages of 30 ms, a hangover of 200 ms, a margin of 15.9 dB.
        let smoothing = exp(-1 / (Double(hertz) * 0.03))
        let hangover = Int(0.2 * Double(hertz) + 0.5)
        let margin = 15.9
        let thresholds = 16

        var energy = 0.0
        var average = 0.0
        var envelope = 0.0
        var peaks = SlidingMaximum(window: hangover + 1, greatest: thresholds)
        // How many samples had their highest threshold, within the hangover, at each index.
        var highest = [Int](repeating: 0, count: thresholds + 1)
        for place in 0..<count {
            let sample = sample(place)
            energy += sample * sample
            average = smoothing * average + (1 - smoothing) * abs(sample)
            envelope = smoothing * envelope + (1 - smoothing) * average
            // Thresholds are the powers of two from 2^-15 to 1; all up to the envelope's exponent are passed.
            // The exponent as it is stored, from 1023 for 1, is 0 for zero as well.
            let passed = min(thresholds, max(0, Int(envelope.exponentBitPattern) - 1023 + thresholds))
            highest[peaks.push(passed)] += 1
        }
        // A sample is active for every threshold below its highest one.
        var active = [Int](repeating: 0, count: thresholds)
        var above = 0
        for index in stride(from: thresholds, to: 0, by: -1) {
            above += highest[index]
            active[index - 1] = above
        }
        guard energy > 0, count > 0 else {
            dBov = -100
            activity = 0
            return
        }
        let longTerm = 10 * log10(energy / Double(count))
        var below: (level: Double, over: Double)?
        for index in 0..<thresholds where active[index] > 0 {
            let level = 10 * log10(energy / Double(active[index]))
            let over = level - 20 * log10(2) * Double(index - 15)
            if over <= margin {
                var found = level
                if let below, below.over != over {
                    found = below.level + (below.over - margin) / (below.over - over) * (level - below.level)
                }
                dBov = found
                activity = pow(10, (longTerm - found) / 10)
                return
            }
            below = (level, over)
        }
        dBov = longTerm
        activity = 1
    }

    /// Measures linear samples.
    public init(of pcm: PCM) {
        self = pcm.samples.withUnsafeBufferPointer { samples in
            ActiveSpeechLevel(hertz: pcm.hertz, count: samples.count) { Double(samples[$0]) / 32768 }
        }
    }
}

/// The greatest of the last so many small numbers, one number at a time.
private struct SlidingMaximum {
    private let window: Int
    private var count = 0
    private var greatest = 0
    /// For each number, how many had come when it came last.
    private var last: [Int]

    init(window: Int, greatest: Int) {
        self.window = window
        last = [Int](repeating: -window, count: greatest + 1)
    }

    mutating func push(_ value: Int) -> Int {
        count += 1
        last[value] = count
        if value >= greatest {
            greatest = value
        } else {
            // Ends at the value itself, which has just come.
            while last[greatest] + window <= count { greatest -= 1 }
        }
        return greatest
    }
}
