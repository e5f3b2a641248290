// SPDX-License-Identifier: GPL-3.0-or-later

import NIOCore
import NIOEmbedded
import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

@Suite("The clock of calls")
struct FrameTickerTests {
    /// Notes when it is told to send, in microseconds of the loop's time.
    private final class Sender: FrameSender {
        let loop: EmbeddedEventLoop
        var times: [Int64] = []
        var onFrame: () -> Void = {}

        init(_ loop: EmbeddedEventLoop) {
            self.loop = loop
        }

        func sendFrame() {
            times.append(Int64(loop.now.uptimeNanoseconds / 1000))
            onFrame()
        }
    }

    @Test("tells each call once in 20 ms, for hours", arguments: [1, 7, 100])
    func steady(calls: Int) {
        let loop = EmbeddedEventLoop()
        let ticker = FrameTicker(loop: loop)
        let senders = (0..<calls).map { _ in Sender(loop) }
        for sender in senders {
            // They begin at any time.
            loop.advanceTime(by: .microseconds(1370))
            _ = ticker.add(sender)
        }
        let begun = loop.now
        let seconds: Int64 = calls == 1 ? 7200 : 60
        loop.advanceTime(by: .seconds(seconds))
        for sender in senders {
            let later = sender.times.filter { $0 > Int64(begun.uptimeNanoseconds / 1000) }
            #expect(abs(Int64(later.count) - seconds * 50) <= 1)
            #expect(zip(sender.times, sender.times.dropFirst()).allSatisfy { $1 - $0 == 20_000 })
        }
    }

    @Test("begins a call within a few milliseconds, and spreads those that begin together")
    func spread() {
        let loop = EmbeddedEventLoop()
        let ticker = FrameTicker(loop: loop)
        let senders = (0..<100).map { _ in Sender(loop) }
        for sender in senders { _ = ticker.add(sender) }
        loop.advanceTime(by: .milliseconds(5))
        #expect(senders.allSatisfy { $0.times.count == 1 && $0.times[0] <= 5000 })
        let together = Dictionary(grouping: senders) { $0.times.first ?? 0 }.values.map(\.count)
        #expect(together.count == 4 && together.max() == 25)
    }

    @Test("tells nobody who has gone, though they go or come while others are told")
    func leaves() {
        let loop = EmbeddedEventLoop()
        let ticker = FrameTicker(loop: loop)
        let (one, other, late) = (Sender(loop), Sender(loop), Sender(loop))
        let place = ticker.add(one)
        var otherPlace: FrameTicker.Place?
        otherPlace = ticker.add(other)
        one.onFrame = {
            guard one.times.count == 3, let place = otherPlace else { return }
            ticker.remove(other, from: place)
            otherPlace = nil
            _ = ticker.add(late)
        }
        loop.advanceTime(by: .seconds(1))
        #expect(one.times.count == 50 && other.times.count <= 3 && late.times.count >= 46)
        ticker.remove(one, from: place)
        let before = one.times.count
        loop.advanceTime(by: .seconds(1))
        #expect(one.times.count == before)
    }

    @Test("begins again when all had gone")
    func restarts() {
        let loop = EmbeddedEventLoop()
        let ticker = FrameTicker(loop: loop)
        for _ in 0..<3 {
            let sender = Sender(loop)
            let place = ticker.add(sender)
            loop.advanceTime(by: .milliseconds(105))
            #expect(sender.times.count == 6)
            ticker.remove(sender, from: place)
            loop.advanceTime(by: .seconds(10))
            #expect(sender.times.count == 6)
        }
    }
}
