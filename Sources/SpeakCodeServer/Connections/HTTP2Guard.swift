// SPDX-License-Identifier: GPL-3.0-or-later

internal import NIOCore

/// Ends a connection of HTTP/2 whose client takes too long over a frame or a request, floods it with frames that bring
/// nothing, or keeps it open for nothing.
///
/// It stands before NIO's own handler, which bounds what comes too often of PING, SETTINGS and RST_STREAM, and neither
/// WINDOW_UPDATE and unknown frames nor the time that anything takes. A byte now and then, or a PING, is no reason to wait.
final class HTTP2Guard: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    /// How long is waited.
    struct Patience: Sendable {
        /// For the preface, for a frame, for a block of headers; twice as long for a request with its body.
        var frame: TimeAmount
        /// For the next request, and for a client who reads too little of what it has asked for.
        var idle: TimeAmount
    }

    /// More streams than may ever be open at a time; NIO takes 100.
    private static let mostStreams = 1000
    private static let looks: Int64 = 4

    private let patience: Patience
    private var inbound = HTTP2FrameScanner(ofClient: true)
    private var outbound = HTTP2FrameScanner(ofClient: false)
    private var budget = FrameBudget()
    /// Since when something has begun that is not whole.
    private var began: NIODeadline?
    private var streams: [UInt32: Stream] = [:]
    private var lastStream: UInt32 = 0
    /// Since when there is no stream.
    private var emptySince = NIODeadline.distantFuture
    /// How many streams' answers wait for their client.
    private var blocked = 0
    private var alarm: Scheduled<Void>?
    private var isOver = false

    private struct Stream {
        let began: NIODeadline
        var isAsked = false
        var isAnswered = false
        /// Since when its answer has been waited for, and how many bytes of it were taken from then on.
        var taken: (since: NIODeadline, bytes: Int)?
    }

    init(patience: Patience) {
        self.patience = patience
    }

    func handlerAdded(context: ChannelHandlerContext) {
        (began, emptySince) = (context.eventLoop.now, context.eventLoop.now)
        schedule(context)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        alarm?.cancel()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // Who sends no more can say no more what it takes: it is gone.
        if case ChannelEvent.inputClosed? = event as? ChannelEvent { return end(context) }
        context.fireUserInboundEventTriggered(event)
    }

    // MARK: Frames

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let now = context.eventLoop.now
        var isBearable = true
        let hasEnded = inbound.take(unwrapInboundIn(data)) { frame in
            isBearable = isBearable && take(frame, at: now)
        }
        began = inbound.isWithin ? hasEnded ? now : began ?? now : nil
        guard isBearable else { return end(context) }
        context.fireChannelRead(data)
    }

    /// Takes a client's frame; false where it is one too many.
    private func take(_ frame: HTTP2FrameScanner.Frame, at now: NIODeadline) -> Bool {
        switch frame.type {
        case HTTP2FrameScanner.Frame.headers where frame.stream > lastStream:
            lastStream = frame.stream
            streams[frame.stream] = Stream(began: now)
            guard streams.count <= Self.mostStreams else { return false }
        case HTTP2FrameScanner.Frame.reset: close(frame.stream, at: now)
        default: break
        }
        if frame.endsStream, streams[frame.stream] != nil {
            streams[frame.stream]?.isAsked = true
            closeIfDone(frame.stream, at: now)
        }
        return !FrameBudget.isCharged(frame) || budget.spend(at: now)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let now = context.eventLoop.now
        if case .byteBuffer(let bytes) = unwrapOutboundIn(data) {
            budget.earn(bytes.readableBytes)
            _ = outbound.take(bytes) { frame in
                if frame.type == HTTP2FrameScanner.Frame.reset { close(frame.stream, at: now) }
                if let stream = streams[frame.stream] {
                    let before = stream.taken ?? (now, 0)
                    let bytes = frame.type == HTTP2FrameScanner.Frame.data ? frame.length : 0
                    streams[frame.stream]?.taken = (before.since, before.bytes + bytes)
                }
                guard frame.endsStream, streams[frame.stream] != nil else { return }
                streams[frame.stream]?.isAnswered = true
                closeIfDone(frame.stream, at: now)
            }
        }
        context.write(data, promise: promise)
    }

    private func closeIfDone(_ stream: UInt32, at now: NIODeadline) {
        guard let state = streams[stream], state.isAsked, state.isAnswered else { return }
        close(stream, at: now)
    }

    private func close(_ stream: UInt32, at now: NIODeadline) {
        guard streams.removeValue(forKey: stream) != nil, streams.isEmpty else { return }
        emptySince = now
    }

    // MARK: Answers that wait

    /// Told by each stream whose answer waits for its client, and when it does no more.
    func stream(isBlocked: Bool, at now: NIODeadline) {
        if isBlocked, blocked == 0 {
            for stream in streams.keys where streams[stream]?.taken != nil { streams[stream]?.taken = (now, 0) }
        }
        blocked += isBlocked ? 1 : -1
    }

    /// Whether answers wait, and of one of them hardly anything was taken: what is taken of another is no reason to wait,
    /// nor are the connection's own frames.
    private func isStalled(at now: NIODeadline) -> Bool {
        guard blocked > 0 else { return false }
        for (stream, state) in streams {
            guard let taken = state.taken, taken.since + patience.idle <= now else { continue }
            guard taken.bytes >= IdleClose.leastRead else { return true }
            streams[stream]?.taken = (now, 0)
        }
        return false
    }

    // MARK: Time

    private func schedule(_ context: ChannelHandlerContext) {
        let shortest = min(patience.frame, patience.idle)
        let interval = TimeAmount.nanoseconds(shortest.nanoseconds / Self.looks)
        alarm = context.eventLoop.assumeIsolated().scheduleTask(in: interval) { [self] in look(context) }
    }

    private func look(_ context: ChannelHandlerContext) {
        let now = context.eventLoop.now
        let isSlow = began.map { $0 + patience.frame <= now } ?? false
        // A connection without a stream is told to go after the idle time, and has so long to.
        let isIdle = streams.isEmpty && emptySince + patience.idle + patience.frame <= now
        let isHalf = streams.values.contains { !$0.isAsked && $0.began + patience.frame + patience.frame <= now }
        guard !isSlow, !isIdle, !isHalf, !isStalled(at: now) else { return end(context) }
        schedule(context)
    }

    private func end(_ context: ChannelHandlerContext) {
        guard !isOver else { return }
        isOver = true
        // At once, and not behind what such a client will never read.
        context.pipeline.fireUserInboundEventTriggered(IdleClose.TimeIsOver())
    }
}

