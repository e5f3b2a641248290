// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCode
import SpeakCodeTesting
import Testing

@Suite("Captions")
struct CaptionsTests {
    private func timeline(readings: Int = 2, template: String = "standard") async throws -> Timeline {
        let script = try Script(
            code: VerificationCode("07"), pack: TestPack.pack(), pacing: Pacing(.normal),
            wording: Wording(template: template))
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
                00:00:01.016 --> 00:00:01.280
                zero

                3
                00:00:01.780 --> 00:00:02.055
                seven

                4
                00:00:03.255 --> 00:00:03.519
                I repeat:

                5
                00:00:04.019 --> 00:00:04.283
                zero

                6
                00:00:04.783 --> 00:00:05.058
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
                00:00:01,016 --> 00:00:01,280
                zero

                3
                00:00:01,780 --> 00:00:02,055
                seven

                4
                00:00:03,255 --> 00:00:03,519
                I repeat:

                5
                00:00:04,019 --> 00:00:04,283
                zero

                6
                00:00:04,783 --> 00:00:05,058
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
                      "end" : 1.2800907029478459,
                      "endSample" : 28226,
                      "position" : 1,
                      "reading" : 1,
                      "start" : 1.0160544217687075,
                      "startSample" : 22404,
                      "symbol" : "0",
                      "text" : "zero"
                    },
                    {
                      "end" : 2.0550113378684807,
                      "endSample" : 45313,
                      "position" : 2,
                      "reading" : 1,
                      "start" : 1.7800907029478459,
                      "startSample" : 39251,
                      "symbol" : "7",
                      "text" : "seven"
                    }
                  ],
                  "duration" : 3.0550113378684807,
                  "locale" : "en-US",
                  "sampleCount" : 67363,
                  "sampleRate" : 22050
                }

                """)
    }

    @Test("escape in WebVTT what would be markup there, and nothing elsewhere")
    func markup() async throws {
        let captions = Captions(of: try await timeline(readings: 1, template: "polite"))
        #expect(captions.text(as: .webVTT).contains("\nGoodbye &amp; &lt;thanks&gt;\n"))
        #expect(captions.text(as: .subRip).contains("\nGoodbye & <thanks>\n"))
        #expect(captions.text(as: .json).contains("\"Goodbye & <thanks>\""))
    }

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
            captions.text(as: format).split(separator: "\n").filter { $0.contains(" --> ") }.map(String.init)
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
