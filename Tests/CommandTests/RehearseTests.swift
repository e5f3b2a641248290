// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCodeTesting
import TestSupport
import Testing

/// `speakcode rehearse` as a developer meets it.
@Suite("speakcode rehearse")
struct RehearseTests {
    private func rehearse(_ arguments: [String]) async throws -> Outcome {
        try await run(BuiltProduct.path(of: "speakcode"), ["rehearse"] + arguments)
    }

    @Test("shows a call with the real voice", .timeLimit(.minutes(1)))
    func shows() async throws {
        let outcome = try await rehearse(["7351", "--through", "plivo"])
        #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
        #expect(outcome.text.contains("seven three five one") && outcome.text.contains("<GetInput"))
    }

    @Test("prints JSON for programs", .timeLimit(.minutes(1)))
    func json() async throws {
        let outcome = try await rehearse(["--json", "--course", "busy", "--through", "freeswitch"])
        #expect(outcome.status == 0)
        let transcript = try #require(try JSONSerialization.jsonObject(with: outcome.output) as? [String: Any])
        #expect(transcript["outcome"] as? String == "busy" && transcript["placed"] as? Int == 1)
        #expect((transcript["entries"] as? [[String: Any]])?.isEmpty == false)
    }

    @Test(
        "refuses what it does not know in one line, without the code",
        arguments: [["--through", "x"], ["--course", "x"], ["--gate", "x"], ["--locale", "x y"], ["7351#2"]])
    func refuses(arguments: [String]) async throws {
        let outcome = try await rehearse(arguments)
        #expect([64, 65].contains(outcome.status) && outcome.errorLines.count == 1, "\(outcome.errors)")
        #expect(!outcome.errors.contains("7351"))
    }
}
