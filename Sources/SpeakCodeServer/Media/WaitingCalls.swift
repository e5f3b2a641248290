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

    private let calls = Mutex<[UUID: Waiting]>([:])

    /// Lets a call wait.
    ///
    /// - Parameter digest: names its link in the log.
    /// - Returns: nil where too many wait.
    func add(_ announcement: Announcement, digest: String) -> UUID? {
        calls.withLock { calls in
            if calls.count >= Self.most {
                let now = Int(Date().timeIntervalSince1970)
                calls = calls.filter { $0.value.announcement.expires > now }
            }
            guard calls.count < Self.most else { return nil }
            let uuid = UUID()
            calls[uuid] = Waiting(announcement: announcement, digest: digest)
            return uuid
        }
    }

    /// The call of a UUID; it goes on waiting, since a gateway may dial twice.
    subscript(uuid: UUID) -> (announcement: Announcement, digest: String)? {
        calls.withLock { calls in
            guard let waiting = calls[uuid] else { return nil }
            guard waiting.announcement.expires > Int(Date().timeIntervalSince1970) else {
                calls[uuid] = nil
                return nil
            }
            return (waiting.announcement, waiting.digest)
        }
    }
}
