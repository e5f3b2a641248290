// SPDX-License-Identifier: GPL-3.0-or-later

internal import Logging
internal import NIOCore
internal import NIOPosix
internal import ServiceLifecycle
internal import SpeakCodeService
internal import Synchronization

/// A connection to a gateway over which calls are asked for, made anew whenever it is gone, with growing waits.
struct DialingClient: Service, CustomStringConvertible {
    let name: String
    let way: Way
    let dialer: SocketDialer
    let group: any EventLoopGroup
    let logger: Logger
    /// By which it waits.
    var clock: any Clock<Duration> = ContinuousClock()

    /// Where it connects, and what is spoken there.
    enum Way: Sendable {
        /// Bytes of TCP.
        case bytes(host: String, port: Int)
        case webSocket(DialingWebSocket)
    }

    /// The first wait, and the longest.
    static let waits = (first: Duration.seconds(1), longest: Duration.seconds(60))

    var description: String { "the connection to \(name)" }

    /// Connects until the service ends, and the calls that are in the air are told of to their end.
    func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await stayConnected() }
            group.addTask {
                try? await gracefulShutdown()
                await dialer.untilIdle()
            }
            await group.next()
            group.cancelAll()
        }
    }

    private func stayConnected() async {
        var wait = Self.waits.first
        while !Task.isCancelled {
            let outcome = await connection()
            guard !Task.isCancelled else { return }
            if outcome.wasIn { wait = Self.waits.first }
            logger.warning(
                "no connection to the gateway; it is tried again",
                metadata: ["gateway": "\(name)", "reason": "\(outcome.problem)", "after": "\(wait)"])
            guard (try? await clock.sleep(for: wait)) != nil else { return }
            wait = min(wait * 2, Self.waits.longest)
        }
    }

    /// Connects, and stays until the connection is gone.
    private func connection() async -> Outcome {
        let ending = Ending()
        let channel: any Channel
        do {
            channel = try await connect(ending)
        } catch {
            return Outcome(problem: "it does not answer")
        }
        return await withTaskCancellationHandler {
            try? await channel.closeFuture.get()
            return ending.outcome.withLock { $0 }
        } onCancel: {
            channel.close(promise: nil)
        }
    }

    private func connect(_ ending: Ending) async throws -> any Channel {
        let bootstrap = ClientBootstrap(group: group).connectTimeout(.seconds(5))
        switch way {
        case .webSocket(let socket): return try await socket.connect(by: bootstrap, for: dialer, ending)
        case .bytes(let host, let port):
            return try await bootstrap.channelInitializer { [dialer] channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(DialingBytes(dialer, ending))
                }
            }.connect(host: host, port: port).get()
        }
    }

    /// How a connection ended.
    struct Outcome: Sendable {
        /// Whether the gateway let us in.
        var wasIn = false
        var problem = "it closed the connection"
    }

    /// What a connection's handler leaves behind.
    final class Ending: Sendable {
        let outcome = Mutex(Outcome())
    }
}

/// The bytes of a connection over which calls are asked for.
private final class DialingBytes: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let dialer: SocketDialer
    private let ending: DialingClient.Ending
    private var number: Int?

    init(_ dialer: SocketDialer, _ ending: DialingClient.Ending) {
        (self.dialer, self.ending) = (dialer, ending)
    }

    func channelActive(context: ChannelHandlerContext) {
        let channel = context.channel
        // Later, since the dialer holds its lock: what a write brings about may come back to it.
        number = dialer.opened { bytes in
            channel.eventLoop.execute { channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil) }
        }
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let number else { return }
        do {
            try dialer.received(Array(unwrapInboundIn(data).readableBytesView), on: number)
            if dialer.isReady { ending.outcome.withLock { $0.wasIn = true } }
        } catch {
            ending.outcome.withLock { $0.problem = "\(error)" }
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if let number { dialer.closed(number) }
        number = nil
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
