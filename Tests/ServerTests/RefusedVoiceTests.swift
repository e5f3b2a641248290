// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCode
import SpeakCodeTesting
import Testing

/// Another version of the engine says other words for the same pack, and reports success.
@Suite("A voice pack that the installed engine says wrong", .timeLimit(.minutes(5)))
struct RefusedVoiceTests {
    private static let code = "735198"

    @Test("is refused before anybody is called, told by /readyz, and logged once; the others are spoken")
    func refused() async throws {
        let engine = FakeEngine(saying: ["sieben": "(en)s'Ev@n(de)"])
        try await TestService.run(engine: engine) { service in
            let spoken = engine.requests.count
            for _ in 0..<3 {
                let answer = try await service.post(#"{"code":"\#(Self.code)","locale":"de-DE"}"#)
                #expect(answer.status == 503 && answer["retry-after"] == nil)
                #expect(try answer.field("type") == "urn:speakcode:problem:voice-refused")
            }
            #expect(engine.requests.count == spoken + 1, "what is said wrong once is not asked for again")
            let state = try await service.get("/readyz")
            #expect(state.status == 200)
            let lines = state.text.split(separator: "\n")
            #expect(lines.count == 2 && lines[0] == "ready")
            #expect(lines[1].hasPrefix("refused: the de-DE voice pack") && lines[1].contains("digits.standard.7"))
            let logged = service.log.all.filter { $0.contains("a voice is refused") }
            #expect(logged.count == 1 && logged[0].contains("digits.standard.7"))
            #expect(!service.log.all.contains { $0.contains(Self.code) })
            #expect(try await service.post(#"{"code":"\#(Self.code)","locale":"fr-FR"}"#).status == 201)
        }
    }

    @Test("keeps a service from being ready, where it is the usual one, and says which line it is")
    func usual() async throws {
        let engine = FakeEngine(saying: ["ss'Ev@n": "ss'E"])
        try await TestService.run(engine: engine, readiness: 503) { service in
            var state = try await service.get("/readyz")
            while try state.field("type") != "urn:speakcode:problem:voice-refused" {
                state = try await service.get("/readyz")
            }
            let detail: String = try state.field("detail")
            #expect(detail.contains("en-US") && detail.contains("digits.standard.7") && detail.contains("/ss'E/ only"))
            #expect(try await service.get("/healthz").status == 200)
        }
    }
}
