// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCode
internal import SpeakCodeGateways
internal import SpeakCodeLinks
internal import Synchronization

/// The calls that this node has placed: how far each has come, and who follows it.
///
/// A call stays for a day, without its number and its code once it is over, so that who asks for it again under the same key
/// gets it and no second one.
final class PlacedCalls: Sendable {
    /// A call that is asked for.
    struct Placing: Sendable {
        let id: CallID
        /// Its name for its caller.
        let sealed: String
        /// What is sealed in it.
        let ticket: CallTicket
        /// A keyed digest of the body that it was asked for with.
        let body: [UInt8]
        /// What its gateway is asked for; nil for one of which nothing is known any more.
        let order: CallOrder?
        let announcement: Announcement?
        /// Names its media, where it is heard over media of this node.
        let media: String?
        /// Whether its gate opens by itself once the gateway says that a person has answered.
        let opensForHuman: Bool
        /// When it is over at the latest, whatever the gateway says.
        let deadline: Int
        /// What is given back when it is over.
        let place: CallGuards.Place?
    }

    /// How far asking the gateway has come.
    enum Asking: Hashable, Sendable {
        case notYet
        /// The request is on its way.
        case asked
        /// It has the call, and names it so.
        case placed(String)
        /// Nobody can tell; what the gateway reports will.
        case unknown
    }

    /// A call as its caller sees it.
    struct Snapshot: Sendable {
        let sealed: String
        let ticket: CallTicket
        let record: CallRecord
    }

    /// What became of asking for a call.
    enum Beginning: Sendable {
        case begun(Snapshot)
        /// It was asked for before, by the same body.
        case known(Snapshot)
        /// Its key was used before, for another body.
        case other
    }

    /// What is to be done to take a call back.
    enum TakingBack: Hashable, Sendable {
        /// Nothing: it is over, or was never asked for, or is taken back as soon as the gateway has named it.
        case nothing
        case hangUp(String, isAnswered: Bool)
    }

    private struct Entry {
        let sealed: String
        let ticket: CallTicket
        let body: [UInt8]
        let media: String?
        let opensForHuman: Bool
        let deadline: Int
        /// Until the gateway has taken it.
        var order: CallOrder?
        /// Until it is over, like the next.
        var announcement: Announcement?
        var place: CallGuards.Place?
        var record = CallRecord()
        var asking = Asking.notYet
        var followers: [Int: AsyncStream<CallEvent>.Continuation] = [:]
        /// Whether what becomes of it is told to this process alone, and nowhere once that has ended.
        let isToldHere: Bool

        init(_ placing: Placing) {
            isToldHere = placing.order?.reportTo == nil
            (sealed, ticket, body, media) = (placing.sealed, placing.ticket, placing.body, placing.media)
            (opensForHuman, deadline) = (placing.opensForHuman, placing.deadline)
            (order, announcement, place) = (placing.order, placing.announcement, placing.place)
        }

        var snapshot: Snapshot { Snapshot(sealed: sealed, ticket: ticket, record: record) }
    }

    private struct State {
        var calls: [CallID: Entry] = [:]
        /// The calls by the names of their media's links.
        var media: [String: CallID] = [:]
        var nextFollower = 0
        /// Who waits until what is told to this process alone is over.
        var waiting: [AsyncStream<Never>.Continuation] = []
    }

    /// How long a call is kept, in seconds: an idempotency key holds as long.
    static let kept = 86_400

    private let time: CalendarTime
    /// Told of each event, in order for each call, under a lock: it must neither wait nor ask back.
    private let tell: @Sendable (CallEvent, Snapshot) -> Void
    private let state = Mutex(State())

    /// - Parameter tell: told of each event, in order for each call; it neither waits nor asks back.
    init(time: CalendarTime, tell: @escaping @Sendable (CallEvent, Snapshot) -> Void) {
        (self.time, self.tell) = (time, tell)
    }

    /// How many calls go on, and how many are kept.
    var counts: (goingOn: Int, kept: Int) {
        state.withLock { state in (state.calls.values.count { $0.record.end == nil }, state.calls.count) }
    }

    // MARK: Asking for a call

    /// What is known under any of the names that a call may have.
    ///
    /// - Parameter body: the digests of the body, under each key.
    func known(as ids: [CallID], body: [[UInt8]]) -> Beginning? {
        state.withLock { Self.known(ids, body, $0) }
    }

