// SPDX-License-Identifier: GPL-3.0-or-later

internal import CoreMetrics
internal import Logging
internal import Synchronization

/// Counts what each link key has sealed in this process, and warns long before random nonces may repeat.
///
/// Other replicas seal by the same key, and so did this one before it was started again: the metric adds them up.
final class SealCount: Sendable {
    /// The most texts that a key may seal, all replicas together (NIST SP 800-38D, section 8.3).
    static let most = 1 << 32

    private struct Key {
        var count = 0
        let counter: Counter
    }

    private let firstWarning: Int
    private let metrics: ServiceMetrics
    private let logger: Logger
    private let keys = Mutex<[UInt32: Key]>([:])

    /// - Parameter firstWarning: how many texts are warned of, and then each time that they have doubled; a sixteenth of
    ///   what may be sealed leaves room for other replicas.
    init(metrics: ServiceMetrics, logger: Logger, firstWarning: Int = most / 16) {
        self.metrics = metrics
        self.logger = logger
        self.firstWarning = firstWarning
    }

    /// Counts a text that a key seals.
    func count(_ key: LinkKey) {
        let (count, counter) = keys.withLock { keys in
            var counted = keys[key.identifier] ?? Key(counter: metrics.seals(by: key))
            counted.count += 1
            keys[key.identifier] = counted
            return (counted.count, counted.counter)
        }
        counter.increment()
        guard count >= firstWarning, count.isMultiple(of: firstWarning), (count / firstWarning).nonzeroBitCount == 1
        else { return }
        logger.warning(
            "a link key has sealed so much that it is time to rotate it: all replicas together may seal 2^32 texts with it",
            metadata: ["key": "\(key.name)", "sealed": "\(count)"])
    }
}
