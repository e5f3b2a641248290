// SPDX-License-Identifier: GPL-3.0-or-later

import HTTPTypes
import SpeakCodeGateways
import SpeakCodeTesting
import Testing

@testable import SpeakCodeService

@Suite("A gateway that is dialled over HTTP")
struct HTTPDialerTests {
    /// A gateway whose answers are their status: 201 has the call, 404 has none.
    private struct WordDialing: Dialing {
        var numbers: [String] { [] }
        var repeatableFor: Int?
        var canBeAsked = true
        /// Whether a call that is answered is ended by another request.
        var hasTwoEnds = false

        func create(_ order: CallOrder) throws(DialingError) -> GatewayRequest {
            guard case .number = order.callee else { throw DialingError("to", "must be a number") }
            return GatewayRequest(.post, "https://gateway.example/calls")
        }

        func placed(_ answer: GatewayAnswer) -> PlacedCall {
            switch answer.status {
            case 201: .placed("gw-1")
            case 429: .busy(after: 9)
            case 400..<500: .refused(CallEnd(.rejected))
            default: .unknown
            }
        }

        func hangUp(_ id: String, isAnswered: Bool) -> GatewayRequest {
            GatewayRequest(.delete, "https://gateway.example/\(hasTwoEnds && !isAnswered ? "requests" : "calls")/\(id)")
        }

        func lookUp(_ order: CallOrder) -> GatewayRequest? {
            canBeAsked ? GatewayRequest(.get, "https://gateway.example/calls?id=\(order.id)") : nil
        }

        func found(_ answer: GatewayAnswer, _ order: CallOrder) -> String? { answer.status == 200 ? "gw-7" : nil }

        func report(query: String, body: [UInt8]) -> CallReport? { nil }
    }

    private static let order = CallOrder(id: "id", to: .number("+49301234567"), heard: .local)

    /// What becomes of an order; time goes on whenever somebody waits for it.
    private func dial(
        _ dialing: WordDialing, order: CallOrder = order, _ answer: @escaping FakeHTTPSender.Answer
    ) async -> (PlacedCall, [HTTPRequest.Method]) {
        let (sender, clock) = (FakeHTTPSender(answer), ManualClock())
        let dialer = HTTPDialer(dialing, sender: sender, time: SteadyTime(clock))
        let placed = await Self.whileTimeGoesOn(clock) { await dialer.dial(order) { _ in } }
        return (placed, sender.requests.map(\.method))
    }

    private static func whileTimeGoesOn<Made: Sendable>(
        _ clock: ManualClock, _ body: @escaping @Sendable () async -> Made
    ) async -> Made {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                while !Task.isCancelled {
                    await clock.waitForSleepers(1)
                    clock.advance(by: .seconds(1))
                }
            }
            let made = await body()
            group.cancelAll()
            return made
        }
    }

    @Test(
        "is asked once, and taken by its word", .timeLimit(.minutes(1)),
        arguments: [(201, PlacedCall.placed("gw-1")), (429, .busy(after: 9)), (403, .refused(CallEnd(.rejected)))])
    func answered(status: Int, placed: PlacedCall) async {
        let (outcome, methods) = await dial(WordDialing()) { _, _ in .success(GatewayAnswer(status: status)) }
        #expect(outcome == placed && methods == [.post])
    }

    @Test("that cannot be reached has no call, and may be asked again", .timeLimit(.minutes(1)))
    func unreachable() async {
        let (outcome, methods) = await dial(WordDialing()) { _, _ in .failure(.notSent) }
        #expect(outcome == .busy(after: 2) && methods == [.post])
    }

    @Test("that does not answer is asked whether it has the call, and never for it again", .timeLimit(.minutes(1)))
    func lookedUp() async {
        for failure in [Result<GatewayAnswer, SendingError>.failure(.noAnswer), .success(GatewayAnswer(status: 502))] {
            let (outcome, methods) = await dial(WordDialing()) { request, attempt in
                request.method == .post ? failure : .success(GatewayAnswer(status: attempt < 3 ? 404 : 200))
            }
            #expect(outcome == .placed("gw-7") && methods == [.post, .get, .get])
        }
    }

    @Test("that has none, or does not tell, leaves it open", .timeLimit(.minutes(1)))
    func unknown() async {
        let (outcome, methods) = await dial(WordDialing()) { request, _ in
            request.method == .post ? .failure(.noAnswer) : .success(GatewayAnswer(status: 404))
        }
        #expect(outcome == .unknown && methods == [.post] + HTTPDialer.lookUps.map { _ in .get })
        let (silent, asked) = await dial(WordDialing(canBeAsked: false)) { _, _ in .failure(.noAnswer) }
        #expect(silent == .unknown && asked == [.post])
    }

    @Test("that knows a call by its id is asked for it again", .timeLimit(.minutes(1)))
    func repeatable() async {
        let dialing = WordDialing(repeatableFor: 60)
        let (outcome, methods) = await dial(dialing) { _, attempt in
            attempt == 1 ? .failure(.noAnswer) : .success(GatewayAnswer(status: 201))
        }
        #expect(outcome == .placed("gw-1") && methods == [.post, .post])
        // What keeps the second request from being taken tells nothing of the first.
        let (open, _) = await dial(dialing) { request, attempt in
            attempt == 1 ? .failure(.noAnswer) : .success(GatewayAnswer(status: request.method == .post ? 429 : 404))
        }
        #expect(open == .unknown)
    }

    @Test("that cannot take an order is not asked", .timeLimit(.minutes(1)))
    func refused() async {
        let order = CallOrder(id: "id", to: .sip("sip:a@example.net"), heard: .local)
        let (outcome, methods) = await dial(WordDialing(), order: order) { _, _ in .success(GatewayAnswer(status: 201))
        }
        #expect(methods.isEmpty)
        guard case .refused(let end) = outcome else { return #expect(Bool(false), "\(outcome)") }
        #expect(end.outcome == .failed)
    }

    @Test(
        "is told to hang up until it has heard it", .timeLimit(.minutes(1)),
        arguments: [(204, 1), (404, 1), (500, 3), (429, 3)])
    func hangsUp(status: Int, count: Int) async {
        let (sender, clock) = (FakeHTTPSender { _, _ in .success(GatewayAnswer(status: status)) }, ManualClock())
        let dialer = HTTPDialer(WordDialing(), sender: sender, time: SteadyTime(clock))
        await Self.whileTimeGoesOn(clock) { await dialer.hangUp("gw-1", isAnswered: false) }
        #expect(sender.requests.map(\.url) == Array(repeating: "https://gateway.example/calls/gw-1", count: count))
    }

    @Test(
        "is asked to end a call that was answered meanwhile, where it has another request for that",
        arguments: [(false, 404, 2), (false, 204, 1), (true, 404, 1)])
    func tooLate(isAnswered: Bool, status: Int, requests: Int) async {
        let sender = FakeHTTPSender { _, attempt in .success(GatewayAnswer(status: attempt == 1 ? status : 204)) }
        let dialer = HTTPDialer(WordDialing(hasTwoEnds: true), sender: sender, time: SteadyTime(ManualClock()))
        await dialer.hangUp("c1", isAnswered: isAnswered)
        #expect(sender.requests.count == requests)
        #expect(sender.requests.last?.url.contains("/calls/") == (requests == 2 || isAnswered))
        // One that has no other is asked once.
        let plain = FakeHTTPSender { _, _ in .success(GatewayAnswer(status: 404)) }
        await HTTPDialer(WordDialing(), sender: plain, time: SteadyTime(ManualClock())).hangUp("c1", isAnswered: false)
        #expect(plain.requests.count == 1)
    }
}
