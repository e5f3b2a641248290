// SPDX-License-Identifier: GPL-3.0-or-later

import NIOCore
import NIOHTTP1
import NIOPosix
import SpeakCodeTesting
import Synchronization

/// Fakes of gateways at ports of the loopback.
final class LoopbackGateway: Sendable {
    let gateway: Mutex<FakeGateway>
    let eventSocket: Mutex<FakeEventSocket>
    /// The method and the path of each request, in their order.
    let asked = Mutex<[String]>([])

    init(_ kind: FakeGateway.Kind, password: String) {
        gateway = Mutex(FakeGateway(kind))
        eventSocket = Mutex(FakeEventSocket(password: password))
    }

    /// Runs both as long as the body, which is told their ports.
    func run(_ body: (_ http: Int, _ eventSocket: Int) async throws -> Void) async throws {
        let http = try await listen { [self] channel in
            try channel.pipeline.syncOperations.configureHTTPServerPipeline()
            try channel.pipeline.syncOperations.addHandler(Requests(self))
        }
        let events = try await listen { [self] channel in
            try channel.pipeline.syncOperations.addHandler(Events(self))
        }
        do {
            try await body(http.localAddress?.port ?? 0, events.localAddress?.port ?? 0)
        } catch {
            try? await http.close().get()
            try? await events.close().get()
            throw error
        }
        try await http.close().get()
        try await events.close().get()
    }

    private func listen(_ add: @escaping @Sendable (any Channel) throws -> Void) async throws -> any Channel {
        try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try add(channel) }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    private final class Requests: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let fakes: LoopbackGateway
        private var head: HTTPRequestHead?
        private var body: [UInt8] = []

        init(_ fakes: LoopbackGateway) { self.fakes = fakes }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): (self.head, body) = (head, [])
            case .body(let bytes): body += bytes.readableBytesView
            case .end: if let head { answer(head, context) }
            }
        }

        private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
            let parts = head.uri.split(separator: "?", maxSplits: 1).map(String.init)
            fakes.asked.withLock { $0.append("\(head.method.rawValue) \(parts[0])") }
            let request = FakeGateway.Request(
                method: head.method.rawValue, path: parts[0], query: parts.count > 1 ? parts[1] : "",
                headers: Dictionary(head.headers.map { ($0.name, $0.value) }) { $1 }, body: body)
            guard let answer = fakes.gateway.withLock({ $0.take(request) }) else {
                return context.close(promise: nil)
            }
            var headers = HTTPHeaders(answer.headers.map { ($0.key, $0.value) })
            headers.add(name: "Content-Length", value: "\(answer.body.count)")
            let status = HTTPResponseStatus(statusCode: answer.status)
            context.write(
                wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers))),
                promise: nil)
            if head.method != .HEAD {
                context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: answer.body)))), promise: nil)
            }
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }

    private final class Events: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let fakes: LoopbackGateway

        init(_ fakes: LoopbackGateway) { self.fakes = fakes }

        func channelActive(context: ChannelHandlerContext) {
            let bytes = fakes.eventSocket.withLock { $0.greet() }
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let heard = Array(unwrapInboundIn(data).readableBytesView)
            let bytes = fakes.eventSocket.withLock { $0.take(heard) }
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
        }
    }
}
