// SPDX-License-Identifier: GPL-3.0-or-later

internal import NIOCore
internal import NIOWebSocket
internal import SpeakCodeService

/// A WebSocket that a gateway has opened to be asked for calls: whole texts in and out, pings, the closing handshake.
final class DialingConnection: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let dialer: SocketDialer
    private var number: Int?
    private var isClosing = false

    /// The longest message; an event has a channel with its variables in it.
    private static let longest = 1 << 20
    /// How often a gateway that says nothing is asked whether it is there.
    private static let interval = TimeAmount.seconds(10)
    private var alarm: RepeatedTask?
    private var hasRead = true

    init(_ dialer: SocketDialer) {
        self.dialer = dialer
    }

    /// Adds what a WebSocket needs to the end of a pipeline.
    static func add(to channel: any Channel, for dialer: SocketDialer) throws {
        try channel.pipeline.syncOperations.addHandlers([
            WebSocketFrameEncoder(),
            ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: longest)),
            NIOWebSocketFrameAggregator(
                minNonFinalFragmentSize: 0, maxAccumulatedFrameCount: 1024, maxAccumulatedFrameSize: longest),
            DialingConnection(dialer),
        ])
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let channel = context.channel
        number = dialer.opened { bytes in
            // Later, since the dialer holds its lock: what a write brings about may come back to it.
            channel.eventLoop.execute {
                let frame = WebSocketFrame(fin: true, opcode: .text, data: ByteBuffer(bytes: bytes))
                channel.writeAndFlush(frame, promise: nil)
            }
        }
        let here = NIOLoopBound(Unowned(self), eventLoop: context.eventLoop)
        alarm = context.eventLoop.scheduleRepeatedTask(initialDelay: Self.interval, delay: Self.interval) { _ in
            here.value.connection?.probe(channel)
        }
    }

    private struct Unowned {
        weak var connection: DialingConnection?

        init(_ connection: DialingConnection) { self.connection = connection }
    }

    /// Closes a socket on which nothing came since it was asked.
    private func probe(_ channel: any Channel) {
        guard hasRead else { return channel.close(promise: nil) }
        hasRead = false
        channel.writeAndFlush(WebSocketFrame(fin: true, opcode: .ping, data: ByteBuffer()), promise: nil)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        alarm?.cancel()
        if let number { dialer.closed(number) }
        number = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        hasRead = true
        let frame = unwrapInboundIn(data)
        switch frame.opcode {
        case .text:
            guard !isClosing, let number else { return }
            do { try dialer.received(Array(frame.unmaskedData.readableBytesView), on: number) } catch {
                close(.protocolError, context)
            }
        case .ping:
            guard context.channel.isWritable else { return }
            let pong = WebSocketFrame(fin: true, opcode: .pong, data: frame.unmaskedData)
            context.writeAndFlush(wrapOutboundOut(pong), promise: nil)
        case .connectionClose: close(.normalClosure, context)
        default: break
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if let number { dialer.closed(number) }
        number = nil
        context.fireChannelInactive()
    }

    /// When the service ends, calls in the air are told of to their end.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent {
            let (channel, dialer) = (context.channel, dialer)
            Task {
                await dialer.untilIdle()
                channel.close(promise: nil)
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        close(.protocolError, context)
    }

    private func close(_ code: WebSocketErrorCode, _ context: ChannelHandlerContext) {
        guard !isClosing else { return }
        isClosing = true
        var data = ByteBuffer()
        data.write(webSocketErrorCode: code)
        let frame = WebSocketFrame(fin: true, opcode: .connectionClose, data: data)
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(frame)).whenComplete { _ in channel.close(promise: nil) }
    }
}
