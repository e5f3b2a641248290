// SPDX-License-Identifier: GPL-3.0-or-later

internal import FoundationEssentials
internal import NIOCore
internal import SpeakCode
internal import SpeakCodeLinks
internal import SpeakCodeService

/// A connection of AudioSocket: a UUID comes, and the call that waits under it is heard until the peer hangs up.
///
/// Frames go out when the ticker of the loop says so, one system call each, out of one buffer for each call. What comes in is
/// looked at with every fifth frame only, since nothing but keys matters in it; a hang-up is told at once.
final class AudioSocketConnection: ChannelInboundHandler, FrameSender {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let waiting: PendingCalls
    private let services: CallServices
    private let client: String?
    /// How long a gateway that has sent sound all the time may be silent.
    private let patience: TimeAmount
    private let opened: Duration

    private var context: ChannelHandlerContext?
    private var reader = AudioSocketReader()
    /// The end of the time within which the UUID must come, and later of that within which the peer must close.
    private var deadline: Scheduled<Void>?
    private var call: Call?
    private var isOver = false

    private struct Call {
        let session: CallSession
        let ticker: FrameTicker
        let place: FrameTicker.Place
    }

    /// What is sent, and the frame that is on its way; made anew only where the kernel has not taken the one before.
    private var sound = AudioSocketSound.hz8000
    private var frame = ByteBuffer()
    private var framesSent = 0
    /// What sends and receives while the call goes on; nil where the channel does.
    private var socket: CallSocket?
    /// The frames that the channel holds, since the kernel had no room for them: what follows is to wait behind them.
    private var framesQueued = 0
    private var inflow = Inflow()
    /// The message that was received when it was last looked, and for how many looks it has been the same half of one.
    private var lastMessage = 0
    private var looksAtHalf = 0
    /// When something came last.
    private var lastReceived = NIODeadline.distantPast
    /// For how many looks sound has come without a pause, and whether it ever has for a while.
    private var looksAtSound = 0
    private var isSteady = false

    /// Asterisk sends the UUID as soon as it is connected.
    private static let patienceForUUID = TimeAmount.seconds(5)
    /// How long a peer that was told that the call is over may take to close.
    private static let patienceForEnd = TimeAmount.seconds(2)
    private static let framesForRead = 5
    private static let framesForLook = 50
    /// How often what came is received in a row; more than that is a flood, which the kernel holds back.
    private static let mostReads = 16
    /// Seconds for which a message may be a half one.
    private static let mostLooksAtHalf = 5
    /// Seconds of sound behind which its end is the gateway's and not a caller's who says nothing.
    private static let steady = 3
    /// How many times as long it is waited for a caller who may say nothing, or whose gateway never sends sound.
    private static let patienceWithPauses = 4

    init(waiting: PendingCalls, services: CallServices, client: String?, patience: TimeAmount) {
        self.patience = patience
        self.waiting = waiting
        self.services = services
        self.client = client
        opened = services.steady.now
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        lastReceived = context.eventLoop.now
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: Self.patienceForUUID) { [self] in
            refuse(.protocolError)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        deadline?.cancel()
        leave()
        self.context = nil
    }

    // MARK: What is sent

    func sendFrame() {
        guard let session = call?.session, let context else { return }
        guard let bytes = session.nextFrame() else { return finish() }
        sound.write(bytes, to: &frame)
        send(context)
        framesSent &+= 1
        if framesSent % Self.framesForRead == 0 { receive(context) }
        if framesSent % Self.framesForLook == 0 { look() }
    }

    private func send(_ context: ChannelHandlerContext) {
        var rest = frame
        if framesQueued == 0, let socket {
            rest.moveReaderIndex(forwardBy: socket.write(rest))
            guard rest.readableBytes > 0 else { return }
        }
        framesQueued += 1
        context.writeAndFlush(wrapOutboundOut(rest)).assumeIsolated().whenComplete { [self] _ in framesQueued -= 1 }
    }

    private func receive(_ context: ChannelHandlerContext) {
        guard let socket else { return context.read() }
        var count = 0
        while !isOver, count < Self.mostReads, let buffer = socket.read() {
            take(buffer)
            count += 1
            // There is no more.
            guard buffer.writableBytes == 0 else { return }
        }
    }

    /// Begins to read to the peer, from the first word.
    private func begin(_ session: CallSession, as sound: AudioSocketSound) {
        guard let context, let rate = sound.sampleRate, let media = CallSession.Media(.wav(rate)) else { return }
        self.sound = sound
        // A second of sound.
        let most = 2 * rate.hertz
        _ = try? context.channel.syncOptions?.setOption(.writeBufferWaterMark, value: .init(low: most / 2, high: most))
        session.begin(media)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        // The peer does not read what it is sent.
        if !context.channel.isWritable { fail() }
        context.fireChannelWritabilityChanged()
    }

