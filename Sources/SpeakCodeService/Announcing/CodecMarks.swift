// SPDX-License-Identifier: GPL-3.0-or-later

internal import Crypto
internal import SpeakCode
internal import Synchronization

/// What tells a codec from another that makes other bytes of the same samples.
///
/// No version does: libsndfile names its own, and not those of libopus, LAME and FLAC that it loads, and one libopus makes
/// other bytes on a processor of another maker (measured with AMD and Intel). So each codec is given a known sound, once and
/// when its mark is first asked for, and the mark is a digest of the file that it makes.
final class CodecMarks: Sendable {
    private struct State {
        var made: [AudioFormat.Kind: [UInt8]] = [:]
        var making: [AudioFormat.Kind: Task<[UInt8], Never>] = [:]
    }

    private let encoder: any SoundEncoder
    private let workers: (any TaskExecutor)?
    private let state = Mutex(State())

    /// - Parameters:
    ///   - encoder: has the codecs.
    ///   - workers: where it encodes the known sound, which takes some milliseconds for each rate of a format.
    init(of encoder: any SoundEncoder, workers: (any TaskExecutor)?) {
        self.encoder = encoder
        self.workers = workers
    }

    /// The mark of a format's codec: eight bytes, or none where each sample is coded by itself.
    subscript(format: AudioFormat) -> Eventual<[UInt8], Never> {
        guard format.sampleCoding == nil else { return .now([]) }
        let kind = format.kind
        return state.withLock { state in
            if let mark = state.made[kind] { return .now(mark) }
            let making =
                state.making[kind]
                ?? Task(executorPreference: workers) { [self] in
                    let mark = Self.mark(of: kind, by: encoder)
                    self.state.withLock { state in
                        state.made[kind] = mark
                        state.making[kind] = nil
                    }
                    return mark
                }
            state.making[kind] = making
            return .later { await making.value }
        }
    }

    /// Of the files that the known sound makes at each rate of a format.
    private static func mark(of kind: AudioFormat.Kind, by encoder: any SoundEncoder) -> [UInt8] {
        var digest = SHA256()
        for rate in kind.sampleRates {
            // Who cannot make the file now, makes none later.
            guard let format = try? AudioFormat(kind, sampleRate: rate),
                let file = try? encoder.file(of: sound(rate), as: format)
            else { continue }
            digest.update(data: file)
        }
        return Array(digest.finalize().prefix(8))
    }

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
