// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCodeGateways

/// What is known of a placed call, as a value: what gateways report goes in, and what that changes comes out.
///
/// Reports come late, twice and out of order. A call goes forward only (queued, ringing, answered, ended); what tells of
/// something that it is behind changes nothing, and an ended call stays ended.
struct CallRecord: Hashable, Sendable {
    /// How far a call has come.
    enum Stage: Int, Comparable, Sendable {
        /// The gateway has not told of it yet.
        case queued
        case ringing
        case answered
        case ended

        static func < (one: Stage, other: Stage) -> Bool { one.rawValue < other.rawValue }
    }

    private(set) var stage = Stage.queued
    /// Who took it, as the gateway thinks; nil where it does not say.
    private(set) var party: CallParty?
    /// How many keys were pressed; which ones may be the code, typed into the wrong telephone.
    private(set) var keys = 0
    /// The readings that were heard to their end, where that is known.
    private(set) var readings = 0
    /// How it ended; nil as long as it goes on.
    private(set) var end: CallEnd?
    /// Whether its caller has taken it back, or hung up.
    private(set) var isTakenBack = false
    /// What has happened, as it was told, the first of it first.
    private(set) var events: [CallEvent] = []
    private var answeredAt: Int?
    /// The numbers of the reports that were taken, of a gateway that counts them.
    private var taken: Set<Int> = []

    /// The most events of keys and readings; more of them are counted, and not told one by one.
    static let mostEvents = 200
    /// The most reports whose numbers are kept; a call has a dozen.
    private static let mostReports = 1000

    /// In one word, such as `ringing`, `human` or `ended`.
    var status: CallEvent.Kind? { events.last { $0.kind.isStatus }?.kind }

    /// Takes a gateway's report.
    ///
    /// - Parameter now: in seconds since 1970.
    /// - Returns: the events that it brings; none for one that was taken before or comes too late.
    mutating func take(_ report: CallReport, at now: Int) -> [CallEvent] {
        if let sequence = report.sequence {
            guard !taken.contains(sequence) else { return [] }
            if taken.count < Self.mostReports { taken.insert(sequence) }
        }
        return report.progress.flatMap { take($0, at: now) }
    }

    /// Takes what has become of it.
    ///
    /// - Returns: the events that it brings; none where it changes nothing.
    mutating func take(_ progress: CallProgress, at now: Int) -> [CallEvent] {
        guard stage < .ended else { return [] }
        let before = events.count
        switch progress {
        case .ringing:
            guard stage < .ringing else { break }
            stage = .ringing
            add(.ringing, now)
        case .answered: answer(now)
        case .party(let found):
            answer(now)
            // A gateway may look again, and know more; never less.
            guard party == nil || party == .unsure && found != .unsure else { break }
            party = found
            add(.party(found), now)
        case .key:
            answer(now)
            keys += 1
            addCounted(.key(keys), now)
        case .ended(let end): finish(end, now)
        }
        return Array(events[before...])
    }

    /// Notes that a reading of the code was heard to its end.
    mutating func hearReading(at now: Int) -> [CallEvent] {
        guard stage < .ended else { return [] }
        let before = events.count
        answer(now)
        readings += 1
        addCounted(.reading(readings), now)
        return Array(events[before...])
    }

    /// Notes that its caller takes it back.
    mutating func takeBack() {
        guard stage < .ended else { return }
        isTakenBack = true
    }

    private mutating func answer(_ now: Int) {
        guard stage < .answered else { return }
        stage = .answered
        answeredAt = now
        add(.answered, now)
    }

    private mutating func finish(_ reported: CallEnd, _ now: Int) {
        var end = reported
        // Some gateways have one word for who does not answer and who is not rung any longer.
        if isTakenBack, stage < .answered, end.outcome == .noAnswer { end.outcome = .canceled }
        end.cause = end.cause.flatMap(Self.word)
        if end.answeredSeconds == nil, let answeredAt { end.answeredSeconds = max(0, now - answeredAt) }
        stage = .ended
        self.end = end
        add(.ended, now)
    }

    /// A gateway's word, as it may stand in answers and in the log; nil for what might be a number or somebody's words.
    private static func word(_ cause: String) -> String? {
        guard (1...64).contains(cause.utf8.count) else { return nil }
        var digits = 0
        for byte in cause.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digits += 1
            case UInt8(ascii: " "), UInt8(ascii: "-"), UInt8(ascii: "."): break
            case 0x21...0x7E: digits = 0
            default: return nil
            }
            // A status of SIP or a cause of Q.850 has three.
            guard digits < 5 else { return nil }
        }
        return cause
    }

    private mutating func addCounted(_ kind: CallEvent.Kind, _ now: Int) {
        if events.count < Self.mostEvents { add(kind, now) }
    }

    private mutating func add(_ kind: CallEvent.Kind, _ now: Int) {
        events.append(CallEvent(number: events.count + 1, kind: kind, at: now))
    }
}

/// Something that happened to a call.
struct CallEvent: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        case ringing
        case answered
        case party(CallParty)
        /// A key was pressed, the first, the second ….
        case key(Int)
        /// A reading was heard to its end, the first, the second ….
        case reading(Int)
        case ended
    }

    /// Counted from 1, for one call.
    let number: Int
    let kind: Kind
    /// In seconds since 1970.
    let at: Int
}

extension CallEvent.Kind {
    /// The word by which programs know it.
    var name: String {
        switch self {
        case .ringing: "ringing"
        case .answered: "answered"
        case .party(let party): party.rawValue
        case .key: "key"
        case .reading: "reading"
        case .ended: "ended"
        }
    }

    /// The same for one thing that happened, whoever tells of it: what is told twice has it twice.
    var mark: String {
        switch self {
        case .key(let count), .reading(let count): "\(name)-\(count)"
        default: name
        }
    }

    /// Whether it says how far the call is.
    var isStatus: Bool {
        switch self {
        case .key, .reading: false
        default: true
        }
    }
}

extension CallRecord {
    /// The word for how far it is, before anything has happened too.
    var statusName: String { status?.name ?? Self.queued }

    /// The word for a call of which nothing is known yet.
    static let queued = "queued"

    /// All words for how far a call is.
    static let statusNames =
        [queued] + ([.ringing, .answered] + CallParty.allCases.map { .party($0) } + [.ended]).map(\CallEvent.Kind.name)
}
