// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import TestSupport
import Testing

@testable import SpeakCodeCommand

/// `speakcode corpus`: known codes over known lines.
@Suite("A corpus", .timeLimit(.minutes(10)))
struct CorpusTests {
    @Test("is the same bytes for the same seed, and its check sums are right")
    func digest() async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let made = try await shell.bash(
            """
            set -e
            for run in "a 7" "b 7" "c 8"; do
                "$speakcode" corpus --codes 5 --length 4 --locales en-US,ja-JP --voices male,female \\
                    --lines clean,gsm,babble5+loss10 --seed ${run#* } -o ${run% *}
            done
            diff -r a b; cd a; sha256sum -c --quiet SHA256SUMS
            find . -type f ! -name SHA256SUMS | sed 's|./||' | LC_ALL=C sort | diff - <(cut -c 67- SHA256SUMS); ls audio align | wc -l
            """)
        #expect(made.status == 0, "\(made.errors)")
        let lines = made.text.split(separator: "\n").map { $0.split(separator: " ") }
        #expect(lines[0][0] == lines[1][0] && lines[0][0] != lines[2][0])
        #expect(lines[0][1] == "a/SHA256SUMS")
        // Fifteen of audio, and two texts beside each; two names of folders and the line between.
        #expect(lines[3] == ["48"])
    }

    @Test("tells in its manifest what is heard when")
    func manifest() async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let made = try await shell.bash(
            """
            "$speakcode" corpus --codes 3 --length 8 --letters --locales en-US --lines clean,noise10 --layout nemo -o x > digest &&
            python3 - <<'CHECK'
            import json, struct, wave
            rows = [json.loads(line) for line in open("x/manifest.jsonl")]
            assert [(row["index"], row["line"]) for row in rows] == [(n, l) for n in range(3) for l in ("clean", "noise10")]
            for row in rows:
                audio = wave.open("x/" + row["audio_filepath"])
                assert (audio.getframerate(), audio.getnchannels(), audio.getsampwidth()) == (8000, 1, 2)
                assert audio.getnframes() == round(row["duration"] * 8000) and row["offset"] == 0
                assert "".join(s["symbol"] for s in row["symbols"]) == row["code"] and len(row["code"]) == 8
                assert len(row["text"].split()) >= 8 and row["lang"] == "en-US"
                if row["line"] == "clean":
                    samples = struct.unpack(f"<{audio.getnframes()}h", audio.readframes(audio.getnframes()))
                    place = 0
                    for symbol in row["symbols"]:
                        # Silent up to each symbol, and never silent in it.
                        assert not any(samples[place:symbol["startSample"]])
                        assert any(samples[symbol["startSample"]:symbol["startSample"] + 80])
                        place = symbol["endSample"]
                    assert not any(samples[place:])
                    assert -23 < row["level"] < -21, row["level"]
            print("right")
            CHECK
            """)
        #expect(made.text == "right\n", "\(made.errors)")
    }

    @Test("goes on where it was interrupted")
    func resumed() async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let made = try await shell.bash(
            """
            # `exec`, so that the signal meets the command.
            corpus() { exec "$speakcode" corpus --codes 40 --length 4 --lines clean,ulaw,gsm,noise5,loss5 --seed 3 -o "$1"; }
            (corpus whole > whole.txt)
            # Once more where it was whole before it could be told to stop.
            for try in 1 2 3 4 5; do
                rm -rf half; corpus half > half.txt & pid=$!
                until [[ -e half/.progress/3.jsonl ]] || ! kill -0 $pid; do :; done
                kill -TERM $pid; wait $pid; status=$?; [[ -e half/SHA256SUMS ]] || break
            done
            echo $status; ls -A half/.progress | grep -c 'jsonl$'
            flock half "$speakcode" corpus --codes 40 --length 4 --lines clean,ulaw,gsm,noise5,loss5 --seed 3 -o half; echo $?
            touch -d 2001-01-01 half/audio/*_000000_*; (corpus half > half.txt); echo $?
            diff -r whole half && find half -name '*_000000_*.wav' ! -newermt 2002-01-01 | wc -l; ls -A half
            (corpus half 2>&1 > again.txt); cmp again.txt half.txt
            """)
        let lines = made.text.split(separator: "\n").map(String.init)
        #expect(lines[0] == "143")
        let noted = try #require(Int(lines[1]))
        #expect((1..<40).contains(noted))
        #expect(made.errors.contains("another run is making half"))
        #expect(lines[2...4] == ["75", "0", "5"], "what is there is not made again: \(made.errors)")
        #expect(!lines.contains(".progress"))
        #expect(lines.last == "speakcode: half is whole already")
    }

    @Test("is laid out as those who read it want")
    func layouts() async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let made = try await shell.bash(
            """
            set -e
            for layout in kaldi fsdd; do
                "$speakcode" corpus --codes 6 --length 4 --locales en-US,de-DE --lines clean,ulaw --seed 5 --layout $layout -o $layout > digest
            done
            cd kaldi; export LC_ALL=C
            for file in wav.scp text segments utt2spk utt2lang spk2utt; do sort -c $file; done
            for file in text segments utt2spk utt2lang; do diff <(cut -d' ' -f1 wav.scp) <(cut -d' ' -f1 $file); done
            while read -r name path; do test -f $path; done < wav.scp
            # Speakers in the same order as their utterances, as validate_data_dir.sh wants.
            cut -d' ' -f2 utt2spk | sort -c; wc -l < wav.scp; cut -d' ' -f1 spk2utt
            cd ../fsdd/recordings; ls | wc -l; ls | grep -vcE '^[0-9]_(en-US|de-DE)-male-(clean|ulaw)_[0-9]+[.]wav$' || true
            # Each speaker's takes of a digit are counted from 0.
            for stem in $(ls | sed 's/_[0-9]*[.]wav$//' | sort -u); do
                diff <(ls $stem* | sed 's/.*_\\([0-9]*\\)[.]wav$/\\1/' | sort -n) <(seq 0 $(($(ls $stem* | wc -l) - 1)))
            done
            """)
        #expect(made.status == 0, "\(made.errors)")
        #expect(made.text == "12\nde-DE-male\nen-US-male\n48\n0\n")
    }

    private static let manyLines = (0..<26).map { "white\($0)" }.joined(separator: ",")

    @Test("is made from its plan on, and what is not whole again")
    func mended() async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let made = try await shell.bash(
            """
            corpus() { "$speakcode" corpus --codes 3 --length 2 --seed 3 -o "$1"; }
            corpus whole > /dev/null
            # Killed before anything but the plan was there.
            mkdir begun; cp whole/corpus.json begun; corpus begun > /dev/null; echo $?; diff -r whole begun && echo same
            # By other libraries.
            mkdir other; sed 's/soxr[^,"]*/soxr 9/' whole/corpus.json > other/corpus.json; corpus other 2> other.txt; echo $?
            # Two at once: one is refused, or comes when the other has ended.
            (corpus twice > one.txt 2>&1; echo $? > one) & (corpus twice > two.txt 2>&1; echo $? > two); wait
            sort -u one two | tr -d '\n'; diff -r whole twice && echo same
            """)
        #expect(made.text.hasPrefix("0\nsame\n73\n"), "\(made.text) \(made.errors)")
        #expect(["0same\n", "075same\n"].contains(String(made.text.dropFirst(10))), "\(made.text)")
    }

    @Test(
        "that cannot be made is refused in one line",
        arguments: [
            ("--lines hall -o x", 64, "there are clean"), ("--lines loss -o x", 64, "0.1 to 90"),
            ("--codes 0 -o x", 64, "1 to 100000"), ("--length 33 -o x", 64, "1 to 32"),
            ("--lines clean,clean -o x", 64, "twice"),
            ("--locales en-US, -o x", 64, "empty"), ("--voices nobody -o x", 64, "female, male"),
            ("-o .", 73, "something else"), ("-o there", 73, "Not a directory"),
            ("--codes 40000 --lines \(manyLines) -o x", 64, "1000000"),
            ("--codes 40000 --length 32 --layout fsdd -o x", 64, "1000000"), ("--licence '' -o x", 64, "--licence"),
            ("-o there/x", 73, "cannot be created"), ("", 64, "output"), ("--layout tidigits -o x", 64, "layout"),
        ])
    func refused(options: String, status: Int32, words: String) async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let outcome = try await shell.bash("touch there; \"$speakcode\" corpus --codes 1 \(options)")
        #expect(outcome.status == status)
        #expect(outcome.errorLines.count == 1)
        #expect(outcome.errors.contains(words), "\(outcome.errors)")
    }

    @Test("shows at a terminal how far it is")
    func progress() async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let outcome = try await shell.python(
            """
            import os, pty
            child, terminal = pty.fork()
            if child == 0:
                os.environ["TERM"] = "xterm"; os.environ.pop("NO_COLOR", None)
                os.execv(os.environ["speakcode"], ["speakcode", "corpus", "--codes", "4", "-o", "x"])
            said = b""
            while True:
                try: said += os.read(terminal, 4096)
                except OSError: break
            assert os.waitpid(child, 0)[1] == 0
            print(all(f"{n} of 4 codes".encode() in said for n in range(5)), b"[####################]" in said, said.endswith(b"SHA256SUMS\\r\\n"))
            """)
        #expect(outcome.text == "True True True\n", "\(outcome.errors)")
    }

    @Test(
        "tells how long it will take, by what it has done itself",
        arguments: [
            (0, 0, "[....................] 0 of 8 codes"), (6, 4, "[###############.....] 6 of 8 codes, 1:01 left"),
            (4, 4, "[##########..........] 4 of 8 codes"), (8, 0, "[####################] 8 of 8 codes"),
        ])
    func line(done: Int, before: Int, line: String) {
        #expect(CorpusProgress.line(done, of: 8, before: before, after: .seconds(61)) == line)
    }
}
