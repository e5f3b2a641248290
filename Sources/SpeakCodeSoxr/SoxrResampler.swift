// SPDX-License-Identifier: GPL-3.0-or-later

internal import CSoxr
public import SpeakCode

/// libsoxr at its "high quality": 20 bits, which is more than 16-bit audio shows.
///
/// "Very high" costs twice as much for each clip, most of it the design of its longer filter, and computes with other
/// instructions on other processors, so that replicas might differ in a last bit.
public struct SoxrResampler: Resampler {
    /// A resampler without state.
    public init() {}

    /// Samples at another rate, with linear phase and no delay.
    ///
    /// - Throws: ``SoxrError``.
    public func resample(_ samples: [Float], from source: Int, to target: SampleRate) throws -> [Float] {
        let capacity = (samples.count * target.hertz + source - 1) / source + 16
        var done = 0
        var failure: soxr_error_t?
        let output = [Float](unsafeUninitializedCapacity: capacity) { buffer, count in
            var quality = soxr_quality_spec(UInt(SOXR_HQ), 0)
            var io = soxr_io_spec(SOXR_FLOAT32_I, SOXR_FLOAT32_I)
            failure = soxr_oneshot(
                Double(source), Double(target.hertz), 1, samples, samples.count, nil, buffer.baseAddress, capacity,
                &done,
                &io, &quality, nil)
            count = failure == nil ? done : 0
        }
        if let failure { throw SoxrError(message: String(cString: failure)) }
        return output
    }
}

/// What libsoxr says when it refuses.
public struct SoxrError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The library's own words.
    public let message: String

    /// The library's own words, and its name.
    public var description: String { "libsoxr: \(message)" }
}
