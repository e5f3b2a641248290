// SPDX-License-Identifier: GPL-3.0-or-later

internal import HTTPTypes
internal import SpeakCode
internal import SpeakCodeLinks
internal import Synchronization

/// What the links give that were fetched a moment ago, for the next fetch of the same call.
///
/// A call fetches its link more than once: HEAD before GET (mod_httapi), a revalidation before each time that it is played
/// (Asterisk), one range after the other (browsers). To open a link, find its words and lay out its clips is most of the
/// work of a fetch. What is kept holds codes, so it is little, and what nobody asks for is let go after a minute or two.
final class ResponseCache: Sendable {
    /// A representation of a link, ready to be sent.
    struct Fetch: Sendable {
        let representation: Representation
        let announcement: Announcement
        let rendition: Rendition
        let validators: Validators
        /// The route and the link's digest for the access log.
        let route: String
        let digest: String
    }

    /// By what a client tells one version of a representation from another.
    struct Validators: Sendable {
        let tag: String
        /// Seconds since 1970.
        let modified: Int
        /// The header fields of an answer, without what changes with time.
        let headers: HTTPFields

        init(_ representation: Representation, tag: String, modified: Int) {
            self.tag = tag
            self.modified = modified
            headers = [
                .contentType: representation.contentType, .eTag: tag, .lastModified: HTTPDate.text(modified),
                .acceptRanges: "bytes", .xContentTypeOptions: "nosniff",
            ]
        }
    }

    /// Names the keys and packs that were in use, so that nothing made with those before is kept.
    struct Epoch: Equatable, Sendable {
        fileprivate var number = 0
    }

    private struct State {
        var epoch = Epoch()
        /// By path.
        var newer: [String: Fetch] = [:]
        var older: [String: Fetch] = [:]
        var turn = Duration.zero

        /// Lets the older half go.
        mutating func turnOver(at now: Duration) {
            (older, newer) = (newer, [:])
            turn = now
        }

        /// Lets go what is too old.
        mutating func age(to now: Duration) {
            guard now - turn >= ResponseCache.lifetime else { return }
            // After two of them nothing is young enough.
            if now - turn >= ResponseCache.lifetime * 2 { newer = [:] }
            turnOver(at: now)
        }
    }

    private static let lifetime: Duration = .seconds(60)
    private static let most = 1024

    private let time: SteadyTime
    private let state = Mutex(State())

    /// - Parameter time: what fetches age by.
    init(time: SteadyTime) {
        self.time = time
    }

    /// What is kept for a path.
    subscript(path: String) -> Fetch? {
        let now = time.now
        return state.withLock { state in
            state.age(to: now)
            if let fetch = state.newer[path] { return fetch }
            guard let fetch = state.older.removeValue(forKey: path) else { return nil }
            state.newer[path] = fetch
            return fetch
        }
    }

    /// How many are kept.
    var count: Int { state.withLock { $0.newer.count + $0.older.count } }

    /// Lets go what is too old, whether or not anybody asks.
    func sweep() {
        let now = time.now
        state.withLock { $0.age(to: now) }
    }

    /// To be asked for before a link is opened.
    var epoch: Epoch { state.withLock { $0.epoch } }

    /// Keeps what a path gives, unless keys or packs were read again since.
    func keep(_ fetch: Fetch, for path: String, of epoch: Epoch) {
        let now = time.now
        state.withLock { state in
            guard state.epoch == epoch else { return }
            if state.newer.count >= Self.most { state.turnOver(at: now) }
            state.newer[path] = fetch
        }
    }

    /// Forgets everything: keys or packs are others.
    func clear() {
        state.withLock { state in
            state.epoch.number += 1
            (state.newer, state.older) = ([:], [:])
        }
    }
}
