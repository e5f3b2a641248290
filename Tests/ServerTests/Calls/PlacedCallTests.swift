// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCodeLinks
import SpeakCodeTesting
import Synchronization
import Testing

@testable import SpeakCodeGateways
@testable import SpeakCodeServer
@testable import SpeakCodeService

/// A service that places calls through a gateway of the tests.
enum CallService {
    /// Whom it may call, with neither waits nor bounds that a test would meet by chance.
    static let flags = [
        "callPrefixes": "+49,sip:pbx.example.net", "callsPerNumber": "1000", "callWaits": "0", "callsPerRange": "0",
    ]

    /// A gateway whose reports are words: `ringing`, `answered`, `busy`, or `3 ringing` where it counts them.
    static func route(
        _ dialer: FakeDialer, name: String = "trunk", hearing: CallRoute.Hearing? = nil, numbers: [String] = [],
        signing: (any RequestSigning)? = nil
    ) -> CallRoute {
        CallRoute(
            name: name, dialer: dialer,
            hearing: hearing ?? Gateways.document(named: "twiml").map { .document($0) } ?? .local, numbers: numbers,
            reports: CallRoute.Reports(
                read: { _, body in report(String(decoding: body, as: UTF8.self)) }, signing: signing))
    }

    private static func report(_ text: String) -> CallReport? {
        let words = text.split(separator: " ").map(String.init)
        let sequence = words.first.flatMap { Int($0) }
        guard let word = words.dropFirst(sequence == nil ? 0 : 1).first else { return nil }
        let progress: CallProgress? =
            switch word {
            case "ringing": .ringing
            case "answered": .answered
            case "key": .key("1")
            default:
                CallParty(rawValue: word).map { .party($0) } ?? CallOutcome(rawValue: word).map { .ended(CallEnd($0)) }
            }
        return progress.map { CallReport(of: words.count > 2 ? words[2] : nil, [$0], sequence: sequence) }
    }
}

@Suite("POST /v1/calls")
struct PlacedCallTests {
    private static let body = #"{"code":"735198","to":"+49301234567"}"#

    private func run(
        _ dialer: FakeDialer = FakeDialer(), flags: [String: String] = [:], environment: [String: String] = [:],
        clock: any Clock<Duration> = ContinuousClock(), calendar: CalendarTime = .system, routes: [CallRoute]? = nil,
        _ body: (TestService) async throws -> Void
    ) async throws {
        try await TestService.run(
            CallService.flags.merging(flags) { $1 }, environment: environment, clock: clock, calendar: calendar,
            routes: routes ?? [CallService.route(dialer)], body)
    }

    private func link(_ answer: TestService.Answer, _ name: String = "call") throws -> String {
        let links: [String: String] = try answer.field("links")
        return try #require(links[name])
    }

