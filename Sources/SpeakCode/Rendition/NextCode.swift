// SPDX-License-Identifier: GPL-3.0-or-later

/// What is read next in a live announcement whose code changes by the time, as that of an authenticator's app does.
public struct NextCode: Sendable {
    /// The code; of the same shape as those before it.
    public var code: VerificationCode
    /// For how long nothing is read before it: the code of that time would end before it could be typed.
    public var wait: Duration

    /// Describes what is read next.
    public init(_ code: VerificationCode, behind wait: Duration = .zero) {
        (self.code, self.wait) = (code, wait)
    }

    /// Tells what is read next, asked at each border of two readings.
    public typealias Source = @Sendable () -> NextCode
}

extension NextCode: CustomStringConvertible, CustomReflectable {
    /// Nothing of the code.
    public var description: String { "NextCode" }

    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
