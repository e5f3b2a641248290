// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCodeLinks
import Synchronization
import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

@Suite("What keeps calls from being a fraud")
struct CallGuardsTests {
    /// A time that a test sets.
    final class Clock: Sendable {
        private let seconds = Mutex(1_795_000_000)
        var calendar: CalendarTime { CalendarTime { self.seconds.withLock { $0 } } }
        func advance(_ seconds: Int) { self.seconds.withLock { $0 += seconds } }
    }

    private static let ring = LinkKeyring([LinkKey()])

    private let clock = Clock()

    private func guards(
        file: CallLedgerFile? = nil, _ change: (inout CallBounds) -> Void = { _ in }
    ) -> CallGuards {
        var bounds = CallBounds()
        bounds.allowed = ["+49", "+1212", "sip:pbx.example.net"]
        change(&bounds)
        return CallGuards(bounds, file: file, time: clock.calendar)
    }

    private func admit(
        _ guards: CallGuards, _ to: String, of caller: String = "shop", ring: LinkKeyring = ring
    ) throws -> CallGuards.Place {
        let id = try #require(CallID(digest: (0..<16).map { _ in UInt8.random(in: 0...255) }))
        return try guards.admit(try CalledParty(to), of: caller, as: id, body: 1, ring: ring)
    }

    private func refusal(
        _ guards: CallGuards, _ to: String, of caller: String = "shop", ring: LinkKeyring = ring
    ) -> Problem? {
        do {
            _ = try admit(guards, to, of: caller, ring: ring)
            return nil
        } catch {
            return error as? Problem
        }
    }

    @Test("lets nobody be called before the operator has allowed it")
    func nobody() {
        let guards = guards { $0.allowed = [] }
        for to in ["+49301234567", "sip:anna@pbx.example.net"] {
            #expect(refusal(guards, to)?.field == "to")
        }
    }

    @Test(
        "lets those be called whose beginning is listed, and no other",
        arguments: [
            ("+49301234567", true), ("+12125550123", true), ("+13105550123", false), ("+43123456789", false),
            ("sip:anna@pbx.example.net", true), ("sip:anna@PBX.example.net:5070", true),
            ("sip:anna@other.example.net", false), ("sip:+49301234567@pbx.example.net", true),
            // A trunk is no way around what numbers are held to.
            ("sip:+43123456789@pbx.example.net", false), ("sip:0043123456789@pbx.example.net", false),
            ("sip:+499001234567@pbx.example.net", false),
        ])
    func allowed(to: String, isAllowed: Bool) {
        #expect((refusal(guards(), to) == nil) == isAllowed)
    }

    @Test("lets a number be called by one at a time, until that call is over")
    func oneAtATime() throws {
        let guards = guards { $0.waits = [0] }
        var first: CallGuards.Place? = try admit(guards, "+49301234567")
        #expect(refusal(guards, "+49 30 1234567")?.kind == "number-is-called")
        #expect(refusal(guards, "+49301234568") == nil)
        withExtendedLifetime(first) {}
        first = nil
        #expect(refusal(guards, "+49301234567") == nil)
    }

