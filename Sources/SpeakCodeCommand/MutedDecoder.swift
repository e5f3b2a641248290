// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCode
internal import SpeakCodeSndfile
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// libsndfile, whose own libraries say nothing meanwhile: mpg123 remarks on an MP3 that was cut, beside our one line.
///
/// For commands that do one thing: what another thread says to standard error at that time is lost.
struct MutedDecoder: SoundDecoder {
    private let decoder: SoundFileDecoder

    /// - Parameter mostSamples: how many samples of a channel are held in memory at the most.
    init(mostSamples: Int = .max) { decoder = SoundFileDecoder(mostSamples: mostSamples) }

    /// One at a time, since each puts back what it has found.
    private static let turn = Mutex(())

    func decode(_ file: [UInt8]) throws -> Signal {
        try Self.turn.withLock { _ in
            let kept = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0)
            let nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC)
            if kept >= 0, nowhere >= 0 { dup2(nowhere, STDERR_FILENO) }
            defer {
                if kept >= 0 { dup2(kept, STDERR_FILENO) }
                for descriptor in [kept, nowhere] where descriptor >= 0 { close(descriptor) }
            }
            return try decoder.decode(file)
        }
    }
}
