// SPDX-License-Identifier: GPL-3.0-or-later

internal import NIOCore

/// Closes a connection when all that was written before has been sent, and not before.
///
/// NIO drops what a client has not read yet when a connection is closed: the end of an answer to a slow reader. And
/// HTTP/2 ends a connection that is told to end from within the write of its last frame, which the close overtakes.
/// Asked a second time, it closes at once.
final class FlushBeforeClose: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var isClosing = false

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard mode == .all, !isClosing, context.channel.isActive else {
            return context.close(mode: mode, promise: promise)
        }
        isClosing = true
        // Behind the write that this may be called from.
        context.eventLoop.assumeIsolated().execute { [self] in
            // Nothing, which is sent behind everything else.
            context.writeAndFlush(wrapOutboundOut(ByteBuffer())).assumeIsolated().whenComplete { _ in
                context.close(mode: mode, promise: promise)
            }
        }
    }
}

/// Keeps a service's end from a stream of HTTP/2, for which its connection waits, and tells that whether the client reads.
///
/// A stream that knew would be broken off as soon as its last bytes are written, though they wait for the client's window.
final class Unhurried: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    private let connection: HTTP2Guard
    private var isBlocked = false

    init(on connection: HTTP2Guard) {
        self.connection = connection
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        tell(isBlocked: !context.channel.isWritable, context)
        context.fireChannelWritabilityChanged()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        tell(isBlocked: false, context)
    }

    private func tell(isBlocked now: Bool, _ context: ChannelHandlerContext) {
        guard now != isBlocked else { return }
        isBlocked = now
        connection.stream(isBlocked: now, at: context.eventLoop.now)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent { return }
        context.fireUserInboundEventTriggered(event)
    }
}
