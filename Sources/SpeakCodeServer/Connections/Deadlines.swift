// SPDX-License-Identifier: GPL-3.0-or-later

internal import NIOCore
internal import NIOTLS

/// Closes a connection whose TLS handshake is not made in time, however often a byte of it comes.
///
/// It stands behind TLS, and leaves when the handshake is made.
final class HandshakeDeadline: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    private let patience: TimeAmount
    private var alarm: Scheduled<Void>?

    init(patience: TimeAmount) {
        self.patience = patience
    }

    func handlerAdded(context: ChannelHandlerContext) {
        alarm = context.eventLoop.assumeIsolated().scheduleTask(in: patience) {
            context.pipeline.fireUserInboundEventTriggered(IdleClose.TimeIsOver())
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        alarm?.cancel()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        context.fireUserInboundEventTriggered(event)
        guard case TLSUserEvent.handshakeCompleted? = event as? TLSUserEvent else { return }
        alarm?.cancel()
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }
}

/// What reads requests of HTTP/1 from a connection.
protocol HeadReading: AnyObject {
    /// The heads of requests that have come.
    var headCount: Int { get }
    /// Whether the next request has not begun, or no more of it is here than a part of its head.
    var isHeadAwaited: Bool { get }
}

/// Closes a connection of HTTP/1 whose client has begun a request's head and does not end it in time.
///
/// It stands before the parser, and knows from the connection behind it whether what has come was a head.
final class HeadDeadline: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let patience: TimeAmount
    private let connection: any HeadReading
    private var alarm: Scheduled<Void>?

    init(patience: TimeAmount, of connection: any HeadReading) {
        self.patience = patience
        self.connection = connection
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // The end of a body is none of the next head.
        let (heads, wasAwaited) = (connection.headCount, connection.isHeadAwaited)
        context.fireChannelRead(data)
        guard wasAwaited, connection.headCount == heads, connection.isHeadAwaited else {
            alarm?.cancel()
            alarm = nil
            return
        }
        guard alarm == nil else { return }
        alarm = context.eventLoop.assumeIsolated().scheduleTask(in: patience) {
            context.pipeline.fireUserInboundEventTriggered(IdleClose.TimeIsOver())
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        alarm?.cancel()
    }
}

/// How long a client may take over an answer, by its length.
///
/// Without it a client who takes a little now and then would never be done.
struct AnswerDeadline: Sendable {
    /// How long a client is waited for who takes nothing.
    let idle: TimeAmount

    /// Bytes a second of the slowest line that is waited for: GSM's data calls carried 9,600 bit/s.
    private static let slowest = 1000
    /// Seconds, and more than anything takes to be heard: announcements are of at most ten minutes.
    private static let longest = 1000

    /// The longest time for so many bytes, without those of the head.
    func most(for bytes: Int) -> TimeAmount {
        idle + .seconds(Int64(min(Self.longest, bytes / Self.slowest)))
    }
}