    @Test("reads an app's code through a gateway that is sent the audio, and rings nobody through one that plays files")
    func totp() async throws {
        let body = #"{"totp":"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ","to":"+49301234567"}"#
        for (hearing, status) in [(CallRoute.Hearing.webSocket, 202), (.local, 202), (.audio, 422), (.fastAGI, 422)] {
            let dialer = FakeDialer()
            try await run(routes: [CallService.route(dialer, hearing: hearing)]) { service in
                let answer = try await service.placeCall(body)
                #expect(answer.status == status, "\(hearing)")
                #expect(!answer.text.contains("GEZD"))
                if status == 422 { #expect(try answer.field("field", as: String.self) == "totp") }
            }
        }
    }

    /// Waits until a call is as far as it should be; what it waits for is another task, and the test's time limit ends it.
    private func status(_ service: TestService, _ url: String, becomes status: String) async throws
        -> TestService.Answer
    {
        while true {
            let answer = try await service.get(url)
            if try answer.field("status", as: String.self) == status { return answer }
            await Task.yield()
        }
    }

    @Test("accepts a call with a sealed name, before its gateway has answered", .timeLimit(.minutes(1)))
    func accepts() async throws {
        let dialer = FakeDialer { _, _, _ in
            // A gateway that never answers.
            while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
            return .unknown
        }
        try await run(dialer) { service in
            let answer = try await service.placeCall(Self.body)
            #expect(answer.status == 202)
            #expect(try answer.field("status", as: String.self) == "queued")
            #expect(try answer.field("locale", as: String.self) == "de-DE")
            let url = try link(answer)
            #expect(answer["location"] == url)
            await dialer.waitForOrders(1)
            let order = try #require(dialer.orders.first)
            #expect(order.callee == .number("+49301234567") && order.timeout == 30)
            #expect(try await service.get(url).field("status", as: String.self) == "queued")
        }
    }

    @Test("follows the call until its end", .timeLimit(.minutes(1)))
    func follows() async throws {
        let dialer = FakeDialer()
        try await run(dialer) { service in
            let url = try link(try await service.placeCall(Self.body))
            await dialer.waitForOrders(1)
            let order = try #require(dialer.orders.first)
            for (progress, status) in [
                (CallProgress.ringing, "ringing"), (.answered, "answered"), (.party(.human), "human"),
            ] {
                dialer.tell(progress, of: order.id)
                #expect(try await service.get(url).field("status", as: String.self) == status)
            }
            dialer.tell(.key("1"), of: order.id)
            dialer.tell(
                .ended(CallEnd(.completed, cause: "NORMAL_CLEARING", sipStatus: 200, answeredSeconds: 40)), of: order.id
            )
            let answer = try await service.get(url)
            #expect(try answer.field("status", as: String.self) == "ended")
            #expect(try answer.field("outcome", as: String.self) == "completed")
            #expect(try answer.field("cause", as: String.self) == "NORMAL_CLEARING")
            #expect(try answer.field("answeredBy", as: String.self) == "human")
            #expect(try answer.field("answeredSeconds", as: Int.self) == 40)
            #expect(try answer.field("keys", as: Int.self) == 1)
            #expect(
                try await service.metric(#"speakcode_placed_call_ends_total{through="trunk",outcome="completed"}"#) == 1
            )
        }
    }

    @Test(
        "gives the gateway a document that asks for a key first, unless it is told otherwise", .timeLimit(.minutes(1)))
    func gate() async throws {
        let dialer = FakeDialer()
        try await run(dialer) { service in
            for (number, gate) in [(1, ""), (2, #","gate":"whenMachine""#), (3, #","gate":"never""#)] {
                #expect(
                    try await service.placeCall(#"{"code":"735198","to":"+4930123456\#(number)"\#(gate)}"#).status
                        == 202)
            }
            await dialer.waitForOrders(3)
            for order in dialer.orders {
                guard case .document(let url) = order.heard, case .number(let number) = order.callee else {
                    Issue.record("it is read by a document")
                    continue
                }
                let text = try await service.get(url).text
                #expect(text.contains("<Gather") && text.contains(".wav"))
                #expect(order.detectsMachine == number.hasSuffix("2"))
                let isGate = text.contains("numDigits=\"1\"") && !text.contains("loop=\"0\"")
                #expect(isGate == !number.hasSuffix("3"), "\(order)")
                #expect(order.reportTo?.hasPrefix(service.base + "/v1/reports/") == true)
            }
        }
    }

    // MARK: Once

    @Test("places one call for one key, however often and however fast it is asked for", .timeLimit(.minutes(1)))
    func once() async throws {
        let dialer = FakeDialer()
        try await run(dialer) { service in
            let answers = try await withThrowingTaskGroup(of: TestService.Answer.self) { group in
                for _ in 0..<12 { group.addTask { try await service.placeCall(Self.body, key: "order-17") } }
                var answers: [TestService.Answer] = []
                for try await answer in group { answers.append(answer) }
                return answers
            }
            #expect(answers.allSatisfy { $0.status == 202 })
            let ids = try answers.map { try $0.field("id", as: String.self) }
            #expect(Set(ids).count == 1)
            await dialer.waitForOrders(1)
            let url = try link(answers[0])
            dialer.tell(.ended(CallEnd(.busy)), of: try #require(dialer.orders.first).id)
            // Also when it is over.
            let again = try await service.placeCall(Self.body, key: "order-17")
            #expect(again.status == 202)
            #expect(try link(again) == url)
            #expect(try again.field("outcome", as: String.self) == "busy")
            #expect(dialer.orders.count == 1)
            // Another key is another call.
            #expect(
                try await service.placeCall(Self.body, key: "order-18").field("id", as: String.self)
                    != again.field("id"))
            await dialer.waitForOrders(2)
        }
    }

    @Test("refuses a key that was used for another body, and rings nobody", .timeLimit(.minutes(1)))
    func otherBody() async throws {
        let dialer = FakeDialer()
        try await run(dialer) { service in
            #expect(try await service.placeCall(Self.body, key: "k").status == 202)
            let other = try await service.placeCall(#"{"code":"735199","to":"+49301234567"}"#, key: "k")
            #expect(other.status == 422)
            #expect(try other.field("type", as: String.self).hasSuffix("idempotency-key-reused"))
            await dialer.waitForOrders(1)
            #expect(dialer.orders.count == 1)
        }
    }

    @Test(
        "is given the same name at the gateway by every replica, and another for another caller",
        .timeLimit(.minutes(1)))
    func replicas() async throws {
        let dialers = [FakeDialer(), FakeDialer()]
        let keys = ["a": "0123456789abcdef", "b": "fedcba9876543210"]
        let environment = ["SPEAKCODE_API_KEYS": keys.map { "\($0.key):\($0.value)" }.joined(separator: ",")]
        for (dialer, node) in zip(dialers, ["n1", "n2"]) {
            try await run(dialer, flags: ["nodeName": node], environment: environment) { service in
                for (number, caller) in ["a", "b"].enumerated() {
                    let answer = try await service.placeCall(
                        #"{"code":"735198","to":"+4930123456\#(number)"}"#, key: "order-17",
                        headers: ["Authorization": "Bearer \(try #require(keys[caller]))"])
                    #expect(try answer.field("id", as: String.self).hasPrefix(node + "."))
                }
                await dialer.waitForOrders(2)
            }
        }
        let ids = dialers.map { Dictionary(uniqueKeysWithValues: $0.orders.map { ("\($0.callee)\($0.heard)", $0.id) }) }
        #expect(Set(ids.flatMap(\.values)).count == 2 && Set(ids[0].values) == Set(ids[1].values))
    }

    @Test("is not placed again by a service that was started again", .timeLimit(.minutes(1)))
    func restarted() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let flags = ["callsFile": folder.appending(path: "calls").path]
        let dialers = [FakeDialer(), FakeDialer()]
        var id: [String] = []
        for dialer in dialers {
            try await run(dialer, flags: flags) { service in
                let answer = try await service.placeCall(Self.body, key: "order-17")
                #expect(answer.status == 202)
                id.append(try answer.field("id"))
                if dialer === dialers[0] {
                    await dialer.waitForOrders(1)
                } else {
                    #expect(try answer.field("cause", as: String.self) == "service-restarted")
                    #expect(try await service.get(link(answer)).field("status", as: String.self) == "ended")
                    #expect(
                        try await service.placeCall(#"{"code":"1","to":"+49301234567"}"#, key: "order-17").status == 422
                    )
                }
            }
        }
        #expect(dialers[1].orders.isEmpty)
    }

    // MARK: What gateways do

    @Test("is refused by its gateway", .timeLimit(.minutes(1)))
    func refused() async throws {
        let dialer = FakeDialer { _, _, _ in .refused(CallEnd(.invalidNumber, cause: "21217")) }
        try await run(dialer) { service in
            let url = try link(try await service.placeCall(Self.body))
            let answer = try await status(service, url, becomes: "ended")
            #expect(try answer.field("outcome", as: String.self) == "invalid-number")
        }
    }

    @Test("is asked for again where the gateway has too much to do, a few times", .timeLimit(.minutes(1)))
    func busy() async throws {
        let clock = ManualClock()
        let dialer = FakeDialer { order, attempt, _ in attempt < 3 ? .busy(after: 7) : .placed("gw-" + order.id) }
        try await run(dialer, clock: clock) { service in
            // The one that forgets codes.
            await clock.waitForSleepers(1)
            let url = try link(try await service.placeCall(Self.body))
            for attempt in 1...2 {
                await dialer.waitForOrders(attempt)
                await clock.waitForSleepers(2)
                clock.advance(by: .seconds(7))
            }
            await dialer.waitForOrders(3)
            #expect(Set(dialer.orders.map(\.id)).count == 1)
            dialer.tell(.ringing, of: dialer.orders[0].id)
            #expect(try await service.get(url).field("status", as: String.self) == "ringing")
        }
    }

    @Test("fails where the gateway has too much to do for too long", .timeLimit(.minutes(1)))
    func tooBusy() async throws {
        let clock = ManualClock()
        let dialer = FakeDialer { _, _, _ in .busy(after: 3600) }
        try await run(dialer, clock: clock) { service in
            // The one that forgets codes.
            await clock.waitForSleepers(1)
            let url = try link(try await service.placeCall(Self.body))
            for attempt in 1..<CallPlacement.mostAttempts {
                await dialer.waitForOrders(attempt)
                await clock.waitForSleepers(2)
                clock.advance(by: .seconds(CallPlacement.waits.upperBound))
            }
            let answer = try await status(service, url, becomes: "ended")
            #expect(try answer.field("cause", as: String.self) == CallPlacement.busy)
            #expect(dialer.orders.count == CallPlacement.mostAttempts)
        }
    }

    @Test(
        "whose request had no answer is placed by nobody again, and goes on when its gateway reports",
        .timeLimit(.minutes(1)))
    func unknown() async throws {
        let dialer = FakeDialer { _, _, _ in .unknown }
        try await run(dialer) { service in
            let url = try link(try await service.placeCall(Self.body, key: "k"))
            await dialer.waitForOrders(1)
            #expect(try await service.placeCall(Self.body, key: "k").status == 202)
            let reportTo = try #require(dialer.orders[0].reportTo)
            #expect(try await service.send("POST", reportTo, body: Array("1 answered gw-7".utf8)).status == 204)
            #expect(try await service.get(url).field("status", as: String.self) == "answered")
            // It has a name now, by which it is hung up.
            #expect(try await service.send("DELETE", url).status == 202)
            await dialer.waitForHangUps(1)
            #expect(dialer.hungUp == [FakeDialer.HangUp("gw-7", isAnswered: true)])
            #expect(dialer.orders.count == 1)
        }
    }

    @Test("of which nobody hears any more is over when its time is", .timeLimit(.minutes(1)))
    func lost() async throws {
        let clock = CallGuardsTests.Clock()
        let dialer = FakeDialer { _, _, _ in .unknown }
        try await run(dialer, calendar: clock.calendar) { service in
            let url = try link(try await service.placeCall(Self.body))
            await dialer.waitForOrders(1)
            clock.advance(30 + 600 + 119)
            service.service.service.placed.sweep()
            #expect(try await service.get(url).field("status", as: String.self) == "queued")
            clock.advance(1)
            service.service.service.placed.sweep()
            #expect(try await service.get(url).field("cause", as: String.self) == PlacedCalls.lost)
        }
    }

    @Test(
        "is where its gateway's reports say, late, twice and out of order",
        .timeLimit(.minutes(1)),
        arguments: [
            (["1 ringing", "2 answered", "3 completed"], "completed"),
            (["3 completed", "1 ringing", "2 answered"], "completed"),
            (["1 ringing", "1 ringing", "2 busy", "2 busy", "1 ringing"], "busy"),
            (["ringing", "no-answer", "answered"], "no-answer"), (["nonsense", "1", "rejected"], "rejected"),
        ])
    func reports(bodies: [String], outcome: String) async throws {
        let dialer = FakeDialer()
        try await run(dialer) { service in
            let url = try link(try await service.placeCall(Self.body))
            await dialer.waitForOrders(1)
            let reportTo = try #require(dialer.orders[0].reportTo)
            for body in bodies {
                #expect(try await service.send("POST", reportTo, body: Array(body.utf8)).status == 204)
            }
            #expect(try await service.get(url).field("outcome", as: String.self) == outcome)
        }
    }

    @Test("is reported of before the gateway has answered the request for it", .timeLimit(.minutes(1)))
    func early() async throws {
        let (gate, opener) = AsyncStream.makeStream(of: Void.self)
        let dialer = FakeDialer { order, _, _ in
            for await _ in gate { break }
            return .placed("gw-" + order.id)
        }
        try await run(dialer) { service in
            let url = try link(try await service.placeCall(Self.body))
            await dialer.waitForOrders(1)
            let reportTo = try #require(dialer.orders[0].reportTo)
            #expect(try await service.send("POST", reportTo, body: Array("1 ringing gw-7".utf8)).status == 204)
            #expect(try await service.get(url).field("status", as: String.self) == "ringing")
            opener.yield()
            #expect(try await service.send("DELETE", url).status == 202)
            await dialer.waitForHangUps(1)
            // By the name that it was reported under.
            #expect(dialer.hungUp == [FakeDialer.HangUp("gw-7", isAnswered: false)])
        }
    }

    // MARK: Taking back

    @Test("is taken back before its gateway has it, and hung up as soon as it does", .timeLimit(.minutes(1)))
    func takenBack() async throws {
        let (gate, opener) = AsyncStream.makeStream(of: Void.self)
        let dialer = FakeDialer { order, _, _ in
            for await _ in gate { break }
            return .placed("gw-" + order.id)
        }
        try await run(dialer) { service in
            let url = try link(try await service.placeCall(Self.body))
            await dialer.waitForOrders(1)
            #expect(try await service.send("DELETE", url).status == 202)
            #expect(dialer.hungUp.isEmpty)
            opener.yield()
            await dialer.waitForHangUps(1)
            let order = dialer.orders[0]
            #expect(dialer.hungUp == [FakeDialer.HangUp("gw-" + order.id, isAnswered: false)])
            dialer.tell(.ended(CallEnd(.noAnswer)), of: order.id)
            #expect(try await service.get(url).field("outcome", as: String.self) == "canceled")
        }
    }

    @Test("is over however often it is taken back then", .timeLimit(.minutes(1)))
    func takenBackTooLate() async throws {
        let dialer = FakeDialer()
        try await run(dialer) { service in
            let url = try link(try await service.placeCall(Self.body))
            await dialer.waitForOrders(1)
            dialer.tell(.answered, of: dialer.orders[0].id)
            dialer.tell(.ended(CallEnd(.completed)), of: dialer.orders[0].id)
            for _ in 0..<2 {
                let answer = try await service.send("DELETE", url)
                #expect(answer.status == 200)
                #expect(try answer.field("outcome", as: String.self) == "completed")
            }
            #expect(dialer.hungUp.isEmpty)
        }
    }

    // MARK: Whose it is

    @Test("is shown to its caller alone, and by its name alone", .timeLimit(.minutes(1)))
    func owners() async throws {
        let dialer = FakeDialer()
        let (one, other) = ("0123456789abcdef", "fedcba9876543210")
        try await run(dialer, environment: ["SPEAKCODE_API_KEYS": "a:\(one),b:\(other)"]) { service in
            func authorization(_ key: String) -> [String: String] { ["Authorization": "Bearer \(key)"] }
            let answer = try await service.placeCall(Self.body, headers: authorization(one))
            let url = try link(answer)
            #expect(try await service.get(url, headers: authorization(one)).status == 200)
            #expect(try await service.get(url, headers: authorization(other)).status == 404)
            #expect(try await service.get(url).status == 401)
            #expect(try await service.send("DELETE", url, headers: authorization(other)).status == 404)
            await dialer.waitForOrders(1)
            // The gateway's addresses are not the caller's, nor the other way round.
            let order = dialer.orders[0]
            let report = try #require(order.reportTo?.split(separator: "/").last)
            #expect(try await service.get("/v1/calls/\(report)", headers: authorization(one)).status == 404)
            let id: String = try answer.field("id")
            #expect(try await service.send("POST", "/v1/reports/\(id)", body: Array("busy".utf8)).status == 404)
            #expect(try await service.get("/a/\(id).wav").status == 404)
            #expect(dialer.hungUp.isEmpty)
        }
    }

    @Test("of another node is sent there, and its gateway's reports are taken all the same", .timeLimit(.minutes(1)))
    func otherNode() async throws {
        let dialer = FakeDialer()
        var (url, reportTo): (String, String) = ("", "")
        try await run(dialer, flags: ["nodeName": "n1"]) { service in
            let answer = try await service.placeCall(Self.body)
            url = "/v1/calls/\(try answer.field("id", as: String.self))"
            await dialer.waitForOrders(1)
            reportTo = "/v1/reports/" + (try #require(dialer.orders[0].reportTo?.split(separator: "/").last))
        }
        try await run(FakeDialer(), flags: ["nodeName": "n2"]) { service in
            let answer = try await service.get(url)
            #expect(answer.status == 421)
            #expect(try await service.send("POST", reportTo, body: Array("2 completed".utf8)).status == 204)
            #expect(
                try await service.metric(#"speakcode_placed_call_ends_total{through="trunk",outcome="completed"}"#) == 1
            )
        }
    }

    @Test("is moved on by signed reports alone, where its gateway signs", .timeLimit(.minutes(1)))
    func signed() async throws {
        struct Signing: RequestSigning {
            func isGenuine(_ request: SignedRequest) -> Bool { request.header("X-Signed") == "yes" }
        }
        let dialer = FakeDialer()
        try await run(dialer, routes: [CallService.route(dialer, signing: Signing())]) { service in
            let url = try link(try await service.placeCall(Self.body))
            await dialer.waitForOrders(1)
            let reportTo = try #require(dialer.orders[0].reportTo)
            #expect(try await service.send("POST", reportTo, body: Array("busy".utf8)).status == 403)
            #expect(try await service.get(url).field("status", as: String.self) == "queued")
            let signed = try await service.send(
                "POST", reportTo, headers: ["X-Signed": "yes"], body: Array("busy".utf8))
            #expect(signed.status == 204)
            #expect(try await service.get(url).field("outcome", as: String.self) == "busy")
        }
    }

    // MARK: What is refused

    @Test(
        "rings nobody whom it may not ring, and says why without the number",
        .timeLimit(.minutes(1)),
        arguments: [
            (#"{"code":"735198","to":"+43123456789"}"#, 422, "to"),
            (#"{"code":"735198","to":"+499001234567"}"#, 422, "to"),
            (#"{"code":"735198","to":"sip:a@other.example"}"#, 422, "to"),
            (#"{"code":"735198","to":"+49301234567","through":"nobody"}"#, 422, "through"),
            (#"{"code":"735198","to":"+49301234567","from":"+4930999"}"#, 422, "from"),
            (#"{"code":"735198","to":"+49301234567","events":"https://thief.example/"}"#, 422, "events"),
            (#"{"code":"735198","to":"+49301234567","style":"none"}"#, 422, "style"),
            (#"{"to":"+49301234567"}"#, 422, "code"),
        ])
    func refuses(body: String, status: Int, field: String) async throws {
        let dialer = FakeDialer()
        try await run(dialer) { service in
            let answer = try await service.placeCall(body)
            #expect(answer.status == status)
            #expect(try answer.field("field", as: String.self) == field)
            #expect(!answer.text.contains("1234567") && !answer.text.contains("123456789"))
            #expect(dialer.orders.isEmpty)
        }
    }

    @Test("needs a gateway that dials", .timeLimit(.minutes(1)))
    func noGateway() async throws {
        try await run(routes: []) { service in
            let answer = try await service.placeCall(Self.body)
            #expect(answer.status == 503)
        }
    }

    @Test("goes through the gateway that its number leads to", .timeLimit(.minutes(1)))
    func routes() async throws {
        let dialers = ["near": FakeDialer(), "far": FakeDialer(), "usual": FakeDialer()]
        let routes = ["near", "far", "usual"].compactMap { name in
            dialers[name].map { CallService.route($0, name: name, numbers: ["+4930111", "+4930222"]) }
        }
        let flags = ["callRoutes": "+49=far,+4930=near", "callThrough": "usual"]
        try await run(flags: flags, routes: routes) { service in
            for (to, through, from) in [
                ("+49301234567", "near", ""), ("+49891234567", "far", ""), ("sip:anna@pbx.example.net", "usual", ""),
                ("+49401234567", "near", #","through":"near","from":"+4930222""#),
            ] {
                let answer = try await service.placeCall(#"{"code":"735198","to":"\#(to)"\#(from)}"#)
                #expect(try answer.field("through", as: String.self) == through)
            }
            await dialers["near"]?.waitForOrders(2)
            #expect(Set(dialers["near"]?.orders.compactMap(\.from) ?? []) == ["+4930111", "+4930222"])
        }
    }
}