    @Test("lets a number wait for longer and longer, and be called five times a day")
    func waits() throws {
        let guards = guards()
        let waits = [0, 30, 60, 120, 300]
        for (call, wait) in waits.enumerated() {
            if wait > 0 {
                let problem = refusal(guards, "+49301234567")
                #expect(problem?.kind == "number-called-too-soon" && problem?.retryAfter == wait)
                clock.advance(wait - 1)
                #expect(refusal(guards, "+49301234567")?.retryAfter == 1)
                clock.advance(1)
            }
            #expect(refusal(guards, "+49301234567") == nil, "call \(call + 1)")
        }
        clock.advance(3600)
        let problem = try #require(refusal(guards, "+49301234567"))
        #expect(problem.kind == "number-called-too-often")
        // The first call is a day old then.
        clock.advance(try #require(problem.retryAfter) - 1)
        #expect(refusal(guards, "+49301234567") != nil)
        clock.advance(1)
        #expect(refusal(guards, "+49301234567") == nil)
    }

    @Test("bounds what is called in a day beyond one number")
    func bounds() {
        let range = guards { $0.perRange = 2 }
        #expect(refusal(range, "+49301234567") == nil && refusal(range, "+49301234999") == nil)
        #expect(refusal(range, "+49301234001")?.kind == "range-called-too-often")
        #expect(refusal(range, "+49301235001") == nil)

        let key = guards { $0.perCaller = 1 }
        #expect(refusal(key, "+49301234567") == nil)
        #expect(refusal(key, "+49302234567")?.kind == "key-calls-too-often")
        #expect(refusal(key, "+49302234567", of: "bank") == nil)

        let day = guards { $0.perDay = 1 }
        #expect(refusal(day, "+49301234567") == nil)
        #expect(refusal(day, "+49302234567", of: "bank")?.kind == "too-many-calls")
        clock.advance(CallLedger.day)
        #expect(refusal(day, "+49302234567", of: "bank") == nil)
    }

    @Test("counts on when a link key is replaced")
    func rotation() {
        let guards = guards()
        let (old, new) = (LinkKey(), LinkKey())
        #expect(refusal(guards, "+49301234567", ring: LinkKeyring([old])) == nil)
        #expect(refusal(guards, "+49301234567", ring: LinkKeyring([new, old]))?.kind == "number-called-too-soon")
    }

    @Test("calls nobody in quiet hours, and says when they end")
    func quiet() throws {
        // The clock stands at 11:06:40 UTC.
        let guards = guards { bounds in
            bounds.quiet = ["+49=12:00-14:00@+01:00"].compactMap { QuietHours($0) { TimeZoneRules(fixed: $0) } }
        }
        let problem = try #require(refusal(guards, "+49301234567"))
        #expect(problem.kind == "quiet-hours" && problem.retryAfter == 3600 + 53 * 60 + 20)
        #expect(refusal(guards, "+12125550123") == nil)
        clock.advance(try #require(problem.retryAfter))
        #expect(refusal(guards, "+49301234567") == nil)
    }

    @Test("says nothing of the number that it refuses")
    func silent() {
        let bounds = [
            guards { $0.allowed = [] }, guards { $0.perDay = 0 }, guards { $0.perCaller = 1 },
            guards { $0.perRange = 1 },
            guards { $0.perNumber = 1 }, guards(),
        ]
        for guards in bounds {
            let problems = (0..<3).compactMap { _ in refusal(guards, "+49301234567") }
            #expect(!problems.isEmpty)
            for problem in problems { #expect(!"\(problem)".contains("1234567")) }
        }
    }

    // MARK: The file

    private func withFile(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder.appending(path: "calls").path)
    }

    @Test("counts on when the service was started again")
    func restart() async throws {
        try await withFile { path in
            let before = guards(file: CallLedgerFile(path) { _ in Issue.record("\(path) is whole") })
            #expect(refusal(before, "+49301234567") == nil)
            try await before.keep()
            let text = try String(contentsOfFile: path, encoding: .utf8)
            #expect(!text.contains("1234567") && !text.contains("shop"))
            let after = guards(file: CallLedgerFile(path) { _ in Issue.record("\(path) is whole") })
            #expect(refusal(after, "+49301234567")?.kind == "number-called-too-soon")
        }
    }

    @Test("keeps no more than a day")
    func forgets() async throws {
        try await withFile { path in
            let guards = guards(file: CallLedgerFile(path) { _ in })
            for number in 0..<20 {
                #expect(refusal(guards, "+493012\(number + 10)4567") == nil)
                clock.advance(CallLedger.day / 10)
            }
            try await guards.keep()
            let text = try String(contentsOfFile: path, encoding: .utf8)
            #expect(text.split(separator: "\n").count == 9 + 2)
        }
    }

    @Test(
        "puts a file aside that is not whole, and says so",
        arguments: [
            "", "nonsense", "speakcode calls 1\n", "speakcode calls 1\nend 1\n", "speakcode calls 1\nx\nend 1\n",
        ])
    func broken(text: String) async throws {
        try await withFile { path in
            try text.write(toFile: path, atomically: true, encoding: .utf8)
            let complaints = Mutex<[String]>([])
            let guards = guards(file: CallLedgerFile(path) { line in complaints.withLock { $0.append(line) } })
            #expect(complaints.withLock(\.count) == 1)
            #expect(try String(contentsOfFile: path + ".broken", encoding: .utf8) == text)
            #expect(refusal(guards, "+49301234567") == nil)
            try await guards.keep()
            #expect(CallLedger(text: try String(contentsOfFile: path, encoding: .utf8))?.count == 1)
        }
    }

    @Test("cuts a file short nowhere that it would be taken for whole")
    func truncated() throws {
        var ledger = CallLedger()
        for number in 0..<3 {
            let id = try #require(CallID([UInt8](repeating: UInt8(number), count: 16)))
            ledger.add(CallLedger.Row(id: id, at: number, number: 1, range: .max, caller: 0, body: 7))
        }
        let text = ledger.text
        #expect(CallLedger(text: text) == ledger)
        for length in 0..<(text.count - 1) { #expect(CallLedger(text: String(text.prefix(length))) == nil) }
    }
}

@Suite("Numbers that cost more than a call")
struct PremiumRangesTests {
    @Test(
        "are known in each country's plan",
        arguments: [
            "+19002345678", "+499001234567", "+491805123456", "+81990123456", "+33899123456", "+33812345678",
            "+449012345678", "+448712345678", "+39899123456", "+979100123456", "+34803123456", "+611900123456",
        ])
    func known(number: String) {
        #expect(PremiumRanges.contains(number))
    }

    @Test(
        "are none of the numbers that people have",
        arguments: [
            "+12125550123", "+4915112345678", "+493012345678", "+819012345678", "+81312345678", "+33612345678",
            "+447700900123", "+390612345678", "+8613812345678", "+61412345678", "+919876543210", "+5511912345678",
        ])
    func others(number: String) {
        #expect(!PremiumRanges.contains(number))
    }

    @Test("are those too that have a digit more, which networks do not look at")
    func longer() {
        #expect(PremiumRanges.contains("+190023456789") && PremiumRanges.contains("+4990012345678"))
        // And none that are too short to be dialled.
        #expect(!PremiumRanges.contains("+1900234"))
    }
}

@Suite("A place's clock")
struct TimeZoneRulesTests {
    @Test("is ahead of UTC by a fixed time", arguments: [("+01:00", 3600), ("-03:30", -12_600), ("Z", 0), ("UTC", 0)])
    func fixed(text: String, offset: Int) throws {
        #expect(try #require(TimeZoneRules(fixed: text)).offset(at: 1_795_000_000) == offset)
    }

    @Test("is none of nonsense", arguments: ["", "+1", "+1:00", "01:00", "+15:00", "+01:60", "Europe/Nowhere"])
    func nonsense(text: String) {
        #expect(TimeZoneRules(fixed: text) == nil)
    }

    /// Foundation's own reckoning, every three days over many years.
    @Test(
        "is where the time zone database says that it is",
        arguments: [
            "Europe/Berlin", "America/New_York", "America/St_Johns", "Asia/Tokyo", "Asia/Kolkata",
            "Australia/Lord_Howe",
            "Africa/Casablanca", "America/Santiago", "Pacific/Auckland", "Europe/Dublin", "Asia/Tehran", "UTC",
        ])
    func database(name: String) throws {
        let data = try #require(FileManager.default.contents(atPath: "/usr/share/zoneinfo/\(name)"))
        let rules = try #require(TimeZoneRules(file: Array(data)))
        let zone = try #require(TimeZone(identifier: name))
        for time in stride(from: 0, to: 2_145_000_000, by: 259_201) {
            let expected = zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(time)))
            #expect(rules.offset(at: time) == expected, "\(name) at \(time)")
        }
    }

    @Test("is read from whole files alone")
    func truncated() throws {
        let data = try #require(FileManager.default.contents(atPath: "/usr/share/zoneinfo/Europe/Berlin"))
        for length in [0, 4, 43, 44, 100, data.count / 2] {
            #expect(TimeZoneRules(file: Array(data.prefix(length))) == nil)
        }
        #expect(TimeZoneRules(file: Array("nonsense".utf8)) == nil)
    }

    @Test(
        "has quiet hours that are written so, and no others",
        arguments: [
            ("21:00-08:00@Z", true), ("+49=21:00-08:00@+01:00", true), ("0:00-24:00@Z", false),
            ("21:00-21:00@Z", false),
            ("21:00@Z", false), ("21-8@Z", false), ("21:00-08:00", false), ("49=21:00-08:00@Z", false),
            ("21:00-25:00@Z", false), ("21:00-08:00@Nowhere", false),
        ])
    func quiet(text: String, isTaken: Bool) {
        #expect((QuietHours(text) { TimeZoneRules(fixed: $0) } != nil) == isTaken)
    }
}
