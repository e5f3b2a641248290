// SPDX-License-Identifier: GPL-3.0-or-later

internal import Crypto
internal import FoundationEssentials
internal import HTTPTypes

/// A client's opening handshake, and what it is answered with (RFC 6455, section 4.2).
struct WebSocketHandshake: Hashable, Sendable {
    /// The subprotocol that was agreed on; nil where none was offered that is spoken here.
    let subprotocol: String?
    private let accept: String

    /// Reads a request's headers.
    ///
    /// - Parameter subprotocols: those that are spoken here.
    /// - Throws: ``Problem``.
    init(_ request: Request, subprotocols: [String]) throws(Problem) {
        let headers = request.headers
        guard Self.tokens(headers[.upgrade]).contains("websocket"),
            Self.tokens(headers[.connection]).contains("upgrade")
        else { throw .needsWebSocket }
        guard headers[.secWebSocketVersion] == "13" else { throw .webSocketVersion }
        guard let key = headers[.secWebSocketKey], Data(base64Encoded: key)?.count == 16,
            headers[.transferEncoding] == nil, headers[.contentLength] ?? "0" == "0"
        else { throw .badHandshake }
        accept = Self.accept(key)
        // Names of subprotocols are compared as they are.
        let offered = (headers[.secWebSocketProtocol] ?? "").split(separator: ",").map { String($0.trimmed) }
        subprotocol = offered.first { subprotocols.contains($0) }
    }

    /// The headers of the answer, whose status is 101.
    var headers: HTTPFields {
        var headers: HTTPFields = [.upgrade: "websocket", .secWebSocketAccept: accept]
        if let subprotocol { headers[.secWebSocketProtocol] = subprotocol }
        return headers
    }

    private static func accept(_ key: String) -> String {
        // The protocol's own use of SHA-1: it proves that the server has read the key, and protects nothing.
        let digest = Insecure.SHA1.hash(data: Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))
        return Data(digest).base64EncodedString()
    }

    private static func tokens(_ value: String?) -> [String] {
        (value ?? "").split(separator: ",").map { $0.trimmed.lowercased() }
    }
}

extension Problem {
    package static let needsWebSocket = Problem(
        .upgradeRequired, "needs-websocket", "this address is a WebSocket's; connect with one, over HTTP/1.1")
    static let webSocketVersion = Problem(
        .upgradeRequired, "websocket-version", "the version of WebSocket that is spoken here is 13")
    static let badHandshake = Problem(
        .badRequest, "bad-handshake",
        "a WebSocket's handshake has a Sec-WebSocket-Key of 16 bytes in base64, and no body")
}
