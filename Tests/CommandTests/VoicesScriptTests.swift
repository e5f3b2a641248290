// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import TestSupport
import Testing

/// `speakcode voices script`: what a person, or a program that speaks, is given to read.
@Suite(.timeLimit(.minutes(10)))
struct VoicesScriptTests {
    @Test func thePageIsReadFromTopToBottom() async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let outcome = try await shell.speakcode("voices", "script", "fr-FR", "phrases.bridge", "digits")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.text.hasPrefix("# French (France), fr-FR: 21 lines to record\n"))
        let rows = outcome.text.split(separator: "\n").filter { $0.hasPrefix("| ") }
        #expect(rows.dropFirst().first == "| 1 | Je répète : | as a sentence | `phrases/bridge` |")
        #expect(
            rows.last == "| 21 | neuf | the last one: the voice falls | `digits/standard/9-falling` |")
    }

    @Test func aSpreadsheetHasTheSameLines() async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let outcome = try await shell.speakcode("voices", "script", "ja-JP", "digits.standard", "--format", "csv")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let lines = outcome.text.split(separator: "\n")
        #expect(lines.first == "number,file,say,ending,locale")
        #expect(lines.dropFirst(8).first == "8,digits/standard/7-continuing,\"なな\",continuing,ja-JP")
        #expect(lines.count == 21)
    }

    @Test func aProgramIsToldWhatTheEngineWouldBeGiven() async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let outcome = try await shell.speakcode("voices", "script", "ja-JP", "phrases", "letters", "--format", "json")
        let document = try #require(try JSONSerialization.jsonObject(with: outcome.output) as? [String: Any])
        #expect(document["locale"] as? String == "ja-JP")
        let lines = try #require(document["lines"] as? [[String: Any]])
        let opening = try #require(lines.first { $0["file"] as? String == "phrases/opening" })
        #expect(opening["say"] as? String == "認証コードをお知らせします。")
        #expect(opening["engine"] as? String == "にんしょうコードをおしらせします!")
        #expect(opening["kind"] as? String == "phrase" && opening["ending"] as? String == "sentence")
        let q = try #require(lines.first { $0["file"] as? String == "letters/icao/Q-falling" })
        #expect(q["symbol"] as? String == "Q" && q["style"] as? String == "icao" && q["kind"] as? String == "letter")
        let w = try #require(lines.first { $0["file"] as? String == "letters/standard/W-falling" })
        #expect(w["engine"] == nil, "phonemes are eSpeak NG's own")
    }

    @Test(arguments: [("xx", 64), ("fr-FR verses", 64), ("fr-FR --format xml", 64), ("nowhere.json5", 66)])
    func whatIsNotThereIsRefusedInOneLine(arguments: String, status: Int) async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let outcome = try await shell.bash("\"$speakcode\" voices script \(arguments)")
        #expect(outcome.status == Int32(status))
        #expect(outcome.errorLines.count == 1 && outcome.text.isEmpty)
    }
}
