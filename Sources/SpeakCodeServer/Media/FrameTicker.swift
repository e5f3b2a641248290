// SPDX-License-Identifier: GPL-3.0-or-later

internal import NIOCore
internal import Synchronization

/// What sends a frame whenever a ticker says that it is time.
protocol FrameSender: AnyObject {
    /// Sends the frame that is due.
    func sendFrame()
}

/// The clock of all calls of an event loop: tells each of them, 50 times a second, that its next frame is due.
///
/// One timer of the loop serves them all. A call's frames are due at its own millisecond of every 20, counted from when
/// the ticker began and not from the frame before, so they never drift; calls that begin together are spread over
/// the milliseconds next to them. A loop that was held up sends what it missed at once, but no more than a few frames: what
/// a phone's jitter buffer cannot hold would be lost to its listener, so the call goes on that much later instead.
final class FrameTicker {
    /// The time between two frames of a call.
    static let frame = TimeAmount.milliseconds(20)
    private static let slotCount = 20
    private static let slotLength = TimeAmount.nanoseconds(frame.nanoseconds / Int64(slotCount))
    /// How late a frame may be, in slots, and still be followed at once by the next ones.
    private static let mostCatchUp = 5 * slotCount
    /// How many slots a call may be moved, in favour of one that has fewer.
    private static let spread = 4
    private static let leastPause = TimeAmount.microseconds(100)

    private let loop: any EventLoop
    private let began: NIODeadline
    private var slots = [[any FrameSender]](repeating: [], count: slotCount)
    private var count = 0
    /// The last slot that was served, counted from the beginning.
    private var served: Int64 = 0
    private var timer: Scheduled<Void>?
    private var isTicking = false

    /// - Parameter loop: the one on which it is used.
    init(loop: any EventLoop) {
        self.loop = loop
        began = loop.now
    }

    /// A call's place among the others; it is given up with ``remove(_:)``.
    struct Place {
        fileprivate let slot: Int
    }

    /// Begins to tell a sender; its first frame is due within a few milliseconds.
    func add(_ sender: any FrameSender) -> Place {
        let now = current
        if count == 0 { served = now }
        let candidates = (1...Int64(Self.spread)).map { Int((now + $0) % Int64(Self.slotCount)) }
        // The first of the emptiest.
        let slot = candidates.min { slots[$0].count < slots[$1].count } ?? 0
        slots[slot].append(sender)
        count += 1
        // The call may be due before the one that is waited for.
        if !isTicking { schedule() }
        return Place(slot: slot)
    }

    /// Ends to tell a sender.
    func remove(_ sender: any FrameSender, from place: Place) {
        guard let index = slots[place.slot].firstIndex(where: { $0 === sender }) else { return }
        slots[place.slot].remove(at: index)
        count -= 1
        guard count == 0 else { return }
        timer?.cancel()
        timer = nil
    }

    /// The slot that it is time for.
    private var current: Int64 { (loop.now - began).nanoseconds / Self.slotLength.nanoseconds }

    private func tick() {
        timer = nil
        isTicking = true
        let now = current
        served = max(served, now - Int64(Self.mostCatchUp))
        while served < now {
            served += 1
            // Senders may come and go while they are told.
            for sender in slots[Int(served % Int64(Self.slotCount))] { sender.sendFrame() }
        }
        isTicking = false
        // A loop looks at its connections only when none of its tasks is due: a ticker that is always late would keep it
        // from them, so that no hang-up is heard any more.
        if count > 0 { schedule(notBefore: loop.now + Self.leastPause) }
    }

    /// Waits for the next slot with a call in it.
    private func schedule(notBefore earliest: NIODeadline = .uptimeNanoseconds(0)) {
        timer?.cancel()
        var next = served + 1
        while slots[Int(next % Int64(Self.slotCount))].isEmpty, next < served + Int64(Self.slotCount) { next += 1 }
        let time = max(began + TimeAmount.nanoseconds(next * Self.slotLength.nanoseconds), earliest)
        timer = loop.assumeIsolated().scheduleTask(deadline: time) { [self] in tick() }
    }
}

/// The tickers of all event loops, each made when its loop first has a call.
final class FrameTickers: Sendable {
    /// Those of this process, as its event loops are.
    static let shared = FrameTickers()

    private let tickers = Mutex<[ObjectIdentifier: NIOLoopBound<FrameTicker>]>([:])

    /// The ticker of a loop; asked for on that loop.
    func ticker(of loop: any EventLoop) -> FrameTicker {
        tickers.withLock { tickers in
            let known = tickers[ObjectIdentifier(loop)] ?? NIOLoopBound(FrameTicker(loop: loop), eventLoop: loop)
            tickers[ObjectIdentifier(loop)] = known
            return known.value
        }
    }
}
