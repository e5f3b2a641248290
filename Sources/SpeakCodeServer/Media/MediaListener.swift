// SPDX-License-Identifier: GPL-3.0-or-later

internal import Logging
internal import NIOCore
internal import NIOPosix
internal import ServiceLifecycle

#if canImport(Glibc)
    internal import Glibc
#endif

/// Listens for calls over a protocol that has a port of its own: each connection is a call.
struct MediaListener: Service, CustomStringConvertible {
    /// A protocol with a port of its own.
    struct MediaProtocol: Sendable {
        /// Its name in log lines, and the key of its port's setting.
        let name: String
        let setting: String
        /// Bytes that the kernel keeps for a peer that does not read; nil for its own number.
        var sendBuffer: Int?
        /// How long a machine that acknowledges nothing of what it is sent is waited for; nil for the kernel's own time.
        var patienceWithHost: TimeAmount?
        /// Makes what handles a connection.
        let handler: @Sendable (any Channel) -> any ChannelHandler
    }

    /// The port that was bound.
    let port: Int
    private let name: String
    private let socket: any Channel
    private let connections: OpenConnections

    /// The port alone: service groups describe their services in log lines.
    var description: String { "MediaListener(\(name), \(port))" }

    /// Listens, so that answers can say where from the first of them on.
    ///
    /// - Throws: ``ListeningError``.
    static func bind(
        _ media: MediaProtocol, host: String, port: Int, connections: OpenConnections, logger: Logger
    ) async throws(ListeningError) -> MediaListener {
        let socket: any Channel
        do {
            var bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .serverChannelOption(.backlog, value: 1024)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .serverChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(ConnectionLimit(connections))
                    }
                }
                // What is sent is due, and waits for nothing that comes behind it.
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(media.handler(channel))
                    }
                }
            if let size = media.sendBuffer {
                bootstrap = bootstrap.childChannelOption(.socketOption(.so_sndbuf), value: size)
            }
            #if canImport(Glibc)
                if let patience = media.patienceWithHost {
                    bootstrap = bootstrap.childChannelOption(
                        .tcpOption(.init(rawValue: TCP_USER_TIMEOUT)), value: Int(patience.nanoseconds / 1_000_000))
                }
            #endif
            socket = try await bootstrap.bind(host: host, port: port).get()
        } catch {
            throw ListeningError(error, host: host, port: port, setting: media.setting)
        }
        let bound = socket.localAddress?.port ?? port
        logger.info("listening for \(media.name)", metadata: ["address": "\(host):\(bound)"])
        return MediaListener(port: bound, name: media.name, socket: socket, connections: connections)
    }

    /// Listens no more, where it has not been run.
    func close() { socket.close(promise: nil) }

    /// Takes calls until it is told to end, and goes on until the last of them is over.
    ///
    /// - Throws: `CancellationError` where it was not waited for the last of them.
    func run() async throws {
        try await connections.serve(from: socket)
    }

    /// Whether there is a call.
    var hasCalls: Bool { !connections.areNone }
}
