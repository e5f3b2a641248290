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

    /// The library's version, such as `libsoxr-0.1.3`.
    public static var version: String { soxr_version().map { String(cString: $0) } ?? "" }

    /// Signals at another rate, with linear phase and no delay.
    ///
    /// Signals of like length are resampled side by side, as channels: the filter's design costs more than its use on a
    /// word. Each comes out as it would alone, to the bit.
    ///
    /// - Throws: ``SoxrError``.
    public func resample(_ signals: [[Float]], from source: Int, to target: SampleRate) throws -> [[Float]] {
        var resampled = [[Float]](repeating: [], count: signals.count)
        var rest = signals.indices.sorted { signals[$0].count > signals[$1].count }[...]
        while let longest = rest.first {
            let shortest = signals[longest].count * 2 / 3
            let group = rest.prefix(Self.mostChannels).prefix { signals[$0].count >= shortest }
            rest = rest.dropFirst(group.count)
            let channels = try Self.resample(group.map { signals[$0] }, source, target.hertz)
            for (index, channel) in zip(group, channels) { resampled[index] = channel }
        }
        return resampled
    }

    private static let mostChannels = 16

    /// Resamples signals, the longest first, as channels of one signal.
    private static func resample(_ signals: [[Float]], _ source: Int, _ target: Int) throws(SoxrError) -> [[Float]] {
        let channels = signals.count
        let length = signals[0].count
        guard length > 0 else { return signals }
        var frames = [Float](repeating: 0, count: length * channels)
        for (channel, signal) in signals.enumerated() {
            for (index, sample) in signal.enumerated() { frames[index * channels + channel] = sample }
        }
        let capacity = Self.length(length, source, target) + 16
        var done = 0
        var failure: soxr_error_t?
        let output = [Float](unsafeUninitializedCapacity: capacity * channels) { buffer, count in
            var quality = soxr_quality_spec(UInt(SOXR_HQ), 0)
            var io = soxr_io_spec(SOXR_FLOAT32_I, SOXR_FLOAT32_I)
            failure = soxr_oneshot(
                Double(source), Double(target), UInt32(channels), frames, length, nil, buffer.baseAddress, capacity,
                &done,
                &io, &quality, nil)
            count = failure == nil ? done * channels : 0
        }
        if let failure { throw SoxrError(message: String(cString: failure)) }
        return signals.enumerated().map { channel, signal in
            let count = min(done, Self.length(signal.count, source, target))
            return (0..<count).map { output[$0 * channels + channel] }
        }
    }

    /// The samples that libsoxr makes of so many, to the nearest.
    private static func length(_ samples: Int, _ source: Int, _ target: Int) -> Int {
        (samples * target * 2 + source) / (source * 2)
    }
}

/// What libsoxr says when it refuses.
public struct SoxrError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The library's own words.
    public let message: String

    /// The library's own words, and its name.
    public var description: String { "libsoxr: \(message)" }
}
