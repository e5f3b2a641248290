// SPDX-License-Identifier: GPL-3.0-or-later

internal import Synchronization

/// A clock that stands still until a test moves it.
public final class ManualClock: Clock {
    /// A moment, as the time since the clock was made.
    public struct Instant: InstantProtocol {
        /// The time since the clock was made.
        public var offset: Duration

        /// The moment some time later.
        public func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        /// The time from this moment to another.
        public func duration(to other: Instant) -> Duration { other.offset - offset }
        /// Whether a moment is before another.
        public static func < (a: Instant, b: Instant) -> Bool { a.offset < b.offset }
    }

    private struct Sleeper {
        let id: Int
        let deadline: Instant
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now = Instant(offset: .zero)
        var sleepers: [Sleeper] = []
        var nextID = 0
        var cancelled: Set<Int> = []
    }

    private let state = Mutex(State())
    private let watchers = Watchers()

    /// A clock at zero.
    public init() {}

    /// The present moment.
    public var now: Instant { state.withLock(\.now) }

    /// The smallest step: none.
    public var minimumResolution: Duration { .zero }

    /// How many tasks sleep.
    public var sleepers: Int { state.withLock { $0.sleepers.count } }

    /// Moves time on and wakes those whose time has come.
    public func advance(by duration: Duration) {
        let woken = state.withLock { state in
            state.now = state.now.advanced(by: duration)
            let now = state.now
            let woken = state.sleepers.filter { $0.deadline <= now }
            state.sleepers.removeAll { $0.deadline <= now }
            watchers.tell(state.sleepers.count)
            return woken
        }
        for sleeper in woken { sleeper.continuation.resume() }
    }

    /// Moves time on to where the first of those who sleep wakes.
    ///
    /// - Returns: false where nobody sleeps.
    package func advanceToNext() -> Bool {
        let (now, next) = state.withLock { ($0.now, $0.sleepers.map(\.deadline).min()) }
        guard let next else { return false }
        advance(by: max(.zero, now.duration(to: next)))
        return true
    }

    /// Waits until so many tasks sleep, or until the task that waits is cancelled, as a test's time limit does it.
    public func waitForSleepers(_ count: Int) async {
        await watchers.wait(for: count)
    }

    /// Sleeps until the clock is moved there.
    public func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                enum Outcome { case past, cancelled, asleep }
                let outcome: Outcome = state.withLock { state in
                    if state.cancelled.remove(id) != nil { return .cancelled }
                    if deadline <= state.now { return .past }
                    state.sleepers.append(Sleeper(id: id, deadline: deadline, continuation: continuation))
                    watchers.tell(state.sleepers.count)
                    return .asleep
                }
                switch outcome {
                case .past: continuation.resume()
                case .cancelled: continuation.resume(throwing: CancellationError())
                case .asleep: break
                }
            }
        } onCancel: {
            let sleeper = state.withLock { state -> Sleeper? in
                guard let index = state.sleepers.firstIndex(where: { $0.id == id }) else {
                    state.cancelled.insert(id)
                    return nil
                }
                defer { watchers.tell(state.sleepers.count) }
                return state.sleepers.remove(at: index)
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }
}
