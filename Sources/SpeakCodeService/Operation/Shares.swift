// SPDX-License-Identifier: GPL-3.0-or-later

/// How much each of many has at a time of what all share, and may have.
package struct Shares<Key: Hashable & Sendable>: Sendable {
    private let most: Int
    private var counts: [Key: Int] = [:]

    /// - Parameter most: what one may have.
    package init(most: Int) {
        self.most = most
    }

    /// What one has.
    subscript(key: Key) -> Int { counts[key] ?? 0 }

    /// Takes one more for somebody; who has no name has no bound.
    ///
    /// - Returns: false where that would be too much.
    package mutating func take(_ key: Key?) -> Bool {
        guard let key else { return true }
        let count = self[key]
        guard count < most else { return false }
        counts[key] = count + 1
        return true
    }

    /// Gives one back.
    package mutating func giveBack(_ key: Key?) {
        guard let key, let count = counts[key] else { return }
        // Who has nothing is forgotten.
        counts[key] = count > 1 ? count - 1 : nil
    }
}
