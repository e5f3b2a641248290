// SPDX-License-Identifier: GPL-3.0-or-later

/// A value that is at hand, or the work that makes it.
///
/// What is at hand is taken without a task and without a change of thread, which is most of what an answer costs.
package enum Eventual<Value: Sendable, Failure: Error>: Sendable {
    case now(Value)
    case later(@Sendable () async throws(Failure) -> Value)

    /// The value, waited for where it must be.
    ///
    /// - Throws: what the work throws.
    package func get() async throws(Failure) -> Value {
        switch self {
        case .now(let value): return value
        case .later(let work): return try await work()
        }
    }

    /// Another value that is made of this one, as soon as it is there.
    ///
    /// - Parameter transform: called at once where the value is at hand.
    package func map<Other>(_ transform: @escaping @Sendable (Value) -> Other) -> Eventual<Other, Failure> {
        switch self {
        case .now(let value): return .now(transform(value))
        case .later(let work):
            return .later { () async throws(Failure) in transform(try await work()) }
        }
    }
}
