// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCode

/// A key of the telephone that does something while the code is read.
package struct CallKey: Sendable {
    /// What is pressed.
    package let key: Character
    /// The name under which it is asked for.
    package let name: String
    /// Its bit in a link's record, and never another's.
    let bit: UInt8
    /// How the call goes on; nil where the key does nothing.
    let next: @Sendable (Announcement) -> Announcement?

    /// The one table of keys.
    package static let all = [
        // From the beginning.
        CallKey(key: "1", name: "again", bit: 1) { $0 },
        // With longer pauses.
        CallKey(key: "2", name: "slower", bit: 2) { now in
            var next = now
            next.pacing = now.pacing.slower
            return next
        },
        // In the other language, where the announcement has two.
        CallKey(key: "3", name: "language", bit: 4) { now in
            guard let second = now.second else { return nil }
            var next = now
            (next.locale, next.second) = (second, now.locale)
            next.call?.isInOneLanguage = true
            return next
        },
    ]

    /// The key that is asked for by a name.
    package static func named(_ name: String) -> CallKey? { all.first { $0.name == name } }
}
