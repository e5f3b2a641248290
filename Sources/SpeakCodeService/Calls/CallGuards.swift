// SPDX-License-Identifier: GPL-3.0-or-later

internal import HTTPTypes
internal import Logging
internal import SpeakCode
internal import SpeakCodeLinks
internal import Synchronization

/// Whom the operator lets be called, and how often.
struct CallBounds: Hashable, Sendable {
    /// Beginnings of numbers, such as `+49`, and hosts of SIP, such as `sip:pbx.example.net`; nobody is called where there is
    /// none.
    var allowed: [String] = []
    /// Calls a day to one number.
    var perNumber = 5
    /// Seconds before the first, the second … call to a number, since the one before; the last of them stays.
    var waits = [0, 30, 60, 120, 300]
    /// Calls a day to numbers that differ in their last three digits alone; 0 for any.
    var perRange = 20
    /// Calls a day for one API key; 0 for any.
    var perCaller = 500
    /// Calls a day in all.
    var perDay = 1000
    /// When nobody is called.
    var quiet: [QuietHours] = []

    /// How many digits at the end make a range.
    private static let rangeDigits = 3

    /// What a call's range is known by.
    static func range(of party: CalledParty) -> String {
        party.number.map { String($0.e164.dropLast(rangeDigits)) } ?? party.host ?? party.key
    }

    /// Whether the operator has allowed somebody to be called.
    func allows(_ party: CalledParty) -> Bool {
        if let host = party.host, !allowed.contains("sip:" + host) { return false }
        guard let number = party.number else { return party.host != nil }
        return allowed.contains { $0.hasPrefix("+") && number.e164.hasPrefix($0) }
    }
}

/// Keeps calls from being a fraud, and people from being rung without end: what each must pass before its gateway is asked.
final class CallGuards: Sendable {
    private struct State {
        var ledger: CallLedger
        /// The numbers that are called at the moment.
        var underWay: Set<UInt64> = []
        /// Counts what was admitted, so that it is known what was kept.
        var version = 0
    }

    private let bounds: CallBounds
    private let time: CalendarTime
    private let file: CallLedgerFile?
    private let state: Mutex<State>

    /// - Parameter file: keeps what was counted; nil where it ends with the process.
    init(_ bounds: CallBounds, file: CallLedgerFile? = nil, time: CalendarTime) {
        (self.bounds, self.file, self.time) = (bounds, file, time)
        state = Mutex(State(ledger: file?.read() ?? CallLedger()))
    }

    /// The same as an operator has set it up.
    ///
    /// - Throws: ``SettingsError``.
    convenience init(_ settings: ServiceSettings, time: CalendarTime, logger: Logger) throws(SettingsError) {
        let bounds = try settings.readCallBounds()
        if !bounds.allowed.isEmpty, settings.callsFile == nil {
            logger.warning(
                "no callsFile: how often a number was called is forgotten when this service is started again")
        }
        self.init(
            bounds, file: settings.callsFile.map { CallLedgerFile($0) { logger.error("\($0)") } }, time: time)
    }

    /// The place of a call among those that go on, given back when nobody holds it any more.
    final class Place: Sendable {
        private let guards: CallGuards
        private let number: UInt64

        fileprivate init(in guards: CallGuards, of number: UInt64) {
            (self.guards, self.number) = (guards, number)
        }

        deinit {
            guards.giveBack(number)
        }
    }

    private func giveBack(_ number: UInt64) {
        _ = state.withLock { $0.underWay.remove(number) }
    }

    /// A call that was admitted on this node in the last day.
    func admitted(as ids: [CallID]) -> CallLedger.Row? {
        state.withLock(\.ledger).row(of: ids)
    }

