// SPDX-License-Identifier: GPL-3.0-or-later

/// How a gateway that places calls over a socket is reached, and what is said there.
package struct SocketDialing: Sendable {
    package let door: Door
    /// The numbers that calls may come from, the first where an order names none.
    package let numbers: [String]
    /// What an order may let be heard, the best first.
    package let hears: [Hearing]
    /// What is said, before anything was.
    package let session: any DialingSession
    /// What is said to look at the settings; nil for a gateway that is not asked over its socket.
    package var check: (any SetupConversation)?
    /// What is asked over HTTP to look at them.
    package var checks: [SetupCheck] = []
    /// What the session writes goes this way, and not over the socket; nil for all others.
    package var exchange: (any MessageExchange)?

    /// What an order lets be heard.
    package enum Hearing: Hashable, Sendable {
        /// ``CallOrder/Heard/document(_:)``, of the gateway's own kind.
        case document
        /// ``CallOrder/Heard/audioSocket(uuid:address:)``.
        case audioSocket
        /// ``CallOrder/Heard/fastAGI(_:)``.
        case fastAGI
    }

    /// Who comes to whom.
    package enum Door: Hashable, Sendable {
        /// We connect, over TCP.
        case connect(host: String, port: Int)
        /// The gateway opens a WebSocket on our port of HTTP, at this path, and names itself (RFC 7617).
        case webSocket(path: String, subprotocol: String, user: String, password: String)
        /// We open a WebSocket at this address, and name ourselves.
        case openWebSocket(WebSocketAddress, authorization: String)
    }
}

/// How a gateway is asked that tells over a socket, and takes requests over HTTP.
package protocol MessageExchange: Sendable {
    /// A message that a session writes, as a request; nil for what is none.
    func request(_ message: [UInt8]) -> GatewayRequest?
    /// The answer to a message, as the session reads it.
    ///
    /// - Parameter answer: nil where there was none.
    func message(_ asked: [UInt8], answeredBy answer: GatewayAnswer?) -> [UInt8]
}

extension SocketDialing.Door: CustomStringConvertible, CustomReflectable {
    package var description: String {
        switch self {
        case .connect(let host, let port): "\(host):\(port)"
        case .webSocket(let path, _, _, _): path
        case .openWebSocket(let address, _): address.authority + address.path
        }
    }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension DialingValues {
    /// The address of a socket, as `host:port`.
    func address(_ key: String) throws(DialingError) -> (host: String, port: Int) {
        let text = try needed(key)
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (1...65_535).contains(port)
        else { throw DialingError(key, "must be a host and a port, such as 127.0.0.1:8021") }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard !host.isEmpty, host.utf8.allSatisfy({ FormFields.isPlain($0) || $0 == UInt8(ascii: ":") }) else {
            throw DialingError(key, "must be a host and a port, such as 127.0.0.1:8021")
        }
        return (host, port)
    }

    /// A word of a switch's configuration: letters, figures, points, hyphens and underscores.
    func name(_ key: String, _ fallback: String) throws(DialingError) -> String {
        self[key] == nil ? fallback : try name(key)
    }
}
