// SPDX-License-Identifier: GPL-3.0-or-later

/// Reads sound files that somebody has recorded.
public protocol SoundDecoder: Sendable {
    /// The samples of a file in a container that says what it holds: WAV, FLAC, MP3 …
    ///
    /// - Throws: where it is no such file, or a longer one than is read.
    func decode(_ file: [UInt8]) throws -> Signal
}

/// Samples of one channel, full scale 1.
public struct Signal: Hashable, Sendable {
    /// The samples, from -1 to 1.
    public var samples: [Float]
    /// Samples a second (Hz).
    public var hertz: Int

    /// Wraps samples.
    public init(samples: [Float], hertz: Int) {
        self.samples = samples
        self.hertz = hertz
    }

    /// The length.
    public var duration: Duration { .seconds(Double(samples.count) / Double(max(1, hertz))) }

    /// The samples in 16 bits, those beyond full scale at its edge.
    package var pcm: PCM {
        PCM(samples: samples.map { Int16(max(-32768, min(32767, ($0 * 32768).rounded()))) }, hertz: hertz)
    }

    /// A RIFF WAVE file of the samples, which are taken to be of a rate.
    package func wave(at rate: SampleRate) -> [UInt8] {
        let samples = pcm.samples
        return SoundHeader.bytes(for: .wav(rate), sampleCount: samples.count)
            + samples.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
    }
}

extension Signal: CustomStringConvertible, CustomReflectable {
    /// The length in samples, so that a failing test does not print them all.
    public var description: String { "Signal(\(samples.count) samples at \(hertz) Hz)" }

    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
