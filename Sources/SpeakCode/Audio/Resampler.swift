// SPDX-License-Identifier: GPL-3.0-or-later

/// Changes the sample rate of speech.
public protocol Resampler: Sendable {
    /// Samples at another rate.
    ///
    /// - Parameters:
    ///   - samples: one channel, full scale 1.
    ///   - source: their rate in Hz.
    ///   - target: the rate wanted.
    /// - Returns: samples at the new rate, as long as before to within a sample, not delayed.
    /// - Throws: where the library that does the work refuses.
    func resample(_ samples: [Float], from source: Int, to target: SampleRate) throws -> [Float]
}