    /// Admits a call, which is counted from here on.
    ///
    /// - Parameters:
    ///   - caller: the name of who asks.
    ///   - body: the digest of what it is asked by.
    ///   - ring: makes the digests.
    /// - Throws: ``Problem`` that names no number.
    func admit(
        _ party: CalledParty, of caller: String, as id: CallID, body: UInt64, ring: LinkKeyring
    ) throws(Problem) -> Place {
        guard bounds.allows(party) else { throw Self.notAllowed }
        if let number = party.number, PremiumRanges.contains(number.e164) { throw Self.premium }
        let now = time.now
        if let wait = bounds.quiet.compactMap({ $0.wait(for: party, at: now) }).max() {
            throw Problem(
                .tooManyRequests, "quiet-hours",
                "nobody is called at this hour; try again after the time in Retry-After",
                retryAfter: wait)
        }
        let number = Self.digests("called number " + party.key, ring)
        let range = Self.digests("called range " + CallBounds.range(of: party), ring)
        let owner = Self.digests("call of " + caller, ring)
        let problem: Problem? = state.withLock { state in
            state.ledger.forget(at: now)
            if let found = refusal(number, range, owner, state, now) { return found }
            state.underWay.insert(number[0])
            state.ledger.add(
                CallLedger.Row(id: id, at: now, number: number[0], range: range[0], caller: owner[0], body: body))
            state.version += 1
            return nil
        }
        if let problem { throw problem }
        return Place(in: self, of: number[0])
    }

    private func refusal(
        _ number: [UInt64], _ range: [UInt64], _ caller: [UInt64], _ state: State, _ now: Int
    ) -> Problem? {
        guard state.underWay.isDisjoint(with: number) else { return Self.underWay }
        let times = state.ledger.times(of: number)
        if let first = times.first, times.count >= bounds.perNumber {
            return Problem(
                .tooManyRequests, "number-called-too-often", "the number was called as often in a day as it may be",
                field: "to", retryAfter: Self.rest(of: first, now))
        }
        if let last = times.last, let wait = bounds.waits.prefix(times.count + 1).last, last + wait > now {
            return Problem(
                .tooManyRequests, "number-called-too-soon",
                "the number was called a moment ago; try again after the time in Retry-After", field: "to",
                retryAfter: last + wait - now)
        }
        let retryAfter = Self.rest(of: state.ledger.first ?? now, now)
        if bounds.perRange > 0, state.ledger.count(inRange: range) >= bounds.perRange {
            return Problem(
                .tooManyRequests, "range-called-too-often",
                "numbers with the same beginning were called as often in a day as they may be (callsPerRange)",
                field: "to", retryAfter: retryAfter)
        }
        if bounds.perCaller > 0, state.ledger.count(ofCaller: caller) >= bounds.perCaller {
            return Problem(
                .tooManyRequests, "key-calls-too-often",
                "this API key has placed as many calls in a day as it may (callsPerKey)", retryAfter: retryAfter)
        }
        guard state.ledger.count < bounds.perDay else {
            return Problem(
                .tooManyRequests, "too-many-calls", "as many calls were placed in a day as may be (callsPerDay)",
                retryAfter: retryAfter)
        }
        return nil
    }

    /// Seconds until a call is a day old.
    private static func rest(of time: Int, _ now: Int) -> Int { max(1, time + CallLedger.day - now) }

    private static let notAllowed = Problem.field(
        "to", "is not among the numbers that the operator has allowed to be called (callPrefixes)")
    private static let premium = Problem.field("to", "is a number that costs more than a call; none of them is called")
    private static let underWay = Problem(
        .tooManyRequests, "number-is-called", "the number is being called; one call at a time", field: "to",
        retryAfter: 30)

    private static func digests(_ text: String, _ ring: LinkKeyring) -> [UInt64] {
        ring.tags(of: Array(text.utf8)).map(digest)
    }

    /// The beginning of a digest.
    static func digest(_ tag: [UInt8]) -> UInt64 { tag.prefix(8).reduce(0) { $0 << 8 | UInt64($1) } }

    // MARK: Keeping

    /// Keeps what was admitted, before anybody is called for it.
    ///
    /// - Throws: ``CallLedgerFile/CannotBeKept``.
    func keep() async throws {
        guard let file else { return }
        let version = state.withLock(\.version)
        try await file.keep(version) { [self] in
            state.withLock { state in
                state.ledger.forget(at: time.now)
                return (state.version, state.ledger)
            }
        }
    }
}