    private static func known(_ ids: [CallID], _ body: [[UInt8]], _ state: State) -> Beginning? {
        ids.lazy.compactMap { state.calls[$0] }.first.map { entry in
            body.contains(entry.body) ? .known(entry.snapshot) : .other
        }
    }

    /// Keeps a call, before its gateway is asked.
    ///
    /// - Parameters:
    ///   - ids: the names that it may have, the one that it is kept by first.
    ///   - body: the digests of the body, under each key.
    ///   - make: makes what is kept; asked for a new call alone, and for one at a time.
    /// - Throws: what making it throws; nothing is kept then.
    func begin(_ ids: [CallID], body: [[UInt8]], _ make: () throws -> Placing) rethrows -> Beginning {
        try state.withLock { state in
            if let known = Self.known(ids, body, state) { return known }
            let placing = try make()
            let entry = Entry(placing)
            state.calls[placing.id] = entry
            if let media = placing.media { state.media[media] = placing.id }
            return .begun(entry.snapshot)
        }
    }

    /// The order for a call whose gateway is to be asked now; nil for one that was asked for before, or is over.
    func ask(_ id: CallID) -> CallOrder? {
        state.withLock { state in
            guard let entry = state.calls[id], entry.asking == .notYet, entry.record.end == nil else { return nil }
            state.calls[id]?.asking = .asked
            return entry.order
        }
    }

    /// Notes that a gateway has too much to do, and made no call: it may be asked again.
    ///
    /// - Returns: whether it still is to be.
    func askAgain(_ id: CallID) -> Bool {
        state.withLock { state in
            guard let entry = state.calls[id], entry.asking == .asked, entry.record.end == nil else { return false }
            state.calls[id]?.asking = .notYet
            guard !entry.record.isTakenBack else {
                take(id, .ended(CallEnd(.canceled)), &state)
                return false
            }
            return true
        }
    }

    /// Notes how the gateway names a call.
    ///
    /// - Returns: what is to be done where it was taken back meanwhile.
    func name(_ id: CallID, _ name: String) -> TakingBack {
        state.withLock { state in
            guard let entry = state.calls[id] else { return .nothing }
            if case .placed = entry.asking { return .nothing }
            state.calls[id]?.asking = .placed(name)
            state.calls[id]?.order = nil
            guard entry.record.end == nil, entry.record.isTakenBack else { return .nothing }
            return .hangUp(name, isAnswered: entry.record.stage >= .answered)
        }
    }

    /// Notes that nobody can tell whether a call was placed.
    func lose(_ id: CallID) {
        state.withLock { state in
            if state.calls[id]?.asking == .asked { state.calls[id]?.asking = .unknown }
        }
    }

    // MARK: What becomes of it

    /// Takes what has become of a call.
    func take(_ progress: CallProgress, of id: CallID) {
        state.withLock { take(id, progress, &$0) }
    }

    /// Takes a gateway's report.
    ///
    /// - Returns: nil where no such call is known here; else what is to be done where it was taken back and is named now.
    func take(_ report: CallReport, of id: CallID) -> TakingBack? {
        let isKnown = state.withLock { state in
            guard state.calls[id] != nil else { return false }
            let now = time.now
            note(id, &state) { $0.take(report, at: now) }
            return true
        }
        guard isKnown else { return nil }
        return report.call.map { name(id, $0) } ?? .nothing
    }

    /// Notes that a reading was heard to its end, over media by a link's name.
    func hearReading(over media: String) {
        state.withLock { state in
            guard let id = state.media[media] else { return }
            let now = time.now
            note(id, &state) { $0.hearReading(at: now) }
        }
    }

    /// Whether the gate is to open of a call that is heard over media by a link's name: a person has answered, as its gateway
    /// thinks, and its caller has asked for that.
    func isGateOpen(over media: String) -> Bool {
        state.withLock { state in
            guard let call = state.media[media].flatMap({ state.calls[$0] }) else { return false }
            return call.opensForHuman && call.record.party == .human
        }
    }

    /// Takes a call back, or hangs it up.
    ///
    /// - Returns: nil where no such call is known here; else what is to be done.
    func takeBack(_ id: CallID) -> TakingBack? {
        state.withLock { state in
            guard let entry = state.calls[id] else { return nil }
            guard entry.record.end == nil else { return .nothing }
            state.calls[id]?.record.takeBack()
            switch entry.asking {
            case .notYet:
                take(id, .ended(CallEnd(.canceled)), &state)
                return .nothing
            case .asked, .unknown: return .nothing
            case .placed(let name): return .hangUp(name, isAnswered: entry.record.stage >= .answered)
            }
        }
    }

