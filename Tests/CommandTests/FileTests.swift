// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import TestSupport
import Testing

/// `-o FILE`: a file that appears whole or not at all.
@Suite(.timeLimit(.minutes(10)))
struct FileTests {
    @Test(arguments: [
        ("x.wav", "pcm_s16le", 8000), ("x.ulaw", "pcm_mulaw", 8000), ("x.alaw", "pcm_alaw", 8000),
        ("x.au", "pcm_mulaw", 8000),
        ("x.flac", "flac", 8000), ("x.ogg", "opus", 48_000), ("x.mp3", "mp3", 8000),
    ])
    func theExtensionTellsTheFormat(name: String, codec: String, rate: Int) async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let outcome = try await shell.speakcode("12", "--times", "1", "-o", name)
        #expect(outcome.status == 0)
        #expect(outcome.output.isEmpty)
        let raw = ["ulaw": "-f mulaw -ar 8000 ", "alaw": "-f alaw -ar 8000 "][name.split(separator: ".")[1]] ?? ""
        let probe = try await shell.bash(
            "ffprobe -v error \(raw)-show_entries stream=codec_name,sample_rate,channels -of csv=p=0 \(name)")
        #expect(probe.text.trimmingCharacters(in: .whitespacesAndNewlines) == "\(codec),\(rate),1", "\(probe.errors)")
    }

    @Test func theFormatCanBeGivenWithoutAnExtension() async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let outcome = try await shell.bash(
            """
            "$speakcode" 12 --times 1 --format flac --sample-rate 16000 -o x && head -c 4 x &&
            "$speakcode" 12 --times 1 --format wav -o y.bin && cmp y.bin <("$speakcode" 12 --times 1)
            """)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.text == "fLaC")
    }

    @Test func aFullDiskLeavesTheOldFileAlone() async throws {
        let shell = try Shell()
        defer { shell.remove() }
        // A file may grow to 8 KiB and no further.
        let outcome = try await shell.bash("echo before > x.wav; ulimit -f 8; \"$speakcode\" \(secret) -o x.wav")
        #expect(outcome.status == 74)
        // eSpeak NG's sound libraries say a line of their own about their shared memory.
        #expect(outcome.errorLines.filter { $0.hasPrefix("speakcode: ") }.count == 1)
        #expect(shell.files == ["x.wav"])
        #expect(try shell.bytes("x.wav") == Array("before\n".utf8))
    }

    @Test func anInterruptedRunLeavesNothingBehind() async throws {
        let shell = try Shell()
        defer { shell.remove() }
        // Stopped as soon as the new file stands beside the old one; a shell's background jobs ignore Ctrl-C, hence TERM.
        let outcome = try await shell.bash(
            """
            echo before > x.wav
            for run in 1 2 3 4 5 6 7 8; do
                "$speakcode" 0123456789 --times 1000 -o x.wav & pid=$!
                until compgen -G '.speakcode-*.part' > /dev/null || ! kill -0 $pid 2> /dev/null; do :; done
                kill -TERM $pid 2> /dev/null; wait $pid
            done
            ls -A
            """)
        #expect(outcome.text == "x.wav\n", "\(outcome.errors)")
    }

    @Test func anOldFileKeepsItsPermissionsAndItsLinks() async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let outcome = try await shell.bash(
            """
            umask 022
            echo old > real.wav; chmod 600 real.wav; ln -s real.wav link.wav
            "$speakcode" 12 -o link.wav && "$speakcode" 12 -o new.wav
            stat -c '%a %F' real.wav link.wav new.wav
            """)
        #expect(outcome.text == "600 regular file\n777 symbolic link\n644 regular file\n", "\(outcome.errors)")
    }

    @Test func aLinkToWhatIsNotThereYetIsFollowed() async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let outcome = try await shell.bash(
            """
            mkdir a b; ln -s ../b/second a/first; ln -s real.wav b/second
            "$speakcode" 12 --format wav -o a/first && ls -A . a b && test -L a/first && test -L b/second && head -c 4 b/real.wav
            ln -s round.wav round.wav; "$speakcode" 12 -o round.wav; echo " $?"; test -L round.wav
            ln -s none/x.wav lost.wav; "$speakcode" 12 -o lost.wav; echo $?; test -L lost.wav
            """)
        #expect(outcome.status == 0)
        #expect(outcome.text == ".:\na\nb\n\na:\nfirst\n\nb:\nreal.wav\nsecond\nRIFF 73\n73\n")
        #expect(outcome.errorLines.count == 2, "\(outcome.errors)")
    }

    @Test func captionsAppearWithTheAudioOrNotAtAll() async throws {
        let shell = try Shell()
        defer { shell.remove() }
        // The captions fit into 8 KiB and the audio does not; what was there before stays.
        let outcome = try await shell.bash(
            """
            echo before > x.vtt; ulimit -f 8; "$speakcode" \(secret) -o x.wav --captions x.vtt 2> /dev/null; echo $?; cat x.vtt
            "$speakcode" \(secret) --captions y.vtt --play 2> /dev/null; echo $?; ls -A
            """, environment: ["PATH": "/bin"])
        #expect(outcome.text == "74\nbefore\n69\nx.vtt\n")
    }

    @Test func aNamedPipeIsWrittenThrough() async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let outcome = try await shell.bash(
            """
            mkfifo p.wav; "$speakcode" 12 --times 2 -o p.wav & cat p.wav > got.wav; wait $! && test -p p.wav &&
            "$speakcode" 12 --times 2 -o x.wav && cmp x.wav got.wav
            """)
        #expect(outcome.status == 0, "\(outcome.errors)")
    }

    @Test func captionsAreReadOffTheSameTimeline() async throws {
        let shell = try Shell()
        defer { shell.remove() }
        for format in ["vtt", "srt", "json"] {
            let outcome = try await shell.speakcode(
                "40 7", "--locale", "ja", "--times", "2", "--pacing", "adaptive", "-o", "x.wav", "--captions",
                "x.\(format)")
            #expect(outcome.status == 0, "\(outcome.errors)")
        }
        let document = try #require(
            try JSONSerialization.jsonObject(with: Data(shell.bytes("x.json"))) as? [String: Any])
        let cues = try #require(document["cues"] as? [[String: Any]])
        #expect(cues.compactMap { $0["symbol"] as? String } == ["4", "0", "7", "4", "0", "7"])
        #expect(cues.compactMap { $0["text"] as? String }.prefix(4).dropFirst() == ["よん", "ゼロ", "なな"])
        #expect(cues.map { $0["reading"] as? Int } == [1, 1, 1, 1, 2, 2, 2, 2])

        // Outside the cues the samples are silent, and inside each they are not.
        let bytes = try shell.bytes("x.wav").dropFirst(44)
        let isQuiet = bytes.enumerated().reduce(into: [Bool](repeating: true, count: bytes.count / 2)) {
            if $1.element != 0 { $0[$1.offset / 2] = false }
        }
        #expect(document["sampleCount"] as? Int == isQuiet.count)
        var before = 0
        for cue in cues {
            let start = try #require(cue["startSample"] as? Int)
            let end = try #require(cue["endSample"] as? Int)
            #expect(isQuiet[before..<start].allSatisfy { $0 })
            #expect(isQuiet[start..<end].contains(false))
            before = end
        }
        #expect(isQuiet[before...].allSatisfy { $0 })
        let same = try await shell.bash("cmp <(ffmpeg -v error -i x.vtt -f srt -) <(ffmpeg -v error -i x.srt -f srt -)")
        #expect(same.status == 0, "ffmpeg reads the same from both: \(same.text)\(same.errors)")
    }

    @Test func aCodeOfCapitalAndSmallLettersHasAWarningUnlessItsCaseIsSaid() async throws {
        let shell = try Shell()
        defer { shell.remove() }
        for (code, options, isWarned) in [
            ("zulQ4i", "", true), ("ZULQ4I", "", false), ("zulQ4i", "--case spoken", false),
        ] {
            let outcome = try await shell.bash("\"$speakcode\" \(code) --times 1 -o x.wav --json \(options)")
            #expect(outcome.status == 0, "\(outcome.errors)")
            let summary = try #require(try JSONSerialization.jsonObject(with: outcome.output) as? [String: Any])
            let warnings = summary["warnings"] as? [String] ?? []
            #expect(warnings.isEmpty == !isWarned)
            #expect(warnings.allSatisfy { $0.contains("--case spoken") && !$0.contains(code) })
        }
    }

    @Test func theSummaryTellsWhatWasMadeAndNotTheCode() async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let outcome = try await shell.speakcode(secret, "--locale", "de", "--times", "2", "-o", "x.mp3", "--json")
        let summary = try #require(try JSONSerialization.jsonObject(with: outcome.output) as? [String: Any])
        #expect(summary["locale"] as? String == "de-DE")
        #expect(summary["format"] as? String == "mp3")
        #expect(summary["readings"] as? Int == 2)
        #expect(summary["sampleRate"] as? Int == 8000)
        #expect(summary["byteCount"] as? Int == (try shell.bytes("x.mp3").count))
        #expect((summary["engine"] as? String)?.hasPrefix("eSpeak NG 1.") == true)
        let level = try #require(summary["activeLevel"] as? Double)
        #expect(abs(level - -22) <= 1)
        #expect(try #require(summary["peak"] as? Double) <= -3)
        #expect(!outcome.text.contains(secret))
        #expect(outcome.errors.isEmpty)
    }

    @Test(arguments: ["en-US", "de-DE", "ja-JP"])
    func noNumberOfTheSummaryAndNoSizeDependsOnTheCode(locale: String) async throws {
        let shell = try Shell()
        defer { shell.remove() }
        var seen: Set<String> = []
        for code in ["000000", "123456", "777777", "981245"] {
            let outcome = try await shell.bash(
                """
                for style in words cumulative; do for captions in vtt srt json; do
                    "$speakcode" - -o x.wav --locale \(locale) --captions x.$captions --caption-style $style --json <<<\(code)
                    stat -c %s x.$captions
                done; done
                for format in flac ogg mp3; do "$speakcode" - -o x.$format --locale \(locale) --json <<<\(code); done
                """)
            #expect(outcome.status == 0, "\(outcome.errors)")
            seen.insert(outcome.text)
        }
        #expect(seen.count == 1)
    }

    @Test func captionsKeepTheCodeOnTheScreenWhereThatIsAskedFor() async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let outcome = try await shell.speakcode(
            "40 7", "--times", "1", "-o", "x.wav", "--captions", "x.srt", "--caption-style", "cumulative")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let lines = String(decoding: try shell.bytes("x.srt"), as: UTF8.self).split(separator: "\n")
        let shown = zip(lines, lines.dropFirst()).filter { $0.0.contains("-->") }.map(\.1)
        #expect(shown.dropFirst() == ["4", "40", "40 7"])
    }

    @Test func whatIsSaidOnAClosedDescriptorDoesNotGoIntoTheFile() async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let outcome = try await shell.bash(
            """
            "$speakcode" \(secret) --times 1 -o usual.wav
            "$speakcode" \(secret) --times 1 -o x.wav --json <&- >&- 2>&-
            cmp usual.wav x.wav
            """)
        #expect(outcome.status == 0, "\(outcome.text)")
    }

    @Test(arguments: ["voices", "\(secret) --times 1 -o x.wav --json"])
    func whatCannotBePrintedIsAnError(arguments: String) async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let outcome = try await shell.bash("\"$speakcode\" \(arguments) > /dev/full")
        #expect(outcome.status == 74)
        #expect(outcome.errorLines.count == 1)
    }
}
