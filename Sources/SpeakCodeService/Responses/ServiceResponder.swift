// SPDX-License-Identifier: GPL-3.0-or-later

internal import HTTPTypes
internal import Logging
internal import SpeakCode
internal import Synchronization

/// Answers every request: finds its route, makes its line for the access log, counts it.
///
/// All connections share it: a copy of all that it is made of would be as much work as a fetch's parsing.
package final class ServiceResponder: Sendable {
    let announcements: AnnouncementEndpoint
    let links: LinkEndpoint
    let calls: CallEndpoint
    let placed: PlacedCallEndpoint
    let reports: CallReportEndpoint
    let identity: IdentityEndpoint
    let media: WebSocketEndpoint
    let gateways: [SocketGateway]
    let state: StateEndpoint
    /// Pages beside all these; nil for none.
    let site: (any Site)?
    package let proxies: TrustedProxies
    let limit: AnswerLimit
    package let log: AccessLog
    let logger: Logger
    private let dates: DateOfSecond

    init(
        announcements: AnnouncementEndpoint, links: LinkEndpoint, calls: CallEndpoint, placed: PlacedCallEndpoint,
        reports: CallReportEndpoint, identity: IdentityEndpoint,
        media: WebSocketEndpoint, gateways: [SocketGateway],
        state: StateEndpoint, site: (any Site)? = nil, proxies: TrustedProxies, limit: AnswerLimit, log: AccessLog,
        time: CalendarTime,
        logger: Logger
    ) {
        dates = DateOfSecond(time: time)
        self.limit = limit
        self.announcements = announcements
        self.links = links
        self.calls = calls
        (self.placed, self.reports, self.identity) = (placed, reports, identity)
        self.media = media
        self.gateways = gateways
        (self.state, self.site) = (state, site)
        self.proxies = proxies
        self.log = log
        self.logger = logger
    }

    /// Answers a request; the answer's line is written into the access log by who sends it.
    package func respond(to request: Request) -> Outcome {
        let origin = proxies.origin(of: request)
        var entry = log.entry(method: Self.name(of: request.method), route: "none")
        entry.client = origin.client?.description
        do {
            return try route(request, origin, &entry)
        } catch {
            return .now(answer(to: request, error, entry))
        }
    }

    private func route(_ request: Request, _ origin: RequestOrigin, _ entry: inout AccessLog.Entry) throws -> Outcome {
        let path = request.path
        if path.hasPrefix(LinkEndpoint.prefix) {
            entry.route = LinkEndpoint.prefix
            try Self.allow([.get, .head], request)
            switch try links.respond(to: request, path.dropFirst(LinkEndpoint.prefix.count), &entry, log) {
            case .now(let response): return .now(finish(response, of: request, entry))
            case .later(let work): return later(request, entry) { _ in try await work() }
            }
        }
        if path.hasPrefix(CallEndpoint.prefix) {
            entry.route = CallEndpoint.prefix
            try Self.allow([.get, .head, .post], request)
            return later(request, entry) { [self] entry in
                try await calls.respond(to: request, path.dropFirst(CallEndpoint.prefix.count), origin, &entry)
            }
        }
        for gateway in gateways {
            guard let response = try gateway.respond(to: request, &entry) else { continue }
            return .now(finish(response, of: request, entry))
        }
        if let sealed = WebSocketEndpoint.sealed(in: request) {
            entry.route = WebSocketEndpoint.prefix
            try Self.allow([.get], request)
            return .now(finish(try media.respond(to: request, sealed, &entry), of: request, entry))
        }
        if path.hasPrefix(IdentityEndpoint.prefix) {
            entry.route = IdentityEndpoint.prefix
            try Self.allow([.post], request)
            guard state.readiness.now != .ending else { throw Problem.ending }
            return later(request, entry) { [self] entry in
                try await identity.respond(
                    to: request, path.dropFirst(IdentityEndpoint.prefix.count), origin, &entry)
            }
        }
        if path.hasPrefix(PlacedCallEndpoint.path) || path.hasPrefix(CallReportEndpoint.prefix) {
            return try routeCall(request, origin, &entry)
        }
        switch path {
        case AnnouncementEndpoint.path:
            entry.route = path
            try Self.allow([.post], request)
            guard state.readiness.now != .ending else { throw Problem.ending }
            return later(request, entry) { [self] entry in
                try await announcements.respond(to: request, origin, &entry)
            }
        case "/healthz", "/readyz", "/metrics", "/openapi.yaml":
            entry.route = path
            try Self.allow([.get, .head], request)
            return .now(finish(try state.respond(to: path), of: request, entry))
        default:
            guard let site, path == "/" || path.hasPrefix(site.prefix) else { throw Problem.noSuchRoute }
            return try show(site, to: request, &entry)
        }
    }

    private func show(_ site: any Site, to request: Request, _ entry: inout AccessLog.Entry) throws -> Outcome {
        entry.route = site.prefix
        try Self.allow([.get, .head, .post], request)
        guard request.path != "/" else {
            let response = Response(status: .seeOther, headers: [.location: site.prefix], bytes: [])
            return .now(finish(response, of: request, entry))
        }
        return later(request, entry) { [self] _ in
            let answer = await site.respond(
                to: SiteRequest(
                    request.method, request.path, query: request.query, authority: request.authority,
                    headers: request.headers, body: try request.body(atMost: AnnouncementEndpoint.longestBody)),
                of: SiteService(responder: self))
            return Response(status: answer.status, headers: answer.headers, bytes: answer.body)
        }
    }

    /// The most bytes that the body of a request may have, by its target.
    package static func longestBody(at target: String) -> Int {
        let path = target.utf8.first == UInt8(ascii: "/") ? target : Request.path(of: target)
        if path.hasPrefix(IdentityEndpoint.prefix) { return IdentityEndpoint.longestBody }
        let isGateways = path.hasPrefix(CallEndpoint.prefix) || path.hasPrefix(CallReportEndpoint.prefix)
        return isGateways ? CallEndpoint.longestBody : AnnouncementEndpoint.longestBody
    }

    /// Routes what is about calls that are placed.
    private func routeCall(
        _ request: Request, _ origin: RequestOrigin, _ entry: inout AccessLog.Entry
    ) throws -> Outcome {
        let path = request.path
        if path == PlacedCallEndpoint.path {
            entry.route = path
            try Self.allow([.post], request)
            guard state.readiness.now != .ending else { throw Problem.ending }
            return later(request, entry) { [self] entry in try await placed.place(request, origin, &entry) }
        }
        if path.hasPrefix(CallReportEndpoint.prefix) {
            entry.route = CallReportEndpoint.prefix
            try Self.allow([.get, .post], request)
            return later(request, entry) { [self] entry in
                try await reports.respond(to: request, path.dropFirst(CallReportEndpoint.prefix.count), origin, &entry)
            }
        }
        guard path.hasPrefix(PlacedCallEndpoint.prefix) else { throw Problem.noSuchRoute }
        let name = path.dropFirst(PlacedCallEndpoint.prefix.count)
        if name.hasSuffix(CallNames.events) {
            entry.route = PlacedCallEndpoint.prefix + "*" + CallNames.events
            try Self.allow([.get], request)
            let response = try placed.follow(request, name.dropLast(CallNames.events.count), origin, &entry)
            return .now(finish(response, of: request, entry))
        }
        entry.route = PlacedCallEndpoint.prefix
        try Self.allow([.get, .head, .delete], request)
        return .now(finish(try placed.respond(to: request, name, origin, &entry), of: request, entry))
    }

    /// Answers a request for which something is waited for, but not for ever.
    private func later(
        _ request: Request, _ entry: AccessLog.Entry,
        _ work: @escaping @Sendable (inout AccessLog.Entry) async throws -> Response
    ) -> Outcome {
        .later { [self] in
            let response = await limit.hold { [self] in
                var entry = entry
                do { return finish(try await work(&entry), of: request, entry) } catch {
                    return answer(to: request, error, entry)
                }
            }
            return response ?? answer(to: request, Problem.tooSlow, entry)
        }
    }

    /// Answers what is no request that could be read.
    package func refuse(_ problem: Problem, from peer: String?) -> Response {
        var entry = log.entry(method: "none", route: "none")
        entry.client = peer
        entry.problem = problem.kind
        let response = problem.response
        entry.status = response.status.code
        entry.bytes = response.contentLength ?? 0
        return response.logged(as: entry)
    }

    /// The `Date` of an answer.
    package func date() -> String { dates.now }

    private func answer(to request: Request, _ error: any Error, _ entry: AccessLog.Entry) -> Response {
        var entry = entry
        // Only what waits for too long is cancelled while somebody waits for the answer.
        let problem = error is CancellationError ? Problem.tooSlow : error as? Problem
        entry.problem = (problem ?? .failed).kind
        if let problem {
            if problem == .unknownHost {
                logger.warning(
                    "a request names no host that a link could begin with; set publicURL",
                    metadata: ["route": "\(entry.route)"])
            }
            return finish(problem.response, of: request, entry)
        }
        // Only its type: a description might have anything in it.
        logger.error("a request failed", metadata: ["error": "\(type(of: error))"])
        return finish(Problem.failed.response, of: request, entry)
    }

    /// Completes an answer, and its line for the access log.
    private func finish(_ response: Response, of request: Request, _ entry: AccessLog.Entry) -> Response {
        var (response, entry) = (response, entry)
        if request.method == .head { response.body = .none }
        entry.status = response.status.code
        if case .none = response.body {} else { entry.bytes = response.contentLength ?? 0 }
        return response.logged(as: entry)
    }

    static func allow(_ methods: [HTTPRequest.Method], _ request: Request) throws(Problem) {
        guard methods.contains(request.method) else {
            // RFC 9110, section 9.1: methods are case-sensitive. HTTP/1's parser finds these by itself.
            guard request.method.rawValue == request.method.rawValue.uppercased() else { throw .unknownMethod }
            throw Problem(
                .methodNotAllowed, "method-not-allowed",
                "this address takes \(methods.map(\.rawValue).joined(separator: " and "))", allowed: methods)
        }
    }

    /// A method that is not usual may be any text of the client's.
    private static func name(of method: HTTPRequest.Method) -> String {
        switch method {
        case .get, .head, .post, .put, .delete, .options, .patch, .trace, .connect: method.rawValue
        default: "other"
        }
    }
}

/// The date for HTTP headers, made once a second.
private final class DateOfSecond: Sendable {
    private let time: CalendarTime
    private let made = Mutex((second: 0, text: ""))

    init(time: CalendarTime) {
        self.time = time
    }

    var now: String {
        let second = time.now
        return made.withLock { made in
            if made.second != second { made = (second, HTTPDate.text(second)) }
            return made.text
        }
    }
}
