// SPDX-License-Identifier: GPL-3.0-or-later

import Crypto
import Foundation
import HTTPTypes
import SpeakCodeGateways
import SpeakCodeLinks
import SpeakCodeTesting
import Testing

@testable import SpeakCodeService

@Suite("What is told to the operator's address")
struct CallOutboxTests {
    private static let address = "https://shop.example/calls"
    private static let secret = Data((0..<32).map { UInt8($0) })
    private static let now = 1_795_000_000

    private struct Told {
        let outbox: CallOutbox
        let sender: FakeHTTPSender
        let clock: ManualClock
    }

    /// Runs an outbox for as long as a test needs it.
    private func run(
        key: WebhookKey? = nil, _ answer: @escaping FakeHTTPSender.Answer, _ body: (Told) async throws -> Void
    ) async throws {
        let (sender, clock) = (FakeHTTPSender(answer), ManualClock())
        let outbox = CallOutbox(
            to: [Self.address], key: key, sender: sender, time: SteadyTime(clock), calendar: CalendarTime { Self.now },
            metrics: ServiceMetrics(factory: PrometheusRegistry()))
        let running = Task { await outbox.run() }
        try await body(Told(outbox: outbox, sender: sender, clock: clock))
        running.cancel()
        await running.value
    }

    private static func call(_ number: UInt8, _ progress: [CallProgress]) throws -> [(CallEvent, PlacedCalls.Snapshot)]
    {
        let id = try #require(CallID([UInt8](repeating: number, count: CallID.length)))
        let ticket = CallTicket(
            .call, id: id, node: "", gateway: "trunk", owner: [], webhook: CallNames.digest(ofWebhook: address),
            issued: now, expires: now + 86_400)
        var record = CallRecord()
        return progress.flatMap { step in
            record.take(step, at: now).map {
                ($0, PlacedCalls.Snapshot(sealed: "call-\(number)", ticket: ticket, record: record))
            }
        }
    }

    private static func type(_ request: GatewayRequest) throws -> String {
        let object = try JSONSerialization.jsonObject(with: Data(request.body)) as? [String: Any]
        return try #require(object?["type"] as? String)
    }

    private static func header(_ name: String, _ request: GatewayRequest) throws -> String {
        let field = try #require(HTTPField.Name(name))
        return try #require(request.headers[field])
    }

    @Test("is each event, in order, signed as Standard Webhooks has it", .timeLimit(.minutes(1)))
    func signed() async throws {
        let key = try #require(WebhookKey("whsec_" + Self.secret.base64EncodedString()))
        try await run(key: key, { _, _ in .success(GatewayAnswer(status: 200)) }) { told in
            for (event, call) in try Self.call(
                1, [.ringing, .answered, .ended(CallEnd(.completed, answeredSeconds: 7))])
            {
                told.outbox.add(event, of: call)
            }
            await told.sender.waitForRequests(3)
            let requests = told.sender.requests
            #expect(try requests.map(Self.type) == ["call.ringing", "call.answered", "call.ended"])
            for request in requests {
                #expect(request.url == Self.address && request.method == .post)
                let (id, time) = (try Self.header("webhook-id", request), try Self.header("webhook-timestamp", request))
                #expect(time == "\(Self.now)")
                let signed = Data("\(id).\(time).".utf8) + Data(request.body)
                let code = HMAC<SHA256>.authenticationCode(for: signed, using: SymmetricKey(data: Self.secret))
                #expect(try Self.header("webhook-signature", request) == "v1," + Data(code).base64EncodedString())
            }
            let ids = try requests.map { try Self.header("webhook-id", $0) }
            #expect(Set(ids).count == 3)
            let last = try #require(try JSONSerialization.jsonObject(with: Data(requests[2].body)) as? [String: Any])
            let data = try #require(last["data"] as? [String: Any])
            #expect(data["id"] as? String == "call-1" && data["outcome"] as? String == "completed")
        }
    }

