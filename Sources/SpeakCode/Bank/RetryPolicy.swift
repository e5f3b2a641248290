// SPDX-License-Identifier: GPL-3.0-or-later

/// When a failed engine is asked again.
public struct RetryPolicy: Sendable {
    /// The waits between the tries of one request, an hour each at most; one more try than there are waits.
    public var retries: [Duration]
    /// How long the engine is left alone after a request has failed; doubled with each, up to the second number.
    public var rest: ClosedRange<Duration>

    /// Three tries within a quarter of a second, then a rest of 1 s that doubles up to a minute.
    public static let usual = RetryPolicy(
        retries: [.milliseconds(50), .milliseconds(200)], rest: .seconds(1) ... .seconds(60))
    /// One try, no rest: for a program that speaks once and ends.
    public static let none = RetryPolicy(retries: [], rest: .zero ... .zero)

    /// Describes a policy.
    public init(retries: [Duration], rest: ClosedRange<Duration>) {
        self.retries = retries
        self.rest = rest
    }
}
