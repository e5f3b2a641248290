// SPDX-License-Identifier: GPL-3.0-or-later

internal import CoreMetrics
internal import HTTPTypes
internal import SpeakCode
internal import SpeakCodeGateways
internal import SpeakCodeLinks

/// `/v1/reports/…`: what gateways tell of calls, of their own accord, late, twice and out of order.
///
/// The address is sealed, so any replica takes a report. On the node that has placed the call it moves the call on; on another,
/// the operator's address is told all the same.
package struct CallReportEndpoint: Sendable {
    package static let prefix = "/v1/reports/"

    let calls: PlacedCalls
    let placement: CallPlacement
    let terms: CallTerms
    let services: CallServices
    let publicURL: String?
    /// Told of what happened to a call that this node does not know.
    let forward: @Sendable (CallEvent, PlacedCalls.Snapshot) -> Void

    /// Answers a request for a path behind ``prefix``.
    ///
    /// - Throws: ``Problem``.
    func respond(
        to request: Request, _ path: Substring, _ origin: RequestOrigin, _ entry: inout AccessLog.Entry
    ) async throws -> Response {
        let names = CallNames(ring: services.keys.now.links)
        guard let ticket = names.ticket(path, for: .report), ticket.expires > services.time.now,
            let route = terms.routes[ticket.gateway], let reports = route.reports
        else { throw Problem.noSuchLink }
        entry.link = services.log.digest(of: "\(ticket.id)")
        let body = try request.body(atMost: CallEndpoint.longestBody)
        try SignedRequest.check(
            request, body, by: reports.signing, base: try publicURL ?? request.base ?? origin.base(),
            now: services.time.now)
        let report = reports.read(request.query, body)
        services.metrics.reported(through: route.name, isRead: report != nil)
        if let report {
            if let taking = calls.take(report, of: ticket.id) {
                placement.finish(taking, by: route)
            } else {
                try tell(of: report, ticket, names)
            }
        }
        return Response(status: .noContent, headers: [.cacheControl: "no-store"])
    }

    /// Tells of a call of which nothing is known here, not how many keys were pressed nor what came before.
    private func tell(of report: CallReport, _ ticket: CallTicket, _ names: CallNames) throws {
        var ticket = ticket
        ticket.use = .call
        var record = CallRecord()
        let events = record.take(report, at: services.time.now).filter(\.kind.isStatus)
        let call = PlacedCalls.Snapshot(sealed: try names.name(ticket, for: .call), ticket: ticket, record: record)
        for event in events { forward(event, call) }
    }
}

extension SignedRequest {
    /// Refuses a request that its gateway has not signed.
    ///
    /// - Parameter signing: nil where the operator has set no secret.
    static func check(
        _ request: Request, _ body: [UInt8], by signing: (any RequestSigning)?, base: String, now: Int
    ) throws(Problem) {
        guard let signing else { return }
        let signed = SignedRequest(
            method: request.method, url: base + request.path + (request.query.isEmpty ? "" : "?" + request.query),
            headers: request.headers, body: body, now: now)
        guard signing.isGenuine(signed) else {
            throw Problem(
                .forbidden, "not-signed",
                "the request has no signature of the gateway's, or publicURL is not the address that the gateway uses")
        }
    }
}
