// SPDX-License-Identifier: GPL-3.0-or-later

internal import NIOCore
internal import SpeakCodeGateways
internal import SpeakCodeService

/// The audio of one call over a WebSocket: frames out when they are due, keys and marks in.
final class MediaStream: FrameSender {
    private let session: CallSession
    private var dialect: any MediaStreamDialect
    private let loop: any EventLoop
    private let ticker: FrameTicker
    private var place: FrameTicker.Place?
    private unowned let connection: WebSocketConnection

    /// What was sent and is not marked as heard.
    private var unheard: [Piece] = []
    private var unheardFrames = 0
    /// How many marks were sent.
    private var marks = 0
    /// The frames that go ahead of the clock.
    private var lead = 0
    /// The frames that were due so far, sent or not.
    private var framesDue = 0
    private var isHeld = false
    private var isOver = false
    private var lastMark: Scheduled<Void>?
    /// The keys that came in a second, and when that began.
    private var keys = 0
    private var keySecond = NIODeadline.distantPast

    private static let mostKeys = 50
    /// What comes is looked at with every fifth frame, since nothing but keys and marks matters in it.
    private static let framesForRead = 5

    private struct WeakStream {
        weak var stream: MediaStream?
    }

    private struct Piece {
        let mark: String
        let frames: Int
        let endsReading: Bool
    }

    /// How long a gateway has to tell of the last mark, beyond what is before it.
    private static let patience = TimeAmount.seconds(5)

    init(
        _ session: CallSession, in dialect: any MediaStreamDialect, over connection: WebSocketConnection,
        ticker: FrameTicker, on loop: any EventLoop
    ) {
        self.session = session
        self.dialect = dialect
        self.connection = connection
        self.ticker = ticker
        self.loop = loop
    }

    /// Begins to send.
    func begin(_ media: CallSession.Media) {
        let here = NIOLoopBound(WeakStream(stream: self), eventLoop: loop)
        session.onSound = { [loop] in loop.execute { here.value.stream?.hasSound() } }
        for message in dialect.beginning { connection.write(message) }
        connection.flush()
        session.begin(media, hearing: dialect.hearing)
    }

    // MARK: Out

    private func hasSound() {
        // Of a sound that is not wanted any more it is told as well.
        guard session.hasSound else { return session.end == nil ? () : finish() }
        switch dialect.pace {
        case .clock(let lead):
            self.lead = lead
            guard place == nil else { return }
            place = ticker.add(self)
            connection.readWhenAsked()
        case .gateway: fill()
        }
    }

    /// Sends the frames that are due by our clock.
    func sendFrame() {
        framesDue &+= 1
        if framesDue % Self.framesForRead == 0 { connection.receive() }
        // A gateway that does not read hears the call that much later.
        guard !isOver, session.hasSound, connection.isWritable else { return }
        for _ in 0...lead {
            guard let frame = session.nextFrame() else { break }
            if let caption = session.caption.flatMap(dialect.caption) { connection.write(caption) }
            connection.write(dialect.audio(frame))
            if session.isBehindReading { mark(frames: 0, endsReading: true) }
        }
        lead = 0
        connection.flush()
        settle()
    }

    /// Sends what the gateway may have.
    private func fill() {
        guard case .gateway(let ahead, let most) = dialect.pace, !isOver else { return }
        while !isHeld, session.hasSound, connection.isWritable, unheardFrames < ahead {
            var bytes: [UInt8] = []
            var frames = 0
            let room = min(most, ahead - unheardFrames)
            while frames < room, let frame = session.nextFrame() {
                bytes += frame
                frames += 1
                // Its mark belongs here.
                if session.isBehindReading { break }
            }
            guard frames > 0 else { break }
            connection.write(dialect.audio(bytes[...]))
            mark(frames: frames, endsReading: session.isBehindReading)
        }
        connection.flush()
        settle()
    }

    private func mark(frames: Int, endsReading: Bool) {
        guard let message = dialect.mark(String(marks)) else { return }
        unheard.append(Piece(mark: String(marks), frames: frames, endsReading: endsReading))
        unheardFrames += frames
        marks += 1
        connection.write(message)
    }

    /// Ends what is over; where only the last mark is missing, it is waited for.
    private func settle() {
        if session.end != nil { return finish() }
        guard let reason = session.endsWhenHeard, lastMark == nil else { return }
        let rest = TimeAmount.nanoseconds(FrameTicker.frame.nanoseconds * Int64(unheardFrames))
        lastMark = loop.assumeIsolated().scheduleTask(in: rest + Self.patience) { [weak self] in self?.end(reason) }
    }

    /// Goes on to send where the gateway reads again.
    func isWritableAgain() { fill() }

    // MARK: In

    /// Takes a text message of the gateway.
    func read(_ text: [UInt8]) {
        guard !isOver else { return }
        let event: MediaStreamEvent?
        do { event = try dialect.read(text) } catch { return end(.protocolError) }
        switch event {
        case .key(let key):
            guard isBearable() else { return end(.protocolError) }
            press(key)
        case .mark(let name): heard(name)
        case .hold: isHeld = true
        case .resume:
            isHeld = false
            fill()
        case .stop: end(.hungUp)
        case .start: end(.protocolError)
        case nil: break
        }
    }

    /// Counts a key: more than a person can press, and each has a reading laid out, is a flood.
    private func isBearable() -> Bool {
        let now = loop.now
        if now >= keySecond + .seconds(1) { (keySecond, keys) = (now, 0) }
        keys += 1
        return keys <= Self.mostKeys
    }

    private func press(_ key: Character) {
        guard session.press(key) else { return settle() }
        for message in dialect.flush { connection.write(message) }
        connection.flush()
        unheard.removeAll()
        unheardFrames = 0
        isHeld = false
        lastMark?.cancel()
        lastMark = nil
    }

    private func heard(_ mark: String) {
        // A mark of what was thrown away is not known any more.
        guard let index = unheard.firstIndex(where: { $0.mark == mark }) else { return }
        for piece in unheard[...index] {
            unheardFrames -= piece.frames
            if piece.endsReading { session.finishReading() }
        }
        unheard.removeFirst(index + 1)
        settle()
        fill()
    }

    // MARK: The end

    /// Ends the call.
    func end(_ reason: CallSession.End) {
        session.end(reason)
        finish()
    }

    /// Why the call ended; nil as long as it goes on.
    var reason: CallSession.End? { session.end }

    private func finish() {
        guard !isOver else { return }
        isOver = true
        if let place {
            ticker.remove(self, from: place)
            connection.readByItself()
        }
        lastMark?.cancel()
        session.onSound = nil
        if session.end != .hungUp { for message in dialect.ending { connection.write(message) } }
        connection.streamIsOver(session.end ?? .hungUp)
    }
}
