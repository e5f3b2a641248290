// SPDX-License-Identifier: GPL-3.0-or-later

internal import FoundationEssentials

/// The time by which links expire and signatures grow old; whoever looks at it is handed it.
public struct CalendarTime: Sendable {
    private let elapsed: @Sendable () -> Duration

    /// A time of your own.
    ///
    /// - Parameter seconds: those since 1970, whenever it is asked.
    public init(_ seconds: @escaping @Sendable () -> Int) {
        elapsed = { .seconds(seconds()) }
    }

    /// A time of your own that is known more exactly, by which the codes of authenticators' apps change.
    ///
    /// - Parameter elapsed: since 1970, whenever it is asked.
    public init(elapsed: @escaping @Sendable () -> Duration) {
        self.elapsed = elapsed
    }

    /// The machine's own.
    public static let system = CalendarTime(elapsed: { .seconds(Date().timeIntervalSince1970) })

    /// Seconds since 1970.
    package var now: Int { Int(elapsed().components.seconds) }
    /// The time since 1970.
    package var sinceTheEpoch: Duration { elapsed() }
}
