// SPDX-License-Identifier: GPL-3.0-or-later

/// Time that goes forward only, on a clock of any kind: whoever keeps, measures or waits for something is handed it.
package struct SteadyTime: Sendable {
    private let elapsed: @Sendable () -> Duration
    private let rest: @Sendable (Duration) async throws -> Void

    init(_ clock: some Clock<Duration>) {
        let start = clock.now
        elapsed = { start.duration(to: clock.now) }
        rest = { try await clock.sleep(for: $0) }
    }

    /// The time since this was made.
    package var now: Duration { elapsed() }

    /// - Throws: `CancellationError`.
    func sleep(for duration: Duration) async throws {
        try await rest(duration)
    }
}

/// The same time for what is paced by a `Clock`.
struct SteadyClock: Clock {
    let time: SteadyTime

    struct Instant: InstantProtocol {
        let elapsed: Duration

        func advanced(by duration: Duration) -> Instant { Instant(elapsed: elapsed + duration) }
        func duration(to other: Instant) -> Duration { other.elapsed - elapsed }
        static func < (one: Instant, other: Instant) -> Bool { one.elapsed < other.elapsed }
    }

    var now: Instant { Instant(elapsed: time.now) }
    var minimumResolution: Duration { .zero }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try await time.sleep(for: now.duration(to: deadline))
    }
}
