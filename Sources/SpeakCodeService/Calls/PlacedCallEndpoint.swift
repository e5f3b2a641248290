// SPDX-License-Identifier: GPL-3.0-or-later

internal import CoreMetrics
internal import FoundationEssentials
internal import HTTPTypes
internal import Logging
internal import SpeakCode
internal import SpeakCodeGateways
internal import SpeakCodeLinks

/// `/v1/calls`: a number and a code go in, and the telephone rings.
///
/// What a call is known by is sealed, so that any replica knows whose it is; how far it is, the node knows that placed it.
package struct PlacedCallEndpoint: Sendable {
    package static let path = "/v1/calls"
    package static let prefix = "/v1/calls/"

    let announcements: AnnouncementEndpoint
    let calls: PlacedCalls
    let guards: CallGuards
    let placement: CallPlacement
    let terms: CallTerms
    /// Those who listen to something.
    let listeners: LiveCalls
    /// By which a silent stream of events is kept alive.
    let steady: SteadyTime

    var names: CallNames { CallNames(ring: announcements.keys.now.links) }
    private var now: Int { announcements.time.now }

    // MARK: Asking for a call

    /// Answers a request for a call; its gateway is asked behind the answer.
    ///
    /// - Throws: ``Problem``.
    // Not optimised, as ``AnnouncementEndpoint/make(_:base:_:caller:)``, which the compiler fails at in release.
    @_optimize(none)
    func place(
        _ request: Request, _ origin: RequestOrigin, _ entry: inout AccessLog.Entry
    ) async throws -> Response {
        let caller = try announcements.admit(request, &entry) ?? ""
        let key = try IdempotencyKey.of(request.headers)
        let body = try request.body(atMost: AnnouncementEndpoint.longestBody)
        let base = try announcements.publicURL ?? request.base ?? origin.base()
        let names = names
        let asked = Asked(
            ids: try key.map { names.identifiers(of: caller, under: $0) } ?? [names.newIdentifier()],
            body: names.digests(of: body), caller: caller, base: base)
        if let answer = try known(asked) { return answer }
        let wanted = try CallRequest(json: body)
        let (beginning, made) = try await begin(wanted, asked)
        switch beginning {
        case .begun(let call): return try answer(to: call, made, wanted, base)
        case .known(let call): return try answer(.accepted, call, base)
        case .other: throw Self.otherBody
        }
    }

    /// Admits a call that was not asked for before, and has its gateway asked.
    ///
    /// - Throws: ``Problem``.
    // As above.
    @_optimize(none)
    func begin(_ wanted: CallRequest, _ asked: Asked) async throws -> (PlacedCalls.Beginning, Made) {
        let route = try terms.routes.route(to: wanted.callee, through: wanted.through)
        guard wanted.announcement.totp == nil || route.hearing.isLive else {
            throw Problem.field(
                "totp", "cannot be heard through \(route.name), which plays files: no file can change with the code")
        }
        let made = try await made(wanted)
        // What is kept before the gateway is asked is all that keeps a call from being placed twice.
        let beginning = try calls.begin(asked.ids, body: asked.body) { try placing(wanted, asked, made, route) }
        if case .begun(let call) = beginning {
            await keep()
            announcements.metrics.accepted(through: route.name)
            placement.place(call.ticket.id, by: route)
            log(call, wanted.callee)
        }
        return (beginning, made)
    }

    /// When a call was begun on this node under one of these names; nil for one that was not in the last day.
    func begun(_ ids: [CallID]) -> Int? {
        ids.lazy.compactMap { calls[$0]?.ticket.issued }.first ?? guards.admitted(as: ids)?.at
    }

    /// Says who was called: the country, and a name for the number that tells it to nobody.
    private func log(_ call: PlacedCalls.Snapshot, _ party: CalledParty) {
        announcements.log.write(
            AccessLog.Placed(
                call: announcements.log.digest(of: "\(call.ticket.id)"), through: call.ticket.gateway,
                country: party.number.map { "+" + $0.countryCode } ?? "sip",
                number: announcements.log.digest(of: party.key)))
    }

    /// What a request is known by.
    struct Asked {
        /// The names of its call under each link key, the sealing one's first.
        let ids: [CallID]
        let body: [[UInt8]]
        let caller: String
        let base: String
    }

    /// The answer to a request that was made before; nil for a new one.
    private func known(_ asked: Asked) throws -> Response? {
        switch calls.known(as: asked.ids, body: asked.body) {
        case .known(let call): return try answer(.accepted, call, asked.base)
        case .other: throw Self.otherBody
        case .begun, nil: break
        }
        // This node was started again since.
        guard let row = guards.admitted(as: asked.ids) else { return nil }
        guard asked.body.contains(where: { CallGuards.digest($0) == row.body }) else { throw Self.otherBody }
        let ticket = CallTicket(
            .call, id: row.id, node: terms.node, gateway: "", owner: names.owners(asked.caller)[0], webhook: 0,
            issued: row.at, expires: row.at + PlacedCalls.kept)
        return try answer(.accepted, Self.forgotten(ticket, names), asked.base)
    }

    /// A call that was placed before this node was started again.
    private static func forgotten(_ ticket: CallTicket, _ names: CallNames) throws -> PlacedCalls.Snapshot {
        var record = CallRecord()
        _ = record.take(.ended(CallEnd(.failed, cause: restarted)), at: ticket.issued)
        return PlacedCalls.Snapshot(sealed: try names.name(ticket, for: .call), ticket: ticket, record: record)
    }

    /// What is read, and its links.
    typealias Made = (announcement: Announcement, match: Announcer.Match?, text: CallOrder.Text?)

    // As above.
    @_optimize(none)
    private func made(_ wanted: CallRequest) async throws -> Made {
        let (announcement, script, match) = try await announcements.announcement(wanted.announcement)
        // What cannot be spoken rings nobody.
        var question: String?
        if wanted.gate != .never {
            question = try AnnouncementEndpoint.gateScript(wanted.announcement, of: script.packs).writing(ofReading: 0)
        }
        let tag = try names.ring.seal(announcement)
        _ = try await announcements.announcer.rendition(of: script, announcement, as: .wav(), tag: tag).get()
        let text =
            announcement.changes
            ? nil : CallOrder.Text(question: question, reading: script.writing(ofReading: 0))
        return (announcement, match, text)
    }

    private func placing(
        _ wanted: CallRequest, _ asked: Asked, _ made: Made, _ route: CallRoute
    ) throws -> PlacedCalls.Placing {
        let (from, webhook) = (try route.from(wanted.from), try terms.webhook(wanted.events))
        let names = names
        let now = now
        let id = asked.ids[0]
        let ticket = CallTicket(
            .call, id: id, node: terms.node, gateway: route.name, owner: names.owners(asked.caller)[0],
            webhook: CallNames.digest(ofWebhook: webhook), issued: now, expires: now + PlacedCalls.kept)
        let heard = try heard(wanted, asked, id, made.announcement, route)
        let reportTo = try route.reports.map { _ in
            asked.base + CallReportEndpoint.prefix + (try names.name(ticket, for: .report))
        }
        let order = CallOrder(
            id: "\(id)", to: wanted.callee.callee, from: from, timeout: wanted.timeout, longest: terms.longest,
            heard: heard.way, reportTo: reportTo, detectsMachine: wanted.gate == .whenMachine,
            text: made.text)
        do throws(DialingError) {
            try route.check(order)
        } catch {
            throw Problem.field(error.field, error.problem)
        }
        let place = try guards.admit(
            wanted.callee, of: asked.caller, as: id, body: CallGuards.digest(asked.body[0]), ring: names.ring)
        return PlacedCalls.Placing(
            id: id, sealed: try names.name(ticket, for: .call), ticket: ticket, body: asked.body[0], order: order,
            announcement: heard.announcement, media: heard.media,
            opensForHuman: wanted.gate == .whenMachine,
            deadline: now + wanted.timeout + terms.longest + Self.slack, place: place)
    }

    /// What is heard in a call.
    private struct Heard {
        let way: CallOrder.Heard
        let announcement: Announcement
        /// The name of the link to its media, or of the call whose media has none.
        var media: String?
    }

    private func heard(
        _ wanted: CallRequest, _ asked: Asked, _ id: CallID, _ announcement: Announcement, _ route: CallRoute
    ) throws -> Heard {
        var request = wanted.announcement
        switch route.hearing {
        case .document(let document): request.format = .document(document)
        case .webSocket: request.format = .media(.webSocket)
        case .audioSocket: request.format = .media(.audioSocket)
        case .fastAGI: request.format = .media(.fastAGI)
        case .audio:
            guard wanted.gate == .never else {
                throw Problem.field("gate", "must be never: \(route.name) plays a file, and hears no keys")
            }
            let sealed = try names.ring.seal(announcement)
            let url = asked.base + LinkEndpoint.prefix + sealed + Representation.all[0].suffix
            return Heard(way: .audio(url), announcement: announcement)
        case .local: break
        }
        let links = try announcements.callLinks(
            to: announcement, request, asked.base, names.ring, caller: asked.caller)
        func named(_ url: String) -> String {
            announcements.log.digest(of: url.split(separator: "/").last ?? "")
        }
        if route.hearing == .local {
            return Heard(way: .local, announcement: links.call, media: announcements.log.digest(of: "\(id)"))
        }
        switch request.format {
        case .document(let document):
            return Heard(way: .document(try links.url(of: document)), announcement: announcement)
        case .media(.webSocket):
            let url = try links.webSocket()
            return Heard(way: .webSocket(url), announcement: announcement, media: named(url))
        case .media(.fastAGI):
            guard let url = try links.agi() else { throw Problem.tooManyListeners }
            return Heard(way: .fastAGI(url), announcement: announcement, media: named(url))
        case .media(.audioSocket), .audio:
            guard let socket = links.audioSocket else { throw Problem.tooManyListeners }
            let host = socket.host.contains(":") ? "[\(socket.host)]" : socket.host
            return Heard(
                way: .audioSocket(uuid: socket.uuid, address: "\(host):\(socket.port)"), announcement: announcement,
                media: named(socket.uuid))
        }
    }

    /// Takes a call back, or hangs it up.
    func takeBack(_ id: CallID) {
        guard let ticket = calls[id]?.ticket, let taking = calls.takeBack(id),
            let route = terms.routes[ticket.gateway]
        else { return }
        placement.finish(taking, by: route)
    }

    private func keep() async {
        do {
            try await guards.keep()
        } catch {
            announcements.logger.error("what was counted of calls is not kept", metadata: ["error": "\(error)"])
        }
    }

    // MARK: Looking, and taking back

    /// Answers a request for what has become of a call, or to take it back.
    ///
    /// - Throws: ``Problem``.
    func respond(
        to request: Request, _ path: Substring, _ origin: RequestOrigin, _ entry: inout AccessLog.Entry
    ) throws -> Response {
        let caller = try announcements.authenticate(request, announcements.keys.now.callers)
        entry.caller = caller
        let ticket = try ticket(path, of: caller ?? "", &entry)
        let base = try announcements.publicURL ?? request.base ?? origin.base()
        if request.method == .delete { takeBack(ticket.id) }
        let call = try snapshot(of: ticket)
        let isUnderWay = request.method == .delete && call.record.end == nil
        return try answer(isUnderWay ? .accepted : .ok, call, base)
    }

    /// Answers a request for the events of a call, as they come.
    ///
    /// - Throws: ``Problem``.
    func follow(
        _ request: Request, _ name: Substring, _ origin: RequestOrigin, _ entry: inout AccessLog.Entry
    ) throws -> Response {
        let caller = try announcements.authenticate(request, announcements.keys.now.callers)
        entry.caller = caller
        let ticket = try ticket(name, of: caller ?? "", &entry)
        let last = request.headers[.lastEventID].flatMap { Int($0) } ?? 0
        guard let found = calls.events(of: ticket.id, behind: last) else {
            // Of another node, or forgotten: as the call itself.
            _ = try snapshot(of: ticket)
            throw Self.noSuchCall
        }
        let place = try listeners.takePlace(link: entry.link, client: entry.client)
        let stream = CallEventStream(
            calls: calls, first: found.now, events: found.events, place: place,
            longest: .seconds(terms.longest + CallRequest.timeouts.upperBound + Self.slack), time: steady)
        return Response(
            status: .ok,
            headers: [
                .contentType: "text/event-stream", .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
            ], body: .live(stream))
    }

    /// What stands in a call's name.
    private func ticket(
        _ name: Substring, of caller: String, _ entry: inout AccessLog.Entry
    ) throws(Problem) -> CallTicket {
        let names = names
        guard let ticket = names.ticket(name, for: .call), names.owners(caller).contains(ticket.owner) else {
            throw Self.noSuchCall
        }
        entry.link = announcements.log.digest(of: "\(ticket.id)")
        return ticket
    }

    private func snapshot(of ticket: CallTicket) throws -> PlacedCalls.Snapshot {
        if let call = calls[ticket.id] { return call }
        guard ticket.node == terms.node else { throw Self.otherNode }
        guard guards.admitted(as: [ticket.id]) != nil else { throw Self.noSuchCall }
        return try Self.forgotten(ticket, names)
    }

    // MARK: Answers

    private func answer(
        to call: PlacedCalls.Snapshot, _ made: Made, _ wanted: CallRequest, _ base: String
    ) throws -> Response {
        var answer = CallAnswer(call)
        answer.locale = "\(made.announcement.locale)"
        answer.localeMatch = made.match?.rawValue
        answer.secondLocale = made.announcement.second.map { "\($0)" }
        let warnings = wanted.announcement.warnings
        answer.warnings = warnings.isEmpty ? nil : warnings
        return try Self.response(.accepted, answer, base)
    }

    private func answer(
        _ status: HTTPResponse.Status, _ call: PlacedCalls.Snapshot, _ base: String
    ) throws -> Response {
        try Self.response(status, CallAnswer(call), base)
    }

    private static func response(
        _ status: HTTPResponse.Status, _ answer: CallAnswer, _ base: String
    ) throws -> Response {
        var answer = answer
        let address = base + prefix + answer.id
        answer.links = CallAnswer.Links(call: address, events: address + CallNames.events)
        var headers: HTTPFields = [.contentType: "application/json", .cacheControl: "no-store"]
        if status == .accepted { headers[.location] = address }
        return Response(
            status: status, headers: headers, bytes: try JSONDocument.encode(answer))
    }

    private static let slack = 120
    /// The cause of a call of which a node knows nothing any more, since it was started again.
    static let restarted = "service-restarted"

    private static let noSuchCall = Problem(
        .notFound, "no-such-call", "there is no such call of yours, or none in the last day")
    private static let otherNode = Problem(
        .misdirectedRequest, "other-node",
        "the call is another node's: the name before the full stop in its id says which one to ask")
    private static let otherBody = Problem(
        .unprocessableContent, "idempotency-key-reused",
        "the Idempotency-Key was used for another request in the last day; take a new one")
}

extension HTTPField.Name {
    /// The number of the event that a client has got last.
    fileprivate static let lastEventID: HTTPField.Name = {
        guard let name = HTTPField.Name("Last-Event-ID") else { preconditionFailure("It is a header's name.") }
        return name
    }()
}

extension CallNames {
    /// What stands behind a call's name in the address of its events.
    static let events = "/events"

    /// A name for a call that is asked for without a key.
    func newIdentifier() throws -> CallID {
        let uuid = UUID.random().uuid
        guard let id = withUnsafeBytes(of: uuid, { CallID(digest: Array($0)) }) else { throw Problem.failed }
        return id
    }
}
