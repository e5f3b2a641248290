// SPDX-License-Identifier: GPL-3.0-or-later

internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import NIOTLS
internal import ServiceLifecycle
internal import SpeakCodeService

/// The listening socket, and what becomes of each connection: HTTP/1, or what TLS negotiates.
struct Listener {
    let settings: ServiceSettings
    let certificates: Certificates?
    let responder: ServiceResponder
    let connections: OpenConnections

    /// A listener that has its port.
    struct Bound: Service, CustomStringConvertible {
        /// The port.
        let port: Int
        fileprivate let host: String
        fileprivate let socket: any Channel
        fileprivate let connections: OpenConnections

        /// The address alone: service groups describe their services in log lines.
        var description: String { "Listener(\(host):\(port))" }

        /// Takes connections until it is told to end, and goes on until the last of them is closed.
        ///
        /// - Throws: `CancellationError` where it was not waited for the last of them.
        func run() async throws {
            try await connections.serve(from: socket)
        }
    }

    /// Listens, before anything else is done: a port that is taken is the first thing to be said.
    ///
    /// - Throws: ``ListeningError``, or what is wrong with the certificate.
    func bind() async throws -> Bound {
        try await bind(to: settings.port)
    }

    /// Listens on a port of the system's choice until the task is cancelled: while the service ends and its own port is
    /// another's, calls over FastAGI fetch their audio there.
    ///
    /// - Parameter told: told the port.
    /// - Throws: ``ListeningError``, or what is wrong with the certificate.
    func runAside(_ told: @Sendable (Int) -> Void) async throws {
        let aside = try await bind(to: 0)
        told(aside.port)
        await aside.connections.serveUntilCancelled(from: aside.socket)
    }

    private func bind(to port: Int) async throws -> Bound {
        let tls = try certificates.map { certificates in
            var configuration = certificates.configuration()
            configuration.applicationProtocols = ["h2", "http/1.1"]
            return try NIOSSLContext(configuration: configuration)
        }
        let terms = HTTPTerms(
            responder: responder, connections: connections, patience: patience, deadline: AnswerDeadline(idle: idle))
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ConnectionLimit(connections))
                }
            }
            // A client may say that it sends no more, and still listen.
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try set(up: channel, terms, tls) }
            }
        let socket: any Channel
        do {
            socket = try await bootstrap.bind(host: settings.host, port: port).get()
        } catch {
            throw ListeningError(error, host: settings.host, port: port, setting: "port")
        }
        return Bound(
            port: socket.localAddress?.port ?? port, host: settings.host, socket: socket, connections: connections)
    }

    private func set(up channel: any Channel, _ terms: HTTPTerms, _ tls: NIOSSLContext?) throws {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(IdleClose(patience: idle))
        guard let tls else {
            return try HTTP1Pipeline.add(to: channel, terms, isEncrypted: false)
        }
        try pipeline.addHandlers([
            NIOSSLServerHandler(context: tls), HandshakeDeadline(patience: patience), FlushBeforeClose(),
            ApplicationProtocolNegotiationHandler { result, channel in
                channel.eventLoop.makeCompletedFuture {
                    switch result {
                    case .negotiated("h2"):
                        let grace = TimeAmount.seconds(Int64(settings.graceSeconds))
                        try HTTP2Pipeline.add(to: channel, terms, .init(idle: idle, grace: grace))
                    default: try HTTP1Pipeline.add(to: channel, terms, isEncrypted: true)
                    }
                }
            },
        ])
    }

    /// How long a handshake, a request's head and a frame of HTTP/2 may take.
    private var patience: TimeAmount { .seconds(Int64(settings.requestSeconds)) }

    private var idle: TimeAmount { .seconds(Int64(settings.idleSeconds)) }
}
