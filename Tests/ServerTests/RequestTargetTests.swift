// SPDX-License-Identifier: GPL-3.0-or-later

import NIOCore
import NIOEmbedded
import NIOHPACK
import NIOHTTP1
import NIOHTTP2
import Testing

@testable import SpeakCodeServer

@Suite("The target of a request of HTTP/2")
struct RequestTargetTests {
    private struct Case: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let headers: HPACKHeaders
        let host: String
        var path = "/x"
    }

    private static let get: HPACKHeaders = [":method": "GET", ":scheme": "https", ":path": "/x"]
    private static let cases = [
        Case(testDescription: "is in the pseudo-header", headers: get + [":authority": "a.example"], host: "a.example"),
        Case(testDescription: "is in Host", headers: get + ["host": "b.example"], host: "b.example"),
        Case(
            testDescription: "is in the pseudo-header where both are there",
            headers: get + [":authority": "a.example", "host": "b.example"], host: "a.example"),
        Case(testDescription: "is nowhere", headers: get, host: ""),
        Case(
            testDescription: "has no path in CONNECT", headers: [":method": "CONNECT", ":authority": "a.example:443"],
            host: "a.example:443", path: "/"),
    ]

    @Test("is one host and one path, wherever the client says them", arguments: cases)
    private func target(of one: Case) throws {
        let channel = EmbeddedChannel(handlers: [RequestTarget(), HTTP2FramePayloadToHTTP1ServerCodec()])
        try channel.writeInbound(HTTP2Frame.FramePayload.headers(.init(headers: one.headers)))
        guard case .head(let head)? = try channel.readInbound(as: HTTPServerRequestPart.self) else {
            throw ChannelError.eof
        }
        #expect(head.headers["host"] == [one.host])
        #expect(head.uri == one.path)
        // Trailers are none of the next request.
        try channel.writeInbound(HTTP2Frame.FramePayload.headers(.init(headers: ["x": "y"], endStream: true)))
        guard case .end(let trailers)? = try channel.readInbound(as: HTTPServerRequestPart.self) else {
            throw ChannelError.eof
        }
        #expect(trailers == ["x": "y"])
        _ = try channel.finish()
    }
}

extension HPACKHeaders {
    fileprivate static func + (left: Self, right: Self) -> Self {
        var headers = left
        for (name, value, _) in right { headers.add(name: name, value: value) }
        return headers
    }
}
