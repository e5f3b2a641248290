// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCodeGateways
import SpeakCodeTesting
import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

@Suite("What is known of a placed call")
struct CallRecordTests {
    /// What gateways report of a call from its beginning to its end, and the words that come of it.
    struct Course: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let reports: [CallProgress]
        let told: [String]
        let end: CallEnd

        init(_ name: String, _ reports: [CallProgress], _ told: [String]) {
            (testDescription, self.reports, self.told) = (name, reports, told)
            guard case .ended(let end) = reports.last else { fatalError("\(name) has no end") }
            self.end = end
        }
    }

    static let courses = [
        Course(
            "answered and heard", [.ringing, .answered, .key("1"), .ended(CallEnd(.completed, answeredSeconds: 40))],
            ["ringing", "answered", "key-1", "ended"]),
        Course("busy", [.ended(CallEnd(.busy, cause: "user_busy"))], ["ended"]),
        Course("rung, and busy", [.ringing, .ended(CallEnd(.busy, sipStatus: 486))], ["ringing", "ended"]),
        Course("no answer", [.ringing, .ended(CallEnd(.noAnswer, cause: "NO_ANSWER"))], ["ringing", "ended"]),
        Course("refused", [.ended(CallEnd(.rejected, sipStatus: 603))], ["ended"]),
        Course("a number that is none", [.ended(CallEnd(.invalidNumber, sipStatus: 404))], ["ended"]),
        Course(
            "a machine",
            [.ringing, .answered, .party(.machine), .party(.machine), .ended(CallEnd(.completed, answeredSeconds: 9))],
            ["ringing", "answered", "machine", "ended"]),
        Course(
            "a person, after some thought",
            [.ringing, .answered, .party(.unsure), .party(.human), .ended(CallEnd(.completed, answeredSeconds: 30))],
            ["ringing", "answered", "unsure", "human", "ended"]),
        Course("taken back while it rang", [.ringing, .ended(CallEnd(.canceled))], ["ringing", "ended"]),
        Course(
            "taken back too late", [.ringing, .answered, .ended(CallEnd(.completed, answeredSeconds: 2))],
            ["ringing", "answered", "ended"]),
    ]

    private func record(_ reports: [CallReport]) -> CallRecord {
        var record = CallRecord()
        for (second, report) in reports.enumerated() { _ = record.take(report, at: 1000 + second) }
        return record
    }

    private func reports(_ course: Course) -> [CallReport] {
        course.reports.enumerated().map { CallReport(of: nil, [$0.element], sequence: $0.offset) }
    }

    @Test("follows what its gateway reports", arguments: courses)
    func follows(course: Course) {
        let record = record(reports(course))
        #expect(record.events.map(\.kind.mark) == course.told)
        #expect(record.end == course.end && record.statusName == "ended")
    }

    @Test("is the same where each report comes twice, at once or later", arguments: courses)
    func twice(course: Course) {
        let once = reports(course)
        #expect(record(once.flatMap { [$0, $0] }).events.map(\.kind.mark) == course.told)
        #expect(record(once + once).end == course.end)
        // Of gateways that do not count, all but keys are told apart by what they say.
        let uncounted = course.reports.flatMap { [CallReport(of: nil, [$0]), CallReport(of: nil, [$0])] }
        let keys = course.reports.count { if case .key = $0 { true } else { false } }
        #expect(record(uncounted).events.map(\.kind.mark).count == course.told.count + keys)
    }

    @Test("goes forward only, and ends once, in whatever order and however often reports come", arguments: courses)
    func anyOrder(course: Course) throws {
        var generator = SeededGenerator(seed: 17)
        for _ in 0..<200 {
            let repeats = reports(course).flatMap { report in
                Array(repeating: report, count: Int.random(in: 1...3, using: &generator))
            }
            let shuffled = repeats.shuffled(using: &generator)
            var record = CallRecord()
            var told: [CallEvent] = []
            for (second, report) in shuffled.enumerated() {
                let before = record
                let events = record.take(report, at: 1000 + second)
                told += events
                #expect(record.stage >= before.stage)
                #expect(!events.isEmpty || record.end == before.end)
                if before.end != nil { #expect(events.isEmpty && record.end == before.end) }
            }
            #expect(told == record.events && told.map(\.number) == Array(1...told.count))
            #expect(record.end?.outcome == course.end.outcome && record.end?.cause == course.end.cause)
            #expect(told.count { $0.kind == .ended } == 1 && told.last?.kind == .ended)
            // What happened is what was reported, in the order of a call.
            let order = ["ringing", "answered", "unsure", "human", "machine", "key", "ended"]
            let statuses = told.filter(\.kind.isStatus).compactMap { order.firstIndex(of: $0.kind.name) }
            #expect(statuses == statuses.sorted())
            #expect(Set(told.map(\.kind.mark)).count == told.count)
        }
    }

    @Test("was answered, where a key was pressed or somebody was recognised")
    func implied() {
        for progress in [CallProgress.key("1"), .party(.human)] {
            let record = record([CallReport(of: nil, [progress])])
            #expect(record.events.first?.kind == .answered && record.events.count == 2)
        }
    }

    @Test("that was taken back was not left unanswered", arguments: [CallOutcome.noAnswer, .canceled])
    func takenBack(outcome: CallOutcome) {
        var record = CallRecord()
        _ = record.take(.ringing, at: 1)
        record.takeBack()
        _ = record.take(.ended(CallEnd(outcome)), at: 2)
        #expect(record.end?.outcome == .canceled)
        // Once it is over nothing takes it back.
        var other = CallRecord()
        _ = other.take(.ended(CallEnd(.busy)), at: 2)
        other.takeBack()
        #expect(!other.isTakenBack)
    }

    @Test("has lasted from its answer to its end, where the gateway does not say how long")
    func lasted() {
        var record = CallRecord()
        _ = record.take(.answered, at: 100)
        _ = record.take(.ended(CallEnd(.completed)), at: 141)
        #expect(record.end?.answeredSeconds == 41)
    }

    @Test(
        "keeps its gateway's word, and none that might be a number",
        arguments: [
            ("USER_BUSY", true), ("Busy Here", true), ("Q.850;cause=16", true), ("unknown +4930123456", false),
            ("49 30 12 34 56", false), ("", false), ("zu spät", false), (String(repeating: "x", count: 65), false),
        ])
    func causes(word: String, isKept: Bool) {
        var record = CallRecord()
        _ = record.take(.ended(CallEnd(.failed, cause: word)), at: 1)
        #expect(record.end?.cause == (isKept ? word : nil))
    }

    @Test("counts all keys and readings, and tells of so many one by one")
    func bounded() {
        var record = CallRecord()
        for _ in 0..<1000 { _ = record.take(.key("1"), at: 1) }
        _ = record.hearReading(at: 2)
        _ = record.take(.ended(CallEnd(.completed)), at: 3)
        #expect(record.keys == 1000 && record.readings == 1)
        #expect(record.events.count == CallRecord.mostEvents + 1 && record.events.last?.kind == .ended)
    }
}
