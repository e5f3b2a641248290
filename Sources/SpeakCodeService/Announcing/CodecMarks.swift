// SPDX-License-Identifier: GPL-3.0-or-later

internal import Crypto
internal import SpeakCode

/// What tells a codec from another that makes other bytes of the same samples.
///
/// No version does: libsndfile names its own, and not those of libopus, LAME and FLAC that it loads, and one libopus makes
/// other bytes on a processor of another maker (measured with AMD and Intel). So each codec is given a known sound, and the
/// mark is a digest of the file that it makes.
struct CodecMarks: Sendable {
    private let marks: [AudioFormat.Kind: [UInt8]]

    /// Has the known sound encoded in each compressed format, at each of its rates: some milliseconds in all.
    init(of encoder: any SoundEncoder) {
        var marks: [AudioFormat.Kind: [UInt8]] = [:]
        for kind in AudioFormat.Kind.allCases {
            var digest = SHA256()
            var isCompressed = false
            for rate in kind.sampleRates {
                guard let format = try? AudioFormat(kind, sampleRate: rate), format.sampleCoding == nil else {
                    continue
                }
                isCompressed = true
                // Who cannot make the file now, makes none later.
                guard let file = try? encoder.file(of: Self.sound(rate), as: format) else { continue }
                digest.update(data: file)
            }
            if isCompressed { marks[kind] = Array(digest.finalize().prefix(8)) }
        }
        self.marks = marks
    }

    /// The mark of a format's codec: eight bytes, or none where each sample is coded by itself.
    subscript(kind: AudioFormat.Kind) -> [UInt8] { marks[kind] ?? [] }

    /// A quarter of a second like speech: a buzz that falls and noise, louder and softer, by whole numbers alone.
    private static func sound(_ rate: SampleRate) -> [Int16] {
        let count = rate.hertz / 4
        var (buzz, noise): (UInt32, UInt32) = (0, 1)
        return (0..<count).map { index in
            let hertz = 160 - 60 * index / count
            buzz &+= UInt32(hertz) * (UInt32.max / UInt32(rate.hertz))
            noise = noise &* 1_664_525 &+ 1_013_904_223
            let loudness = index % (count / 2) * 4096 / (count / 2)
            let wave = Int(buzz >> 19) - 4096 + Int(noise >> 21) - 1024
            return Int16(wave * loudness / 4096)
        }
    }
}