    // MARK: What comes

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        take(unwrapInboundIn(data))
    }

    private func take(_ received: ByteBuffer) {
        if let context { lastReceived = context.eventLoop.now }
        var buffer = received
        do throws(AudioSocketReader.Malformed) {
            while !isOver, let message = try reader.next(from: &buffer) { take(message) }
        } catch {
            fail()
        }
    }

    private func take(_ message: AudioSocketMessage) {
        guard let session = call?.session else {
            if case .uuid(let uuid) = message { answer(uuid) } else { refuse(.protocolError) }
            return
        }
        switch message {
        case .hangUp, .failure:
            session.end(.hungUp)
            context?.close(promise: nil)
        case .uuid: fail()
        case .key(let key):
            guard inflow.isBearable(Inflow.key) else { return fail() }
            // Nothing is ever sent ahead that would have to be thrown away.
            _ = session.press(key)
        case .sound(let kind, let byteCount):
            guard inflow.isBearable(Inflow.duration(of: byteCount, kind)) else { return fail() }
            // A channel keeps to its rate, so it is only ever changed from that of before the first frame; a peer that
            // goes back and forth is not followed.
            if kind.hertz > sound.hertz, kind.sampleRate != nil { begin(session, as: kind) }
        }
    }

    private func answer(_ uuid: UUID) {
        guard let context else { return }
        deadline?.cancel()
        guard let call = waiting[uuid] else { return refuse(.noSuchCall) }
        let session: CallSession
        do throws(Problem) {
            session = try CallSession(
                call.announcement, over: .audioSocket, link: call.digest, client: client, services: services,
                on: EventLoopExecutor(loop: context.eventLoop))
        } catch {
            return refuse(.tooManyCalls)
        }
        begin(session, as: .hz8000)
        let ticker = FrameTickers.shared.ticker(of: context.eventLoop)
        self.call = Call(session: session, ticker: ticker, place: ticker.add(self))
        _ = try? context.channel.syncOptions?.setOption(.autoRead, value: false)
        socket = CallSocket(of: context.channel)
    }

    /// Looks whether the peer has begun a message and does not end it, and counts anew how much it sends.
    private func look() {
        lookForLife()
        inflow = Inflow()
        looksAtHalf = reader.isWithinMessage && reader.count == lastMessage ? looksAtHalf + 1 : 0
        lastMessage = reader.count
        if looksAtHalf >= Self.mostLooksAtHalf { fail() }
    }

    /// Ends the call of a gateway that has frozen.
    ///
    /// Its kernel goes on to take frames, and minutes of them, so nothing that is sent tells; what comes does. Asterisk passes
    /// on what the caller's telephone sends, which most do 50 times a second, whoever is silent. A telephone that pauses in
    /// silence, or a line that carries sound one way only, is given long enough to hear the code several times.
    private func lookForLife() {
        looksAtSound = inflow.isSoundWithoutPause ? looksAtSound + 1 : 0
        if looksAtSound >= Self.steady { isSteady = true }
        let most = isSteady ? patience : patience * Self.patienceWithPauses
        if let context, lastReceived + most < context.eventLoop.now { fail() }
    }

    // MARK: The end

    /// Tells the peer that the call is over: the dialplan goes on behind `AudioSocket()`.
    private func finish() {
        guard let context, !isOver else { return }
        leave()
        // To close while the peer still sends might take the message from it: it is read on until it closes.
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: AudioSocketMessage.over)), promise: nil)
        context.close(mode: .output, promise: nil)
        _ = try? context.channel.syncOptions?.setOption(.autoRead, value: true)
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: Self.patienceForEnd) {
            context.close(promise: nil)
        }
    }

    /// Ends the call of a peer that does not hold to the protocol.
    private func fail() {
        guard !isOver else { return }
        guard let session = call?.session else { return refuse(.protocolError) }
        session.end(.protocolError)
        leave()
        context?.close(promise: nil)
    }

    private func refuse(_ refusal: CallSession.Refusal) {
        guard !isOver else { return }
        services.refused(over: .audioSocket, refusal, client: client, since: opened)
        if refusal == .protocolError {
            leave()
            context?.close(promise: nil)
        } else {
            finish()
        }
    }

    /// Ends to be told of frames.
    private func leave() {
        isOver = true
        if let call { call.ticker.remove(self, from: call.place) }
        call = nil
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent where call == nil && !isOver: context.close(promise: nil)
        case is IdleClose.TimeIsOver:
            guard let call else { return context.close(promise: nil) }
            call.session.end(.shutdown)
            finish()
        default: break
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if let session = call?.session { session.end(reader.isWithinMessage ? .protocolError : .hungUp) }
        leave()
        context.fireChannelInactive()
    }
}

/// How much a peer has sent since it was last looked, a second ago.
private struct Inflow {
    /// How many times as much as a caller says in that time is a flood.
    private static let most = TimeAmount.seconds(50)
    /// What a key counts, in the sound of so long.
    static let key = TimeAmount.seconds(1)

    private var sum = TimeAmount.zero

    /// Whether there was about a second of it.
    var isSoundWithoutPause: Bool { sum >= .milliseconds(900) }

    /// Counts what has come; false where it is a flood.
    mutating func isBearable(_ amount: TimeAmount) -> Bool {
        sum = sum + amount
        return sum <= Self.most
    }

    /// How long some samples sound; a message of fewer than a frame counts as one.
    static func duration(of byteCount: Int, _ sound: AudioSocketSound) -> TimeAmount {
        max(FrameTicker.frame, .nanoseconds(Int64(byteCount / 2) * 1_000_000_000 / Int64(sound.hertz)))
    }
}
