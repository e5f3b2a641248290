// SPDX-License-Identifier: GPL-3.0-or-later

internal import Logging
internal import NIOCore
internal import NIOPosix
internal import ServiceLifecycle

/// Where Asterisk's `AGI(agi://…)` connects.
struct FastAGIListener: Service, CustomStringConvertible {
    let port: Int
    let settings: ServiceSettings
    let calls: CallServices
    let ports: MediaPorts
    let logger: Logger

    /// The address alone: service groups describe their services in log lines, and this one has keys.
    var description: String { "FastAGIListener(\(settings.host):\(port))" }

    /// Takes calls until it is told to end, and goes on until the last of them has ended.
    ///
    /// - Throws: what keeps it from listening, or `CancellationError` where it was not waited for the last of them.
    func run() async throws {
        let connections = OpenConnections(most: settings.connections)
        let terms = FastAGIConnection.Terms(
            calls: calls, ports: ports, publicURL: settings.publicURL, port: settings.port,
            usesTLS: settings.certificate != nil, patience: .seconds(settings.idleSeconds), logger: logger)
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
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(FastAGIConnection(terms))
                    }
                }
                .bind(host: settings.host, port: port).get()
        } catch {
            throw SettingsError("agiPort", "\(port) cannot be listened on: \(error)")
        }
        ports.now.fastAGI = socket.localAddress?.port
        logger.info(
            "listening for FastAGI",
            metadata: ["address": "\(settings.host)", "agiPort": "\(socket.localAddress?.port ?? 0)"])
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                try? await socket.closeFuture.get()
                await connections.areGone()
            } onGracefulShutdown: {
                // Services end one after the other, and the one that has always told calls comes behind this one.
                calls.calls.endAfterReadings()
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
