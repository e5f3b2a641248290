// SPDX-License-Identifier: GPL-3.0-or-later

package import SpeakCodeLinks
internal import Synchronization

/// The keys that a service has at the moment; replaced as a whole when they are read again.
package final class ServiceKeys: Sendable {
    package struct Set: Sendable {
        package var links: LinkKeyring
        var callers: [Caller]
    }

    private let set: Mutex<Set>

    init(_ set: Set) {
        self.set = Mutex(set)
    }

    package var now: Set {
        get { set.withLock { $0 } }
        set { set.withLock { $0 = newValue } }
    }
}
