// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import TestSupport
import Testing

/// `--version`: what a report of a fault has to say.
@Suite(.timeLimit(.minutes(10)))
struct VersionTests {
    @Test func theVersionStandsAloneAndThenWhatSpeaksAndCodes() async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let lines = try await shell.speakcode("--version").text.split(separator: "\n").map(String.init)
        try #require(lines.count >= 2)
        #expect(lines[0].wholeMatch(of: /\d+\.\d+\.\d+/) != nil)
        #expect(lines[1].wholeMatch(of: /eSpeak NG 1\.\S+, libsoxr-\S+, libsndfile-\S+/) != nil, "\(lines)")
        #expect(lines[1].hasPrefix("eSpeak NG \(EngineVersion.text),"), "the engine that the tests run with")
        #expect(lines.dropFirst(2).allSatisfy { $0.hasPrefix("commit ") })
        let spoken = try await shell.speakcode("12", "--times", "1", "-o", "x.wav", "--json")
        let summary = try #require(try JSONSerialization.jsonObject(with: spoken.output) as? [String: Any])
        #expect(lines[1].hasPrefix("\(try #require(summary["engine"] as? String)),"), "the engine that speaks")
    }
}
