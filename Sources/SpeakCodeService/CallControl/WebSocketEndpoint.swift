// SPDX-License-Identifier: GPL-3.0-or-later

internal import HTTPTypes
internal import SpeakCodeGateways
package import SpeakCodeLinks

/// What a link to WebSocket media gives: a call's audio, in the protocol that the gateway speaks.
struct WebSocketEndpoint: Sendable {
    /// What stands before the sealed text in a path.
    static let prefix = CallLinks.mediaPrefix

    let services: CallServices

    /// The sealed text of a request for media; nil for any other request.
    ///
    /// It is the rest of the path, or `link` in the query: a dialplan of Asterisk can add to the query of the address that
    /// `websocket_client.conf` has, and to nothing else of it.
    static func sealed(in request: Request) -> Substring? {
        if request.path.hasPrefix(prefix) { return request.path.dropFirst(prefix.count) }
        guard request.path == prefix.dropLast() else { return nil }
        return FormFields(query: request.query)["link"]?[...] ?? ""
    }

    /// Answers a handshake.
    ///
    /// - Throws: ``Problem``.
    func respond(
        to request: Request, _ sealed: Substring, _ entry: inout AccessLog.Entry
    ) throws(Problem) -> Response {
        do {
            let response = try answer(request, sealed, &entry)
            services.metrics.fetched("websocket", status: response.status.code)
            return response
        } catch {
            services.metrics.fetched("websocket", status: error.status.code)
            throw error
        }
    }

    private func answer(
        _ request: Request, _ sealed: Substring, _ entry: inout AccessLog.Entry
    ) throws(Problem) -> Response {
        guard let opened = services.keys.now.links.open(sealed, for: .call(.webSocket)) else { throw .noSuchLink }
        entry.route = Self.prefix + "*"
        entry.link = services.log.digest(of: sealed)
        guard opened.announcement.expires > services.time.now else { throw .expired }
        let handshake = try WebSocketHandshake(request, subprotocols: Gateways.subprotocols)
        let place = try services.calls.takePlace(link: entry.link, client: entry.client)
        let call = WebSocketCall(
            announcement: opened.announcement, link: entry.link, client: entry.client,
            subprotocol: handshake.subprotocol, place: place, services: services)
        return Response(status: .switchingProtocols, headers: handshake.headers, body: .webSocket(call))
    }
}

/// A call whose gateway has connected, and has not said yet what it is.
package struct WebSocketCall: Sendable {
    package let announcement: Announcement
    /// The digest of its link for the log.
    package let link: String?
    /// The gateway's address.
    package let client: String?
    /// The WebSocket's subprotocol.
    package let subprotocol: String?
    package let place: LiveCalls.Place
    package let services: CallServices
}
