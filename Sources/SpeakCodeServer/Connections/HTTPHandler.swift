// SPDX-License-Identifier: GPL-3.0-or-later

internal import NIOCore
internal import NIOHTTP1
internal import SpeakCodeService

/// What all connections of a listening socket are served with.
struct HTTPTerms: Sendable {
    let responder: ServiceResponder
    let connections: OpenConnections
    /// For a request's head, from its first byte, and for a frame of HTTP/2.
    let patience: TimeAmount
    /// Of answers.
    let deadline: AnswerDeadline
}

/// Asks the responder about the requests of a connection of HTTP/1, or the one of a stream of HTTP/2, and writes its answers.
///
/// What is to be done when is decided by ``HTTPConnectionState``. All that is at hand goes out in one call of the kernel,
/// without a task: with one for each connection and a stage for each kind of part, a fetch took more than twice as long.
final class HTTPHandler: ChannelDuplexHandler, RemovableChannelHandler, HeadReading {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = Never
    typealias OutboundOut = HTTPServerResponsePart

    /// Says that the service ends.
    struct ServiceEnds {}

    private let terms: HTTPTerms
    /// The channel that has the socket.
    private let connection: any Channel
    private let peer: String?
    private let isStream: Bool
    private let isEncrypted: Bool
    private var state: HTTPConnectionState
    /// What stands before it, where it is HTTP/1, as long as it does: the handlers of it know this one.
    var http1: HTTP1Pipeline?

    /// The request that is received or answered.
    private var exchange: Exchange?
    private var isSending = false

    /// A request and its answer.
    private struct Exchange {
        let head: HTTPRequestHead
        var body = ByteBuffer()
        /// Asks the responder though the body is not here, when it was waited for long enough; and ends an answer that is
        /// taken for too long.
        var alarm: Scheduled<Void>?
        var framing = HTTPFraming.length
        /// What is left of the answer.
        var slices: FrameBuffers?
        /// The answer's line in the access log, until it is written.
        var entry: AccessLog.Entry?
        var task: Task<Void, Never>?
        /// How often bytes had come when the request was whole.
        var readCount = 0
    }

    /// The most bytes that are written at once; less than that is sent with one call where the client keeps up.
    private static let batch = 1 << 20
    /// How long a client is read that does not hear any more.
    private static let farewell = TimeAmount.seconds(10)
    private static let nothing = HTTPServerResponsePart.body(.byteBuffer(ByteBuffer()))

    /// - Parameters:
    ///   - isStream: whether the channel is a stream of HTTP/2.
    ///   - isEncrypted: whether it runs over TLS, from which nobody shall see where a slice ends.
    init(_ terms: HTTPTerms, _ channel: any Channel, isStream: Bool, isEncrypted: Bool) {
        self.terms = terms
        self.isStream = isStream
        self.isEncrypted = isEncrypted
        connection = isStream ? channel.parent ?? channel : channel
        peer = connection.remoteAddress?.ipAddress
        state = HTTPConnectionState(isStream: isStream, isEncrypted: isEncrypted, now: channel.eventLoop.now)
    }

    var headCount: Int { state.headCount }
    var isHeadAwaited: Bool { state.isHeadAwaited }

