// SPDX-License-Identifier: GPL-3.0-or-later

internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
internal import NIOWebSocket
internal import SpeakCodeService
internal import Synchronization

/// A WebSocket that we open to a gateway, which tells of calls over it and is asked for them over HTTP.
struct DialingWebSocket: Sendable {
    private let host: String
    private let port: Int
    private let usesTLS: Bool
    private let authority: String
    private let path: String
    private let authorization: String
    private let rest: DialingConnection.RESTBeside

    /// - Parameter url: such as `ws://127.0.0.1:8088/ari/events?app=speakcode`.
    /// - Returns: nil for what is none.
    init?(_ url: String, authorization: String, asking rest: DialingConnection.RESTBeside) {
        usesTLS = url.hasPrefix("wss://")
        guard usesTLS || url.hasPrefix("ws://") else { return nil }
        let place = url.drop { $0 != "/" }.dropFirst(2)
        let authority = String(place.prefix { $0 != "/" })
        let name = authority.last == "]" ? nil : authority.lastIndex(of: ":")
        let figures = name.map { authority[authority.index(after: $0)...] }
        guard let port = figures.map({ Int($0) }) ?? (usesTLS ? 443 : 80), (1...65_535).contains(port) else {
            return nil
        }
        host = authority[..<(name ?? authority.endIndex)].filter { !"[]".contains($0) }
        guard !host.isEmpty else { return nil }
        path = String(place.dropFirst(authority.count))
        (self.port, self.authority, self.authorization, self.rest) = (port, authority, authorization, rest)
    }

    /// Connects, and shakes hands.
    ///
    /// - Parameter ending: told that the gateway has let us in, or why it has not.
    func connect(
        by bootstrap: ClientBootstrap, for dialer: SocketDialer, _ ending: DialingClient.Ending
    ) async throws -> any Channel {
        let tls = usesTLS ? try NIOSSLContext(configuration: .makeClientConfiguration()) : nil
        let upgrader = NIOWebSocketClientUpgrader(maxFrameSize: DialingConnection.longest) { [rest] channel, _ in
            channel.eventLoop.makeCompletedFuture {
                ending.outcome.withLock { $0.wasIn = true }
                try DialingConnection.add(toClient: channel, for: dialer, asking: rest)
            }
        }
        return try await bootstrap.channelInitializer { [self] channel in
            channel.eventLoop.makeCompletedFuture {
                let operations = channel.pipeline.syncOperations
                if let tls {
                    let isName = (try? SocketAddress(ipAddress: host, port: port)) == nil
                    try operations.addHandler(NIOSSLClientHandler(context: tls, serverHostname: isName ? host : nil))
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
        }.connect(host: host, port: port).get()
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
                "Host": socket.authority, "Authorization": socket.authorization, "Content-Length": "0",
            ]
            let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: socket.path, headers: headers)
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
