// SPDX-License-Identifier: GPL-3.0-or-later

/// How one sample becomes bytes, where each sample is coded by itself and clips can be laid end to end.
public enum SampleCoding: Hashable, Sendable, CaseIterable {
    /// 16-bit linear, low byte first.
    case linear16LittleEndian
    /// 16-bit linear, high byte first.
    case linear16BigEndian
    /// ITU-T G.711 µ-law.
    case muLaw
    /// ITU-T G.711 A-law.
    case aLaw

    /// Bytes of a sample.
    public var bytesPerSample: Int {
        switch self {
        case .linear16LittleEndian, .linear16BigEndian: 2
        case .muLaw, .aLaw: 1
        }
    }

    /// The samples of bytes that are coded as ``linear16LittleEndian``.
    package static func linearSamples(of bytes: ArraySlice<UInt8>) -> [Int16] {
        [Int16](unsafeUninitializedCapacity: bytes.count / 2) { samples, count in
            count = bytes.count / 2
            UnsafeMutableRawBufferPointer(samples).copyBytes(from: bytes.prefix(2 * count))
            for index in 0..<count { samples[index] = Int16(littleEndian: samples[index]) }
        }
    }

    /// The byte that silence is made of.
    public var silence: UInt8 {
        switch self {
        case .linear16LittleEndian, .linear16BigEndian: 0
        case .muLaw: 0xFF
        case .aLaw: 0xD5
        }
    }
}
