// SPDX-License-Identifier: GPL-3.0-or-later

internal import NIOCore
internal import ServiceLifecycle
internal import SpeakCodeService
internal import Synchronization

/// The connections of a service: how many there may be, and who is told when it ends.
final class OpenConnections: Sendable {
    private struct State {
        var open: [ObjectIdentifier: any Channel] = [:]
        /// How many each address has.
        var clients: Shares<NetworkAddress>
        /// When the log may be told again that somebody has too many.
        var nextComplaint = NIODeadline.distantPast
        /// Answers that are made by tasks.
        var tasks = 0
        var isEnding = false
        /// The listening socket, where it waits for a connection to close before it takes another.
        var held: (any Channel)?
        var waiter: CheckedContinuation<Void, Never>?
    }

    /// How many connections there may be.
    struct Bounds: Sendable {
        var all: Int
        /// From one address, or network of IPv6.
        var address: Int
        /// Those who have many connections for others.
        var proxies: TrustedProxies
    }

    private let most: Int
    private let proxies: TrustedProxies
    private let onRefusal: @Sendable (_ isToBeLogged: Bool) -> Void
    private let state: Mutex<State>

    /// - Parameter onRefusal: told of each connection that is closed since its address has too many, and whether the log is
    ///   to be told as well, which it is once a minute.
    init(_ bounds: Bounds, onRefusal: @escaping @Sendable (_ isToBeLogged: Bool) -> Void) {
        most = bounds.all
        proxies = bounds.proxies
        self.onRefusal = onRefusal
        state = Mutex(State(clients: Shares(most: bounds.address)))
    }

    /// Serves the connections of a listening socket until it is told to end, and goes on until the last of them is closed.
    ///
    /// - Throws: `CancellationError` where it was not waited for the last of them.
    func serve(from socket: any Channel) async throws {
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                try? await socket.closeFuture.get()
                await areGone()
            } onGracefulShutdown: {
                // The port is free for the next instance before anything else is done.
                socket.close(promise: nil)
                self.quiesce()
            }
        } onCancel: {
            socket.close(promise: nil)
            closeAll()
        }
        try Task.checkCancellation()
    }

    /// Serves the connections of a listening socket, of a service that is told to end already, until the task is cancelled.
    func serveUntilCancelled(from socket: any Channel) async {
        await withTaskCancellationHandler {
            try? await socket.closeFuture.get()
            await areGone()
        } onCancel: {
            socket.close(promise: nil)
            closeAll()
        }
    }

    /// Counts a connection until it is closed.
    ///
    /// - Returns: whether it may stay; one from an address that has too many is closed at once.
    func add(_ channel: any Channel) -> Bool {
        let address = channel.remoteAddress?.ipAddress.flatMap { NetworkAddress($0) }
        let client = address.flatMap { proxies.trusts($0) ? nil : $0.neighbourhood }
        let (isTaken, isEnding, isToBeLogged) = state.withLock { state in
            guard state.clients.take(client) else {
                let now = channel.eventLoop.now
                defer { if state.nextComplaint <= now { state.nextComplaint = now + .seconds(60) } }
                return (false, state.isEnding, state.nextComplaint <= now)
            }
            state.open[ObjectIdentifier(channel)] = channel
            return (true, state.isEnding, false)
        }
        guard isTaken else {
            onRefusal(isToBeLogged)
            channel.close(promise: nil)
            return false
        }
        channel.closeFuture.whenComplete { _ in
            self.remove { state in
                state.open[ObjectIdentifier(channel)] = nil
                state.clients.giveBack(client)
            }
        }
        if isEnding { Self.quiesce(channel) }
        return true
    }

    /// Whether there is none.
    var areNone: Bool { state.withLock(\.open.isEmpty) }

    /// Whether a listening socket may take a connection; else it is asked to read again when it may.
    func mayTakeOne(on listener: any Channel) -> Bool {
        state.withLock { state in
            guard state.open.count >= most else { return true }
            state.held = listener
            return false
        }
    }

    /// Counts a task until ``endTask()``, so that a service does not end before its log lines are written.
    func beginTask() {
        state.withLock { $0.tasks += 1 }
    }

    func endTask() {
        remove { $0.tasks -= 1 }
    }

    private func remove(_ change: (inout State) -> Void) {
        let (listener, waiter) = state.withLock { state in
            change(&state)
            let isDone = state.open.isEmpty && state.tasks == 0
            defer {
                state.held = nil
                if isDone { state.waiter = nil }
            }
            return (state.held, isDone ? state.waiter : nil)
        }
        listener?.read()
        waiter?.resume()
    }

    /// Whether each connection is to end with what it answers now.
    var isEnding: Bool { state.withLock(\.isEnding) }

    /// Lets each connection finish what it is answering.
    func quiesce() {
        let open = state.withLock { state in
            state.isEnding = true
            return state.open.values
        }
        for channel in open { Self.quiesce(channel) }
    }

    private static func quiesce(_ channel: any Channel) {
        channel.eventLoop.execute { channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
    }

    /// Closes all connections.
    func closeAll() {
        for channel in state.withLock({ $0.open.values }) {
            channel.eventLoop.execute { channel.pipeline.fireUserInboundEventTriggered(IdleClose.TimeIsOver()) }
        }
    }

    /// Waits until there is neither a connection nor a task.
    func areGone() async {
        await withCheckedContinuation { continuation in
            let isDone = state.withLock { state in
                if state.open.isEmpty, state.tasks == 0 { return true }
                state.waiter = continuation
                return false
            }
            if isDone { continuation.resume() }
        }
    }
}

/// Holds a listening socket back while there are as many connections as may be, or no files for more of them.
final class ConnectionLimit: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias OutboundIn = Never

    private let connections: OpenConnections
    private var pause: Scheduled<Void>?

    /// How long nobody is taken when the system had no file for the last who came.
    private static let rest = TimeAmount.seconds(1)

    init(_ connections: OpenConnections) {
        self.connections = connections
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if connections.add(unwrapInboundIn(data)) { context.fireChannelRead(data) }
    }

    func read(context: ChannelHandlerContext) {
        if pause == nil, connections.mayTakeOne(on: context.channel) { context.read() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if error is IOError { takeNobody(context) }
        context.fireErrorCaught(error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        pause?.cancel()
        context.fireChannelInactive()
    }

    /// Takes nobody for a while.
    ///
    /// NIO reads no sooner than a second after such an error, but goes on looking, as fast as it can: the one who waits to
    /// be taken is still there. To read by itself is what it can be told not to.
    private func takeNobody(_ context: ChannelHandlerContext) {
        guard pause == nil, let options = context.channel.syncOptions else { return }
        try? options.setOption(.autoRead, value: false)
        pause = context.eventLoop.assumeIsolated().scheduleTask(in: Self.rest) { [self] in
            pause = nil
            try? options.setOption(.autoRead, value: true)
        }
    }
}