    /// The vector that the specification's own libraries are tested with.
    @Test("has the signature that others reckon")
    func vector() throws {
        let key = try #require(WebhookKey("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
        let body = Array(#"{"test": 2432232314}"#.utf8)
        #expect(
            key.signature(of: "msg_p5jXN8AQM9LWM0D4loKWxJek", at: 1_614_265_330, body)
                == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    @Test(
        "is signed by a whole secret alone",
        arguments: [
            "", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_AAAA", "whsec_not base64",
            "whsec_" + String(repeating: "AAAA", count: 22),
        ])
    func secrets(text: String) {
        #expect(WebhookKey(text) == nil)
    }

    @Test("is tried again behind growing waits, with the same id, and what follows waits", .timeLimit(.minutes(1)))
    func retried() async throws {
        try await run({ _, attempt in attempt < 4 ? .failure(.notSent) : .success(GatewayAnswer(status: 204)) }) {
            told in
            for (event, call) in try Self.call(1, [.ringing, .answered]) { told.outbox.add(event, of: call) }
            for wait in CallOutbox.waits.prefix(3) {
                await told.sender.waitForRequests(1)
                await told.clock.waitForSleepers(1)
                told.clock.advance(by: .seconds(wait))
            }
            await told.sender.waitForRequests(2)
            let requests = told.sender.requests
            #expect(try requests.map(Self.type) == Array(repeating: "call.ringing", count: 4) + ["call.answered"])
            let ids = try requests.prefix(4).map { try Self.header("webhook-id", $0) }
            #expect(Set(ids).count == 1)
        }
    }

    @Test("of one call does not wait for another's", .timeLimit(.minutes(1)))
    func apart() async throws {
        try await run({ request, _ in
            String(decoding: request.body, as: UTF8.self).contains("call-1")
                ? .failure(.noAnswer) : .success(GatewayAnswer(status: 204))
        }) { told in
            for (event, call) in try Self.call(1, [.ringing]) { told.outbox.add(event, of: call) }
            await told.clock.waitForSleepers(1)
            for (event, call) in try Self.call(2, [.ringing, .answered]) { told.outbox.add(event, of: call) }
            await told.sender.waitForRequests(3)
            #expect(try told.sender.requests.map(Self.type) == ["call.ringing", "call.ringing", "call.answered"])
            #expect(told.outbox.count >= 1)
        }
    }

    @Test("is given up where nobody takes it, or wants it", .timeLimit(.minutes(1)), arguments: [410, 500])
    func givenUp(status: Int) async throws {
        try await run({ _, _ in .success(GatewayAnswer(status: status)) }) { told in
            for (event, call) in try Self.call(1, [.ringing]) { told.outbox.add(event, of: call) }
            if status != 410 {
                for wait in CallOutbox.waits {
                    await told.clock.waitForSleepers(1)
                    told.clock.advance(by: .seconds(wait))
                }
            }
            await told.sender.waitForRequests(status == 410 ? 1 : CallOutbox.waits.count + 1)
            while told.outbox.count > 0 { await Task.yield() }
            #expect(told.sender.requests.count == (status == 410 ? 1 : CallOutbox.waits.count + 1))
        }
    }

    @Test("is dropped where too much waits, and counted")
    func bounded() throws {
        let registry = PrometheusRegistry()
        let outbox = CallOutbox(
            to: [Self.address], key: nil, sender: FakeHTTPSender(), time: SteadyTime(ManualClock()),
            calendar: CalendarTime { Self.now }, metrics: ServiceMetrics(factory: registry))
        let told = try Self.call(1, [.ringing])
        let (event, call) = try #require(told.first)
        for _ in 0..<(CallOutbox.most + 2) { outbox.add(event, of: call) }
        #expect(outbox.count == CallOutbox.most)
        #expect(registry.exposition().contains(#"speakcode_call_events_total{outcome="dropped"} 2"#))
    }

    @Test("is nothing of a call without an address")
    func none() throws {
        let outbox = CallOutbox(
            to: ["https://other.example/"], key: nil, sender: FakeHTTPSender(), time: SteadyTime(ManualClock()),
            calendar: CalendarTime { Self.now }, metrics: ServiceMetrics(factory: PrometheusRegistry()))
        for (event, call) in try Self.call(1, [.ringing]) { outbox.add(event, of: call) }
        #expect(outbox.count == 0)
    }
}
