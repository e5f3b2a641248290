// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCodeRehearsal
import SpeakCodeTesting
import Testing

/// A call from end to end, with whatever gateway, as `speakcode rehearse` shows it.
@Suite("A rehearsal of a call", .timeLimit(.minutes(2)))
struct RehearsalTests {
    private static func rehearse(
        _ gateway: String, _ course: FakeCallCourse = .heard, gate: String? = nil, locale: String? = nil
    ) async throws -> Transcript {
        var plan = Rehearsal.Plan()
        (plan.gateway, plan.course, plan.gate, plan.locale) = (gateway, course, gate, locale)
        return try await Rehearsal.run(
            plan, engine: FakeEngine(), resampler: PlainResampler(), encoder: PlainEncoder())
    }

    /// As the service calls it; over a socket it is taken back before the gateway tells that it was answered.
    private static func outcome(_ course: FakeCallCourse, _ gateway: String) -> String {
        switch course {
        case .answered where Rehearsal.hasSocket(gateway): "canceled"
        case .heard, .lost, .toldFirst, .machine, .answered: "completed"
        case .busy: "busy"
        case .noAnswer: "no-answer"
        case .declined: "rejected"
        case .badNumber: "invalid-number"
        case .ringing: "canceled"
        case .tooMany, .broken, .down: "failed"
        }
    }

    private static let cases = Rehearsal.gateways.flatMap { gateway in
        Rehearsal.courses(through: gateway).map { (gateway, $0) }
    }

    @Test("ends as its course says, by one call at most, and is read to a person alone", arguments: cases)
    func courses(gateway: String, course: FakeCallCourse) async throws {
        let transcript = try await Self.rehearse(gateway, course)
        #expect(transcript.problems.isEmpty, "\(transcript.text)")
        #expect(transcript.outcome == Self.outcome(course, gateway))
        #expect(transcript.placed <= 1)
        if !course.moments.isEmpty, course != .badNumber { #expect(transcript.placed == 1) }
        // Without keys a machine hears it as well.
        let isHeard =
            [.heard, .lost, .toldFirst].contains(course)
            || course == .machine && gateway == Rehearsal.callControl
        #expect(transcript.readings == (isHeard ? 1 : 0))
        // The first word that is no gateway's is the back end's, and the last is what it is told of the end.
        let first = transcript.entries.first { !["event socket", "WebSocket"].contains($0.title) }
        #expect(first?.title == "POST https://codes.example.net/v1/calls")
        #expect(transcript.entries.last?.lines.contains(#"    "status": "ended","#) == true)
        #expect(transcript.text.contains("(the signature holds)"))
    }

    @Test("is read to whoever takes it where no gate is asked for", arguments: Rehearsal.gateways)
    func ungated(gateway: String) async throws {
        let transcript = try await Self.rehearse(gateway, .machine, gate: "never", locale: "ja-JP")
        #expect(transcript.problems.isEmpty && transcript.readings == 1, "\(transcript.text)")
        #expect(transcript.text.contains(#""locale": "ja-JP""#))
    }

    @Test(
        "asks who answers where the gate is for machines",
        arguments: Rehearsal.gateways.filter { !Rehearsal.hasSocket($0) && $0 != Rehearsal.callControl })
    func detects(gateway: String) async throws {
        let transcript = try await Self.rehearse(gateway, .machine, gate: "whenMachine")
        #expect(transcript.problems.isEmpty && transcript.readings == 0, "\(transcript.text)")
        #expect(transcript.entries.last?.lines.contains(#"    "answeredBy": "machine","#) == true)
    }

    @Test("shows no credential", arguments: Rehearsal.gateways)
    func masks(gateway: String) async throws {
        let transcript = try await Self.rehearse(gateway)
        for entry in transcript.entries {
            for line in [entry.title] + entry.lines {
                #expect(!line.hasPrefix("Authorization:") || line.hasSuffix(" ••••"), "\(line)")
                #expect(!line.hasPrefix("auth ") || line == "auth ••••")
                // What signs is 64 figures.
                let isSignature = line.lowercased().contains("signature")
                #expect(isSignature || line.firstMatch(of: /[0-9a-f]{64}/) == nil, "\(line)")
                #expect(!line.contains("whsec_") && !line.contains("PRIVATE KEY"))
            }
        }
    }

    @Test("refuses a course that a gateway does not take, and what the service does not")
    func refuses() async throws {
        await #expect(throws: Rehearsal.Refusal.self) { try await Self.rehearse("freeswitch", .lost) }
        await #expect(throws: Rehearsal.Refusal.self) { try await Self.rehearse("twilio", locale: "nonsense tag") }
    }

    /// What is sealed and signed is another each time.
    private static func plain(_ text: String) -> String { text.replacing(/[A-Za-z0-9+\/=_-]{6}…/, with: "…") }

    @Test("is the same in every word each time")
    func golden() async throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Fixtures/rehearsal.txt")
        let text = Self.plain(try await Self.rehearse("twilio").text)
        if ProcessInfo.processInfo.environment["SPEAKCODE_WRITE_FIXTURES"] != nil {
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        #expect(text == (try String(contentsOf: file, encoding: .utf8)))
    }
}
