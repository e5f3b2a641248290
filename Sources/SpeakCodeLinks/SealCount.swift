// SPDX-License-Identifier: GPL-3.0-or-later

internal import Synchronization

/// Counts what each link key has sealed in this process, and warns long before random nonces may repeat.
///
/// Other replicas seal by the same key, and so did this one before it was started again: who is told of each seal adds them
/// up.
package final class SealCount: Sendable {
    /// The most texts that a key may seal, all replicas together (NIST SP 800-38D, section 8.3).
    package static let most = 1 << 32

    /// Told of each text that one key seals.
    package typealias Tally = @Sendable () -> Void

    private struct Key {
        var count = 0
        let tally: Tally
    }

    private let firstWarning: Int
    private let makeTally: @Sendable (LinkKey) -> Tally
    private let warn: @Sendable (_ key: LinkKey, _ count: Int) -> Void
    private let keys = Mutex<[UInt32: Key]>([:])

    /// - Parameters:
    ///   - firstWarning: how many texts are warned of, and then each time that they have doubled; a sixteenth of what may be
    ///     sealed leaves room for other replicas.
    ///   - tally: makes what is told of each text of a key; asked once for each key.
    ///   - warn: told how many texts a key has sealed.
    package init(
        firstWarning: Int = most / 16, tally: @escaping @Sendable (LinkKey) -> Tally,
        warn: @escaping @Sendable (_ key: LinkKey, _ count: Int) -> Void
    ) {
        self.firstWarning = firstWarning
        makeTally = tally
        self.warn = warn
    }

    /// Counts a text that a key seals.
    func count(_ key: LinkKey) {
        let (count, tally) = keys.withLock { keys in
            var counted = keys[key.identifier] ?? Key(tally: makeTally(key))
            counted.count += 1
            keys[key.identifier] = counted
            return (counted.count, counted.tally)
        }
        tally()
        guard count >= firstWarning, count.isMultiple(of: firstWarning), (count / firstWarning).nonzeroBitCount == 1
        else { return }
        warn(key, count)
    }
}