    private func perform(_ action: HTTPConnectionState.Action, _ context: ChannelHandlerContext) {
        switch action {
        case .nothing: break
        case .giveLeave:
            let leave = HTTPResponseHead(version: .http1_1, status: .continue)
            context.writeAndFlush(wrapOutboundOut(.head(leave)), promise: nil)
        case .awaitBody: awaitBody(context)
        case .ask: ask(context)
        case .refuse(let problem): refuse(problem, context)
        case .begin: begin(context)
        case .finish(let next): finish(next, context)
        case .close: context.close(promise: nil)
        case .closeOutput:
            context.close(mode: .output, promise: nil)
            context.eventLoop.assumeIsolated().scheduleTask(in: Self.farewell) { context.close(promise: nil) }
        }
    }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            let count = state.headCount
            let action = state.head(head, longestBody: ServiceResponder.longestBody(at: head.uri))
            if state.headCount != count { exchange = Exchange(head: head) }
            perform(action, context)
        case .body(var bytes):
            // What is too long is not kept, nor what nobody asks for any more.
            guard state.isReceiving else { return }
            let count = bytes.readableBytes
            exchange?.body.writeBuffer(&bytes)
            perform(state.body(count), context)
        case .end:
            exchange?.readCount = http1?.readCount ?? 0
            perform(state.end(), context)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if state.isReceiving {
            let told = exchange?.head.headers.first(name: "content-length")
            perform(state.readComplete(told: told.flatMap { Int($0) }), context)
        }
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        context.read()
        // A client that asks faster than it reads is not listened to meanwhile.
        guard isEncrypted, state.isAtWork, let http1, http1.readCount == exchange?.readCount else { return }
        http1.readOn()
    }

    private func awaitBody(_ context: ChannelHandlerContext) {
        let patience = TimeAmount(Request.longestWait)
        exchange?.alarm = context.eventLoop.assumeIsolated().scheduleTask(in: patience) { [self] in
            perform(state.bodyIsLate(), context)
        }
    }

    /// Asks the responder what to answer.
    private func ask(_ context: ChannelHandlerContext) {
        guard let head = exchange?.head, let bytes = exchange?.body.readableBytesView else { return }
        exchange?.alarm?.cancel()
        exchange?.alarm = nil
        let body: Request.Body = state.isBodyHere ? .here(Array(bytes)) : .late
        switch terms.responder.respond(to: Request(head, body: body, peer: peer)) {
        case .now(let response): send(response, context)
        case .later(let work): make(work, context)
        }
    }

    /// Makes an answer by a task, which is cancelled when nobody waits for it any more.
    private func make(_ work: @escaping @Sendable () async -> Response, _ context: ChannelHandlerContext) {
        let loop = context.eventLoop
        let here = NIOLoopBound((self, context), eventLoop: loop)
        terms.connections.beginTask()
        connection.triggerUserOutboundEvent(IdleClose.Work.begins, promise: nil)
        exchange?.task = Task.onLoop(loop) { [connections = terms.connections] in
            let response = await work()
            loop.execute {
                let (handler, context) = here.value
                handler.connection.triggerUserOutboundEvent(IdleClose.Work.ends, promise: nil)
                handler.send(response, context)
                connections.endTask()
            }
        }
        perform(state.isBeingMade(), context)
    }

    // MARK: Answers

    private func send(_ response: Response, _ context: ChannelHandlerContext) {
        guard let version = exchange?.head.version else {
            // The client is gone.
            if var entry = response.entry {
                entry.hungUp = true
                terms.responder.log.write(entry)
            }
            return
        }
        if case .webSocket(let call) = response.body {
            return upgrade(response, context) { try WebSocketConnection.add(to: $0, for: call) }
        }
        if case .dialing(let dialer) = response.body {
            return upgrade(response, context) { try DialingConnection.add(to: $0, for: dialer) }
        }
        let framing = HTTPFraming(response, version: version)
        guard let isLast = state.answer(endsConnection: framing == .untilClosed) else { return }
        self.exchange?.framing = framing
        let number = state.headCount
        let head = HTTPServerResponsePart.head(
            HTTPResponseHead(
                response, framing, version: version, endsConnection: isLast, date: terms.responder.date()))
        send(head, response, context)
        // Nearly all answers are with the kernel by now, or their client is gone.
        if state.headCount == number, state.isAnswering { limitSending(response, context) }
    }

    private func send(_ head: HTTPServerResponsePart, _ response: Response, _ context: ChannelHandlerContext) {
        switch response.body {
        case .slices(let rendition):
            context.write(wrapOutboundOut(head), promise: nil)
            exchange?.entry = response.entry
            let slices = FrameBuffers(rendition)
            exchange?.slices = isEncrypted ? slices.inEvenPieces() : slices
            sendSlices(context)
        case .live(let call):
            context.writeAndFlush(wrapOutboundOut(head), promise: nil)
            play(call, response.entry, context)
        case .bytes(let bytes):
            if let entry = response.entry { terms.responder.log.write(entry) }
            context.write(wrapOutboundOut(head), promise: nil)
            complete(bytes.isEmpty ? Self.nothing : .body(.byteBuffer(ByteBuffer(bytes: bytes))), context)
        case .none, .webSocket, .dialing:
            if let entry = response.entry { terms.responder.log.write(entry) }
            complete(head, context)
        }
    }

    /// Ends an answer that its client takes for too long.
    private func limitSending(_ response: Response, _ context: ChannelHandlerContext) {
        guard let length = response.contentLength, exchange?.alarm == nil else { return }
        let most = terms.deadline.most(for: length)
        exchange?.alarm = context.eventLoop.assumeIsolated().scheduleTask(in: most) { [self] in endNow(context) }
    }

    /// Closes the connection, or the stream, and not behind what its client has not read.
    private func endNow(_ context: ChannelHandlerContext) {
        guard !isStream else { return context.close(promise: nil) }
        context.pipeline.fireUserInboundEventTriggered(IdleClose.TimeIsOver())
    }

    /// Sends the first word of an answer before the rest of it is made.
    private func begin(_ context: ChannelHandlerContext) {
        guard let version = exchange?.head.version else { return }
        do { try http1?.begin(version, context.pipeline.syncOperations) } catch { context.close(promise: nil) }
    }

    /// Hands the connection over to a WebSocket.
    private func upgrade(
        _ response: Response, _ context: ChannelHandlerContext, adding: (any Channel) throws -> Void
    ) {
        guard let exchange, let http1, state.upgrade() else { return context.close(promise: nil) }
        self.exchange = nil
        if let entry = response.entry { terms.responder.log.write(entry) }
        let head = HTTPResponseHead(
            response, .length, version: exchange.head.version, endsConnection: false, date: terms.responder.date())
        context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
        guard context.channel.isActive else { return }
        let pipeline = context.pipeline.syncOperations
        do {
            try adding(context.channel)
            pipeline.removeHandler(context: context, promise: nil)
            http1.remove(pipeline)
        } catch {
            context.close(promise: nil)
        }
    }

    /// Writes slices as fast as the client reads them.
    private func sendSlices(_ context: ChannelHandlerContext) {
        // A flush may say from within that there is room again.
        guard !isSending, var slices = exchange?.slices else { return }
        isSending = true
        var bytes = 0
        while let slice = slices.next() {
            if isStream {
                context.write(wrapOutboundOut(.body(.byteBuffer(slice))), promise: nil)
            } else {
                http1?.write(slice)
            }
            bytes += slice.readableBytes
            guard bytes >= Self.batch else { continue }
            exchange?.slices = slices
            context.flush()
            // What is left waits for the client; a flush may also have found out that it is gone.
            guard context.channel.isWritable, state.isAnswering else {
                isSending = false
                return
            }
            bytes = 0
        }
        isSending = false
        exchange?.slices = nil
        complete(Self.nothing, context)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { sendSlices(context) }
        context.fireChannelWritabilityChanged()
    }

    /// Writes the last part of an answer.
    ///
    /// HTTP/1 is told the end when the kernel has all of it: a client that does not read is not answered again before.
    private func complete(_ part: HTTPServerResponsePart?, _ context: ChannelHandlerContext) {
        let sent = context.eventLoop.makePromise(of: Void.self)
        if isStream {
            if let part, !part.isEmptyBody { context.write(wrapOutboundOut(part), promise: nil) }
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: sent)
        } else {
            context.writeAndFlush(wrapOutboundOut(part ?? Self.nothing), promise: sent)
        }
        sent.futureResult.assumeIsolated().whenSuccess { [self] in
            if let entry = exchange?.entry { terms.responder.log.write(entry) }
            exchange?.entry = nil
            exchange?.alarm?.cancel()
            perform(state.isSent(at: context.eventLoop.now), context)
        }
    }

    /// Ends an answer of HTTP/1, of which all has been sent but the last chunk.
    private func finish(_ next: HTTPConnectionState.Next, _ context: ChannelHandlerContext) {
        let isChunked = exchange?.framing == .chunked
        let isHead = exchange?.head.method == .HEAD
        exchange = nil
        let isOutermost = state.beginFinishing()
        do {
            if isChunked, isHead { try http1?.forgetChunks(context.pipeline.syncOperations) }
        } catch { return context.close(promise: nil) }
        let end = wrapOutboundOut(.end(nil))
        if isChunked && !isHead {
            let ended = context.eventLoop.makePromise(of: Void.self)
            context.writeAndFlush(end, promise: ended)
            ended.futureResult.assumeIsolated().whenSuccess { [self] in perform(next.action, context) }
        } else {
            context.write(end, promise: nil)
            perform(next.action, context)
        }
        guard isOutermost else { return }
        while state.nextIsAsked() { ask(context) }
    }

    // MARK: Endless answers

    private func play(_ call: any LongAnswer, _ entry: AccessLog.Entry?, _ context: ChannelHandlerContext) {
        let loop = context.eventLoop
        let here = NIOLoopBound((self, context), eventLoop: loop)
        terms.connections.beginTask()
        let alarm = loop.scheduleTask(in: TimeAmount(call.latestEnd)) {
            let (handler, context) = here.value
            handler.endNow(context)
        }
        let task = Task.onLoop(loop) { [terms] in
            let write = { @Sendable (bytes: ArraySlice<UInt8>) async throws in
                let buffer = ByteBuffer(bytes: bytes)
                try await loop.flatSubmit {
                    let (handler, context) = here.value
                    return handler.writeLive(buffer, context)
                }.get()
            }
            let failure = await call.send(to: write, logging: entry, to: terms.responder.log)
            alarm.cancel()
            loop.execute {
                let (handler, context) = here.value
                if failure == nil { handler.endLive(context) } else { context.close(promise: nil) }
                terms.connections.endTask()
            }
        }
        // The first write may have found out that the client is gone.
        if exchange == nil { task.cancel() } else { exchange?.task = task }
    }

    private func writeLive(_ buffer: ByteBuffer, _ context: ChannelHandlerContext) -> EventLoopFuture<Void> {
        guard state.isAnswering else { return context.eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel) }
        let part = wrapOutboundOut(.body(.byteBuffer(buffer)))
        guard exchange?.framing == .chunked else { return context.writeAndFlush(part) }
        // A chunk is three writes, which would have a promise each.
        context.write(part, promise: nil)
        return context.writeAndFlush(wrapOutboundOut(Self.nothing))
    }

    private func endLive(_ context: ChannelHandlerContext) {
        if state.isAnswering { complete(nil, context) }
    }

    // MARK: Ends

    /// Answers what is no request.
    private func refuse(_ problem: Problem, _ context: ChannelHandlerContext) {
        exchange?.alarm?.cancel()
        exchange = Exchange(head: HTTPRequestHead(version: .http1_1, method: .GET, uri: ""))
        send(terms.responder.refuse(problem, from: peer), context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError else { return context.close(promise: nil) }
        let problem: Problem =
            switch error {
            case .headerOverflow: .longHead
            case .invalidMethod: .unknownMethod
            default: .noHTTP
            }
        perform(state.isUnreadable(problem), context)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ServiceEnds: perform(state.serviceEnds(), context)
        case ChannelEvent.inputClosed: perform(state.isInputClosed(), context)
        case let look as IdleClose.Look:
            perform(state.look(patience: look.patience, at: context.eventLoop.now), context)
        default: break
        }
        context.fireUserInboundEventTriggered(event)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        http1 = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        state.isClosed()
        if var entry = exchange?.entry {
            entry.hungUp = true
            terms.responder.log.write(entry)
        }
        exchange?.alarm?.cancel()
        exchange?.task?.cancel()
        exchange = nil
        context.fireChannelInactive()
    }
}

extension HTTPServerResponsePart {
    fileprivate var isEmptyBody: Bool {
        if case .body(let bytes) = self { bytes.readableBytes == 0 } else { false }
    }
}
