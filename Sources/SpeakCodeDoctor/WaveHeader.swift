// SPDX-License-Identifier: GPL-3.0-or-later

/// What stands in the header of a RIFF/WAVE file, beside what is really there.
struct WaveHeader: Sendable, Hashable {
    /// The `fmt ` chunk.
    struct Format: Sendable, Hashable {
        /// 1 is linear PCM, 0xFFFE WAVE_FORMAT_EXTENSIBLE.
        let tag: Int
        let channels: Int
        let hertz: Int
        let bits: Int
    }

    /// The `data` chunk.
    struct Samples: Sendable, Hashable {
        /// The place of the first sample in the file.
        let offset: Int
        let declared: Int
        /// Bytes of the body from the first sample to the end of the chunk, or of the body.
        let present: Range<Int>
    }

    /// Bytes behind the first eight, as the file says.
    let declaredSize: Int
    let fileSize: Int
    private(set) var format: Format?
    private(set) var samples: Samples?
    /// Whether the chunks fill the file to its end.
    let endsWithChunk: Bool

    /// - Returns: nil where the bytes are no RIFF/WAVE.
    init?(_ bytes: [UInt8]) {
        guard BodyKind(bytes) == .riff else { return nil }
        func number(_ offset: Int, _ count: Int) -> Int {
            bytes[offset..<offset + count].reversed().reduce(0) { $0 << 8 | Int($1) }
        }
        declaredSize = number(4, 4)
        fileSize = bytes.count
        var place = 12
        while place + 8 <= bytes.count {
            let name = bytes[place..<place + 4]
            let size = number(place + 4, 4)
            place += 8
            if format == nil, name.elementsEqual("fmt ".utf8), size >= 16, place + 16 <= bytes.count {
                format = Format(
                    tag: number(place, 2), channels: number(place + 2, 2), hertz: number(place + 4, 4),
                    bits: number(place + 14, 2))
            } else if samples == nil, name.elementsEqual("data".utf8) {
                samples = Samples(offset: place, declared: size, present: place..<min(place + size, bytes.count))
            }
            place += size + size % 2
        }
        // The last chunk's padding is often left out.
        endsWithChunk = place == bytes.count || place == bytes.count + 1
    }

    /// Linear, one channel, 16 bits: what Asterisk plays.
    var isLinear16Mono: Bool { format.map { $0.tag == 1 && $0.channels == 1 && $0.bits == 16 } ?? false }

    /// The silence at the end, where the samples are linear, mono, of 16 bits.
    ///
    /// Silence is what stays below -54 dBFS.
    func tail(of bytes: [UInt8]) -> Duration? {
        guard isLinear16Mono, let format, format.hertz > 0, let samples, !samples.present.isEmpty else { return nil }
        var place = samples.present.upperBound - samples.present.count % 2
        var count = 0
        while place - 2 >= samples.present.lowerBound {
            let sample = Int16(bitPattern: UInt16(bytes[place - 2]) | UInt16(bytes[place - 1]) << 8)
            guard abs(Int(sample)) <= 64 else { break }
            count += 1
            place -= 2
        }
        return .seconds(Double(count) / Double(format.hertz))
    }

    /// How long it plays.
    var duration: Duration? {
        guard let format, let samples, format.hertz > 0, format.channels > 0, format.bits >= 8 else { return nil }
        let rate = format.hertz * format.channels * (format.bits / 8)
        return .seconds(Double(samples.present.count) / Double(rate))
    }
}
