// SPDX-License-Identifier: GPL-3.0-or-later

public import SpeakCode

/// An encoder in a few lines of Swift, for tests that are not about codecs: linear samples and G.711 exactly.
///
/// Its compressed files are none: a name, and the samples as they are.
public struct PlainEncoder: SoundEncoder {
    /// An encoder without state.
    public init() {}

    /// Codes each sample by itself.
    public func encode(_ samples: [Int16], as coding: SampleCoding) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(samples.count * coding.bytesPerSample)
        for sample in samples {
            switch coding {
            case .linear16LittleEndian:
                bytes.append(UInt8(truncatingIfNeeded: sample))
                bytes.append(UInt8(truncatingIfNeeded: sample >> 8))
            case .linear16BigEndian:
                bytes.append(UInt8(truncatingIfNeeded: sample >> 8))
                bytes.append(UInt8(truncatingIfNeeded: sample))
            case .muLaw: bytes.append(Self.muLaw(sample))
            case .aLaw: bytes.append(Self.aLaw(sample))
            }
        }
        return bytes
    }

    /// The format's name in four bytes, and the samples, low byte first.
    public func file(of samples: [Int16], as format: AudioFormat) -> [UInt8] {
        Array((format.kind.rawValue + "    ").utf8.prefix(4)) + encode(samples, as: .linear16LittleEndian)
    }

    /// The samples, low byte first.
    public func stream(as format: AudioFormat) -> any SoundStream { PlainStream() }

    private final class PlainStream: SoundStream {
        func encode(_ samples: [Int16]) -> [UInt8] { PlainEncoder().encode(samples, as: .linear16LittleEndian) }
        func finish() -> [UInt8] { [] }
    }

    /// ITU-T G.711 (11/88), table 2: 14 bits of magnitude and sign, a bias of 33, the code's bits inverted.
    static func muLaw(_ sample: Int16) -> UInt8 {
        let magnitude = sample < 0 ? Int(~sample) : Int(sample)
        let biased = min(magnitude >> 2, 8158) + 33
        let segment = biased.bitWidth - biased.leadingZeroBitCount - 6
        let step = biased >> (segment + 1) & 0xF
        return ~UInt8((sample < 0 ? 0x80 : 0) | segment << 4 | step)
    }

    /// ITU-T G.711 (11/88), table 1: 13 bits of magnitude and sign, every second bit inverted.
    static func aLaw(_ sample: Int16) -> UInt8 {
        let magnitude = (sample < 0 ? Int(~sample) : Int(sample)) >> 4
        let segment = max(0, magnitude.bitWidth - magnitude.leadingZeroBitCount - 4)
        let step = magnitude >> max(0, segment - 1) & 0xF
        return UInt8((sample < 0 ? 0 : 0x80) | segment << 4 | step) ^ 0x55
    }
}
