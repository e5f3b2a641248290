// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import TestSupport
import Testing

/// Into a pipe, out of a pipe.
@Suite(.timeLimit(.minutes(10)))
struct PipeTests {
    @Test(arguments: [
        "sox -t wav - -n stats 2> /dev/null",
        "ffprobe -v error -show_entries stream=sample_rate -of csv=p=0 - | grep -qx 8000",
        "python3 -c 'import sys, wave; w = wave.open(sys.stdin.buffer); assert w.getframerate() == 8000; assert len(w.readframes(10**9)) == 2 * w.getnframes()'",
        "ffmpeg -v error -i - -f null -", "cmp - x.wav",
    ])
    func aReaderGetsAWholeFile(reader: String) async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let outcome = try await shell.bash(
            "set -o pipefail; \"$speakcode\" 1234 -o x.wav; for run in 1 2 3; do \"$speakcode\" 1234 | \(reader) || exit 1; done"
        )
        #expect(outcome.status == 0, "\(outcome.text)\(outcome.errors)")
        #expect(outcome.errors.isEmpty)
    }

    @Test(arguments: [
        "--times 500", "--repeat", "--repeat --format au", "--repeat --format ulaw", "--times 500 --format mp3",
    ])
    func aClosedPipeIsAHangUp(options: String) async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let outcome = try await shell.bash(
            "\"$speakcode\" \(secret) \(options) | head -c 9000 | wc -c; echo \"${PIPESTATUS[0]}\"")
        #expect(outcome.text.split(whereSeparator: \.isWhitespace) == ["9000", "0"])
        #expect(outcome.errors.isEmpty)
    }

    @Test func anEndlessReadingBeginsLikeAFiniteOneAndGoesOn() async throws {
        let shell = try Shell()
        defer { shell.remove() }
        // As many bytes as one reading has, then some of the next; the tail of a finite one is another.
        let outcome = try await shell.bash(
            """
            "$speakcode" 1 --times 2 --gap 0 --pause 0.1 --format sln -o x.sln
            length=$(( $(stat -c %s x.sln) - 16000 ))
            "$speakcode" 1 --repeat --gap 0 --pause 0.1 --format sln | head -c $length | cmp -n $length x.sln -
            """)
        #expect(outcome.status == 0, "\(outcome.text)\(outcome.errors)")
    }

    @Test func anEndlessReadingComesInRealTime() async throws {
        let shell = try Shell()
        defer { shell.remove() }
        // Never faster: in the time that six seconds take, no more than the second of lead is ahead.
        let outcome = try await shell.python(
            """
            import os, subprocess, time
            child = subprocess.Popen([os.environ["speakcode"], "12", "--repeat", "--format", "sln"], stdout=subprocess.PIPE)
            began, got = time.monotonic(), 0
            while got < 48000:
                got += len(os.read(child.stdout.fileno(), 4096))
                assert got / 16000 <= time.monotonic() - began + 1.2, "early"
            child.terminate()
            child.wait()
            """)
        #expect(outcome.status == 0, "\(outcome.errors)")
    }

    @Test(arguments: [("before", 1000, 130), ("after", 80_000, 0)])
    func ctrlCIsTheHangUp(when: String, bytes: Int, status: Int) async throws {
        let shell = try Shell()
        defer { shell.remove() }
        // One reading of one digit is some 60,000 bytes.
        let outcome = try await shell.python(
            """
            import os, signal, subprocess
            child = subprocess.Popen([os.environ["speakcode"], "1", "--repeat", "--format", "sln"], stdout=subprocess.PIPE)
            got = 0
            while got < \(bytes): got += len(os.read(child.stdout.fileno(), 4096))
            child.send_signal(signal.SIGINT)
            print(child.wait())
            """)
        #expect(outcome.text == "\(status)\n", "Ctrl-C \(when) one whole reading: \(outcome.errors)")
    }

    @Test(arguments: ["735198", "735198\n", "  735198 \r\n", "73 51-98\n", "７３５１９８\n", "\u{FEFF}735198\n"])
    func theCodeCanComeFromStandardInput(text: String) async throws {
        let shell = try Shell()
        defer { shell.remove() }
        try Data(text.utf8).write(to: shell.folder.appending(path: "code"))
        let outcome = try await shell.bash(
            "\"$speakcode\" - --gap 0.5 -o x.wav < code && cat code | \"$speakcode\" - -o y.wav")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.isEmpty)
        #expect(try shell.bytes("x.wav") == shell.bytes("y.wav"))
        if !text.contains("73 ") {
            _ = try await shell.speakcode(secret, "-o", "z.wav")
            #expect(try shell.bytes("x.wav") == shell.bytes("z.wav"))
        }
    }

    @Test func theCodeMayComeLateThroughAPipeThatDoesNotWait() async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let outcome = try await shell.python(
            """
            import os, subprocess, time
            reader, writer = os.pipe()
            os.set_blocking(reader, False)
            child = subprocess.Popen([os.environ["speakcode"], "-", "-o", "x.wav"], stdin=reader)
            for part in [b"735", b"198\\n"]:
                time.sleep(0.5)
                os.write(writer, part)
            os.close(writer)
            print(child.wait())
            """)
        #expect(outcome.text == "0\n", "\(outcome.errors)")
        _ = try await shell.speakcode(secret, "-o", "y.wav")
        #expect(try shell.bytes("x.wav") == shell.bytes("y.wav"))
    }

    @Test func theSameCodeIsTheSameBytesInEveryProcess() async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let outcome = try await shell.bash(
            """
            for format in wav flac ogg mp3; do
                for run in 1 2 3; do "$speakcode" AB-12 --locale ja --pacing adaptive --format $format | sha256sum; done | uniq | wc -l
            done
            """)
        #expect(outcome.text == "1\n1\n1\n1\n")
    }

    @Test func wordsOfACodeAreItsGroups() async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let outcome = try await shell.bash(
            "cmp <(\"$speakcode\" 123 456) <(\"$speakcode\" 123-456) && ! cmp -s <(\"$speakcode\" 123 456) <(\"$speakcode\" 123456)"
        )
        #expect(outcome.status == 0, "\(outcome.text)")
    }
}
