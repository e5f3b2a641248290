// SPDX-License-Identifier: GPL-3.0-or-later

package import HTTPTypes
package import SpeakCode
package import SpeakCodeGateways
internal import SpeakCodeLinks

/// Pages of a program that has the service in it, beside the service's own addresses.
package protocol Site: Sendable {
    /// What their paths begin with, such as `/demo/`; it stands for all of them in the access log.
    var prefix: String { get }

    /// Answers a request for a path that begins so.
    func respond(to request: SiteRequest, of service: SiteService) async -> SiteAnswer
}

/// A request for a page.
package struct SiteRequest: Sendable {
    package let method: HTTPRequest.Method
    /// Without the query.
    package let path: String
    package let query: String
    /// The host and port that it was sent to, as the client says.
    package let authority: String?
    package let headers: HTTPFields
    package let body: [UInt8]

    package init(
        _ method: HTTPRequest.Method, _ path: String, query: String = "", authority: String? = nil,
        headers: HTTPFields = [:], body: [UInt8] = []
    ) {
        (self.method, self.path, self.query, self.authority) = (method, path, query, authority)
        (self.headers, self.body) = (headers, body)
    }
}

/// What a request for a page is answered with.
package struct SiteAnswer: Sendable {
    package let status: HTTPResponse.Status
    package let headers: HTTPFields
    package let body: [UInt8]

    package init(_ status: HTTPResponse.Status, headers: HTTPFields = [:], body: [UInt8] = []) {
        (self.status, self.headers, self.body) = (status, headers, body)
    }
}

/// A call as a page sees it.
package struct SiteCall: Hashable, Sendable {
    /// How far a call has come.
    package enum Stage: Sendable { case queued, ringing, answered, ended }

    package let stage: Stage
    /// How it ended; nil as long as it goes on.
    package let outcome: CallOutcome?

    package init(_ stage: Stage, outcome: CallOutcome? = nil) {
        (self.stage, self.outcome) = (stage, outcome)
    }
}

/// The service, as pages in front of it may use it.
package struct SiteService: Sendable {
    let responder: ServiceResponder

    /// Asks the service as anybody does over HTTP: its own doors, with all that they check.
    ///
    /// - Parameter base: what links in the answer begin with.
    package func ask(
        _ method: HTTPRequest.Method, _ target: String, headers: HTTPFields = [:], body: [UInt8] = [], base: String
    ) async -> SiteAnswer {
        var request = Request(
            method: method, path: Request.path(of: target), query: Request.query(of: target), authority: nil,
            headers: headers, body: .here(body), peer: nil)
        request.base = base
        let response =
            switch responder.respond(to: request) {
            case .now(let made): made
            case .later(let work): await work()
            }
        let answer = Answer(response, log: responder.log)
        var bytes: [UInt8] = []
        // What has no end is not asked for.
        if answer.length != nil { try? await answer.send { bytes += $0 } }
        return SiteAnswer(response.status, headers: response.headers, body: bytes)
    }

    /// How far a call of this node has come, by the name that its request was answered with; nil for one that is not known.
    package func call(_ name: String) -> SiteCall? {
        guard let id = CallID(name), let record = responder.placed.calls[id]?.record else { return nil }
        return switch record.stage {
        case .queued: SiteCall(.queued)
        case .ringing: SiteCall(.ringing)
        case .answered: SiteCall(.answered)
        case .ended: SiteCall(.ended, outcome: record.end?.outcome)
        }
    }

    /// Takes a call back while it rings, and hangs it up later.
    package func hangUp(_ name: String) { if let id = CallID(name) { responder.placed.takeBack(id) } }

    /// Lines of a pack by their places, such as `phrases.opening`, as they are heard on the telephone.
    ///
    /// - Throws: what the pack or the voice cannot.
    package func hearing(_ places: [String], of pack: VoicePack) async throws -> Rendition {
        try await responder.announcements.announcer.hearing(places, of: pack)
    }
}
