// SPDX-License-Identifier: GPL-3.0-or-later

internal import CoreMetrics
internal import Synchronization

/// How many listen to endless representations, and how many may.
final class LiveCalls: Sendable {
    private let most: Int
    private let metrics: ServiceMetrics
    private let count = Mutex(0)
    private let isEnding = Atomic(false)

    init(most: Int, metrics: ServiceMetrics) {
        self.most = most
        self.metrics = metrics
    }

    /// The place of one listener, given back when nobody holds it any more.
    ///
    /// A listener who is gone before the answer's head is written never has a body written, so no line of code would be
    /// sure to run at the end of a call.
    final class Place: Sendable {
        private let calls: LiveCalls

        fileprivate init(in calls: LiveCalls) {
            self.calls = calls
        }

        /// Whether the call is to end with the reading that it is in.
        var isEnding: Bool { calls.isEnding.load(ordering: .relaxed) }

        deinit {
            calls.add(-1)
        }
    }

    /// Takes a place; nil where none is free.
    func takePlace() -> Place? {
        let isFree = count.withLock { count in
            guard count < most else { return false }
            count += 1
            metrics.liveCalls.set(count)
            return true
        }
        return isFree ? Place(in: self) : nil
    }

    /// Lets every call end with the reading that it is in.
    func endAfterReadings() {
        isEnding.store(true, ordering: .relaxed)
    }

    private func add(_ difference: Int) {
        count.withLock { count in
            count += difference
            metrics.liveCalls.set(count)
        }
    }
}
