// SPDX-License-Identifier: GPL-3.0-or-later

import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

@testable import SpeakCodeDoctor

/// A service at a port of the loopback.
struct Server {
    let port: Int
    /// The heads of all requests, in the order in which they came.
    let log: Log

    /// Runs it as long as the body.
    static func run<Value: Sendable>(
        _ service: Service, isSecure: Bool = false, _ body: (Server) async throws -> Value
    ) async throws -> Value {
        let log = Log()
        let tls = isSecure ? try selfSigned() : nil
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
                    try channel.pipeline.syncOperations.addHandler(Connection(service: service, log: log))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            let value = try await body(Server(port: channel.localAddress?.port ?? 0, log: log))
            try await channel.close().get()
            return value
        } catch {
            try? await channel.close().get()
            throw error
        }
    }

    func url(_ service: Service, scheme: String = "http") throws -> AudioURL {
        try AudioURL("\(scheme)://127.0.0.1:\(port)\(service.target)")
    }

    /// Heads of requests, from any connection.
    final class Log: Sendable {
        private let entries = Mutex<[String]>([])
        var heads: [String] { entries.withLock { $0 } }
        func append(_ head: String) { entries.withLock { $0.append(head) } }
    }
}

/// One connection: it answers one request after another.
private final class Connection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let service: Service
    private let log: Server.Log
    private var received = ""

    init(service: Service, log: Server.Log) {
        self.service = service
        self.log = log
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received += String(buffer: unwrapInboundIn(data))
        if received.hasPrefix("\u{16}") {
            // A TLS handshake. What web servers answer:
            received = "BREW / HTTP/1.1\r\n\r\n"
        }
        while let end = received.firstRange(of: "\r\n\r\n") {
            let head = String(received[..<end.lowerBound])
            received = String(received[end.upperBound...])
            log.append(head)
            answer(Ask(head), context)
        }
    }

    private func answer(_ ask: Ask, _ context: ChannelHandlerContext) {
        let reply = service.reply(to: ask)
        if reply.isSilent { return }
        if reply.isDropped { return context.close(promise: nil) }
        let bytes = reply.bytes(hasBody: !ask.isHead && reply.status != 304)
        let isOver = ask["Connection"] == "close" || reply.cut != nil || reply.framing == .untilClose
        let closes = isOver && (!reply.isEndless || ask.isHead)
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes))).whenComplete { _ in
            if closes { bound.value.close(promise: nil) }
        }
    }
}
