// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCode
import SpeakCodeTesting
import Testing

@Suite("Captions")
struct CaptionsTests {
    private func timeline(
        _ code: String = "07", readings: Int = 2, template: String = "standard", pacing: Pacing.Preset = .normal,
        locale: String? = nil
    ) async throws -> Timeline {
        let pack = try locale.map { try VoicePackCatalog.builtIn.pack(for: $0) } ?? TestPack.pack()
        let script = try Script(
            code: VerificationCode(code), pack: pack, pacing: Pacing(pacing), wording: Wording(template: template))
        return try await CodeReader.plain().render(script, length: .init(readings: readings), as: .wav(.hz22050))
            .timeline
    }

    @Test("as WebVTT")
    func webVTT() async throws {
        let text = Captions(of: try await timeline()).text(as: .webVTT)
        #expect(
            text == """
                WEBVTT
                Language: en-US

                1
                00:00:00.200 --> 00:00:00.516
                Your code is:

                2
                00:00:01.016 --> 00:00:01.429
                zero

                3
                00:00:01.830 --> 00:00:02.355
                seven

                4
                00:00:03.431 --> 00:00:03.695
                I repeat:

                5
                00:00:04.195 --> 00:00:04.609
                zero

                6
                00:00:05.010 --> 00:00:05.534
                seven



                """)
    }

    @Test("as SubRip")
    func subRip() async throws {
        let text = Captions(of: try await timeline()).text(as: .subRip)
        #expect(
            text == """
                1
                00:00:00,200 --> 00:00:00,516
                Your code is:

                2
                00:00:01,016 --> 00:00:01,429\u{20}
                zero

                3
                00:00:01,830 --> 00:00:02,355
                seven

                4
                00:00:03,431 --> 00:00:03,695
                I repeat:

                5
                00:00:04,195 --> 00:00:04,609\u{20}
                zero

                6
                00:00:05,010 --> 00:00:05,534
                seven

                """)
    }

    @Test("as JSON")
    func json() async throws {
        let text = Captions(of: try await timeline(readings: 1)).text(as: .json)
        #expect(
            text == """
                {
                  "cues" : [
                    {
                      "end" : 0.5160544217687075,
                      "endSample" : 11379,
                      "reading" : 1,
                      "start" : 0.2,
                      "startSample" : 4410,
                      "text" : "Your code is:"
                    },
                    {
                      "end" : 1.429342403628118,
                      "endSample" : 31517,
                      "position" : 1,
                      "reading" : 1,
                      "start" : 1.0160544217687075,
                      "startSample" : 22404,
                      "symbol" : "0",
                      "text" : "zero"
                    },
                    {
                      "end" : 2.3551020408163263,
                      "endSample" : 51930,
                      "position" : 2,
                      "reading" : 1,
                      "start" : 1.83015873015873,
                      "startSample" : 40355,
                      "symbol" : "7",
                      "text" : "seven"
                    }
                  ],
                  "duration" : 3.2314285714285713,
                  "locale" : "en-US",
                  "sampleCount" : 71253,
                  "sampleRate" : 22050
                }\u{20}

                """)
    }

    @Test("escape in WebVTT what would be markup there, and nothing elsewhere")
    func markup() async throws {
        let captions = Captions(of: try await timeline(readings: 1, template: "polite"))
        #expect(captions.text(as: .webVTT).contains("\nGoodbye &amp; &lt;thanks&gt;\n"))
        #expect(captions.text(as: .subRip).contains("\nGoodbye & <thanks>\n"))
        #expect(captions.text(as: .json).contains("\"Goodbye & <thanks>\""))
    }

    // MARK: The code on the screen

    @Test("keep the code on the screen as far as it has been read, whole until something else is said")
    func cumulative() async throws {
        let timeline = try await timeline("73-519", readings: 3, pacing: .adaptive)
        let cues = timeline.cues(.cumulative)
        let read = ["7", "73", "73 5", "73 51", "73 519"]
        #expect(
            cues.map(\.text)
                == ["Your code is:"] + read + ["I repeat:"] + read + ["I repeat:"] + read)
        for (cue, next) in zip(cues, cues.dropFirst()) where cue.symbol != nil { #expect(cue.end == next.start) }
        #expect(cues.last?.end == timeline.sampleCount)
        #expect(cues.map(\.start) == timeline.cues.map(\.start))
        #expect(cues.map(\.symbol) == timeline.cues.map(\.symbol))
        // The third reading of a code without groups is in groups, and so is what is shown.
        let grouped = try await self.timeline("735198", readings: 3, pacing: .adaptive).cues(.cumulative)
        #expect(grouped.filter { $0.position == 6 }.map(\.text) == ["735198", "735198", "735 198"])
    }

    @Test("show the code in each format in either style")
    func styles() async throws {
        let timeline = try await timeline("73-5", readings: 1)
        for (format, words, code) in [
            (Captions.Format.webVTT, "\nseven\n", "\n73 5\n"), (.subRip, "\nseven\n", "\n73 5\n"),
            (.json, "\"seven\"", "\"73 5\""),
        ] {
            let spoken = Captions(of: timeline).text(as: format)
            #expect(spoken.contains(words) && !spoken.contains(code))
            let typed = Captions(of: timeline, style: .cumulative).text(as: format)
            #expect(typed.contains(code) && !typed.contains(words))
        }
    }

    // MARK: Right to left

    @Test(
        "put marks around right-to-left words, by which players that know no direction place punctuation",
        arguments: ["ar-SA", "he-IL", "fa-IR", "ur-PK"])
    func rightToLeft(locale: String) async throws {
        let timeline = try await timeline("73-5", readings: 1, locale: locale)
        let opening = try #require(timeline.cues.first).text
        #expect(Captions(of: timeline).text(as: .subRip).contains("\n\u{202B}\(opening)\u{202C}\n"))
        #expect(Captions(of: timeline).text(as: .webVTT).contains("\n\u{200F}\(opening)\u{200F}\n"))
        #expect(Captions(of: timeline).text(as: .json).contains("\"\(opening)\""))
        for cue in timeline.cues {
            #expect(Captions(of: timeline).text(as: .subRip).contains("\n\u{202B}\(cue.text)\u{202C}\n"))
        }
        for format in [Captions.Format.subRip, .webVTT] {
            let text = Captions(of: timeline, style: .cumulative).text(as: format)
            #expect(text.contains("\n\u{200E}73 5\n"), "a code runs from left to right, its groups too")
        }
    }

    @Test("put no marks around words that run from left to right", arguments: ["en-US", "ja-JP", "hi-IN"])
    func leftToRight(locale: String) async throws {
        let timeline = try await timeline("73-5", readings: 1, locale: locale)
        for format in Captions.Format.allCases {
            for style in Captions.Style.allCases {
                let text = Captions(of: timeline, style: style).text(as: format)
                #expect(
                    !text.unicodeScalars.contains {
                        (0x200E...0x200F).contains($0.value) || (0x202A...0x202E).contains($0.value)
                    })
            }
        }
    }

    // MARK: Formats

    @Test("have the same cues in every format, to the millisecond", arguments: [1, 3, 40])
    func sameCues(readings: Int) async throws {
        let timeline = try await timeline(readings: readings)
        let captions = Captions(of: timeline)
        func times(_ cue: Cue, _ point: String) -> String {
            [cue.start, cue.end].map { sample in
                let seconds = Double(sample) / 22_050
                let minutes = Int(seconds.rounded(.down)) / 60
                let rest = String(format: "%06.3f", seconds - Double(60 * minutes)).replacing(".", with: point)
                return String(format: "00:%02d:", minutes) + rest
            }.joined(separator: " --> ")
        }
        func timeLines(_ format: Captions.Format) -> [String] {
            captions.text(as: format).split(separator: "\n").filter { $0.contains(" --> ") }.map { line in
                // What fills SubRip up.
                String(line.reversed().drop { $0 == " " }.reversed())
            }
        }
        #expect(timeLines(.webVTT) == timeline.cues.map { times($0, ".") })
        #expect(timeLines(.subRip) == timeline.cues.map { times($0, ",") })
        let json = try #require(
            try JSONSerialization.jsonObject(with: Data(captions.text(as: .json).utf8)) as? [String: Any])
        let cues = try #require(json["cues"] as? [[String: Any]])
        #expect(cues.map { $0["startSample"] as? Int } == timeline.cues.map(\.start))
        #expect(cues.map { $0["endSample"] as? Int } == timeline.cues.map(\.end))
        #expect(json["sampleCount"] as? Int == timeline.sampleCount)
    }

    @Test(
        "are found by a file's extension",
        arguments: [("a.vtt", .webVTT), ("a.b.SRT", .subRip), ("x/y.json", .json), ("vtt", nil), ("a.txt", nil)]
            as [(String, Captions.Format?)])
    func extensions(name: String, format: Captions.Format?) {
        #expect(Captions.Format(fileName: name) == format)
    }
}
