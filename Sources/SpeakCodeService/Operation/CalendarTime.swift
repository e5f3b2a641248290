// SPDX-License-Identifier: GPL-3.0-or-later

internal import FoundationEssentials

/// The time by which links expire and signatures grow old; whoever looks at it is handed it.
public struct CalendarTime: Sendable {
    private let seconds: @Sendable () -> Int

    /// A time of your own.
    ///
    /// - Parameter seconds: those since 1970, whenever it is asked.
    public init(_ seconds: @escaping @Sendable () -> Int) {
        self.seconds = seconds
    }

    /// The machine's own.
    public static let system = CalendarTime { Int(Date().timeIntervalSince1970) }

    /// Seconds since 1970.
    package var now: Int { seconds() }
}
