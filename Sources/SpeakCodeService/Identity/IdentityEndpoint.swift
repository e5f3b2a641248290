// SPDX-License-Identifier: GPL-3.0-or-later

internal import CoreMetrics
internal import FoundationEssentials
internal import HTTPTypes
internal import Logging
internal import SpeakCode
internal import SpeakCodeGateways
internal import SpeakCodeLinks

/// `/v1/providers/…`: an identity server has a code brought to somebody, and the telephone rings.
///
/// The server is answered within a second, before anybody is called; what it sends again within a minute is the same call.
struct IdentityEndpoint: Sendable {
    static let prefix = "/v1/providers/"

    /// The servers that the operator has named.
    let servers: [Server]
    let calls: PlacedCallEndpoint
    /// Where text messages are handed on to; nil for nowhere.
    let forwarding: TextForwarding?

    /// A server, and what its requests are checked by.
    struct Server: Sendable {
        let server: any IdentityServer
        /// Nil for one that presents a key of this service's.
        let signing: (any RequestSigning)?
    }

    private var announcements: AnnouncementEndpoint { calls.announcements }
    private var now: Int { announcements.time.now }

    static let longestBody = 65_536
    /// How long a server waits for its answer: Okta gives up after three seconds, and asks again.
    static let patience: Duration = .milliseconds(800)
    /// Seconds within which the same code for the same number is the same request, sent again.
    static let repeated = 60

    /// Answers a request for a path behind ``prefix``.
    ///
    /// - Throws: ``Problem`` for what the operator has to mend: a name that is none, or the address's query.
    func respond(
        to request: Request, _ name: Substring, _ origin: RequestOrigin, _ entry: inout AccessLog.Entry
    ) async throws -> Response {
        guard let server = servers.first(where: { $0.server.name.utf8.elementsEqual(name.utf8) }) else {
            throw Problem.noSuchRoute
        }
        entry.route = Self.prefix + server.server.name
        let options = try IdentityOptions(query: request.query)
        let body = try request.body(atMost: Self.longestBody)
        let base = try announcements.publicURL ?? request.base ?? origin.base()
        var asked = Asked(server: server, options: options, request: request, body: body, base: base)
        do {
            asked.caller = try authenticate(asked)
            entry.caller = asked.caller
            asked.message = try? server.server.message(in: IdentityRequest(headers: request.headers, body: body))
            if let response = try await forward(asked) { return response }
            let id = try await accept(asked)
            return Self.response(server.server.answer(to: .accepted(id)))
        } catch let refusal as IdentityRefusal {
            entry.problem = refusal.reason.rawValue
            return Self.response(server.server.answer(to: .refused(refusal)))
        }
    }

    /// A request, and how it is taken.
    private struct Asked {
        let server: Server
        let options: IdentityOptions
        let request: Request
        let body: [UInt8]
        let base: String
        /// The name of who asks.
        var caller = ""
        /// Read once it is known who asks; nil where there is nothing to say.
        var message: VerificationMessage?
    }

    private static func response(_ answer: GatewayAnswer) -> Response {
        var headers = answer.headers
        headers[.cacheControl] = "no-store"
        let status = HTTPResponse.Status(code: answer.status)
        guard !answer.body.isEmpty else { return Response(status: status, headers: headers) }
        return Response(status: status, headers: headers, bytes: answer.body)
    }

    // MARK: Who asks

    /// - Returns: the name of who asks.
    private func authenticate(_ asked: Asked) throws(IdentityRefusal) -> String {
        if let signing = asked.server.signing {
            do throws(Problem) {
                try SignedRequest.check(asked.request, asked.body, by: signing, base: asked.base, now: now)
            } catch {
                throw refused(.notAuthenticated)
            }
            return "identity " + asked.server.server.name
        }
        let callers = announcements.keys.now.callers
        guard !callers.isEmpty else { return "identity " + asked.server.server.name }
        for key in Self.keys(in: asked.request.headers) {
            if let caller = Caller.presenting(key, among: callers) { return caller.name }
        }
        throw refused(.notAuthenticated)
    }

    private func refused(_ reason: IdentityRefusal.Reason, in language: LanguageTag? = nil) -> IdentityRefusal {
        announcements.metrics.refusals.increment()
        return IdentityRefusal(reason, in: language)
    }

    /// Keys as identity servers can be told to send them: `Bearer KEY`, Basic with the key as the password, the key alone, or
    /// in a header of its own.
    static func keys(in headers: HTTPFields) -> [String] {
        var keys: [String] = []
        if let header = headers[.authorization] {
            let parts = header.split(separator: " ", maxSplits: 1)
            let value = parts.count == 2 ? parts[1].drop { $0 == " " } : ""
            switch parts.first?.lowercased() {
            case "bearer" where parts.count == 2: keys.append(String(value))
            case "basic" where parts.count == 2:
                let text = Data(base64Encoded: String(value)).map { String(decoding: $0, as: UTF8.self) } ?? ""
                keys.append(String(text.drop { $0 != ":" }.dropFirst()))
            default: keys.append(header)
            }
        }
        if let key = headers[.xAPIKey] { keys.append(key) }
        return keys
    }

    // MARK: The call

