// SPDX-License-Identifier: GPL-3.0-or-later

internal import HTTPTypes
internal import NIOCore
internal import NIOHTTP1
internal import SpeakCodeService

/// How an answer of HTTP/1 is told from what follows it on the connection (RFC 9112, section 6).
enum HTTP1Framing {
    /// The number of bytes is known, or there can be none.
    case length
    case chunked
    /// All that follows is the body: for clients of HTTP/1.0, who know no chunks.
    case untilClosed

    /// The same for GET and HEAD, whose answer is told in the same words and has nothing behind them.
    ///
    /// - Parameter version: the request's.
    init(_ response: Response, version: HTTPVersion) {
        if response.contentLength != nil || !response.status.allowsBody {
            self = .length
        } else if version.minor == 0 {
            self = .untilClosed
        } else {
            self = .chunked
        }
    }
}

/// The head of an answer of HTTP/1, in bytes.
struct HTTP1Head {
    let response: Response
    let framing: HTTP1Framing
    /// The request's.
    let version: HTTPVersion
    let endsConnection: Bool
    let date: String
    /// Whether its first word has been sent.
    var isBegun = false

    /// The first word of every answer to a request.
    static func beginning(of version: HTTPVersion) -> StaticString {
        version.minor == 0 ? "HTTP/1.0 " : "HTTP/1.1 "
    }

    func write(to buffer: inout ByteBuffer) {
        let status = response.status
        if !isBegun { buffer.writeStaticString(Self.beginning(of: version)) }
        buffer.writeString(String(status.code))
        buffer.writeStaticString(" ")
        buffer.writeString(status.reasonPhrase)
        for field in response.headers { Self.write(field.name.rawName, field.value, to: &buffer) }
        if framing == .length, status.allowsBody, let length = response.contentLength {
            Self.write("Content-Length", String(length), to: &buffer)
        }
        Self.write("Date", date, to: &buffer)
        if framing == .chunked { Self.write("Transfer-Encoding", "chunked", to: &buffer) }
        let upgrades = response.headers[.upgrade] != nil
        if upgrades || endsConnection {
            Self.write(
                "Connection", upgrades ? endsConnection ? "Upgrade, close" : "Upgrade" : "close", to: &buffer)
        }
        buffer.writeStaticString("\r\n\r\n")
    }

    private static func write(_ name: String, _ value: String, to buffer: inout ByteBuffer) {
        buffer.writeStaticString("\r\n")
        buffer.writeString(name)
        buffer.writeStaticString(": ")
        buffer.writeString(value)
    }
}

extension HTTPResponse.Status {
    /// Whether an answer may have a body, or tell the length of one.
    fileprivate var allowsBody: Bool { code >= 200 && code != 204 && code != 304 }
}

extension HTTPRequestHead {
    /// Whether another protocol is asked for, behind which the parser reads no more requests.
    var wantsUpgrade: Bool {
        headers.contains(name: "upgrade")
            && headers[canonicalForm: "connection"].contains { $0.lowercased() == "upgrade" }
    }
}

extension Request {
    /// What HTTP/1 says of a request in its first lines.
    init(_ head: HTTPRequestHead, body: Body, peer: String?) {
        var headers = HTTPFields()
        headers.reserveCapacity(head.headers.count)
        // RFC 9110, section 7.8: of HTTP/1.0 the header Upgrade is not looked at.
        for (name, value) in head.headers where head.version.minor > 0 || name.lowercased() != "upgrade" {
            if let name = HTTPField.Name(name) { headers.append(HTTPField(name: name, value: value)) }
        }
        self.init(
            method: HTTPRequest.Method(head.method.rawValue) ?? .trace, path: Self.path(of: head.uri),
            query: Self.query(of: head.uri),
            authority: head.headers.first(name: "host"), headers: headers, body: body, peer: peer)
    }
}