/// How many frames a client may send that bring nothing: neither a request nor a part of one.
///
/// A client that reads tells how much of it, often in many frames: what it is sent pays for them. The rest is a burst
/// and what a second brings.
struct FrameBudget {
    static let burst = 1000.0
    /// In a second.
    static let rate = 10.0
    /// Sent bytes that pay for a frame; clients give leave for some thousand at a time.
    static let bytes = 256.0

    private var left = burst
    private var filled: NIODeadline?

    /// Whether a frame brings nothing by itself.
    static func isCharged(_ frame: HTTP2FrameScanner.Frame) -> Bool {
        switch frame.type {
        case HTTP2FrameScanner.Frame.data: frame.length == 0 && !frame.endsStream
        case HTTP2FrameScanner.Frame.headers: false
        case HTTP2FrameScanner.Frame.continuation: frame.length == 0
        default: true
        }
    }

    mutating func earn(_ bytes: Int) {
        left += Double(bytes) / Self.bytes
    }

    /// Pays for a frame; false where nothing is left.
    mutating func spend(at now: NIODeadline) -> Bool {
        if let filled, left < Self.burst {
            left = min(Self.burst, left + Double((now - filled).nanoseconds) / 1e9 * Self.rate)
        }
        filled = now
        guard left >= 1 else { return false }
        left -= 1
        return true
    }
}
