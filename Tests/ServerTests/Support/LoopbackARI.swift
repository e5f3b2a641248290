// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import SpeakCodeTesting
import Synchronization

/// An Asterisk whose REST interface is taken over HTTP, and tells of its channels over a WebSocket that others open.
final class LoopbackARI: Sendable {
    private struct State {
        var fake: FakeARI
        var socket: (any Channel)?
        var asked: [String] = []
        /// Whether the next request has no answer, though it is carried out.
        var losesAnswer = false
    }

    private let authorization: String
    private let state: Mutex<State>

    init(user: String, password: String, _ course: FakeCallCourse = .heard) {
        authorization = "Basic " + Data("\(user):\(password)".utf8).base64EncodedString()
        state = Mutex(State(fake: FakeARI(course)))
    }

    /// The method and the path of each request, in their order.
    var asked: [String] { state.withLock(\.asked) }
    var placed: [String] { state.withLock { $0.fake.placed } }
    var continued: [String] { state.withLock { $0.fake.continued } }
    var isListenedTo: Bool { state.withLock { $0.socket != nil } }

    func loseNextAnswer() { state.withLock { $0.losesAnswer = true } }

    /// Tells of the next moment of the calls in the air.
    ///
    /// - Returns: whether there was one.
    func step() -> Bool {
        guard let events = state.withLock({ $0.fake.next() }) else { return false }
        tell(events)
        return true
    }

    /// Closes the WebSocket, as an Asterisk that is started again.
    func hangUp() { state.withLock { $0.socket }?.close(promise: nil) }

    private func tell(_ events: [[UInt8]]) {
        guard let socket = state.withLock({ $0.socket }) else { return }
        for event in events {
            socket.writeAndFlush(
                WebSocketFrame(fin: true, opcode: .text, data: ByteBuffer(bytes: event)), promise: nil)
        }
    }

    /// Runs as long as the body, which is told the address of the interface.
    func run(_ body: (String) async throws -> Void) async throws {
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture {
                    let requests = Requests(self)
                    let upgrader = NIOWebSocketServerUpgrader(
                        shouldUpgrade: { [authorization] channel, head in
                            let isMeant =
                                head.uri == "/ari/events?app=speakcode"
                                && head.headers.first(name: "Authorization") == authorization
                            return channel.eventLoop.makeSucceededFuture(isMeant ? [:] : nil)
                        },
                        upgradePipelineHandler: { [self] channel, _ in
                            state.withLock { $0.socket = channel }
                            channel.closeFuture.whenComplete { [self] _ in
                                state.withLock { if $0.socket === channel { $0.socket = nil } }
                            }
                            return channel.pipeline.addHandler(Frames())
                        })
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(
                        withServerUpgrade: (
                            upgraders: [upgrader],
                            completionHandler: { $0.pipeline.syncOperations.removeHandler(requests, promise: nil) }
                        ))
                    try channel.pipeline.syncOperations.addHandler(requests)
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            try await body("http://127.0.0.1:\(server.localAddress?.port ?? 0)/ari")
        } catch {
            try? await server.close().get()
            throw error
        }
        try await server.close().get()
    }

    /// A request as its socket would bring it: its status, and what is told of it.
    ///
    /// - Returns: nil where there is no answer.
    private func take(_ head: HTTPRequestHead, _ body: [UInt8]) -> HTTPResponseStatus? {
        guard head.headers.first(name: "Authorization") == authorization else { return .unauthorized }
        let uri = String(head.uri.dropFirst("/ari/".count))
        if uri == "asterisk/info" { return .ok }
        var message: [String: Any] = ["type": "RESTRequest", "method": head.method.rawValue, "uri": uri]
        if !body.isEmpty { message["message_body"] = String(decoding: body, as: UTF8.self) }
        let bytes = Array((try? JSONSerialization.data(withJSONObject: message)) ?? Data())
        let (answers, isLost) = state.withLock { state in
            state.asked.append("\(head.method.rawValue) \(uri)")
            defer { state.losesAnswer = false }
            return (state.fake.take(bytes), state.losesAnswer)
        }
        tell(Array(answers.dropFirst()))
        let answer = answers.first.flatMap { try? JSONSerialization.jsonObject(with: Data($0)) as? [String: Any] }
        return isLost ? nil : HTTPResponseStatus(statusCode: answer?["status_code"] as? Int ?? 500)
    }

    private final class Requests: ChannelInboundHandler, RemovableChannelHandler, Sendable {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let asterisk: LoopbackARI
        private let request = Mutex<(head: HTTPRequestHead, body: [UInt8])?>(nil)

        init(_ asterisk: LoopbackARI) { self.asterisk = asterisk }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): request.withLock { $0 = (head, []) }
            case .body(let bytes): request.withLock { $0?.body += Array(bytes.readableBytesView) }
            case .end:
                guard let (head, body) = request.withLock({ $0 }), let status = asterisk.take(head, body) else {
                    return context.close(promise: nil)
                }
                let info = head.uri.hasSuffix("/info") && status == .ok ? #"{"system":{"version":"18.26.4"}}"# : ""
                let headers: HTTPHeaders = ["Content-Length": "\(info.utf8.count)"]
                context.write(
                    wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers))),
                    promise: nil)
                context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: info)))), promise: nil)
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            }
        }
    }

    /// Answers pings, and ends where the other side says so; what is not masked is no client's (RFC 6455, section 5.1).
    private final class Frames: ChannelInboundHandler, Sendable {
        typealias InboundIn = WebSocketFrame
        typealias OutboundOut = WebSocketFrame

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let frame = unwrapInboundIn(data)
            guard frame.maskKey != nil, frame.opcode != .connectionClose else { return context.close(promise: nil) }
            guard frame.opcode == .ping else { return }
            let pong = WebSocketFrame(fin: true, opcode: .pong, data: frame.unmaskedData)
            context.writeAndFlush(wrapOutboundOut(pong), promise: nil)
        }
    }
}
