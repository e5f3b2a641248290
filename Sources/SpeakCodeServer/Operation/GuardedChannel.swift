// SPDX-License-Identifier: GPL-3.0-or-later

internal import HummingbirdCore
internal import Logging
internal import NIOCore

/// A connection that is closed when nothing has gone over it, in either direction, for a while.
///
/// It stands before TLS and HTTP: a handshake that is never made, a client that says nothing behind it, and one that
/// reads nothing of what it is sent all end alike. Without it each would hold its connection, and a live call its
/// place, for ever; and a service that is told to end would wait for them.
struct GuardedChannel<Base: ServerChildChannel>: ServerChildChannel {
    let base: Base
    let patience: TimeAmount

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
        channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandlers([
                IdleStateHandler(allTimeout: patience), IdleConnections(),
            ])
        }.flatMap { base.setup(channel: channel, logger: logger) }
    }

    func handle(value: Base.Value, logger: Logger) async {
        // On the connection's own event loop: each change of threads costs more than an answer.
        await withTaskExecutorPreference(EventLoopExecutor(loop: value.channel.eventLoop)) {
            await base.handle(value: value, logger: logger)
        }
    }
}

/// Closes connections that are found idle.
private final class IdleConnections: ChannelInboundHandler {
    typealias InboundIn = NIOAny

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent {
            context.close(promise: nil)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }
}
