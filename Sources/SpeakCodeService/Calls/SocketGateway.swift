// SPDX-License-Identifier: GPL-3.0-or-later

internal import Crypto
internal import FoundationEssentials
internal import HTTPTypes
package import SpeakCodeGateways

/// A gateway that places calls over a socket, as the operator has set it up.
package struct SocketGateway: Sendable {
    package let name: String
    package let door: SocketDialing.Door
    package let dialer: SocketDialer
    /// How it is asked, where not over its socket.
    package let exchange: (any MessageExchange)?
    let route: CallRoute

    /// Answers the handshake of a gateway that opens a WebSocket of its own; nil for a request to another path.
    ///
    /// - Throws: ``Problem``.
    func respond(to request: Request, _ entry: inout AccessLog.Entry) throws(Problem) -> Response? {
        guard case .webSocket(let path, let subprotocol, let user, let password) = door, request.path == path else {
            return nil
        }
        entry.route = path
        try ServiceResponder.allow([.get], request)
        let given = request.headers[.authorization].flatMap { Self.credential(in: $0) }
        // Digests are compared in constant time.
        guard let given, SHA256.hash(data: given) == SHA256.hash(data: Data("\(user):\(password)".utf8)) else {
            throw .gatewayCredential
        }
        let handshake = try WebSocketHandshake(request, subprotocols: [subprotocol])
        guard handshake.subprotocol != nil else { throw .gatewaySubprotocol }
        return Response(status: .switchingProtocols, headers: handshake.headers, body: .dialing(dialer))
    }

    /// The user and the password of a header (RFC 7617).
    private static func credential(in header: String) -> Data? {
        let words = header.split(separator: " ")
        guard words.count == 2, words[0].lowercased() == "basic" else { return nil }
        return Data(base64Encoded: String(words[1]))
    }
}

extension Problem {
    static let gatewayCredential = Problem(
        .unauthorized, "gateway-credential", "the gateway's user and password are not those that are set here")
    static let gatewaySubprotocol = Problem(
        .badRequest, "gateway-subprotocol", "the gateway must name the subprotocol under which it is asked for calls")
}

extension ServiceSettings {
    /// The gateways that the operator has set up to dial over a socket.
    ///
    /// - Throws: ``SettingsError``.
    func readSocketGateways(clock: some Clock<Duration>) throws(SettingsError) -> [SocketGateway] {
        var gateways: [SocketGateway] = []
        for gateway in Gateways.all {
            let found: SocketDialing?
            do throws(DialingError) {
                found = try gateway.socketDialing?.dialing(with: gatewayValues) { 0 }
            } catch {
                throw SettingsError(error.field, error.problem)
            }
            guard let dialing = found else { continue }
            guard let hearing = hearing(of: dialing, gateway) else {
                throw SettingsError("audioSocketPort", "must be set, or agiPort, for \(gateway.name) to dial")
            }
            let dialer = SocketDialer(dialing.session, clock: clock)
            let route = CallRoute(name: gateway.name, dialer: dialer, hearing: hearing, numbers: dialing.numbers) {
                order throws(DialingError) in
                // A copy that says nothing to anybody.
                var session = dialing.session
                _ = try session.dial(order)
            }
            gateways.append(
                SocketGateway(
                    name: gateway.name, door: dialing.door, dialer: dialer, exchange: dialing.exchange, route: route))
        }
        return gateways
    }

    /// Whether the service knows how often a code was read in calls through a gateway, since it is this service that reads;
    /// who fetches a document or a file does not tell.
    package func hearsReadings(through name: String) -> Bool {
        guard name != SIPAccount.route else { return true }
        guard let gateway = Gateways.all.first(where: { $0.name == name }),
            let dialing = try? gateway.socketDialing?.dialing(with: gatewayValues, now: { 0 })
        else { return false }
        return switch hearing(of: dialing, gateway) {
        case .audioSocket, .fastAGI, .webSocket, .local: true
        case .document, .audio, nil: false
        }
    }

    /// The first of what a gateway takes that this service has.
    private func hearing(of dialing: SocketDialing, _ gateway: any Gateway) -> CallRoute.Hearing? {
        for hearing in dialing.hears {
            switch hearing {
            case .document: if let document = gateway.document { return .document(document) }
            case .audioSocket: if audioSocketPort != nil { return .audioSocket }
            case .fastAGI: if agiPort != nil { return .fastAGI }
            }
        }
        return nil
    }
}
