// SPDX-License-Identifier: GPL-3.0-or-later

internal import HTTPTypes
internal import NIOHTTP1
internal import SpeakCodeService

/// How the end of an answer is told.
enum HTTPFraming {
    /// By the number of bytes, or there can be none (RFC 9112, section 6); or by HTTP/2's frames.
    case length
    case chunked
    /// All that follows is the body: for clients of HTTP/1.0, who know no chunks.
    case untilClosed

    /// The same for GET and HEAD, whose answer is told in the same words and has nothing behind them.
    ///
    /// - Parameter version: the request's.
    init(_ response: Response, version: HTTPVersion) {
        if response.contentLength != nil || !response.status.allowsBody || version.major > 1 {
            self = .length
        } else if version.minor == 0 {
            self = .untilClosed
        } else {
            self = .chunked
        }
    }
}

extension HTTPResponseHead {
    /// The head of an answer.
    ///
    /// - Parameters:
    ///   - version: the request's.
    ///   - endsConnection: whether the connection ends with the answer.
    ///   - date: of the answer.
    init(_ response: Response, _ framing: HTTPFraming, version: HTTPVersion, endsConnection: Bool, date: String) {
        let status = response.status
        var fields: [(String, String)] = []
        fields.reserveCapacity(response.headers.count + 4)
        // RFC 9113, section 8.2.2: HTTP/2 knows no Upgrade.
        for field in response.headers where version.major == 1 || field.name != .upgrade {
            fields.append((field.name.rawName, field.value))
        }
        if framing == .length, status.allowsBody, let length = response.contentLength {
            fields.append(("Content-Length", String(length)))
        }
        fields.append(("Date", date))
        if framing == .chunked { fields.append(("Transfer-Encoding", "chunked")) }
        let upgrades = version.major == 1 && response.headers[.upgrade] != nil
        if upgrades || endsConnection {
            fields.append(("Connection", upgrades ? endsConnection ? "Upgrade, close" : "Upgrade" : "close"))
        }
        // NIO has older phrases for some; of a status that is a mere number it knows one all the same, and some clients read it.
        let named = HTTPResponseStatus(statusCode: status.code)
        let phrase = status.reasonPhrase.isEmpty ? named.reasonPhrase : status.reasonPhrase
        self.init(
            version: version == .http1_0 ? .http1_0 : .http1_1,
            status: .custom(code: UInt(status.code), reasonPhrase: phrase), headers: HTTPHeaders(fields))
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
    /// What a request's head says.
    init(_ head: HTTPRequestHead, body: Body, peer: String?) {
        var headers = HTTPFields()
        headers.reserveCapacity(head.headers.count)
        // RFC 9110, section 7.8: of HTTP/1.0 the header Upgrade is not looked at; HTTP/2.0 has none.
        for (name, value) in head.headers where head.version.minor > 0 || name.lowercased() != "upgrade" {
            if let name = HTTPField.Name(name) { headers.append(HTTPField(name: name, value: value)) }
        }
        self.init(
            method: HTTPRequest.Method(head.method.rawValue) ?? .trace, path: Self.path(of: head.uri),
            query: Self.query(of: head.uri),
            authority: head.headers.first(name: "host"), headers: headers, body: body, peer: peer)
    }
}
