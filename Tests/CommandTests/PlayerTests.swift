// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import Testing

/// Playing, through programs that stand in for players: what they are given, and what becomes of them.
@Suite(.timeLimit(.minutes(2)))
struct PlayerTests {
    /// Nothing is on the path but these and what a script needs.
    private func shell(_ players: [String: String]) throws -> (Shell, [String: String]) {
        let shell = try Shell()
        for (name, script) in players { try shell.makeProgram("bin/\(name)", script) }
        return (shell, ["PATH": shell.path("bin")])
    }

    @Test(arguments: ["pw-play", "paplay", "aplay", "ffplay", "play"])
    func anyPlayerGetsTheSamplesOfTheReading(player: String) async throws {
        let (shell, path) = try shell([player: "/bin/cat > played"])
        defer { shell.remove() }
        let outcome = try await shell.speakcode("1", "--times", "1", "--gap", "0", "--play", environment: path)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.isEmpty)
        _ = try await shell.speakcode("1", "--times", "1", "--gap", "0", "--sample-rate", "22050", "-o", "x.wav")
        // pw-play reads a file from standard input, the others samples.
        let played = try shell.bytes("played").dropFirst(player == "pw-play" ? 44 : 0)
        let same = try played == shell.bytes("x.wav").dropFirst(44)
        #expect(same)
    }

    @Test func aPlayerWithoutADeviceGivesWayToTheNext() async throws {
        let (shell, path) = try shell(["pw-play": "exit 1", "aplay": "/bin/cat > played", "play": "/bin/cat > wrong"])
        defer { shell.remove() }
        let outcome = try await shell.speakcode("1", "--times", "1", "--play", environment: path)
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

    @Test(arguments: [("INT", 130), ("TERM", 143), ("HUP", 129)])
    func hangingUpLeavesNoPlayerBehind(signal: String, status: Int) async throws {
        let (shell, path) = try shell(["aplay": "echo $$ > player; exec /bin/cat > /dev/null"])
        defer { shell.remove() }
        let outcome = try await shell.python(
            """
            import os, signal, subprocess, time
            os.environ["PATH"] = "\(path["PATH"] ?? "")"
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
            print("gone")
            """)
        #expect(outcome.text == "\(status)\ngone\n", "\(outcome.errors)")
    }

    @Test func atATerminalItPlaysAndShowsOneLineWithoutTheCode() async throws {
        let (shell, path) = try shell(["aplay": "/bin/cat > played"])
        defer { shell.remove() }
        let outcome = try await shell.python(
            Self.terminal(path["PATH"] ?? "", "\"\(secret)\", \"--times\", \"1\", \"--gap\", \"0\""))
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.text.contains("symbol 6 of 6"))
        #expect(outcome.text.contains("Your verification code is"))
        #expect(outcome.text.contains("Ctrl-C"))
        #expect(!outcome.text.contains("\n"), "one line, rewritten")
        #expect(!outcome.text.contains(secret))
        #expect(!outcome.text.contains("RIFF"))
        #expect(shell.exists("played"))
    }

    @Test func atATerminalItAsksForTheCodeWithoutEcho() async throws {
        let (shell, path) = try shell([:])
        defer { shell.remove() }
        let outcome = try await shell.python(
            Self.terminal(path["PATH"] ?? "", "\"-o\", \"x.wav\"", typed: "\(secret)\\n"))
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

    /// Runs the command at a terminal of its own, prints what the terminal shows, and ends as the command did.
    private static func terminal(_ path: String, _ arguments: String, typed: String = "") -> String {
        """
        import os, pty, sys
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
