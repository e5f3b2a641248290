// SPDX-License-Identifier: GPL-3.0-or-later

internal import HTTPTypes
internal import SpeakCode
internal import SpeakCodeGateways
internal import SpeakCodeLinks

/// What tells a gateway how a call goes on: GET and POST of the documents of a call's link.
///
/// A document's link carries the state of its call: where a key has changed that, the next document has another link. So
/// nothing is kept here, and any replica answers.
package struct CallEndpoint: Sendable {
    /// What stands before the sealed text in a document's path.
    package static let prefix = "/c/"

    /// The most bytes of a body; mod_httapi sends some fifty variables of its channel.
    package static let longestBody = 65_536

    let services: CallServices
    /// The base of links where the operator has set one.
    let publicURL: String?
    /// What requests for a kind of document must be signed by.
    let signatures: [CallDocument: any RequestSigning]

    /// Answers a request for a path behind ``prefix``.
    ///
    /// - Throws: ``Problem``.
    func respond(
        to request: Request, _ path: Substring, _ origin: RequestOrigin, _ entry: inout AccessLog.Entry
    ) async throws -> Response {
        let kind = path.split(separator: ".").last.flatMap { Gateways.document(named: $0) }
        let name = kind?.name ?? "unknown"
        do {
            let response = try await document(request, path, origin, &entry)
            services.metrics.asked(for: name, status: response.status.code)
            return response
        } catch let problem as Problem {
            services.metrics.asked(for: name, status: problem.status.code)
            throw problem
        }
    }

    private func document(
        _ request: Request, _ path: Substring, _ origin: RequestOrigin, _ entry: inout AccessLog.Entry
    ) async throws -> Response {
        let parts = path.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let document = Gateways.document(named: parts[1]),
            let opened = services.keys.now.links.open(parts[0], for: .call(document.carrier))
        else { throw Problem.noSuchLink }
        entry.route = Self.prefix + "*." + document.name
        entry.link = services.log.digest(of: parts[0])
        guard opened.announcement.expires > services.time.now else { throw Problem.expired }
        let body = try request.body(atMost: Self.longestBody)
        let base = try publicURL ?? request.base ?? origin.base()
        try SignedRequest.check(request, body, by: signatures[document], base: base, now: services.time.now)
        let step = try step(
            behind: document.report(query: request.query, body: body), opened.announcement,
            sealed: String(parts[0]), document, base)
        return Response(
            status: .ok,
            headers: [
                .contentType: document.contentType, .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
            ],
            bytes: try document.encoded(step))
    }

    private func step(
        behind report: GatewayReport, _ announcement: Announcement, sealed: String, _ document: CallDocument,
        _ base: String
    ) throws -> CallStep {
        var (state, link) = (announcement, sealed)
        let ring = services.keys.now.links
        switch report {
        case .over: return .hangUp
        case .noKey where announcement.call?.isGateAhead == true: return .hangUp
        case .key(let key):
            if let next = announcement.pressing(key), next != announcement {
                state = next
                link = try ring.seal(next, within: sealed)
            }
        case .noKey, .nothing: break
        }
        let audio = base + LinkEndpoint.prefix + (try ring.seal(state.heard, within: link)) + ".wav"
        let next = base + Self.prefix + link + "." + document.name
        guard state.call?.isGateAhead != true else { return .gate(audio: audio, keys: state.keys, next: next) }
        return .reading(audio: audio, keys: state.keys, next: next)
    }
}
