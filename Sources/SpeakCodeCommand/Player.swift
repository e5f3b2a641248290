// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCode

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A program of the system that plays samples from its standard input.
struct Player {
    /// The program's name.
    let name: String
    /// Its path.
    let path: String
    /// Its arguments for 16-bit linear samples of one channel, or for a WAV stream of them.
    let arguments: [String]
    /// Whether it wants a WAV stream: it reads standard input as a file.
    let wantsHeader: Bool

    /// The players that this system has, the best first.
    ///
    /// macOS's afplay cannot read a pipe, so it is not among them; sox or ffmpeg play there.
    static func installed(hertz: Int) -> [Player] {
        let folders = (getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin").split(
            separator: ":")
        return known(hertz: hertz).compactMap { name, arguments in
            let paths: [String] = folders.map { "\($0)/\(name)" }
            return paths.first { access($0, X_OK) == 0 }
                .map { Player(name: name, path: $0, arguments: arguments, wantsHeader: name == "pw-play") }
        }
    }

    /// PipeWire's and PulseAudio's first, since they share the device, then ALSA's, then those of media tools.
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
        ]
    }
}
