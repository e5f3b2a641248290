// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCode

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A program of the system that plays samples.
struct Player {
    /// What a player reads.
    enum Input {
        /// 16-bit linear samples of one channel, from standard input.
        case samples
        /// A WAV stream of them, from standard input, which it reads as a file.
        case waveStream
        /// A WAV file of them, which its last argument names.
        case waveFile
    }

    /// The program's name.
    let name: String
    /// Its path.
    let path: String
    /// Its arguments for its input.
    let arguments: [String]
    /// What it reads.
    let input: Input

    /// The players that this system has, the best first.
    static func installed(hertz: Int) -> [Player] {
        let folders = (getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin").split(
            separator: ":")
        return known(hertz: hertz).compactMap { name, arguments in
            let paths: [String] = folders.map { "\($0)/\(name)" }
            return paths.first { access($0, X_OK) == 0 }
                .map { Player(name: name, path: $0, arguments: arguments, input: input(of: name)) }
        }
    }

    private static func input(of name: String) -> Input {
        switch name {
        case "pw-play": .waveStream
        case "afplay": .waveFile
        default: .samples
        }
    }

    /// PipeWire's and PulseAudio's first, since they share the device, then ALSA's, then those of media tools, then macOS's
    /// own, which cannot read a pipe.
    private static func known(hertz: Int) -> [(String, [String])] {
        [
            ("pw-play", ["-"]),
            ("paplay", ["--raw", "--rate=\(hertz)", "--channels=1", "--format=s16le", "--latency-msec=50"]),
            ("aplay", ["-q", "-t", "raw", "-f", "S16_LE", "-r", "\(hertz)", "-c", "1", "-"]),
            (
                "ffplay",
                [
                    "-nodisp", "-autoexit", "-loglevel", "error", "-fflags", "nobuffer", "-f", "s16le", "-ar",
                    "\(hertz)",
                    "-i", "-",
                ]
            ),
            ("play", ["-q", "-t", "raw", "-r", "\(hertz)", "-e", "signed-integer", "-b", "16", "-c", "1", "-"]),
            ("afplay", []),
        ]
    }
}
