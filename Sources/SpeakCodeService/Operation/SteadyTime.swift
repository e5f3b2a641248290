// SPDX-License-Identifier: GPL-3.0-or-later

/// Time that goes forward only, on a clock of any kind: whoever keeps or waits for something is handed it.
struct SteadyTime: Sendable {
    private let elapsed: @Sendable () -> Duration
    private let rest: @Sendable (Duration) async throws -> Void

    init(_ clock: some Clock<Duration>) {
        let start = clock.now
        elapsed = { start.duration(to: clock.now) }
        rest = { try await clock.sleep(for: $0) }
    }

    /// The time since this was made.
    var now: Duration { elapsed() }

    /// - Throws: `CancellationError`.
    func sleep(for duration: Duration) async throws {
        try await rest(duration)
    }
}
