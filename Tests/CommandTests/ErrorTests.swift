// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import TestSupport
import Testing

/// Every error is one line that says what to do, with a status of sysexits.h, and never shows the code.
@Suite(.timeLimit(.minutes(10)))
struct ErrorTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let arguments: String
        let status: Int32
        let words: [String]

        init(_ arguments: String, _ status: Int32, _ words: String...) {
            self.arguments = arguments
            self.status = status
            self.words = words
        }

        var testDescription: String { "\(arguments) ends with \(status)" }
    }

    static let cases = [
        // 64: the command line.
        Case("--nosuch \(secret) -o x.wav", 64, "--help"),
        Case("\(secret) --locale jp -o x.wav", 64, "ja-JP"),
        Case("\(secret) --locale de_XX_%% -o x.wav", 64, "language tag"),
        Case("\(secret) --locale tlh -o x.wav", 64, "no voice speaks this language"),
        Case("--\(secret)", 64, "--help"),
        Case("--\(secret)=1", 64, "--help"),
        Case("-\(secret)", 64, "--help"),
        Case("--times \"1'\(secret)\" 1", 64, "--times"),
        Case("--times '<\(secret)>' 1", 64, "--times"),
        Case("--repeat=\(secret) 1", 64, "--repeat"),
        // A word that is nearly a verb is not read aloud.
        Case("voice", 64, "`speakcode voices`", "`speakcode speak`"),
        Case("server --port 80", 64, "`speakcode serve`"),
        Case("Docter https://x", 64, "`speakcode doctor`"),
        Case("hlep", 64, "`speakcode help`"),
        Case("voice list", 64, "`speakcode voices`"),
        Case("--times 1 voices -o x.wav", 64, "`speakcode voices`"),
        Case("list", 64, "`speakcode voices list`"),
        Case("check de-DE.json5", 64, "`speakcode voices check`"),
        Case("version", 64, "`speakcode --version`"),
        Case("help voice", 64, "`speakcode help voices`"),
        // Values say what they are.
        Case("\(secret) --for 1d -o x.wav", 64, "--for takes", "ms, s, m or h"),
        Case("\(secret) --gap x -o x.wav", 64, "--gap takes", "ms, s, m or h"),
        Case("\(secret) --times 1.5 -o x.wav", 64, "--times takes a whole number"),
        Case("\(secret) --slot minutes -o x.wav", 64, "--slot takes", "minutes=10"),
        Case("\(secret) --times -1 -o x.wav", 64, "--times takes", "below zero"),
        Case("\(secret) --gap -1s -o x.wav", 64, "--gap takes", "below zero"),
        Case("\(secret) --pitch -5 -o x.wav", 64, "--pitch takes", "below zero"),
        Case("serve --port -1", 64, "--port takes", "below zero"),
        Case("\(secret) --register nosuch -o x.wav", 64, "--register", "informal"),
        Case("doctor", 64, "there is no URL"),
        // A voice reads the words of its own language.
        Case("\(secret) --voice de -o x.wav", 64, "German", "en-US", "--locale de-DE"),
        Case("\(secret) --locale fr --voice ja -o x.wav", 64, "Japanese", "fr-FR", "--locale ja-JP"),
        Case("\(secret) --locale mt --voice en-us+f2 -o x.wav", 64, "mt-MT", "--locale en-US"),
        Case("\(secret) --locale zh --voice cmn -o x.wav", 64, "script"),
        Case("\(secret) --voice whisper -o x.wav", 64, "variant", "+whisper"),
        // What the library says in six lines is said in one.
        Case("\(secret) --voice mb-en1 -o x.wav", 64, "mb-en1", "mbrola"),
        Case("-o x.wav --voice mb/mb-en1 \(secret)", 64, "mb-en1", "mbrola"),
        Case("\(secret) --locale $'a\\nb\\e[31m' -o x.wav", 64, "language tag"),
        Case("\(secret) --times 0 -o x.wav", 64, "--times", "1000"),
        Case("\(secret) --times \(secret) -o x.wav", 64, "--times"),
        Case("\(secret) --times 2 --repeat", 64, "--repeat", "--times", "--for"),
        Case("\(secret) --for 0s -o x.wav", 64, "--for"),
        Case("\(secret) --for \(secret)x -o x.wav", 64, "--for"),
        Case("\(secret) --gap 1h -o x.wav", 64, "--gap", "30s"),
        Case("\(secret) --gap 31s -o x.wav", 64, "--gap", "30s"),
        Case("\(secret) --rate 20 -o x.wav", 64, "--rate", "80"),
        Case("\(secret) --pitch 100 -o x.wav", 64, "--pitch", "99"),
        Case("\(secret) --voice nosuch -o x.wav", 64, "espeak-ng --voices"),
        Case("\(secret) --voice +nosuch -o x.wav", 64, "variant"),
        Case("\(secret) --voice gmw -o x.wav", 64, "voice"),
        Case("\(secret) --voice ../../etc/passwd -o x.wav", 66, "voice folder"),
        Case("\(secret) --style nosuch -o x.wav", 64, "standard"),
        Case("\(secret) --template nosuch -o x.wav", 64, "standard"),
        Case("\(secret) --pacing nosuch -o x.wav", 64, "--pacing", "adaptive"),
        Case("\(secret) -o x.nosuch", 64, "--format"),
        Case("\(secret) -o x", 64, "--format"),
        Case("\(secret) --format nosuch -o x.wav", 64, "--format", "wav-ulaw"),
        Case("\(secret) --sample-rate 11025 -o x.wav", 64, "--sample-rate", "22050"),
        Case("\(secret) --sample-rate 16000 -o x.ulaw", 64, "8000"),
        Case("\(secret) --sample-rate 44100 -o x.ogg", 64, "48000"),
        Case("\(secret) --for 180m -o x.flac", 64, "120 minutes", "wav"),
        Case("\(secret) --repeat -o x.wav", 64, "--times", "--for"),
        Case("\(secret) --repeat > y.wav", 64, "--times", "--for"),
        Case("\(secret) --repeat --format mp3 | cat; exit ${PIPESTATUS[0]}", 64, "mp3", "wav"),
        Case("\(secret) --json", 64, "-o"),
        Case("\(secret) --repeat --json --play", 64, "--json", "--times"),
        Case("\(secret) -o ''", 64, "-o", "empty"),
        Case("\(secret) -o x.wav --captions ''", 64, "--captions", "empty"),
        Case("\(secret) -o x.wav --voices ''", 64, "--voices", "empty"),
        Case("\(secret) -o x.wav --captions x.txt", 64, ".vtt"),
        Case("\(secret) -o x.wav --caption-style cumulative", 64, "--captions"),
        Case("\(secret) -o x.wav --captions x.vtt --caption-style karaoke", 64, "--caption-style", "cumulative"),
        Case("\(secret) --repeat --captions x.vtt | cat; exit ${PIPESTATUS[0]}", 64, "--times"),
        Case("\(secret) --play --format mp3", 64, "--play"),
        Case("", 64, "standard input"),
        Case("voices nosuchlanguage", 64, "voices"),
        // 65: data.
        Case("7351!8 -o x.wav", 65, "character 5"),
        Case("73519é -o x.wav", 65, "character 6", "letter"),
        Case("$(printf '%033d' 0) -o x.wav", 65, "32"),
        Case("'' -o x.wav", 65, "empty"),
        Case("- -o x.wav < /dev/null", 65, "empty"),
        Case("- -o x.wav <<< \"\(secret)\n\(secret)\"", 65, "one line"),
        Case("- -o x.wav < /dev/zero", 65, "one line"),
        Case("\(secret) --voices broken -o x.wav", 65, "broken/en-US.json5:3:", "lokale"),
        Case("voices check broken/en-US.json5", 65, "broken/en-US.json5:3:", "lokale"),
        // 66: input that cannot be read.
        Case("\(secret) --voices nosuchfolder -o x.wav", 66, "nosuchfolder"),
        Case("voices check nosuchfile.json5", 66, "nosuchfile.json5", "not there"),
        Case("voices check ''", 66, "'': "),
        Case("voices check /dev/zero", 66, "/dev/zero", "regular file"),
        Case("- -o x.wav < .", 66, "standard input", "directory"),
        // 73 and 74: output that cannot be made or written.
        Case("\(secret) -o nosuchfolder/x.wav", 73, "nosuchfolder/x.wav", "No such file"),
        Case("\(secret) -o .", 64, "--format"),
        Case("\(secret) --format wav -o broken", 73, "folder"),
        Case("\(secret) -o x.wav --captions nosuchfolder/x.vtt", 73, "nosuchfolder/x.vtt"),
        Case("\(secret) -o nosuchfolder/x.wav --captions x.vtt", 73, "nosuchfolder/x.wav"),
        Case("\(secret) --captions x.vtt > /dev/full", 74, "No space"),
        Case("\(secret) --captions x.vtt -o /dev/full", 74, "No space"),
        Case("\(secret) -o /dev/full", 74, "No space"),
        Case("\(secret) > /dev/full", 74, "No space"),
    ]

    @Test(arguments: cases)
    func saysWhatToDoInOneLine(example: Case) async throws {
        let shell = try Shell()
        defer { shell.remove() }
        _ = try await shell.bash(
            "mkdir broken; printf '{\n  // a slip\n  lokale: \"en-US\",\n}\n' > broken/en-US.json5")
        let outcome = try await shell.bash("\"$speakcode\" \(example.arguments)")
        #expect(outcome.status == example.status)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
        #expect(outcome.errors.hasPrefix("speakcode: "))
        for word in example.words { #expect(outcome.errors.contains(word), "\(outcome.errors)") }
        #expect(!outcome.errors.contains(secret))
        #expect(!outcome.errors.contains("73519"))
        #expect(shell.files.filter { $0 != "y.wav" } == ["broken"], "neither audio nor captions")
    }

    @Test(arguments: [
        "speak voice", "VOICES", "SERVE", "- <<< voices", "12 voices", "--voice en-gb-x-rp 12",
        "--locale mt --voice it 12", "--voice +whisper 12", "--locale nb --voice gmq/nb+f2 12",
    ])
    func whatCanBeMeantIsRead(arguments: String) async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let outcome = try await shell.bash("\"$speakcode\" \(arguments) --times 1 -o x.wav")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(shell.exists("x.wav"))
    }

    @Test(arguments: [5, 6, 7, 8, 12, 16, 24, 32, 40, 56, 80, 128])
    func tooFewDescriptorsAreSaidToBeTooFew(limit: Int) async throws {
        let shell = try Shell()
        defer { shell.remove() }
        _ = try await shell.bash("cp -r \"$(dirname \"$speakcode\")/../../../voices\" . 2> /dev/null || mkdir voices")
        for arguments in [
            "\(secret) -o x.wav", "\(secret) -o x.wav --voices voices", "voices", "- -o x.wav < /dev/null",
        ] {
            let outcome = try await shell.bash("ulimit -n \(limit); exec \"$speakcode\" \(arguments)")
            let isEnough = [0, 65].contains(outcome.status)
            #expect(isEnough || outcome.status == 71, "\(arguments): \(outcome.status) \(outcome.errors)")
            #expect(
                isEnough || outcome.errorLines.count == 1 && outcome.errors.contains("ulimit -n"), "\(outcome.errors)")
            #expect(limit < 100 || isEnough)
        }
        // What the system lets it ask for, it asks for.
        let more = try await shell.bash("ulimit -Sn \(limit); exec \"$speakcode\" \(secret) -o x.wav")
        #expect(more.status == 0, "\(more.errors)")
    }

    /// Runs the command as a user whom nobody else is, no test beside this one either: its processes alone are counted.
    private static let alone = """
        run=("$speakcode")
        if [ "$(id -u)" = 0 ]; then
            # A link where there can be one: 150 MB are copied slowly, dozens of times.
            ln "$speakcode" ./copy 2>/dev/null || cp "$speakcode" ./copy
            chmod 777 . && chmod 755 ./copy
            run=(setpriv --reuid "$((100000 + $$))" --regid "$((100000 + $$))" --clear-groups prlimit "--nproc=$limit" ./copy)
        else
            ulimit -u "$limit"
        fi

        """

    @Test(arguments: [
        "\(secret) -o x.wav", "voices check en-US.json5", "keys new", "serve --port 0",
        "doctor http://127.0.0.1:9/a.wav",
        "--version",
    ])
    func tooFewProcessesAreSaidToBeTooFew(arguments: String) async throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
        for limit in [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 16, 100] {
            let shell = try Shell()
            defer { shell.remove() }
            try FileManager.default.copyItem(
                at: root.appending(path: "voices/en-US.json5"), to: shell.folder.appending(path: "en-US.json5"))
            // What serves is told to end once it listens; what hangs is killed.
            let outcome = try await shell.bash(
                "limit=\(limit)\n" + Self.alone
                    + """
                    timeout --preserve-status -k 60 60 "${run[@]}" \(arguments) </dev/null 2>errors &
                    program=$!
                    until grep -qs ' listening$' errors || ! kill -0 $program 2>/dev/null; do sleep 0.01; done
                    ! grep -qs ' listening$' errors || kill -TERM $program
                    wait $program
                    status=$?
                    cat errors >&2
                    exit $status
                    """)
            if outcome.status == 71 {
                #expect(outcome.errorLines.count == 1 && outcome.errors.contains("ulimit -u"), "\(outcome.errors)")
                #expect(arguments != "--version" && limit < 100)
            } else {
                // 69: nobody is there whom the doctor could ask.
                #expect(outcome.status == (arguments.hasPrefix("doctor") ? 69 : 0), "\(limit): \(outcome.errors)")
            }
            #expect(!outcome.errors.contains("crashed"))
        }
    }

    @Test(
        .enabled(if: canHideProc), arguments: ["--version", "--help", "keys new", "\(secret) -o x.wav", "voices check"])
    func withoutProcItTellsItsVersionAndElseWhatIsMissing(arguments: String) async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let outcome = try await shell.bash(
            "unshare -m bash -c 'mount -t tmpfs none /proc && exec \"$speakcode\" \(arguments)'")
        if arguments == "--version" {
            #expect(outcome.status == 0 && outcome.errors.isEmpty && !outcome.output.isEmpty, "\(outcome.errors)")
        } else {
            #expect(outcome.status == 71 && outcome.errorLines.count == 1, "\(outcome.status) \(outcome.errors)")
            #expect(outcome.errors.contains("/proc"))
        }
    }

    /// Whether this user may have a tree of mounts of its own.
    private static let canHideProc: Bool = {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/unshare")
        process.arguments = ["-m", "mount", "-t", "tmpfs", "none", "/proc"]
        process.standardError = FileHandle.nullDevice
        do { try process.run() } catch { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()

    @Test func theEngineCannotBeReadByOthersOfItsUser() async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let line = #"{"text":"one, two, three, four, five,","ending":"","phonemes":false,"pace":1}"#
        let request =
            #"{"version":2,"voice":{"name":"gmw/en-US","rate":140,"pitch":35,"range":40},"lines":[\#([line, line, line].joined(separator: ","))]}"#
        // It has more to say than a pipe holds, so it waits to be read.
        let outcome = try await shell.bash(
            "limit=100\n" + Self.alone + """
                mkfifo answer
                "${run[@]}" --speak-units '\(request)' > answer &
                exec 3< answer
                head -c 1 <&3 | wc -c
                stat -c %u "/proc/$!/environ"
                grep NoNewPrivs: "/proc/$!/status"
                cat <&3 > /dev/null
                wait $!
                """)
        let lines = outcome.text.split(separator: "\n").map { $0.filter { !$0.isWhitespace } }
        #expect(outcome.status == 0 && lines == ["1", "0", "NoNewPrivs:1"], "\(outcome.text) \(outcome.errors)")
    }

    @Test(arguments: ["/no/such/folder", "/"])
    func aMissingEngineIsUnavailable(data: String) async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let outcome = try await shell.speakcode(secret, "-o", "x.wav", environment: ["ESPEAK_DATA_PATH": data])
        #expect(outcome.status == 69)
        #expect(outcome.errorLines.count == 1)
        #expect(outcome.errors.contains("ESPEAK_DATA_PATH"))
        #expect(shell.files.isEmpty)
    }

    @Test(arguments: ["help", "--help", "-h", "help voices", "voices --help", "voices check --help", "--version"])
    func helpIsNoError(arguments: String) async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let outcome = try await shell.bash("\"$speakcode\" \(arguments)")
        #expect(outcome.status == 0)
        #expect(outcome.errors.isEmpty)
        #expect(!outcome.output.isEmpty)
    }
}
