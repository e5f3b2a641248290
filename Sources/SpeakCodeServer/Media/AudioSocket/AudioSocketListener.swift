// SPDX-License-Identifier: GPL-3.0-or-later

internal import Logging
internal import NIOCore
internal import NIOPosix
internal import ServiceLifecycle

/// Listens for Asterisk's `AudioSocket()` and `Dial(AudioSocket/…)`: each connection is a call.
struct AudioSocketListener: Service, CustomStringConvertible {
    private let socket: any Channel
    private let connections: OpenConnections
    private let services: CallServices

    /// The address alone.
    var description: String { "AudioSocketListener(\(socket.localAddress?.port ?? 0))" }

    /// Listens, so that answers can say where from the first of them on.
    ///
    /// - Throws: ``SettingsError`` where the port cannot be had.
    static func bind(
        _ settings: ServiceSettings, port: Int, ports: MediaPorts, waiting: WaitingCalls, services: CallServices,
        logger: Logger
    ) async throws(SettingsError) -> AudioSocketListener {
        let connections = OpenConnections(most: settings.connections)
        let socket: any Channel
        do {
            socket = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .serverChannelOption(.backlog, value: 1024)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .serverChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(ConnectionLimit(connections))
                    }
                }
                // A frame is sent when it is due, not with the next one.
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                // What a peer leaves unread is soon seen, and not megabytes later.
                .childChannelOption(.socketOption(.so_sndbuf), value: 32 << 10)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(
                            AudioSocketConnection(
                                waiting: waiting, services: services, client: channel.remoteAddress?.ipAddress))
                    }
                }
                .bind(host: settings.host, port: port).get()
        } catch {
            throw SettingsError("audioSocketPort", "cannot be listened on: \(error)")
        }
        let bound = socket.localAddress?.port ?? port
        ports.now.audioSocket = bound
        logger.info("listening for AudioSocket", metadata: ["address": "\(settings.host):\(bound)"])
        return AudioSocketListener(socket: socket, connections: connections, services: services)
    }

    /// Takes calls until it is told to end, and goes on until the last of them is over.
    ///
    /// - Throws: `CancellationError` where it was not waited for the last of them.
    func run() async throws {
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                try? await socket.closeFuture.get()
                await connections.areGone()
            } onGracefulShutdown: {
                services.calls.endAfterReadings()
                socket.close(promise: nil)
                connections.quiesce()
            }
        } onCancel: {
            socket.close(promise: nil)
            connections.closeAll()
        }
        try Task.checkCancellation()
    }
}
