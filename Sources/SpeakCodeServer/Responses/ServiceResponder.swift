// SPDX-License-Identifier: GPL-3.0-or-later

internal import HTTPTypes
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import SpeakCode

/// Answers every request: finds its route, writes its line into the access log, counts it.
struct ServiceResponder: Sendable {
    let announcements: AnnouncementEndpoint
    let links: LinkEndpoint
    let state: StateEndpoint
    let proxies: TrustedProxies
    let log: AccessLog
    let logger: Logger

    /// Answers a request; the answer's body is written when it is sent.
    ///
    /// - Throws: an error of the HTTP parser only, which ends the connection.
    func respond(to request: Request, on channel: any Channel) async throws -> Response {
        let origin = proxies.origin(of: request, on: channel)
        var entry = AccessLog.Entry(method: Self.name(of: request.method), route: "none")
        entry.client = origin.client
        do {
            return try await route(request, origin, &entry)
        } catch let problem as Problem {
            return finish(problem.response, of: request, &entry)
        } catch let error as HTTPParserError {
            throw error
        } catch {
            // Only its type: a description might have anything in it.
            logger.error("a request failed", metadata: ["error": "\(type(of: error))"])
            return finish(Problem.failed.response, of: request, &entry)
        }
    }

    private func route(
        _ request: Request, _ origin: RequestOrigin, _ entry: inout AccessLog.Entry
    ) async throws -> Response {
        let path = request.uri.path
        if path.hasPrefix(LinkEndpoint.prefix) {
            entry.route = LinkEndpoint.prefix
            try Self.allow([.get, .head], request)
            return try await links.respond(to: request, path.dropFirst(LinkEndpoint.prefix.count), &entry, log)
        }
        switch path {
        case AnnouncementEndpoint.path:
            entry.route = path
            try Self.allow([.post], request)
            return finish(try await announcements.respond(to: request, origin, &entry), of: request, &entry)
        case "/healthz", "/readyz", "/metrics", "/openapi.yaml":
            entry.route = path
            try Self.allow([.get, .head], request)
            return finish(state.respond(to: path), of: request, &entry)
        default:
            throw Problem(
                .notFound, "no-such-route", "there is nothing at this address; /openapi.yaml lists what there is")
        }
    }

    /// Completes an answer whose body is at hand, and logs it.
    private func finish(_ response: Response, of request: Request, _ entry: inout AccessLog.Entry) -> Response {
        let answer = request.method == .head ? response.createHeadResponse() : response
        entry.status = answer.status.code
        entry.bytes = answer.body.contentLength ?? 0
        log.write(entry)
        return answer
    }

    private static func allow(_ methods: [HTTPRequest.Method], _ request: Request) throws(Problem) {
        guard methods.contains(request.method) else {
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
