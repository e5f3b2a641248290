// SPDX-License-Identifier: GPL-3.0-or-later

package import HTTPTypes
package import SpeakCode

/// What a request is answered with, over whichever HTTP.
package struct Response: Sendable {
    package var status: HTTPResponse.Status
    /// Without Content-Length and Date.
    package var headers: HTTPFields
    package var body: Body
    /// The bytes that GET is answered with; nil where there are none to tell of.
    package var contentLength: Int?
    /// The answer's line in the access log.
    package var entry: AccessLog.Entry?

    /// What follows the head.
    package enum Body: Sendable {
        case none
        case bytes([UInt8])
        /// Audio of a known length, slice by slice.
        case slices(Rendition.Slices)
        /// What has no end that is known: audio, or what happens to a call.
        case live(any LongAnswer)
        /// The connection is a WebSocket from here on; HTTP/1.1 alone has it.
        case webSocket(WebSocketCall)
        /// The same, of a gateway that is to be asked for calls over it.
        case dialing(SocketDialer)
    }

    /// An answer that is at hand.
    init(status: HTTPResponse.Status, headers: HTTPFields, bytes: [UInt8]) {
        self.init(status: status, headers: headers, body: .bytes(bytes), contentLength: bytes.count)
    }

    func logged(as entry: AccessLog.Entry) -> Response {
        var response = self
        response.entry = entry
        return response
    }

    init(status: HTTPResponse.Status, headers: HTTPFields, body: Body = .none, contentLength: Int? = nil) {
        self.status = status
        self.headers = headers
        self.body = body
        self.contentLength = contentLength
    }
}

/// An answer, at once or when what it waits for is there.
///
/// Most are there at once, and a task for each would take longer than they do.
package enum Outcome: Sendable {
    case now(Response)
    case later(@Sendable () async -> Response)
}

/// Takes an answer's body piece by piece, each when the one before is gone.
package typealias BodyWriter = (ArraySlice<UInt8>) async throws -> Void
