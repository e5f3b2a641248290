// SPDX-License-Identifier: GPL-3.0-or-later

internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
internal import NIOWebSocket
internal import SpeakCodeGateways
internal import SpeakCodeService
internal import Synchronization

/// A WebSocket that we open to a gateway, which tells of calls over it and is asked for them over HTTP.
struct DialingWebSocket: Sendable {
    let address: WebSocketAddress
    let authorization: String
    let asking: DialingConnection.RESTBeside

    /// Connects, and shakes hands.
    ///
    /// - Parameter ending: told that the gateway has let us in, or why it has not.
    func connect(
        by bootstrap: ClientBootstrap, for dialer: SocketDialer, _ ending: DialingClient.Ending
    ) async throws -> any Channel {
        let tls = address.usesTLS ? try NIOSSLContext(configuration: .makeClientConfiguration()) : nil
        let upgrader = NIOWebSocketClientUpgrader(maxFrameSize: DialingConnection.longest) { [asking] channel, _ in
            channel.eventLoop.makeCompletedFuture {
                ending.outcome.withLock { $0.wasIn = true }
                try DialingConnection.add(toClient: channel, for: dialer, asking: asking)
            }
        }
        return try await bootstrap.channelInitializer { [self] channel in
            channel.eventLoop.makeCompletedFuture {
                let operations = channel.pipeline.syncOperations
                if let tls {
                    let isName = (try? SocketAddress(ipAddress: address.host, port: address.port)) == nil
                    try operations.addHandler(
                        NIOSSLClientHandler(context: tls, serverHostname: isName ? address.host : nil))
                }
                let handshake = NIOLoopBound(Handshake(self, ending), eventLoop: channel.eventLoop)
                try operations.addHTTPClientHandlers(
                    leftOverBytesStrategy: .forwardBytes,
                    withClientUpgrade: (
                        upgraders: [upgrader],
                        completionHandler: { $0.pipeline.syncOperations.removeHandler(handshake.value, promise: nil) }
                    ))
                try operations.addHandler(handshake.value)
            }
        }.connect(host: address.host, port: address.port).get()
    }

    /// Asks for the socket, and says why there is none.
    private final class Handshake: ChannelInboundHandler, RemovableChannelHandler {
        typealias InboundIn = HTTPClientResponsePart
        typealias OutboundOut = HTTPClientRequestPart

        private let socket: DialingWebSocket
        private let ending: DialingClient.Ending

        init(_ socket: DialingWebSocket, _ ending: DialingClient.Ending) {
            (self.socket, self.ending) = (socket, ending)
        }

        func channelActive(context: ChannelHandlerContext) {
            let headers: HTTPHeaders = [
                "Host": socket.address.authority, "Authorization": socket.authorization, "Content-Length": "0",
            ]
            let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: socket.address.path, headers: headers)
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            context.fireChannelActive()
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard case .head(let head) = unwrapInboundIn(data) else { return }
            ending.outcome.withLock { $0.problem = "it answers with HTTP \(head.status.code)" }
            context.close(promise: nil)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }
    }
}
