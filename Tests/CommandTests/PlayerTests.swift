// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import TestSupport
import Testing

/// Playing, through programs that stand in for players: what they are given, and what becomes of them.
@Suite(.timeLimit(.minutes(10)))
struct PlayerTests {
    /// Nothing is on the path but these and what a script needs.
    private func shell(_ players: [String: String]) throws -> (Shell, [String: String]) {
        let shell = try Shell()
        for (name, script) in players { try shell.makeProgram("bin/\(name)", script) }
        return (shell, ["PATH": shell.path("bin")])
    }

    /// Of what is heard in real time: little, and soon said.
    private static let quick = ["1", "--gap", "0", "--pause", "0", "--rate", "450"]

    @Test(arguments: ["pw-play", "paplay", "aplay", "ffplay", "play"])
    func anyPlayerGetsTheSamplesOfTheReading(player: String) async throws {
        let (shell, path) = try shell([player: "/bin/cat > played"])
        defer { shell.remove() }
        let outcome = try await shell.speakcode(Self.quick + ["--times", "1", "--play"], environment: path)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.isEmpty)
        _ = try await shell.speakcode(Self.quick + ["--times", "1", "--sample-rate", "22050", "-o", "x.wav"])
        // pw-play reads a file from standard input, the others samples.
        let played = try shell.bytes("played").dropFirst(player == "pw-play" ? 44 : 0)
        let same = try played == shell.bytes("x.wav").dropFirst(44)
        #expect(same)
    }

    @Test func aPlayerWithoutADeviceGivesWayToTheNext() async throws {
        let (shell, path) = try shell(["pw-play": "exit 1", "aplay": "/bin/cat > played", "play": "/bin/cat > wrong"])
        defer { shell.remove() }
        let outcome = try await shell.speakcode(Self.quick + ["--times", "1", "--play"], environment: path)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(shell.exists("played"))
        #expect(!shell.exists("wrong"))
    }

    @Test(arguments: [[:], ["pw-play": "exit 1", "aplay": "exec /bin/cat > /dev/null <&- ; exit 1"]])
    func withoutAPlayerOrDeviceItSaysSo(players: [String: String]) async throws {
        let (shell, path) = try shell(players)
        defer { shell.remove() }
        let outcome = try await shell.speakcode(secret, "--play", environment: path)
        #expect(outcome.status == 69)
        #expect(outcome.errorLines.count == 1)
        #expect(outcome.errors.contains("-o code.wav"))
        #expect(!outcome.errors.contains(secret))
    }

    @Test func aPlayerThatReadsFilesGetsOneWithTheWholeAnnouncement() async throws {
        let (shell, path) = try shell(["afplay": "/bin/cat \"$1\" > played; /bin/stat -c '%a %n' \"$1\" > file"])
        defer { shell.remove() }
        let environment = path.merging(["TMPDIR": shell.folder.path]) { $1 }
        let outcome = try await shell.speakcode(Self.quick + ["--times", "2", "--play"], environment: environment)
        #expect(outcome.status == 0, "\(outcome.errors)")
        _ = try await shell.speakcode(Self.quick + ["--times", "2", "--sample-rate", "22050", "-o", "x.wav"])
        #expect(try shell.bytes("played") == shell.bytes("x.wav"))
        let file = String(decoding: try shell.bytes("file"), as: UTF8.self)
        #expect(file.hasPrefix("600 \(shell.folder.path)/.speakcode-") && file.hasSuffix(".wav\n"), "\(file)")
        #expect(shell.files == ["bin", "file", "played", "x.wav"], "the file is gone")
    }

    @Test func aPlayerThatReadsFilesGetsOneReadingAfterAnother() async throws {
        let (shell, path) = try shell(["afplay": "/bin/cat \"$1\" >> played; echo $$ >> runs; exec /bin/cat \"$1\""])
        defer { shell.remove() }
        let outcome = try await shell.python(
            """
            import os, signal, subprocess
            os.environ.update(PATH="\(path["PATH"] ?? "")", TMPDIR=os.getcwd())
            child = subprocess.Popen([os.environ["speakcode"], "1", "--gap", "0", "--pause", "0", "--repeat", "--play"])
            while not os.path.exists("runs") or len(open("runs").readlines()) < 3: pass
            child.send_signal(signal.SIGINT)
            print(child.wait(), [name for name in os.listdir() if name.startswith(".")])
            played = open("played", "rb").read()
            places = [place for place in range(len(played)) if played.startswith(b"RIFF", place)]
            for place, end in zip(places, places[1:]):
                assert int.from_bytes(played[place + 4:place + 8], "little") == end - place - 8, "RIFF size"
                assert int.from_bytes(played[place + 40:place + 44], "little") == end - place - 44, "data size"
            print(len(places) >= 3, places[1] > places[2] - places[1] - 100_000)
            """)
        #expect(outcome.text == "0 []\nTrue True\n", "\(outcome.errors)")
    }

    @Test func aPlayerThatReadsFilesGivesWayToTheNextWithoutADevice() async throws {
        let (shell, path) = try shell(["afplay": "exit 1"])
        defer { shell.remove() }
        let outcome = try await shell.speakcode(
            secret, "--play", environment: path.merging(["TMPDIR": shell.folder.path]) { $1 })
        #expect(outcome.status == 69)
        #expect(outcome.errors.contains("tried afplay"))
        #expect(shell.files == ["bin"])
    }

    @Test func aPlayerThatTakesSecondsToFindNoDeviceIsNotSaidToHavePlayed() async throws {
        let (shell, path) = try shell(["ffplay": "/bin/sleep 3; exit 1"])
        defer { shell.remove() }
        let outcome = try await shell.speakcode("0123456789", "--play", environment: path)
        #expect(outcome.status == 69)
        #expect(outcome.errors.contains("no sound device could be played on (tried ffplay)"), "\(outcome.errors)")
    }

    #if os(Linux)
        /// A signal that comes when the player is there and nobody has noted yet which process it is.
        @Test func hangingUpWhileThePlayerStartsLeavesNoneBehind() async throws {
            let (shell, path) = try shell(["aplay": "echo $$ > player; exec /bin/sleep 1000"])
            defer { shell.remove() }
            try Data(
                """
                #define _GNU_SOURCE
                #include <dlfcn.h>
                #include <signal.h>
                #include <spawn.h>
                #include <unistd.h>
                int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                                const posix_spawnattr_t *attributes, char *const arguments[], char *const environment[]) {
                    __typeof__(posix_spawn) *real = (__typeof__(posix_spawn) *)dlsym(RTLD_NEXT, "posix_spawn");
                    int status = real(pid, path, actions, attributes, arguments, environment);
                    while (access("player", F_OK) != 0) usleep(1000);
                    kill(getpid(), SIGINT);
                    usleep(500000);
                    return status;
                }

                """.utf8
            ).write(to: shell.folder.appending(path: "signal.c"))
            let outcome = try await shell.bash(
                """
                cc -shared -fPIC -o signal.so signal.c -ldl || exit
                PATH=\(path["PATH"] ?? "") LD_PRELOAD=$PWD/signal.so "$speakcode" \(secret) --repeat --play; echo $?
                # Killed, it is a zombie until the system has got round to it.
                sleep 1; player=$(cat player)
                case $(cut -d ' ' -f 3 "/proc/$player/stat" 2> /dev/null) in Z | X | '') echo gone ;; *) kill $player ;; esac
                """)
            #expect(outcome.text == "130\ngone\n", "\(outcome.errors)")
        }
    #endif

    @Test(arguments: [("INT", 130), ("TERM", 143), ("HUP", 129)], ["aplay", "afplay"])
    func hangingUpLeavesNoPlayerBehind(signal: (String, Int), player: String) async throws {
        let (signal, status) = signal
        // The one reads from its pipe, the other from a file whose name it is given.
        let (shell, path) = try shell([player: "echo $$ > player; exec /bin/sleep 1000"])
        defer { shell.remove() }
        let outcome = try await shell.python(
            """
            import os, signal, subprocess, time
            os.environ.update(PATH="\(path["PATH"] ?? "")", TMPDIR=os.getcwd())
            child = subprocess.Popen([os.environ["speakcode"], "\(secret)", "--repeat", "--play"])
            while not os.path.exists("player") or not os.path.getsize("player"): pass
            player = int(open("player").read())
            child.send_signal(signal.SIG\(signal))
            status = child.wait()
            print(128 - status if status < 0 else status)
            # Killed, it is gone as soon as the system has got round to it.
            while True:
                try: os.kill(player, 0)
                except ProcessLookupError: break
            print("gone", [name for name in os.listdir() if name.startswith(".")])
            """)
        #expect(outcome.text == "\(status)\ngone []\n", "\(outcome.errors)")
    }

    @Test func atATerminalItPlaysAndShowsOneLineWithoutTheCode() async throws {
        let (shell, path) = try shell(["aplay": "/bin/cat > played"])
        defer { shell.remove() }
        let outcome = try await shell.python(
            Self.terminal(
                path["PATH"] ?? "", "\"\(secret)\", \"--times\", \"1\", \"--gap\", \"0\", \"--rate\", \"450\""))
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.text.contains("symbol 6 of 6"))
        #expect(outcome.text.contains("Your verification code is"))
        #expect(outcome.text.contains("Ctrl-C"))
        #expect(!outcome.text.contains("\n"), "one line, rewritten")
        #expect(!outcome.text.contains(secret))
        #expect(!outcome.text.contains("RIFF"))
        #expect(shell.exists("played"))
    }

    @Test(arguments: ["", "\"-\", "])
    func atATerminalItAsksForTheCodeWithoutEcho(code: String) async throws {
        let (shell, path) = try shell([:])
        defer { shell.remove() }
        let outcome = try await shell.python(
            Self.terminal(path["PATH"] ?? "", code + "\"-o\", \"x.wav\"", typed: "\(secret)\\n"))
        #expect(outcome.status == 0, "\(outcome.text)\(outcome.errors)")
        #expect(outcome.text.contains("Code"))
        #expect(!outcome.text.contains(secret))
        _ = try await shell.speakcode(secret, "-o", "y.wav")
        #expect(try shell.bytes("x.wav") == shell.bytes("y.wav"))
    }

    @Test(arguments: ["\"-o\", \"-\"", "\"--format\", \"wav\", \"-o\", \"-\""])
    func audioIsNeverWrittenToATerminal(options: String) async throws {
        let (shell, path) = try shell([:])
        defer { shell.remove() }
        let outcome = try await shell.python(Self.terminal(path["PATH"] ?? "", "\"\(secret)\", \(options)"))
        #expect(outcome.status == 64)
        #expect(!outcome.text.contains("RIFF"))
    }

    @Test(arguments: ["TERM=dumb", "TERM=", "NO_COLOR=1"])
    func whereALineCannotBeRewrittenEachReadingHasOneOfItsOwn(setting: String) async throws {
        let (shell, path) = try shell(["aplay": "/bin/cat > played"])
        defer { shell.remove() }
        let arguments = (Self.quick + ["--times", "2"]).map { "\"\($0)\"" }.joined(separator: ", ")
        let outcome = try await shell.python(Self.terminal(path["PATH"] ?? "", arguments, setting: setting))
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.text == "reading 1 · Ctrl-C hangs up\r\nreading 2 · Ctrl-C hangs up\r\n")
    }

    @Test func aFormatAtATerminalIsSaidToNeedAFile() async throws {
        let (shell, path) = try shell(["aplay": "/bin/cat > played"])
        defer { shell.remove() }
        let outcome = try await shell.python(Self.terminal(path["PATH"] ?? "", "\"\(secret)\", \"--format\", \"mp3\""))
        #expect(outcome.status == 64)
        #expect(outcome.text.contains("--format"))
        #expect(outcome.text.contains("name a file with -o"))
        #expect(!outcome.text.contains("--play"), "it was not given")
    }

    /// Runs the command at a terminal of its own, prints what the terminal shows, and ends as the command did.
    private static func terminal(
        _ path: String, _ arguments: String, typed: String = "", setting: String = "TERM=xterm"
    ) -> String {
        """
        import os, pty, sys
        os.environ.pop("NO_COLOR", None)
        os.environ.update(TERM="xterm")
        os.environ.update(["\(setting)".split("=")])
        os.environ["PATH"] = "\(path)"
        child, terminal = pty.fork()
        if child == 0: os.execv(os.environ["speakcode"], ["speakcode", \(arguments)])
        shown, typed = b"", b"\(typed)"
        while True:
            try: some = os.read(terminal, 4096)
            except OSError: break
            if not some: break
            shown += some
            if typed and b": " in shown:
                os.write(terminal, typed)
                typed = b""
        sys.stdout.buffer.write(shown)
        sys.stdout.flush()
        os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        """
    }
}
