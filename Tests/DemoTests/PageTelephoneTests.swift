// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCodeDemo
import SpeakCodeGateways
import SpeakCodeTesting
import Synchronization
import Testing

@Suite("The telephone on the page", .timeLimit(.minutes(1)))
struct PageTelephoneTests {
    /// What the service was told of a call.
    private final class Told: Sendable {
        private let all = Mutex<[CallProgress]>([])
        private let (ends, end) = AsyncStream.makeStream(of: CallEnd.self)

        var progress: [CallProgress] { all.withLock { $0 } }

        func take(_ progress: CallProgress) {
            all.withLock { $0.append(progress) }
            if case .ended(let how) = progress { end.yield(how) }
        }

        func untilEnded() async -> CallEnd? {
            for await how in ends { return how }
            return nil
        }
    }

    private static func ring(_ telephone: PageTelephone, _ id: String = "1") async -> Told {
        let told = Told()
        let order = CallOrder(
            id: id, to: .number("+12125550100"), timeout: 30, heard: .webSocket("ws://127.0.0.1:8080/m/sealed"))
        #expect(await telephone.dial(order) { told.take($0) } == .placed(id))
        return told
    }

    @Test("rings, is taken once, and hears the service's own WebSocket")
    func answers() async {
        let telephone = PageTelephone(clock: ManualClock())
        let told = await Self.ring(telephone)
        #expect(told.progress == [.ringing])
        #expect(telephone.answer("1") == "/m/sealed")
        // Another tab comes too late.
        #expect(telephone.answer("1") == nil && telephone.answer("2") == nil)
        telephone.hangUp("1")
        #expect(told.progress == [.ringing, .answered, .ended(CallEnd(.completed, answeredSeconds: 0))])
        #expect(telephone.answer("1") == nil)
    }

    @Test("is declined")
    func declines() async {
        let telephone = PageTelephone(clock: ManualClock())
        let told = await Self.ring(telephone)
        telephone.hangUp("1")
        telephone.hangUp("1")
        #expect(told.progress == [.ringing, .ended(CallEnd(.rejected))])
    }

    @Test("is taken back by the service")
    func takenBack() async {
        let telephone = PageTelephone(clock: ManualClock())
        let told = await Self.ring(telephone)
        await telephone.hangUp("1", isAnswered: false)
        #expect(told.progress == [.ringing, .ended(CallEnd(.canceled))])
    }

    @Test("rings for as long as it may")
    func missed() async {
        let clock = ManualClock()
        let telephone = PageTelephone(clock: clock)
        let told = await Self.ring(telephone)
        await Self.pass(30, on: clock)
        #expect(await told.untilEnded() == CallEnd(.noAnswer))
    }

    @Test("hangs up for a page that is gone, and for none that is there")
    func gone() async {
        let clock = ManualClock()
        let telephone = PageTelephone(clock: clock)
        let told = await Self.ring(telephone)
        _ = telephone.answer("1")
        for _ in 0..<3 {
            await Self.pass(60, on: clock)
            telephone.isSeen("1")
        }
        #expect(told.progress == [.ringing, .answered])
        await Self.pass(90, on: clock)
        #expect(await told.untilEnded() == CallEnd(.completed, answeredSeconds: 270))
    }

    @Test("rings nobody who could hear nothing, and not more than it has room for")
    func refuses() async {
        let telephone = PageTelephone(clock: ManualClock())
        let order = CallOrder(id: "x", to: .number("+12125550100"), heard: .local)
        #expect(await telephone.dial(order) { _ in } == .refused(CallEnd(.failed, cause: "no-media")))
        for number in 0..<100 { _ = await Self.ring(telephone, "\(number)") }
        let more = CallOrder(id: "more", to: .number("+12125550100"), heard: .webSocket("ws://h/m/s"))
        #expect(await telephone.dial(more) { _ in } == .refused(CallEnd(.busy)))
    }

    /// Lets time pass, second by second, as the telephone looks at it.
    private static func pass(_ seconds: Int, on clock: ManualClock) async {
        for _ in 0..<seconds {
            await clock.waitForSleepers(1)
            clock.advance(by: .seconds(1))
        }
    }
}
