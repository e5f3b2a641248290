// SPDX-License-Identifier: GPL-3.0-or-later

internal import HTTPTypes
internal import SpeakCodeGateways
internal import SpeakCodeLinks
internal import Synchronization

/// Tells the operator's addresses what happens to calls: signed, in order for each call, again and again until it is taken or
/// is no news any more.
///
/// A message has the same id each time, and from whatever replica it comes, so that who gets it twice can tell.
final class CallOutbox: Sendable {
    private struct Message: Sendable {
        let event: CallEvent
        let call: PlacedCalls.Snapshot
        let address: String
    }

    private struct State {
        /// What is to be told of each call, the first first.
        var lines: [CallID: [Message]] = [:]
        var count = 0
        var isClosed = false
    }

    /// The most messages that wait; more are dropped, and counted.
    static let most = 10_000
    /// Seconds between attempts to deliver a message; behind the last of them it is given up.
    static let waits = [1, 5, 25, 120, 600, 1800]
    /// How many messages are on their way at a time.
    private static let atATime = 32
    /// How long an answer is waited for; the specification asks for 15 to 30 seconds.
    private static let limit: Duration = .seconds(15)

    private let addresses: [UInt32: String]
    private let key: WebhookKey?
    private let sender: any HTTPSender
    private let time: SteadyTime
    private let calendar: CalendarTime
    private let metrics: ServiceMetrics
    private let turns = Turns(atATime: atATime, inLine: most)
    private let state = Mutex(State())
    private let calls: AsyncStream<CallID>
    private let queue: AsyncStream<CallID>.Continuation

    init(
        to addresses: [String], key: WebhookKey?, sender: any HTTPSender, time: SteadyTime, calendar: CalendarTime,
        metrics: ServiceMetrics
    ) {
        self.addresses = Dictionary(
            addresses.map { (CallNames.digest(ofWebhook: $0), $0) }, uniquingKeysWith: { first, _ in first })
        (self.key, self.sender, self.time) = (key, sender, time)
        (self.calendar, self.metrics) = (calendar, metrics)
        (calls, queue) = AsyncStream.makeStream(of: CallID.self)
    }

    /// How many messages wait.
    var count: Int { state.withLock(\.count) }

    /// Has an event told, where its call has an address; it neither waits nor asks back.
    func add(_ event: CallEvent, of call: PlacedCalls.Snapshot) {
        guard let address = addresses[call.ticket.webhook] else { return }
        let id = call.ticket.id
        let isFirst: Bool? = state.withLock { state in
            guard state.count < Self.most else { return nil }
            state.count += 1
            // Who delivers what is there already delivers this as well.
            let isFirst = state.lines[id] == nil
            state.lines[id, default: []].append(Message(event: event, call: call, address: address))
            return isFirst
        }
        switch isFirst {
        case nil: metrics.told(.dropped)
        case true?: queue.yield(id)
        case false?: break
        }
    }

    /// Takes nothing more; what waits is tried once more at most.
    func close() {
        state.withLock { $0.isClosed = true }
        queue.finish()
    }

    /// Delivers until it is closed.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await id in calls { group.addTask { await self.deliver(id) } }
        }
    }

    /// Delivers what is to be told of a call, one message after the other.
    private func deliver(_ id: CallID) async {
        var message = state.withLock { $0.lines[id]?.first }
        while let one = message {
            metrics.told(await deliver(one) ? .delivered : .failed)
            message = state.withLock { Self.next(id, &$0) }
        }
    }

    /// Lets a message go that was delivered, or given up.
    ///
    /// - Returns: the next one of the call; where there is none, what is added then begins anew.
    private static func next(_ id: CallID, _ state: inout State) -> Message? {
        state.count -= 1
        state.lines[id]?.removeFirst()
        if state.lines[id]?.isEmpty == true { state.lines[id] = nil }
        return state.lines[id]?.first
    }

    private func deliver(_ message: Message) async -> Bool {
        for wait in Self.waits.map(Optional.some) + [nil] {
            guard await turns.take() else { return false }
            let answer = await attempt(message)
            turns.giveBack()
            if let status = answer?.status, (200..<300).contains(status) { return true }
            // 410: whoever is there wants no more of it.
            guard let wait, answer?.status != 410, !state.withLock(\.isClosed) else { return false }
            guard (try? await time.sleep(for: .seconds(wait))) != nil else { return false }
        }
        return false
    }

    private func attempt(_ message: Message) async -> GatewayAnswer? {
        guard let body = try? Self.body(of: message) else { return nil }
        let (id, now) = ("\(message.call.ticket.id).\(message.event.kind.mark)", calendar.now)
        var headers: HTTPFields = [.contentType: "application/json", .userAgent: "SpeakCode"]
        headers[Self.header("webhook-id")] = id
        headers[Self.header("webhook-timestamp")] = String(now)
        if let key { headers[Self.header("webhook-signature")] = key.signature(of: id, at: now, body) }
        return try? await sender.send(
            GatewayRequest(.post, message.address, headers: headers, body: body), within: Self.limit)
    }

    private struct Body: Encodable {
        let type: String
        let timestamp: String
        let data: CallAnswer
    }

    private static func body(of message: Message) throws -> [UInt8] {
        try JSONDocument.encode(
            Body(
                type: "call.\(message.event.kind.name)", timestamp: CallAnswer.date(message.event.at),
                data: CallAnswer(message.call)))
    }

    private static func header(_ text: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else { preconditionFailure("\(text) is a header's name.") }
        return name
    }
}
