// SPDX-License-Identifier: GPL-3.0-or-later

import NIOCore

/// What is written waits here until a test takes it, as it does for a client who does not read.
final class Untaken: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    private var waiting = CircularBuffer<(left: Int, promise: EventLoopPromise<Void>?)>()

    var byteCount: Int { waiting.reduce(0) { $0 + $1.left } }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        waiting.append((unwrapOutboundIn(data).readableBytes, promise))
    }

    func flush(context: ChannelHandlerContext) {}

    /// Takes so many bytes.
    func take(_ count: Int) {
        var count = count
        while let first = waiting.first {
            guard first.left <= count else {
                waiting[waiting.startIndex].left -= count
                return
            }
            count -= first.left
            waiting.removeFirst().promise?.succeed()
        }
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        while let write = waiting.popFirst() { write.promise?.fail(ChannelError.ioOnClosedChannel) }
        context.close(mode: mode, promise: promise)
    }
}