    private func take(_ id: CallID, _ progress: CallProgress, _ state: inout State) {
        let now = time.now
        note(id, &state) { $0.take(progress, at: now) }
    }

    private func note(_ id: CallID, _ state: inout State, _ change: (inout CallRecord) -> [CallEvent]) {
        guard var entry = state.calls[id] else { return }
        let events = change(&entry.record)
        for event in events {
            for follower in entry.followers.values { follower.yield(event) }
            tell(event, entry.snapshot)
        }
        if entry.record.end != nil { finish(&entry, &state) }
        state.calls[id] = entry
        if entry.record.end != nil { Self.letWaitingGo(&state) }
    }

    /// Lets go what a call that is over needs no more: its number, its code, its place.
    private func finish(_ entry: inout Entry, _ state: inout State) {
        (entry.order, entry.announcement, entry.place) = (nil, nil, nil)
        if let media = entry.media { state.media[media] = nil }
        for follower in entry.followers.values { follower.finish() }
        entry.followers = [:]
    }

    /// Returns once all calls are over of which nobody but this process is told, or the task is cancelled.
    func untilToldHereAreOver() async {
        let (over, waiting) = AsyncStream.makeStream(of: Never.self)
        state.withLock { state in
            state.waiting.append(waiting)
            Self.letWaitingGo(&state)
        }
        for await _ in over {}
    }

    private static func letWaitingGo(_ state: inout State) {
        guard !state.waiting.isEmpty,
            !state.calls.values.contains(where: { $0.isToldHere && $0.record.end == nil })
        else { return }
        for waiting in state.waiting { waiting.finish() }
        state.waiting = []
    }

    // MARK: Who looks

    /// A call as it is; nil where no such call is known here.
    subscript(id: CallID) -> Snapshot? { state.withLock { $0.calls[id]?.snapshot } }

    /// What is read in a call that goes on, with the terms of a call where this node carries it; and the name of its media.
    func announcement(of id: CallID) -> (Announcement, media: String?)? {
        state.withLock { state in
            guard let call = state.calls[id] else { return nil }
            return call.announcement.map { ($0, call.media) }
        }
    }

    /// The events of a call behind a number, those that were first; it ends with the call, or when nobody takes them.
    ///
    /// - Returns: nil where no such call is known here.
    func events(of id: CallID, behind number: Int) -> (now: Snapshot, events: AsyncStream<CallEvent>)? {
        state.withLock { state in
            guard let entry = state.calls[id] else { return nil }
            let (stream, continuation) = AsyncStream.makeStream(
                of: CallEvent.self, bufferingPolicy: .bufferingOldest(2 * CallRecord.mostEvents))
            for event in entry.record.events where event.number > number { continuation.yield(event) }
            guard entry.record.end == nil else {
                continuation.finish()
                return (entry.snapshot, stream)
            }
            state.nextFollower += 1
            let follower = state.nextFollower
            state.calls[id]?.followers[follower] = continuation
            // A stream that ends by itself was let go already, under the lock.
            continuation.onTermination = { [weak self] reason in
                if case .cancelled = reason { self?.leave(id, follower) }
            }
            return (entry.snapshot, stream)
        }
    }

    private func leave(_ id: CallID, _ follower: Int) {
        state.withLock { _ = $0.calls[id]?.followers.removeValue(forKey: follower) }
    }

    /// Lets everybody go who follows a call: the service ends.
    func letFollowersGo() {
        state.withLock { state in
            for id in state.calls.keys {
                for follower in state.calls[id]?.followers.values.map(\.self) ?? [] { follower.finish() }
                state.calls[id]?.followers = [:]
            }
        }
    }

    /// Ends calls of which nothing was heard in their time, and forgets those whose day is over.
    func sweep() {
        let now = time.now
        state.withLock { state in
            for (id, entry) in state.calls where entry.record.end == nil && entry.deadline <= now {
                take(id, .ended(CallEnd(.failed, cause: Self.lost)), &state)
            }
            state.calls = state.calls.filter { _, entry in
                entry.record.end == nil || entry.ticket.issued + Self.kept > now
            }
        }
    }

    /// The cause of a call whose gateway never said how it ended.
    static let lost = "unknown-to-gateway"
}
