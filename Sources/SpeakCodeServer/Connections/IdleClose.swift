// SPDX-License-Identifier: GPL-3.0-or-later

internal import NIOCore

/// Closes a connection over which nothing has gone, in either direction, for a while in which the client was waited for.
///
/// What the service takes to make an answer is not the client's silence: who makes one says so (``Work``).
///
/// It stands before TLS and HTTP: a handshake that is never made, a client that says nothing behind it, and one that
/// reads hardly anything of what it is sent, whatever it says meanwhile, all end alike. Without it each would hold its connection, and a live call its
/// place, for ever; and a service that is told to end would wait for them.
///
/// It looks a few times in that while, which costs a fetch nothing: a promise for each write would cost more than the write.
final class IdleClose: ChannelDuplexHandler {
    typealias InboundIn = NIOAny
    typealias OutboundIn = IOData

    /// Says to a connection that it ends now, whatever is still to be sent.
    struct TimeIsOver {}

    /// Asks those behind it whether they have waited for too long, though something has come.
    struct Look {
        let patience: TimeAmount
    }

    /// Says that the service begins to work for the client, or has made an answer; to be sent outwards.
    enum Work {
        case begins, ends
    }

    /// The fewest bytes that a client takes in the time that it is waited for, where some are left for it.
    static let leastRead = 1024

    private let patience: TimeAmount
    /// How many answers are being made.
    private var works = 0
    private var written = 0
    /// The bytes that the kernel had taken when something last went.
    private var sent = 0
    private var hasRead = false
    private var quiet = TimeAmount.zero
    private var look: Scheduled<Void>?

    /// How often it looks in the time that it waits.
    private static let looks: Int64 = 8

    init(patience: TimeAmount) {
        self.patience = patience
    }

    func handlerAdded(context: ChannelHandlerContext) {
        schedule(context)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        look?.cancel()
    }

    private func schedule(_ context: ChannelHandlerContext) {
        let interval = TimeAmount.nanoseconds(patience.nanoseconds / Self.looks)
        look = context.eventLoop.assumeIsolated().scheduleTask(in: interval) { [self] in
            let pending = (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
            let taken = written - pending
            let hasGone =
                works > 0 || (pending > 0 ? taken - sent >= Self.leastRead : hasRead || taken != sent)
            quiet = hasGone ? .zero : quiet + interval
            if hasGone { sent = taken }
            hasRead = false
            guard quiet < patience else { return context.close(promise: nil) }
            schedule(context)
            context.fireUserInboundEventTriggered(Look(patience: patience))
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        hasRead = true
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        written += unwrapOutboundIn(data).readableBytes
        context.write(data, promise: promise)
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard let work = event as? Work else { return context.triggerUserOutboundEvent(event, promise: promise) }
        works += work == .begins ? 1 : -1
        // From here on the client is waited for.
        if works == 0 { quiet = .zero }
        promise?.succeed()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // Those behind it may want to know why they end.
        context.fireUserInboundEventTriggered(event)
        if event is TimeIsOver { context.close(promise: nil) }
    }
}
