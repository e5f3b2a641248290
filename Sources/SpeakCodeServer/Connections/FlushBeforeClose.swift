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
