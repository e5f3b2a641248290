// SPDX-License-Identifier: GPL-3.0-or-later

internal import HTTPTypes
internal import NIOCore
internal import NIOHTTP1
internal import SpeakCodeService

/// A connection of HTTP/1: asks the responder about one request after the other, and writes what it answers.
///
/// It stands on NIO's parser of requests and writes bytes itself. All that is at hand goes out in one call of the kernel,
/// without a task: with one for each connection and a stage for each kind of part, a fetch took more than twice as long.
final class HTTP1Connection: ChannelDuplexHandler, RemovableChannelHandler, HeadReading {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    private let responder: ServiceResponder
    private let connections: OpenConnections
    private let peer: String?
    private let received: ReceivedBytes
    private let isEncrypted: Bool
    private let deadline: AnswerDeadline

    /// The request that is received or answered.
    private var exchange: Exchange?
    /// What has come behind a request that is still being answered.
    private var waiting = CircularBuffer<HTTPServerRequestPart>()
    private var refusal: Problem?
    private var isReadHeld = false
    /// Whether the connection ends with the answer that is being made.
    private var isEnding = false
    /// Whether the client sends no more.
    private var isHeard = false
    private var isDraining = false
    private(set) var headCount = 0
    var isHeadAwaited: Bool { exchange == nil }
    /// Since when a request's head is waited for, or the rest of a request that is answered.
    private var waitingSince: NIODeadline

    /// A request and its answer.
    private struct Exchange {
        let head: HTTPRequestHead
        var body = ByteBuffer()
        /// Whether all of the request is here.
        var isWhole = false
        /// Asks the responder though the body is not here, when it was waited for long enough; and ends an answer that is
        /// taken for too long.
        var alarm: Scheduled<Void>?
        var state = State.received
        /// Whether the first word of the answer has been sent, before the rest was made.
        var isBegun = false
        /// Whether all of the answer has been taken by the kernel.
        var isSent = false
        /// The answer's line in the access log, until it is written.
        var entry: AccessLog.Entry?
        var task: Task<Void, Never>?

        enum State {
            case received
            case asked
            case sending(FrameBuffers)
            case live(isChunked: Bool)
            case answered
        }
    }

    /// The most bytes that are written at once; less than that is sent with one call where the client keeps up.
    private static let batch = 1 << 20
    private var longestBody: Int {
        let isGateways = [CallEndpoint.prefix, CallReportEndpoint.prefix].contains { prefix in
            exchange?.head.uri.hasPrefix(prefix) ?? false
        }
        return isGateways ? CallEndpoint.longestBody : AnnouncementEndpoint.longestBody
    }
    private static let limits = {
        var limits = NIOHTTPDecoderLimitConfiguration()
        (limits.maxHeaderFieldSize, limits.maxHeaderListSize, limits.maxHeaderFieldCount) = (8192, 16_384, 100)
        return limits
    }()

    private init(
        responder: ServiceResponder, connections: OpenConnections, peer: String?, received: ReceivedBytes,
        isEncrypted: Bool, deadline: AnswerDeadline, now: NIODeadline
    ) {
        self.responder = responder
        self.connections = connections
        self.peer = peer
        self.received = received
        self.isEncrypted = isEncrypted
        self.deadline = deadline
        waitingSince = now
    }

