// SPDX-License-Identifier: GPL-3.0-or-later

internal import NIOCore
internal import NIOHTTP1

/// What stands between a connection of HTTP/1 and its ``HTTPHandler``: NIO's own handlers, and what they lack.
struct HTTP1Pipeline {
    private let deadline: HeadDeadline
    private let received: ReceivedBytes
    private let parser: ByteToMessageHandler<HTTPRequestDecoder>
    private var encoder: HTTPResponseEncoder
    private let events: RequestEvents
    private let pipelining: HTTPServerPipelineHandler

    private static let limits = {
        var limits = NIOHTTPDecoderLimitConfiguration()
        (limits.maxHeaderFieldSize, limits.maxHeaderListSize, limits.maxHeaderFieldCount) = (8192, 16_384, 100)
        return limits
    }()

    /// Adds what HTTP/1 needs to the end of a pipeline.
    static func add(to channel: any Channel, _ terms: HTTPTerms, isEncrypted: Bool) throws {
        let pipeline = channel.pipeline.syncOperations
        let handler = HTTPHandler(terms, channel, isStream: false, isEncrypted: isEncrypted)
        let handlers = HTTP1Pipeline(before: handler, patience: terms.patience)
        try pipeline.addHandlers([
            handlers.deadline, handlers.received, handlers.parser, handlers.encoder, handlers.events,
            handlers.pipelining, handler,
        ])
        handler.http1 = handlers
        // It was not here to be told while TLS was made.
        if terms.connections.isEnding { pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
    }

    private init(before handler: HTTPHandler, patience: TimeAmount) {
        deadline = HeadDeadline(patience: patience, of: handler)
        received = ReceivedBytes()
        parser = ByteToMessageHandler(
            HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes, limitConfiguration: Self.limits))
        encoder = Self.makeEncoder()
        events = RequestEvents(received)
        pipelining = HTTPServerPipelineHandler()
    }

    /// An encoder that leaves the order of headers as it is.
    private static func makeEncoder() -> HTTPResponseEncoder {
        var configuration = HTTPResponseEncoder.Configuration()
        configuration.automaticallySetFramingHeaders = false
        return HTTPResponseEncoder(configuration: configuration)
    }

    /// Lets nothing stand behind a head that says chunked: the encoder would end an answer to HEAD with a chunk.
    mutating func forgetChunks(_ pipeline: ChannelPipeline.SynchronousOperations) throws {
        let fresh = Self.makeEncoder()
        try pipeline.addHandler(fresh, position: .after(encoder))
        pipeline.removeHandler(encoder, promise: nil)
        encoder = fresh
    }

    /// Sends the first word of an answer.
    func begin(_ version: HTTPVersion, _ pipeline: ChannelPipeline.SynchronousOperations) throws {
        let word: StaticString = version == .http1_0 ? "HTTP/1.0 " : "HTTP/1.1 "
        try pipeline.addHandler(BegunAnswer(word), position: .before(encoder))
    }

    /// Writes a piece of a body whose length the head has told, which is on the wire as it is.
    ///
    /// Not by way of NIO's encoder: for the dozen pieces of a short announcement that was one in twelve of a fetch's instructions.
    func write(_ piece: ByteBuffer) {
        received.write(piece)
    }

    /// How often bytes have come.
    var readCount: Int { received.count }

    /// Reads though a request is being answered, while which NIO's handler of pipelines reads nothing: whether the client is
    /// still there is seen in no other way where TLS says it.
    func readOn() {
        received.readOn()
    }

    /// Removes all of it; what came behind the request goes to who has been added.
    func remove(_ pipeline: ChannelPipeline.SynchronousOperations) {
        pipeline.removeHandler(pipelining, promise: nil)
        pipeline.removeHandler(events, promise: nil)
        pipeline.removeHandler(encoder, promise: nil)
        pipeline.removeHandler(deadline, promise: nil)
        pipeline.removeHandler(received, promise: nil)
        pipeline.removeHandler(parser, promise: nil)
    }
}

/// Tells what is to be told of requests before NIO's handler of pipelines keeps it back.
///
/// That handler ends a connection with a header of its own when the service ends, and tells errors late, when the bytes are gone
/// in which they were.
final class RequestEvents: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart

    private let received: ReceivedBytes

    init(_ received: ReceivedBytes) {
        self.received = received
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard case .invalidMethod? = error as? HTTPParserError, !received.haveMethod else {
            return context.fireErrorCaught(error)
        }
        context.fireErrorCaught(HTTPParserError.invalidConstant)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        context.fireUserInboundEventTriggered(event is ChannelShouldQuiesceEvent ? HTTPHandler.ServiceEnds() : event)
    }
}

/// Begins an answer with its first word before the rest of it is made, and leaves the word out when that comes.
final class BegunAnswer: ChannelOutboundHandler {
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    private let word: StaticString
    private var isContinued = false

    init(_ word: StaticString) {
        self.word = word
    }

    func handlerAdded(context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(.byteBuffer(ByteBuffer(staticString: word))), promise: nil)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !isContinued, case .byteBuffer(var head) = unwrapOutboundIn(data) else {
            return context.write(data, promise: promise)
        }
        isContinued = true
        head.moveReaderIndex(forwardBy: word.utf8CodeUnitCount)
        context.write(wrapOutboundOut(.byteBuffer(head)), promise: promise)
    }
}
