// SPDX-License-Identifier: GPL-3.0-or-later

internal import CTimestamps
internal import Glibc

/// All calls of a run.
///
/// Nothing waits for a frame: each call is looked at in the middle between two of them, and the kernel says when what is
/// there came. So the load's own waiting for the processor is not counted as lateness of the service.
final class Load<Wire: CallWire> {
    private static var frame: Int64 { 20_000_000 }
    private static var millisecond: Int64 { 1_000_000 }
    /// The milliseconds of every 20; a call sends in one of them and is looked at in one.
    private static var slots: Int { 20 }

    private let waiting: [Wire]
    private let seconds: Int
    private let ramp: Int
    private var calls: [Call] = []
    /// The calls to look at in each slot.
    private var looks = [[Int]](repeating: [], count: slots)
    private var tick: Int64 = 0
    private var open = 0
    private var buffer = [UInt8](repeating: 0, count: 65_536)
    private let message = Wire.callersFrame

    private var sent = 0
    private var unsent = 0
    private var parts = 0
    private var strange = 0
    private var early = 0

    private struct Call {
        let descriptor: CInt
        let began: Int64
        /// In which it is looked at: half a frame behind its first frame.
        var slot: Int
        var isOpen = true
        /// What has come of a message that is not whole.
        var rest: [UInt8] = []
        /// The frames that are still to come ahead of the clock.
        var lead = Wire.lead
        /// When each frame behind them came, in microseconds against one each 20 ms.
        var times: [Int32] = []
        /// Frames in which something is heard.
        var heard = 0
    }

    init(calls: [Wire], seconds: Int, ramp: Int) {
        waiting = calls
        (self.seconds, self.ramp) = (seconds, ramp)
        self.calls.reserveCapacity(calls.count)
    }

    /// Runs until the last call is over.
    func run() {
        let began = nanoseconds()
        let gap = Int64(ramp) * 1_000_000_000 / Int64(waiting.count)
        tick = began
        var isWhole = false
        repeat {
            wait(until: tick + Self.millisecond)
            let now = nanoseconds()
            while calls.count < waiting.count, began + Int64(calls.count) * gap <= now { begin(at: now) }
            if !isWhole, calls.count == waiting.count {
                isWhole = true
                print("whole \(now)")
                fflush(nil)
            }
            while tick + Self.millisecond <= now {
                tick += Self.millisecond
                let slot = slot(of: tick)
                for index in looks[slot] { receive(index) }
                looks[slot].removeAll { calls[$0].slot != slot }
                send(slot: slot, now)
            }
        } while open > 0 || !isWhole
        print("over \(nanoseconds())")
        fflush(nil)
    }

    private func slot(of time: Int64) -> Int { Int(time / Self.millisecond % Int64(Self.slots)) }

    private func begin(at now: Int64) {
        let wire = waiting[calls.count]
        let descriptor = connected(to: wire.port)
        wire.begin(over: descriptor)
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        var one: CInt = 1
        setsockopt(descriptor, SOL_SOCKET, SO_TIMESTAMPNS, &one, socklen_t(MemoryLayout<CInt>.size))
        let slot = slot(of: tick)
        looks[slot].append(calls.count)
        var call = Call(descriptor: descriptor, began: now, slot: slot)
        call.times.reserveCapacity(seconds * 50 + 50)
        calls.append(call)
        open += 1
    }

    /// Sends a frame of each call whose time it is, and hangs up those that have lasted long enough.
    private func send(slot: Int, _ now: Int64) {
        for index in stride(from: slot, to: calls.count, by: Self.slots) where calls[index].isOpen {
            if now - calls[index].began > Int64(seconds) * 1_000_000_000 {
                end(index)
                continue
            }
            let length = Glibc.send(calls[index].descriptor, message, message.count, CInt(MSG_NOSIGNAL))
            if length == message.count { sent += 1 } else { unsent += 1 }
            // A part of a frame cannot be taken back.
            if length > 0, length < message.count { fail("the service reads too slowly") }
        }
    }

    private func end(_ index: Int) {
        calls[index].isOpen = false
        close(calls[index].descriptor)
        open -= 1
    }

    /// Receives what has come of a call; frames that lie together count as late as the last of them.
    private func receive(_ index: Int) {
        guard calls[index].isOpen else { return }
        var when = timespec()
        let length = receive_timed(calls[index].descriptor, &buffer, buffer.count, &when)
        guard length > 0 else {
            if length < 0, errno == EAGAIN { return }
            // Only this side ends a call here.
            early += 1
            return end(index)
        }
        guard when.tv_sec > 0 else { fail("the kernel does not say when a packet came") }
        let now = when.nanoseconds
        if calls[index].times.isEmpty {
            calls[index].slot = slot(of: now + Self.frame / 2)
            if calls[index].slot != slot(of: tick) { looks[calls[index].slot].append(index) }
        }
        let isWhole = buffer.withUnsafeBufferPointer { bytes in
            guard calls[index].rest.isEmpty, Wire.length(ofFirst: bytes[..<length]) == length else { return false }
            take(bytes[..<length], of: index, now)
            return true
        }
        guard !isWhole else { return }
        let bytes = calls[index].rest + buffer[..<length]
        bytes.withUnsafeBufferPointer { bytes in
            var rest = bytes[...]
            while let length = Wire.length(ofFirst: rest) {
                take(rest.prefix(length), of: index, now)
                rest = rest.dropFirst(length)
            }
            if !rest.isEmpty { parts += 1 }
            calls[index].rest = Array(rest)
        }
    }

    private func take(_ message: Slice<UnsafeBufferPointer<UInt8>>, of index: Int, _ now: Int64) {
        switch Wire.kind(of: message) {
        case .frame(let isSilent):
            guard calls[index].lead == 0 else {
                calls[index].lead -= 1
                return
            }
            if !isSilent { calls[index].heard += 1 }
            let due = calls[index].began + Int64(calls[index].times.count) * Self.frame
            calls[index].times.append(Int32(truncatingIfNeeded: (now - due) / 1000))
        case .answered(let answer):
            if Glibc.send(calls[index].descriptor, answer, answer.count, CInt(MSG_NOSIGNAL)) != answer.count {
                fail("the service takes no answer")
            }
        case .strange: strange += 1
        }
    }

    // MARK: What came of it

    /// As JSON.
    func summary() -> String {
        let heard = calls.reduce(0) { $0 + $1.heard }
        return """
            {"calls": \(calls.count), "expected": \(calls.count * seconds * 50), "heard": \(heard), \
            "sent": \(sent), "unsent": \(unsent), "parts": \(parts), "strange": \(strange), "early": \(early), \
            \(Lateness.summary(of: calls.map(\.times)))}
            """
    }
}
