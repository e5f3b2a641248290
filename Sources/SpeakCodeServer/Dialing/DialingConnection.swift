// SPDX-License-Identifier: GPL-3.0-or-later

internal import NIOCore
internal import NIOWebSocket
internal import SpeakCodeGateways
internal import SpeakCodeService

/// A WebSocket by which a gateway is asked for calls, and tells of them: whole texts in and out, pings, the closing handshake.
///
/// The gateway has opened it, or we have (``DialingWebSocket``).
final class DialingConnection: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let dialer: SocketDialer
    /// How the gateway is asked, where it only tells over the socket.
    private let rest: RESTBeside?
    /// Whether we have opened it: what a client sends is masked (RFC 6455, section 5.1).
    private let isClient: Bool
    private var number: Int?
    private var isClosing = false

    /// The longest message; an event has a channel with its variables in it.
    static let longest = 1 << 20
    /// How often a gateway that says nothing is asked whether it is there.
    private static let interval = TimeAmount.seconds(10)
    private var alarm: RepeatedTask?
    private var hasRead = true

    /// Requests over HTTP, beside a socket.
    struct RESTBeside: Sendable {
        let exchange: any MessageExchange
        let sender: any HTTPSender
        /// How long an answer is waited for; less than the dialer waits for what becomes of an order.
        static let patience: Duration = .seconds(4)

        /// The answer to a message; nil for what is no request.
        func answer(to message: [UInt8]) async -> [UInt8]? {
            guard let request = exchange.request(message) else { return nil }
            return exchange.message(message, answeredBy: try? await sender.send(request, within: Self.patience))
        }
    }

    init(_ dialer: SocketDialer, asClient isClient: Bool = false, asking rest: RESTBeside? = nil) {
        (self.dialer, self.isClient, self.rest) = (dialer, isClient, rest)
    }

    /// Adds what a WebSocket needs to the end of a pipeline.
    static func add(to channel: any Channel, for dialer: SocketDialer) throws {
        try channel.pipeline.syncOperations.addHandlers([
            WebSocketFrameEncoder(),
            ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: longest)),
            aggregator, DialingConnection(dialer),
        ])
    }

    /// Adds what a WebSocket that we have opened needs behind its frames.
    static func add(toClient channel: any Channel, for dialer: SocketDialer, asking rest: RESTBeside) throws {
        try channel.pipeline.syncOperations.addHandlers([
            aggregator, DialingConnection(dialer, asClient: true, asking: rest),
        ])
    }

    private static var aggregator: NIOWebSocketFrameAggregator {
        NIOWebSocketFrameAggregator(
            minNonFinalFragmentSize: 0, maxAccumulatedFrameCount: 1024, maxAccumulatedFrameSize: longest)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let channel = context.channel
        let here = NIOLoopBound(Unowned(self), eventLoop: context.eventLoop)
        number = dialer.opened { bytes in
            // Later, since the dialer holds its lock: what a write brings about may come back to it.
            channel.eventLoop.execute { here.value.connection?.ask(bytes, channel, here) }
        }
        alarm = context.eventLoop.scheduleRepeatedTask(initialDelay: Self.interval, delay: Self.interval) { _ in
            here.value.connection?.probe(channel)
        }
    }

    private struct Unowned {
        weak var connection: DialingConnection?

        init(_ connection: DialingConnection) { self.connection = connection }
    }

    /// Has the gateway asked something, over the socket or beside it.
    private func ask(_ message: [UInt8], _ channel: any Channel, _ here: NIOLoopBound<Unowned>) {
        guard let rest else { return channel.writeAndFlush(frame(.text, ByteBuffer(bytes: message)), promise: nil) }
        Task {
            guard let answer = await rest.answer(to: message) else { return }
            channel.eventLoop.execute { here.value.connection?.take(answer, channel) }
        }
    }

    private func take(_ message: [UInt8], _ channel: any Channel) {
        guard let number else { return }
        do { try dialer.received(message, on: number) } catch { channel.close(promise: nil) }
    }

    private func frame(_ opcode: WebSocketOpcode, _ data: ByteBuffer) -> WebSocketFrame {
        WebSocketFrame(fin: true, opcode: opcode, maskKey: isClient ? .random() : nil, data: data)
    }

    /// Closes a socket on which nothing came since it was asked.
    private func probe(_ channel: any Channel) {
        guard hasRead else { return channel.close(promise: nil) }
        hasRead = false
        channel.writeAndFlush(frame(.ping, ByteBuffer()), promise: nil)
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
            context.writeAndFlush(wrapOutboundOut(self.frame(.pong, frame.unmaskedData)), promise: nil)
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
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(frame(.connectionClose, data))).whenComplete { _ in
            channel.close(promise: nil)
        }
    }
}
