// SPDX-License-Identifier: GPL-3.0-or-later

internal import FoundationEssentials
internal import SpeakCode
internal import Synchronization

/// The calls that may come over AudioSocket, whose 16 bytes of UUID have no room for a sealed announcement.
///
/// Each waits on this node alone until its link would expire; a UUID is random, and a secret as a link is.
final class WaitingCalls: Sendable {
    private struct Waiting {
        let announcement: Announcement
        let digest: String
    }

    /// About 50 MB where all of them are taken.
    private static let most = 100_000

    /// How often what has expired is thrown away, in seconds.
    private static let sweep = 60

    private struct State {
        var calls: [UUID: Waiting] = [:]
        /// In seconds since 1970.
        var nextSweep = 0

        /// Throws away what has expired: a code is kept no longer than its link lives, and a minute.
        mutating func forget(at now: Int) {
            guard now >= nextSweep else { return }
            nextSweep = now + WaitingCalls.sweep
            calls = calls.filter { $0.value.announcement.expires > now }
        }
    }

    private let state = Mutex(State())
    private let now: @Sendable () -> Int

    /// - Parameter now: seconds since 1970.
    init(now: @escaping @Sendable () -> Int = { Int(Date().timeIntervalSince1970) }) {
        self.now = now
    }

    /// How many wait, with those that have expired and are not yet thrown away.
    var count: Int { state.withLock(\.calls.count) }

    /// Lets a call wait.
    ///
    /// - Parameter digest: names it in the log.
    /// - Returns: nil where too many wait.
    func add(_ announcement: Announcement, digest: (UUID) -> String) -> UUID? {
        let uuid = UUID()
        let waiting = Waiting(announcement: announcement, digest: digest(uuid))
        return state.withLock { state in
            state.forget(at: now())
            guard state.calls.count < Self.most else { return nil }
            state.calls[uuid] = waiting
            return uuid
        }
    }

    /// The call of a UUID; it goes on waiting, since a gateway may dial twice.
    subscript(uuid: UUID) -> (announcement: Announcement, digest: String)? {
        state.withLock { state in
            state.forget(at: now())
            guard let waiting = state.calls[uuid], waiting.announcement.expires > now() else { return nil }
            return (waiting.announcement, waiting.digest)
        }
    }
}