    /// - Returns: the call's name.
    private func accept(_ asked: Asked) async throws -> String {
        if announcements.buckets.take(for: asked.caller) != nil { throw refused(.tooManyCalls) }
        let message = try message(of: asked)
        let number = asked.options.international(message.number, omitsPlus: asked.server.server.omitsPlus)
        let party = try? CalledParty(number)
        let language = message.locale.flatMap { LanguageTag($0) } ?? party?.number?.locale
        guard let party else { throw refused(.numberNotCalled, in: language) }
        let wanted: CallRequest
        do {
            wanted = try CallRequest(json: asked.options.body(message.code, number, message.locale))
        } catch {
            // What the address's query says is the operator's to mend.
            guard error.field == "code" else { throw error }
            throw refused(.nothingToSay, in: language)
        }
        let ids = identifiers(asked.caller, party, wanted)
        let place = PlacedCallEndpoint.Asked(
            ids: ids.now, body: calls.names.digests(of: Array("identity".utf8)), caller: asked.caller, base: asked.base)
        if let begun = calls.begun(ids.now + ids.before), begun > now - Self.repeated { return "\(ids.now[0])" }
        if let problem = try await begin(wanted, place) { throw refused(Self.reason(of: problem), in: language) }
        return "\(ids.now[0])"
    }

    private func message(of asked: Asked) throws(IdentityRefusal) -> VerificationMessage {
        guard let message = asked.message else { throw refused(.nothingToSay) }
        if message.means == .textMessage, asked.options.texts != .speak {
            throw refused(.textMessage, in: message.locale.flatMap { LanguageTag($0) })
        }
        return message
    }

    /// The names of the call in this minute and in the one before: what is sent again has new names of its server's, but the
    /// same code and number.
    private func identifiers(
        _ caller: String, _ party: CalledParty, _ wanted: CallRequest
    ) -> (now: [CallID], before: [CallID]) {
        let minute = now / Self.repeated
        func ids(_ minute: Int) -> [CallID] {
            let code = String(wanted.announcement.code.symbols.map(\.character))
            return calls.names.identifiers(of: caller, under: IdempotencyKey(text: "\(party.key) \(code) \(minute)"))
        }
        return (ids(minute), ids(minute - 1))
    }

    /// Begins a call, and waits for no longer than its server does: a voice that has never spoken takes its time.
    ///
    /// - Returns: why nobody is called; nil where somebody is, or that is not known yet.
    private func begin(_ wanted: CallRequest, _ place: PlacedCallEndpoint.Asked) async throws -> Problem? {
        let (results, continuation) = AsyncStream.makeStream(of: Problem?.self)
        // It goes on behind the answer, and nobody cancels it.
        Task { [calls] in
            do {
                _ = try await calls.begin(wanted, place)
                continuation.yield(nil)
            } catch {
                let problem = error as? Problem ?? .failed
                calls.announcements.logger.notice(
                    "nobody is called for an identity server", metadata: ["problem": "\(problem.kind)"])
                continuation.yield(problem)
            }
            continuation.finish()
        }
        let timer = Task { [calls] in
            try await calls.steady.sleep(for: Self.patience)
            continuation.yield(nil)
        }
        defer { timer.cancel() }
        for await result in results { return result }
        throw CancellationError()
    }

    private static func reason(of problem: Problem) -> IdentityRefusal.Reason {
        switch problem.status {
        case .tooManyRequests: .tooManyCalls
        case .unprocessableContent where problem.field == "to": .numberNotCalled
        default: .unavailable
        }
    }

    // MARK: Text messages

    /// Hands a text message on, where the operator has said so.
    ///
    /// - Returns: nil for what is to be spoken here.
    private func forward(_ asked: Asked) async throws -> Response? {
        guard asked.options.texts == .forward, let message = asked.message, message.means == .textMessage else {
            return nil
        }
        guard let forwarding else {
            throw Problem.field("texts", "must not be forward: the operator has set no identityForward")
        }
        guard let answer = await forwarding.send(asked.request.headers, asked.body) else {
            throw refused(.unavailable, in: message.locale.flatMap { LanguageTag($0) })
        }
        return Self.response(answer)
    }
}

extension HTTPField.Name {
    fileprivate static let xAPIKey: HTTPField.Name = {
        guard let name = HTTPField.Name("X-API-Key") else { preconditionFailure("It is a header's name.") }
        return name
    }()
}

/// Hands text messages on to who sends them, as they came: their signatures hold there.
struct TextForwarding: Sendable {
    let url: String
    let sender: any HTTPSender

    /// Less than Okta waits.
    private static let limit: Duration = .milliseconds(2500)
    /// What is of one connection, or is made anew (RFC 9110, section 7.6.1).
    private static let dropped: Set<String> = [
        "host", "content-length", "connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade",
        "proxy-authorization", "proxy-connection", "expect", "accept-encoding", "forwarded",
    ]

    /// - Returns: nil where there is no answer.
    func send(_ headers: HTTPFields, _ body: [UInt8]) async -> GatewayAnswer? {
        var kept = HTTPFields()
        for field in headers {
            let name = field.name.canonicalName
            if !Self.dropped.contains(name), !name.hasPrefix("x-forwarded-") { kept.append(field) }
        }
        guard
            let answer = try? await sender.send(
                GatewayRequest(.post, url, headers: kept, body: body), within: Self.limit)
        else { return nil }
        var told = HTTPFields()
        for name in [HTTPField.Name.contentType, .retryAfter] { told[name] = answer.headers[name] }
        return GatewayAnswer(status: answer.status, headers: told, body: answer.body)
    }
}
