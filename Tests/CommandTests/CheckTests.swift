// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import TestSupport
import Testing

/// `speakcode check`: what a line did to an announcement.
@Suite("A check", .timeLimit(.minutes(10)))
struct CheckTests {
    /// What is sent, and what has become of it by a program that is not ours.
    private static let sent = """
        "$speakcode" "735 198" --times 2 --template code-only --voice female -o sent.wav --captions code.json
        check() { "$speakcode" check "$@" --against code.json; echo "$?"; }

        """

    @Test("of a good line is clean, from its captions alone or from its audio")
    func clean() async throws {
        let shell = try Shell()
        defer { shell.remove() }
        // Another rate, another codec, and a silence before.
        let outcome = try await shell.bash(
            Self.sent + """
                sox sent.wav -r 16000 late.flac pad 1 2; sox sent.wav -r 8000 -e gsm-full-rate gsm.wav
                check late.flac --voice female; check gsm.wav --reference sent.wav; check sent.wav --voice female --quiet
                """)
        #expect(outcome.errors.isEmpty, "\(outcome.errors)")
        let parts = outcome.text.split(separator: "\n").map(String.init)
        #expect(parts.count { $0 == "nothing is wrong" } == 2 && parts.count { $0 == "0" } == 3, "\(outcome.text)")
        #expect(parts[0] == "begins    1000.0 ms into the recording")
        #expect(parts[1] == "readings  2 of 2 whole: 1, 2")
    }

    @Test("of a file that a library remarks on says one line, which is ours", arguments: ["", "-q"])
    func remarked(option: String) async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let outcome = try await shell.bash(
            Self.sent + """
                "$speakcode" "735 198" --times 2 --template code-only --voice female -o whole.mp3
                head -c 4000 whole.mp3 > cut.mp3
                check cut.mp3 --voice female \(option)
                """)
        // mpg123: "Warning: Xing stream size off by more than 1%, fuzzy seeking may be even more fuzzy than by design!"
        #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
        #expect(outcome.errors.hasPrefix("speakcode: the line did "), "\(outcome.errors)")
        #expect(outcome.text.hasSuffix("76\n"))
    }

    @Test("of a bad line says what is wrong, in words, in JSON and in a picture, and never the code")
    func bad() async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let outcome = try await shell.bash(
            Self.sent + """
                sox sent.wav short.wav trim 0 8 vol -12dB
                check short.wav --voice female --picture line.svg > said.txt; check short.wav --voice female --json > said.json 2> said.txt.json
                python3 - <<'CHECK'
                import json, xml.etree.ElementTree as tree
                said = open("said.txt").read()
                report = json.loads(open("said.json").read().splitlines()[0])
                assert [f["kind"] for f in report["findings"]] == ["cut-at-end", "level"], report["findings"]
                assert report["wholeReadings"] == [1] and abs(report["gain"] + 12) < 0.1
                assert len(report["words"]) == 12 and report["words"][-1]["state"] == "beyond"
                picture = tree.parse("line.svg").getroot()
                space = "{http://www.w3.org/2000/svg}"
                assert picture.get("role") == "img"
                named = [picture.find(f".//*[@id='{name}']") for name in picture.get("aria-labelledby").split()]
                assert [e.tag for e in named] == [space + "title", space + "desc"] and all(e.text for e in named)
                titles = [g.find(space + "title").text for g in picture.iter(space + "g")]
                assert not list(picture.iter(space + "polygon"))
                assert len(titles) == 12 and titles[0] == "symbol 1 of reading 1: heard", titles
                shown = " ".join(t.text for t in picture.iter(space + "text"))
                assert "12.0 dB softer" in shown and "12.0 dB softer" in said
                for text in (said, open("said.json").read(), open("line.svg").read()):
                    assert "735198" not in text and "735 198" not in text and "symbol\\": \\"7" not in text
                print(said.splitlines()[-1])
                CHECK
                """)
        #expect(outcome.text == "76\n", "\(outcome.text) \(outcome.errors)")
        #expect(outcome.errorLines.map(String.init) == ["speakcode: the line did 2 things that it should not"])
    }

    @Test(
        "that cannot be made is refused in one line",
        arguments: [
            ("sent.wav", 64, "--against is missing"), ("de-DE.json5", 64, "voices check"),
            ("none.wav --against code.json", 66, "none.wav"), ("sent.wav --against none.json", 66, "none.json"),
            ("code.json --against code.json --reference sent.wav", 65, "no audio"),
            ("sent.wav --against sent.wav", 65, "--captions code.json"), ("sent.wav --against empty.json", 65, "cues"),
            ("sent.wav --against code.json", 65, "--reference"), ("sent.wav --against code.json --tty", 64, "--tty"),
            ("sent.wav --against code.json --reference short.wav", 65, "as long as"),
            ("sent.wav --against rate.json", 65, "sampleRate"), ("sent.wav --against tag.json", 65, "tag.json: locale"),
            ("sent.wav --against unknown.json", 65, "unknown.json: locale"),
            ("long.flac --against code.json --reference sent.wav", 65, "more than 57600000 samples"),
            ("sent.wav --against code.json --picture ''", 64, "--picture"),
        ])
    func refused(arguments: String, status: Int32, words: String) async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let outcome = try await shell.bash(
            Self.sent + """
                echo '{"locale":"en-US","sampleRate":8000,"sampleCount":8000,"cues":[]}' > empty.json
                sed 's/"locale" : "[^"]*"/"locale" : "no tag"/' code.json > tag.json
                sed 's/"locale" : "[^"]*"/"locale" : "tlh-QX"/' code.json > unknown.json
                case "\(arguments)" in long*) sox -n -r 96000 -b 16 long.flac trim 0 601;; esac
                sed 's/"sampleRate" : 8000/"sampleRate" : 7000/' code.json > rate.json; sox sent.wav short.wav trim 0 3
                "$speakcode" check \(arguments)
                """)
        #expect(outcome.status == status)
        #expect(outcome.errorLines.count == 1 && outcome.errors.contains(words), "\(outcome.errors)")
        #expect(!outcome.errors.contains("735"))
    }
}
