// SPDX-License-Identifier: GPL-3.0-or-later

internal import CoreMetrics
internal import Synchronization

/// How many listen to endless representations, and how many may.
final class LiveCalls: Sendable {
    private let most: Int
    private let metrics: ServiceMetrics
    private let count = Mutex(0)

    init(most: Int, metrics: ServiceMetrics) {
        self.most = most
        self.metrics = metrics
    }

    /// Takes a place; false where none is free.
    func begin() -> Bool {
        count.withLock { count in
            guard count < most else { return false }
            count += 1
            metrics.liveCalls.set(count)
            return true
        }
    }

    /// Gives a place back.
    func end() {
        count.withLock { count in
            count -= 1
            metrics.liveCalls.set(count)
        }
    }
}
