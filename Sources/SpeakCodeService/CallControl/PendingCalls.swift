// SPDX-License-Identifier: GPL-3.0-or-later

package import FoundationEssentials
internal import SpeakCode
package import SpeakCodeLinks
internal import Synchronization

/// The calls that may come over AudioSocket, whose 16 bytes of UUID have no room for a sealed announcement.
///
/// Each waits on this node alone until its link would expire; a UUID is random, and a secret as a link is.
package final class PendingCalls: Sendable {
    private struct Waiting {
        let announcement: Announcement
        let digest: String
        let caller: String
    }

    /// About 50 MB where all of them are taken.
    static let most = 100_000

    /// How often what has expired is thrown away, in seconds.
    private static let sweep = 60

    private struct State {
        var calls: [UUID: Waiting] = [:]
        /// How many each caller has.
        var callers: Shares<String>
        /// In seconds since 1970.
        var nextSweep = 0

        /// Throws away what has expired: a code is kept no longer than its link lives, and a minute.
        mutating func forget(at now: Int) {
            guard now >= nextSweep else { return }
            nextSweep = now + PendingCalls.sweep
            calls = calls.filter { call in
                guard call.value.announcement.expires <= now else { return true }
                callers.giveBack(call.value.caller)
                return false
            }
        }
    }

    private let state: Mutex<State>
    private let time: CalendarTime

    /// - Parameters:
    ///   - mostPerCaller: how many of one caller may wait at a time.
    ///   - time: by which they expire.
    init(mostPerCaller: Int, time: CalendarTime) {
        self.time = time
        state = Mutex(State(callers: Shares(most: mostPerCaller)))
    }

    /// How many wait, with those that have expired and are not yet thrown away.
    var count: Int { state.withLock(\.calls.count) }

    /// Throws away what has expired, whether or not anybody calls.
    func sweep() {
        state.withLock { $0.forget(at: time.now) }
    }

    /// Lets a call wait.
    ///
    /// - Parameters:
    ///   - caller: the name of whose call it is; empty where callers have none.
    ///   - digest: names it in the log.
    /// - Throws: ``Problem`` where too many wait, of all or of this caller.
    func add(_ announcement: Announcement, of caller: String, digest: (UUID) -> String) throws(Problem) -> UUID {
        let uuid = UUID.random()
        let waiting = Waiting(announcement: announcement, digest: digest(uuid), caller: caller)
        let problem: Problem? = state.withLock { state in
            state.forget(at: time.now)
            guard state.calls.count < Self.most else { return .tooManyListeners }
            guard state.callers.take(caller) else { return .tooManyWaiting }
            state.calls[uuid] = waiting
            return nil
        }
        if let problem { throw problem }
        return uuid
    }

    /// The call of a UUID; it goes on waiting, since a gateway may dial twice.
    package subscript(uuid: UUID) -> (announcement: Announcement, digest: String)? {
        state.withLock { state in
            state.forget(at: time.now)
            guard let waiting = state.calls[uuid], waiting.announcement.expires > time.now else { return nil }
            return (waiting.announcement, waiting.digest)
        }
    }
}
