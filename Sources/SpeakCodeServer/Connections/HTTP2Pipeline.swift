// SPDX-License-Identifier: GPL-3.0-or-later

internal import NIOCore
internal import NIOHPACK
internal import NIOHTTP1
internal import NIOHTTP2

/// What stands between a connection of HTTP/2 and the ``HTTPHandler`` of each of its streams: NIO's own handlers, and what they
/// lack.
enum HTTP2Pipeline {
    /// How long is waited for a client.
    struct Patience: Sendable {
        /// For the next request, and for a client who reads too little.
        var idle: TimeAmount
        /// For streams to end when the client has been told that the connection ends.
        var grace: TimeAmount
    }

    /// Adds what HTTP/2 needs to the end of a pipeline, behind TLS.
    static func add(to channel: any Channel, _ terms: HTTPTerms, _ patience: Patience) throws {
        let pipeline = channel.pipeline.syncOperations
        let watch = HTTP2Guard(patience: .init(frame: terms.patience, idle: patience.idle))
        let ends = NIOHTTP2ServerConnectionManagementHandler(
            eventLoop: channel.eventLoop,
            configuration: .init(
                maxIdleTime: patience.idle, maxAge: nil, maxGraceTime: patience.grace, keepalive: nil))
        try pipeline.addHandler(watch)
        let here = NIOLoopBound(watch, eventLoop: channel.eventLoop)
        _ = try pipeline.configureHTTP2Pipeline(
            mode: .server, connectionConfiguration: .init(), streamConfiguration: .init(),
            streamDelegate: ends.http2StreamDelegate
        ) { stream in
            stream.eventLoop.makeCompletedFuture {
                try stream.pipeline.syncOperations.addHandlers([
                    RequestTarget(), HTTP2FramePayloadToHTTP1ServerCodec(), StreamWatch(here.value),
                    HTTPHandler(terms, stream, isStream: true, isEncrypted: true),
                ])
            }
        }
        try pipeline.addHandlers([ends, HTTP2Errors()])
        // That the connection is there was told while TLS was made.
        try pipeline.context(handlerType: NIOHTTP2Handler.self).fireChannelActive()
        if terms.connections.isEnding { pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
    }
}

/// Closes a connection of HTTP/2 in which something was wrong, of which NIO's handler has told the client.
final class HTTP2Errors: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}

/// Gives a request of HTTP/2 what NIO's codec takes for granted: the one host that it is sent to, a scheme and a path.
///
/// A client may say the host in `Host` in place of `:authority` (RFC 9113, section 8.3.1); of both the codec would take the
/// other. CONNECT has neither scheme nor path (section 8.5).
final class RequestTarget: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias InboundOut = HTTP2Frame.FramePayload

    private var isHeadAwaited = true

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard isHeadAwaited, case .headers(var frame) = unwrapInboundIn(data) else {
            return context.fireChannelRead(data)
        }
        isHeadAwaited = false
        let host = frame.headers.first(name: "host") ?? ""
        for (name, value) in [(":authority", host), (":scheme", "https"), (":path", "/")]
        where !frame.headers.contains(name: name) {
            frame.headers.add(name: name, value: value)
        }
        frame.headers.remove(name: "host")
        context.fireChannelRead(wrapInboundOut(.headers(frame)))
    }
}

/// Tells a connection of HTTP/2 whether the answer of a stream waits for its client.
final class StreamWatch: ChannelInboundHandler {
    typealias InboundIn = NIOAny

    private let connection: HTTP2Guard
    private var isBlocked = false

    init(_ connection: HTTP2Guard) {
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
}
