// SPDX-License-Identifier: GPL-3.0-or-later

/// Changes the sample rate of speech.
public protocol Resampler: Sendable {
    /// Signals at another rate.
    ///
    /// - Parameters:
    ///   - signals: any number of signals of one channel each, full scale 1.
    ///   - source: their rate in Hz.
    ///   - target: the rate wanted.
    /// - Returns: the signals at the new rate, in their order, each as long as before to within a sample, not delayed,
    ///   and the same whatever stands beside it.
    /// - Throws: where the library that does the work refuses.
    func resample(_ signals: [[Float]], from source: Int, to target: SampleRate) throws -> [[Float]]
}
