// SPDX-License-Identifier: GPL-3.0-or-later

/// The headers before samples that are coded one by one.
///
/// libsndfile writes them behind the samples, by seeking back; an announcement's length is known before, and an endless
/// one has no back to seek to. Hence these are ours.
enum SoundHeader {
    /// What has a header.
    enum Container { case wave, au }

    /// The header of a format; empty for raw formats.
    ///
    /// - Parameters:
    ///   - sampleCount: nil for an endless stream.
    ///   - behind: the bytes of the chunks behind the samples of a WAVE file.
    static func bytes(for format: AudioFormat, sampleCount: Int?, behind: Int = 0) -> [UInt8] {
        guard let coding = format.sampleCoding else { return [] }
        return switch format.kind.facts.container {
        case .wave: wave(coding, format.sampleRate, sampleCount, behind)
        case .au: au(coding, format.sampleRate, sampleCount)
        case nil: []
        }
    }

    /// What a WAVE container needs behind the samples: chunks are padded to even lengths.
    static func padding(for format: AudioFormat, sampleCount: Int) -> Int {
        guard format.kind.facts.container == .wave, let coding = format.sampleCoding else { return 0 }
        return sampleCount * coding.bytesPerSample % 2
    }

    /// RIFF WAVE: 44 bytes with format tag 1 for linear samples, as Asterisk wants it (its last header's worth of
    /// samples is never played, so no more than needed); 58 with the `fact` chunk for G.711 (RFC 2361).
    private static func wave(
        _ coding: SampleCoding, _ rate: SampleRate, _ sampleCount: Int?, _ behind: Int
    ) -> [UInt8] {
        let width = coding.bytesPerSample
        let tag: UInt16 =
            switch coding {
            case .linear16LittleEndian, .linear16BigEndian: 1
            case .aLaw: 6
            case .muLaw: 7
            }
        let isLinear = tag == 1
        // Players take the largest size for a stream whose end is not known yet; so do they for one longer than that.
        let byteCount = sampleCount.map { $0 * width }
        let dataSize = byteCount.map { UInt32(clamping: $0) } ?? .max
        let riffSize = byteCount.map { UInt32(clamping: (isLinear ? 36 : 50) + $0 + $0 % 2 + behind) } ?? .max

        var header: [UInt8] = []
        header += "RIFF".utf8
        header += bytes(riffSize)
        header += "WAVEfmt ".utf8
        header += bytes(UInt32(isLinear ? 16 : 18))
        header += bytes(tag)
        header += bytes(UInt16(1))
        header += bytes(UInt32(rate.hertz))
        header += bytes(UInt32(rate.hertz * width))
        header += bytes(UInt16(width))
        header += bytes(UInt16(width * 8))
        if !isLinear {
            header += bytes(UInt16(0))
            header += "fact".utf8
            header += bytes(UInt32(4))
            header += bytes(sampleCount.map { UInt32(clamping: $0) } ?? .max)
        }
        header += "data".utf8
        header += bytes(dataSize)
        return header
    }

    /// Sun/NeXT AU: six big-endian words and an annotation.
    ///
    /// A length of all ones means that it is not known. The annotation has at least eight bytes in the specification,
    /// though nothing in it here; without it sox warns.
    private static func au(_ coding: SampleCoding, _ rate: SampleRate, _ sampleCount: Int?) -> [UInt8] {
        let encoding: UInt32 = coding == .muLaw ? 1 : 3
        let dataSize = sampleCount.map { UInt32(clamping: $0 * coding.bytesPerSample) } ?? .max
        return [0x2E73_6E64, 32, dataSize, encoding, UInt32(rate.hertz), 1, 0, 0].flatMap { bytes($0).reversed() }
    }

    /// Low byte first.
    private static func bytes<Integer: FixedWidthInteger>(_ value: Integer) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }
}
