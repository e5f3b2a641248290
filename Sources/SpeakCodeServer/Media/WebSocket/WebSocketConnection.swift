// SPDX-License-Identifier: GPL-3.0-or-later

internal import NIOCore
internal import NIOSSL
internal import NIOWebSocket
internal import SpeakCodeGateways
internal import SpeakCodeLinks
internal import SpeakCodeService

/// A call's WebSocket (RFC 6455): whole messages in and out, pings, the closing handshake.
///
/// What the messages say is a ``MediaStream``'s, which begins when the gateway has said how audio is wanted.
final class WebSocketConnection: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let call: WebSocketCall
    private var context: ChannelHandlerContext?
    private var dialect: (any MediaStreamDialect)?
    private var stream: MediaStream?
    /// Whether a close was sent.
    private var isClosing = false
    private var isOver = false
    private var isStarting = true
    private var alarm: Scheduled<Void>?
    private var began = NIODeadline.distantPast
    private var lastRead = NIODeadline.distantPast
    private var hasRead = false
    /// What receives while somebody asks for what has come; nil where the channel does.
    private var socket: CallSocket?
    /// Since when the gateway does not read.
    private var blocked: NIODeadline?

    /// The longest text message.
    private static let longestText = 64 << 10
    /// The longest message; audio of a gateway that could not send for some seconds comes at once.
    private static let longest = 256 << 10
    /// How often what came is received in a row; more than that is a flood, which the kernel holds back.
    private static let mostReads = 16
    /// How long a gateway has to say what it wants, and to close.
    private static let patience = TimeAmount.seconds(10)

    private init(_ call: WebSocketCall) {
        self.call = call
        dialect = Gateways.dialect(of: call.subprotocol)
    }

    /// Adds what a WebSocket needs to the end of a pipeline.
    static func add(to channel: any Channel, for call: WebSocketCall) throws {
        try channel.pipeline.syncOperations.addHandlers([
            WebSocketFrameEncoder(),
            ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: longest)),
            FrameRules(),
            NIOWebSocketFrameAggregator(
                minNonFinalFragmentSize: 0, maxAccumulatedFrameCount: 1024, maxAccumulatedFrameSize: longest),
            WebSocketConnection(call),
        ])
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        (began, lastRead) = (context.eventLoop.now, context.eventLoop.now)
        alarm = context.eventLoop.assumeIsolated().scheduleTask(in: Self.patience) { [weak self] in
            self?.fail(.policyViolation)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        over(.hungUp)
        alarm?.cancel()
        self.context = nil
    }

    // MARK: In

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        hasRead = true
        lastRead = context.eventLoop.now
        let frame = unwrapInboundIn(data)
        switch frame.opcode {
        case .text:
            guard !isClosing else { return }
            guard frame.length <= Self.longestText else { return fail(.messageTooLarge) }
            read(frame.unmaskedData)
        // What the person says.
        case .binary: break
        case .ping:
            // A gateway that does not read would have them pile up.
            guard isWritable else { return }
            write(.pong, frame.unmaskedData)
            flush()
        case .connectionClose: isClosed(by: frame, context)
        default: break
        }
    }

    /// Leaves what comes to the kernel until ``receive()``: a caller's sound is 50 messages a second.
    func readWhenAsked() {
        guard let context else { return }
        _ = try? context.channel.syncOptions?.setOption(.autoRead, value: false)
        // Under TLS the channel alone can read it.
        let isPlain = (try? context.pipeline.syncOperations.handler(type: NIOSSLHandler.self)) == nil
        socket = isPlain ? CallSocket(of: context.channel) : nil
    }

    /// Receives what has come.
    func receive() {
        guard let context else { return }
        guard let socket else { return context.read() }
        var count = 0
        while self.socket != nil, count < Self.mostReads, let buffer = socket.read() {
            context.pipeline.fireChannelRead(buffer)
            count += 1
            // There is no more.
            guard buffer.writableBytes == 0 else { break }
        }
        if count > 0 { context.pipeline.fireChannelReadComplete() }
    }

    /// Has the channel receive what comes.
    func readByItself() {
        socket = nil
        _ = try? context?.channel.syncOptions?.setOption(.autoRead, value: true)
    }

    private func read(_ text: ByteBuffer) {
        let text = Array(text.readableBytesView)
        if let stream { return stream.read(text) }
        guard var dialect = dialect ?? Gateways.dialect(beginning: text) else {
            return fail(.policyViolation)
        }
        let event: MediaStreamEvent?
        do { event = try dialect.read(text) } catch { return fail(.policyViolation) }
        self.dialect = dialect
        switch event {
        case .start(let format?): start(CallSession.Media(format))
        case .start(nil): fail(.unacceptableData)
        case .stop: over(.hungUp)
        default: break
        }
    }

    private func start(_ media: CallSession.Media?) {
        guard let media, let dialect, let context, let session = self.session(over: .init(name: dialect.transport))
        else {
            return fail(.unacceptableData)
        }
        alarm?.cancel()
        let stream = MediaStream(
            session, in: dialect, over: self, ticker: FrameTickers.shared.ticker(of: context.eventLoop),
            on: context.eventLoop)
        self.stream = stream
        stream.begin(media)
    }

    /// The call, once.
    private func session(over transport: CallSession.Transport) -> CallSession? {
        guard let context, isStarting else { return nil }
        isStarting = false
        return try? CallSession(
            call.announcement, over: transport, link: call.link, client: call.client, services: call.services,
            in: call.place, on: EventLoopExecutor(loop: context.eventLoop))
    }

    // MARK: Out

    /// Whether the gateway reads what it is sent.
    var isWritable: Bool { context?.channel.isWritable ?? false }

    func write(_ message: WebSocketMessage) {
        switch message {
        case .text(let bytes): write(.text, ByteBuffer(bytes: bytes))
        case .binary(let bytes): write(.binary, ByteBuffer(bytes: bytes))
        }
    }

    func flush() { context?.flush() }

    private func write(_ opcode: WebSocketOpcode, _ bytes: ByteBuffer) {
        guard let context, !isClosing else { return }
        context.write(wrapOutboundOut(WebSocketFrame(fin: true, opcode: opcode, data: bytes)), promise: nil)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { stream?.isWritableAgain() }
        context.fireChannelWritabilityChanged()
    }

    // MARK: The end

    /// Closes a call that is over on our side, or whose gateway has said so.
    func streamIsOver(_ reason: CallSession.End) {
        switch reason {
        case .shutdown: close(.goingAway)
        case .protocolError: close(.policyViolation)
        case .notSpoken: close(.unexpectedServerError)
        default: close(.normalClosure)
        }
    }

    /// Ends the call, whether it has begun or not.
    private func over(_ reason: CallSession.End) {
        guard !isOver else { return }
        isOver = true
        alarm?.cancel()
        if let stream { return stream.end(reason) }
        session(over: dialect.map { .init(name: $0.transport) } ?? .webSocket)?.end(reason)
        close(reason == .shutdown ? .goingAway : .normalClosure)
    }

    /// Ends the call since the gateway does not keep to the protocol.
    private func fail(_ code: WebSocketErrorCode) {
        close(code)
        over(.protocolError)
    }

    /// Begins the closing handshake.
    private func close(_ code: WebSocketErrorCode) {
        guard let context, !isClosing else { return }
        var bytes = ByteBuffer()
        bytes.write(webSocketErrorCode: code)
        write(.connectionClose, bytes)
        flush()
        isClosing = true
        alarm?.cancel()
        alarm = context.eventLoop.assumeIsolated().scheduleTask(in: Self.patience) { context.close(promise: nil) }
    }

    /// Ends the closing handshake.
    private func isClosed(by frame: WebSocketFrame, _ context: ChannelHandlerContext) {
        var bytes = frame.unmaskedData
        // Its code, which is sent back, and no reason.
        let code = bytes.readSlice(length: min(2, bytes.readableBytes)) ?? ByteBuffer()
        guard !isClosing else { return context.close(promise: nil) }
        isClosing = true
        over(.hungUp)
        context.writeAndFlush(wrapOutboundOut(WebSocketFrame(fin: true, opcode: .connectionClose, data: code)))
            .assumeIsolated().whenComplete { _ in context.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case NIOWebSocketError.invalidFrameLength, NIOWebSocketFrameAggregator.Error.accumulatedFrameSizeIsTooLarge:
            fail(.messageTooLarge)
        case is NIOWebSocketError, is NIOWebSocketFrameAggregator.Error, is FrameRules.Violation: fail(.protocolError)
        default: context.close(promise: nil)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        // A call ends with the reading that it is in; one that has none yet ends now.
        case is ChannelShouldQuiesceEvent: if stream == nil { over(.shutdown) }
        case is IdleClose.TimeIsOver: over(.shutdown)
        case ChannelEvent.inputClosed:
            over(.hungUp)
            context.close(promise: nil)
        case let look as IdleClose.Look: self.look(look.patience, context)
        default: break
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// Looks whether the gateway is still there, and asks it where it has said nothing.
    private func look(_ patience: TimeAmount, _ context: ChannelHandlerContext) {
        let now = context.eventLoop.now
        blocked = isWritable ? nil : blocked ?? now
        guard lastRead + patience > now, (blocked ?? now) + patience > now else {
            over(.hungUp)
            return context.close(promise: nil)
        }
        if !hasRead {
            if let probe = dialect?.probe { write(probe) } else { write(.ping, ByteBuffer()) }
            flush()
        }
        hasRead = false
        // A gateway that is there and marks nothing as heard.
        let longest = TimeAmount(call.services.longest) + patience
        if began + longest < now { over(.time) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        over(.hungUp)
        context.fireChannelInactive()
    }
}

/// Refuses what RFC 6455 forbids a client to send.
private final class FrameRules: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias InboundOut = WebSocketFrame

    struct Violation: Error {}

    private static let opcodes: [WebSocketOpcode] = [.continuation, .text, .binary, .connectionClose, .ping, .pong]

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        // No extension was agreed on, which alone could give the reserved bits and opcodes a meaning.
        guard frame.maskKey != nil, Self.opcodes.contains(frame.opcode), !frame.rsv1, !frame.rsv2, !frame.rsv3 else {
            return context.fireErrorCaught(Violation())
        }
        context.fireChannelRead(data)
    }
}