    /// Adds what HTTP/1 needs to the end of a pipeline.
    ///
    /// - Parameters:
    ///   - patience: for a request's head, from its first byte.
    ///   - deadline: of answers.
    ///   - isEncrypted: whether it runs over TLS, from which nobody shall see where a slice ends.
    static func add(
        to channel: any Channel, responder: ServiceResponder, connections: OpenConnections, patience: TimeAmount,
        deadline: AnswerDeadline, isEncrypted: Bool
    ) throws {
        let pipeline = channel.pipeline.syncOperations
        let received = ReceivedBytes()
        let connection = HTTP1Connection(
            responder: responder, connections: connections, peer: channel.remoteAddress?.ipAddress, received: received,
            isEncrypted: isEncrypted, deadline: deadline, now: channel.eventLoop.now)
        try pipeline.addHandler(HeadDeadline(patience: patience, of: connection))
        try pipeline.addHandler(received)
        try pipeline.addHandler(
            ByteToMessageHandler(
                HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes, limitConfiguration: limits)))
        try pipeline.addHandler(connection)
        // It was not here to be told while TLS was made.
        if connections.isEnding { pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
    }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        if exchange?.isWhole ?? false { waiting.append(part) } else { take(part, context) }
    }

    private func take(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        switch part {
        case .head(let head):
            // The parser ends each request before the next.
            guard exchange == nil, !isEnding else { return }
            headCount += 1
            exchange = Exchange(head: head)
            // RFC 9112, section 3.2: one Host, no more and no less.
            if head.version.minor > 0, head.headers[canonicalForm: "host"].count != 1 {
                exchange = nil
                return refuse(.noHost, context)
            }
            // RFC 9110, section 10.1.1; what is wrong with the request is told when it is there.
            if head.version == .http1_1, head.headers[canonicalForm: "expect"].contains("100-continue") {
                context.writeAndFlush(
                    wrapOutboundOut(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")), promise: nil)
            }
        case .body(var bytes):
            // What is too long is not kept, nor what nobody asks for any more.
            guard case .received? = exchange?.state else { return }
            exchange?.body.writeBuffer(&bytes)
            if exchange?.body.readableBytes ?? 0 > longestBody { ask(context) }
        case .end:
            guard exchange != nil else { return }
            exchange?.isWhole = true
            if case .received? = exchange?.state { ask(context) }
            finishIfDone(context)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if case .received? = exchange?.state { waitForBody(context) }
        context.fireChannelReadComplete()
    }

    /// Waits for the rest of a request, but for one that says that it will be too long.
    ///
    /// The responder is asked when the body is here as a whole: what it has of half a body it would take for all of it.
    private func waitForBody(_ context: ChannelHandlerContext) {
        guard let exchange, exchange.alarm == nil else { return }
        let told = exchange.head.headers.first(name: "content-length").flatMap { Int($0) }
        if let told, told > longestBody { return ask(context) }
        self.exchange?.alarm = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(Request.longestWait)) {
            [self] in
            if case .received? = self.exchange?.state { ask(context) }
        }
    }

    func read(context: ChannelHandlerContext) {
        // A client that asks faster than it reads is not listened to meanwhile.
        if waiting.isEmpty { context.read() } else { isReadHeld = true }
    }

    /// Asks the responder what to answer.
    private func ask(_ context: ChannelHandlerContext) {
        guard var exchange else { return }
        exchange.state = .asked
        exchange.alarm?.cancel()
        exchange.alarm = nil
        let isReady = exchange.isWhole || exchange.body.readableBytes > longestBody
        let body: Request.Body = isReady ? .here(Array(exchange.body.readableBytesView)) : .late
        let request = Request(exchange.head, body: body, peer: peer)
        switch responder.respond(to: request) {
        case .now(let response):
            self.exchange = exchange
            send(response, context)
        case .later(let work):
            let loop = context.eventLoop
            let here = NIOLoopBound((self, context), eventLoop: loop)
            connections.beginTask()
            context.triggerUserOutboundEvent(IdleClose.Work.begins, promise: nil)
            exchange.task = Task.onLoop(loop) { [connections] in
                let response = await work()
                loop.execute {
                    let (connection, context) = here.value
                    context.triggerUserOutboundEvent(IdleClose.Work.ends, promise: nil)
                    connection.send(response, context)
                    connections.endTask()
                }
            }
            self.exchange = exchange
            if isHeard { lookForClient(context) }
        }
    }

    /// Finds out whether a client who sends no more is gone, whose answer nobody waits for.
    ///
    /// nginx and Go take every FIN for that, and leave `printf … | nc` without an answer. The word with which any answer begins
    /// harms nobody who still reads, and is answered with a reset where nobody does. Whoever ends TLS ends both directions
    /// (RFC 5246, section 7.2.1), and waits for the other side to do so.
    private func lookForClient(_ context: ChannelHandlerContext) {
        guard case .asked? = exchange?.state, exchange?.isBegun == false, let version = exchange?.head.version else {
            return
        }
        guard !isEncrypted else { return context.close(promise: nil) }
        exchange?.isBegun = true
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(staticString: HTTP1Head.beginning(of: version))), promise: nil)
    }

    // MARK: Answers

    private func send(_ response: Response, _ context: ChannelHandlerContext) {
        guard let exchange else {
            // The client is gone.
            if var entry = response.entry {
                entry.hungUp = true
                responder.log.write(entry)
            }
            return
        }
        if case .webSocket(let call) = response.body {
            return upgrade(response, context) { try WebSocketConnection.add(to: $0, for: call) }
        }
        if case .dialing(let dialer) = response.body {
            return upgrade(response, context) { try DialingConnection.add(to: $0, for: dialer) }
        }
        let framing = HTTP1Framing(response, version: exchange.head.version)
        isEnding =
            isEnding || framing == .untilClosed || exchange.head.version.minor == 0 || !exchange.head.isKeepAlive
            || exchange.head.wantsUpgrade
        var buffer = context.channel.allocator.buffer(capacity: 512)
        HTTP1Head(
            response: response, framing: framing, version: exchange.head.version, endsConnection: isEnding,
            date: responder.date(), isBegun: exchange.isBegun
        ).write(to: &buffer)
        let number = headCount
        defer { if headCount == number { limitSending(response, context) } }
        switch response.body {
        case .slices(let rendition):
            var slices = FrameBuffers(rendition)
            if isEncrypted { slices = slices.inEvenPieces() }
            context.write(wrapOutboundOut(buffer), promise: nil)
            self.exchange?.entry = response.entry
            self.exchange?.state = .sending(slices)
            sendSlices(slices, context)
        case .live(let call):
            context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
            self.exchange?.state = .live(isChunked: framing == .chunked)
            play(call, response.entry, context)
        case .none, .bytes, .webSocket, .dialing:
            if let entry = response.entry { responder.log.write(entry) }
            if case .bytes(let bytes) = response.body { buffer.writeBytes(bytes) }
            complete(buffer, context)
        }
    }

    /// Ends an answer that its client takes for too long.
    private func limitSending(_ response: Response, _ context: ChannelHandlerContext) {
        // Nearly all answers are with the kernel by now, or their client is gone.
        guard let length = response.contentLength, exchange?.isSent == false, exchange?.alarm == nil else { return }
        exchange?.alarm = context.eventLoop.assumeIsolated().scheduleTask(in: deadline.most(for: length)) {
            Self.endNow(context)
        }
    }

    /// Closes the connection, and not behind what its client has not read.
    private static func endNow(_ context: ChannelHandlerContext) {
        context.pipeline.fireUserInboundEventTriggered(IdleClose.TimeIsOver())
    }

    /// Hands the connection over to a WebSocket.
    private func upgrade(
        _ response: Response, _ context: ChannelHandlerContext, adding: (any Channel) throws -> Void
    ) {
        guard let exchange, exchange.isWhole, !isHeard else { return context.close(promise: nil) }
        var buffer = context.channel.allocator.buffer(capacity: 512)
        HTTP1Head(
            response: response, framing: .length, version: exchange.head.version, endsConnection: false,
            date: responder.date(), isBegun: exchange.isBegun
        ).write(to: &buffer)
        if let entry = response.entry { responder.log.write(entry) }
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
        guard context.channel.isActive else { return }
        self.exchange = nil
        let pipeline = context.pipeline.syncOperations
        do {
            try adding(context.channel)
            let parser = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            pipeline.removeHandler(context: context, promise: nil)
            pipeline.removeHandler(try pipeline.handler(type: HeadDeadline.self), promise: nil)
            pipeline.removeHandler(received, promise: nil)
            // What came behind the request goes to the WebSocket.
            pipeline.removeHandler(parser, promise: nil)
        } catch {
            context.close(promise: nil)
        }
    }

    /// Writes slices as fast as the client reads them.
    private func sendSlices(_ slices: FrameBuffers, _ context: ChannelHandlerContext) {
        var slices = slices
        var bytes = 0
        while let slice = slices.next() {
            context.write(wrapOutboundOut(slice), promise: nil)
            bytes += slice.readableBytes
            guard bytes >= Self.batch else { continue }
            exchange?.state = .sending(slices)
            context.flush()
            // What is left waits for the client; a flush may also have found out that it is gone.
            guard context.channel.isWritable, exchange != nil else { return }
            bytes = 0
        }
        complete(ByteBuffer(), context)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable, case .sending(let slices)? = exchange?.state { sendSlices(slices, context) }
        context.fireChannelWritabilityChanged()
    }

    /// Writes the last bytes of an answer.
    private func complete(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        exchange?.state = .answered
        let sent = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(bytes), promise: sent)
        sent.futureResult.assumeIsolated().whenSuccess { [self] in
            if let entry = exchange?.entry { responder.log.write(entry) }
            exchange?.entry = nil
            exchange?.alarm?.cancel()
            exchange?.isSent = true
            waitingSince = context.eventLoop.now
            finishIfDone(context)
        }
    }

    /// Goes on with the next request when one is received and answered.
    private func finishIfDone(_ context: ChannelHandlerContext) {
        guard let done = exchange, done.isSent else { return }
        if isEnding { return end(context, isWhole: done.isWhole) }
        guard done.isWhole else { return }
        exchange = nil
        // What waits is taken one by one here, and not from within each other.
        guard !isDraining else { return }
        isDraining = true
        while exchange?.isWhole != true, let part = waiting.popFirst() { take(part, context) }
        isDraining = false
        guard waiting.isEmpty, exchange == nil else { return }
        if let refusal { return refuse(refusal, context) }
        if isHeard { return context.close(promise: nil) }
        if isReadHeld {
            isReadHeld = false
            context.read()
        }
    }

    /// Closes the connection behind the last answer.
    private func end(_ context: ChannelHandlerContext, isWhole: Bool) {
        // To close while the client still sends would take the answer from it (RFC 9112, section 9.6): it is read on,
        // for a while, until the client closes.
        guard !isWhole else { return context.close(promise: nil) }
        context.close(mode: .output, promise: nil)
        context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(10)) { context.close(promise: nil) }
    }

    // MARK: Endless answers

    private func play(_ call: any LongAnswer, _ entry: AccessLog.Entry?, _ context: ChannelHandlerContext) {
        let loop = context.eventLoop
        let here = NIOLoopBound((self, context), eventLoop: loop)
        connections.beginTask()
        let alarm = loop.scheduleTask(in: TimeAmount(call.latestEnd)) { Self.endNow(here.value.1) }
        let task = Task.onLoop(loop) { [connections, responder] in
            var writer = Writer(here: here, loop: loop)
            let failure = await call.send(to: &writer, logging: entry, to: responder.log)
            alarm.cancel()
            loop.execute {
                let (connection, context) = here.value
                if failure == nil { connection.endLive(context) } else { context.close(promise: nil) }
                connections.endTask()
            }
        }
        // The first write may have found out that the client is gone.
        if exchange == nil { task.cancel() } else { exchange?.task = task }
    }

    private struct Writer: BodyWriter {
        let here: NIOLoopBound<(HTTP1Connection, ChannelHandlerContext)>
        let loop: any EventLoop

        func write(_ bytes: ArraySlice<UInt8>) async throws {
            let buffer = ByteBuffer(bytes: bytes)
            try await loop.flatSubmit {
                let (connection, context) = here.value
                return connection.writeLive(buffer, context)
            }.get()
        }
    }

    private func writeLive(_ buffer: ByteBuffer, _ context: ChannelHandlerContext) -> EventLoopFuture<Void> {
        guard case .live(let isChunked)? = exchange?.state else {
            return context.eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel)
        }
        guard isChunked else { return context.writeAndFlush(wrapOutboundOut(buffer)) }
        var chunk = context.channel.allocator.buffer(capacity: buffer.readableBytes + 16)
        chunk.writeString(String(buffer.readableBytes, radix: 16) + "\r\n")
        chunk.writeImmutableBuffer(buffer)
        chunk.writeStaticString("\r\n")
        return context.writeAndFlush(wrapOutboundOut(chunk))
    }

    private func endLive(_ context: ChannelHandlerContext) {
        guard case .live(let isChunked)? = exchange?.state else { return }
        complete(isChunked ? ByteBuffer(string: "0\r\n\r\n") : ByteBuffer(), context)
    }

    // MARK: Ends

    /// Answers what is no request.
    private func refuse(_ problem: Problem, _ context: ChannelHandlerContext) {
        refusal = nil
        isEnding = true
        exchange = Exchange(head: HTTPRequestHead(version: .http1_1, method: .GET, uri: ""))
        exchange?.state = .asked
        send(responder.refuse(problem, from: peer), context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError else { return context.close(promise: nil) }
        let problem: Problem =
            switch error {
            case .headerOverflow: .longHead
            case .invalidMethod where received.haveMethod: .unknownMethod
            default: .noHTTP
            }
        switch exchange?.state {
        case nil: if !isEnding { refuse(problem, context) }
        case .received:
            exchange?.alarm?.cancel()
            exchange = nil
            refuse(problem, context)
        default:
            // The answer before it comes first.
            if exchange?.isWhole == true { refusal = problem } else { isEnding = true }
            finishIfDone(context)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent:
            isEnding = true
            if isWaiting { context.close(promise: nil) }
        case ChannelEvent.inputClosed:
            isHeard = true
            if isWaiting { context.close(promise: nil) } else { lookForClient(context) }
        case let look as IdleClose.Look:
            // A byte now and then is no reason to wait for more.
            if isWaiting, waitingSince + look.patience <= context.eventLoop.now { context.close(promise: nil) }
        default: break
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// Whether nothing is left to be sent for what the client has asked for.
    private var isWaiting: Bool { exchange?.isSent ?? true }

    func channelInactive(context: ChannelHandlerContext) {
        if var entry = exchange?.entry {
            entry.hungUp = true
            responder.log.write(entry)
        }
        exchange?.alarm?.cancel()
        exchange?.task?.cancel()
        exchange = nil
        waiting.removeAll()
        context.fireChannelInactive()
    }
}
