// SPDX-License-Identifier: GPL-3.0-or-later

internal import HTTPTypes
internal import NIOCore

/// What a request is answered with, over whichever HTTP.
struct Response: Sendable {
    var status: HTTPResponse.Status
    /// Without Content-Length and Date.
    var headers: HTTPFields
    var body: Body
    /// The bytes that GET is answered with; nil where there are none to tell of.
    var contentLength: Int?
    /// The answer's line in the access log.
    var entry: AccessLog.Entry?

    /// What follows the head.
    enum Body: Sendable {
        case none
        case bytes(ByteBuffer)
        /// Audio of a known length, slice by slice.
        case slices(FrameBuffers)
        /// Audio without an end.
        case live(LiveCall)
        /// The connection is a WebSocket from here on; HTTP/1.1 alone has it.
        case webSocket(WebSocketCall)
    }

    /// An answer that is at hand.
    init(status: HTTPResponse.Status, headers: HTTPFields, bytes: ByteBuffer) {
        self.init(status: status, headers: headers, body: .bytes(bytes), contentLength: bytes.readableBytes)
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
enum Outcome: Sendable {
    case now(Response)
    case later(@Sendable () async -> Response)
}

/// Takes an answer's body piece by piece, each when the one before is gone.
protocol BodyWriter {
    mutating func write(_ buffer: ByteBuffer) async throws
}
