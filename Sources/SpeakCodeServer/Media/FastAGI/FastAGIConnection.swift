// SPDX-License-Identifier: GPL-3.0-or-later

internal import Logging
internal import NIOCore
internal import SpeakCode
internal import SpeakCodeLinks
internal import SpeakCodeService

/// A call over FastAGI: tells Asterisk, one command after the other, to fetch a file of readings and to play it.
///
/// Asterisk keeps what it has fetched, so each state of a call (its language, its pace, its gate) has one link for as
/// long as the call lasts. `STREAM FILE` plays such a link, reports the key that interrupts it, and ends without a
/// reply when something is sent meanwhile: so nothing is, until it has replied.
final class FastAGIConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What all connections share.
    struct Terms: Sendable {
        let calls: CallServices
        let ports: MediaPorts
        /// The base of links where the operator has set one.
        let publicURL: String?
        /// Whether HTTP is under TLS.
        let usesTLS: Bool
        /// How long a gateway is waited for, beside the time that a file lasts.
        let patience: Duration
        let logger: Logger
    }

    private enum State {
        case environment
        /// The gateway is to be told what comes next, when all that has come from it is read.
        case between
        /// It is told why there is nothing to be heard.
        case refusing
        case answering
        /// A file is laid out, or a moment passes before the next try.
        case preparing
        /// The same, and the gateway tells of keys meanwhile, which it forgets while it waits for a command.
        case listening
        case playing(File, keys: String, since: NIODeadline)
        case ended
    }

    /// What is played at one point of a call.
    private struct File: Sendable {
        let base: String
        let url: String
        let timeline: Timeline

        var duration: Duration { timeline.duration }
    }

    /// The longest line; Asterisk takes none of more than 8,191 bytes itself.
    private static let longestLine = 8192
    /// The most lines behind a command that are no reply to it; the usage of a command has about 30.
    private static let mostNoise = 1000
    /// How often in a row a file may fail.
    private static let mostFailures = 3
    /// The time between a file that failed and the next try: a line that says `HANGUP` comes in between.
    private static let failurePause: Duration = .seconds(1)
    /// The time between two commands to play; nobody presses keys faster.
    private static let shortestPlay: Duration = .milliseconds(200)
    /// How many milliseconds it listens for keys at a time: a file that is there waits for the end of them.
    private static let listening = 200

    private let terms: Terms
    private let began: Duration
    private var state = State.environment
    private var received = ByteBuffer()
    private var environment = FastAGIEnvironment()
    private var parser = FastAGIReplyParser()
    private var noise = 0
    private var session: CallSession?
    /// The sealed text of the call's link.
    private var link = ""
    private var files: [Announcement: File] = [:]
    /// The points of the call whose files are laid out at this moment, and the one that is waited for.
    private var preparing: Set<Announcement> = []
    private var awaited: Announcement?
    /// Whether the gateway knows the command by which it tells of keys.
    private var tellsKeys = true
    private var lastPlay: NIODeadline?
    private var failures = 0
    /// Of a service that ends others may stand behind `publicURL`; where none does, its own address is left.
    private var isAlone = false
    private var hasComplained = false
    private var alarm: Scheduled<Void>?

    init(_ terms: Terms) {
        self.terms = terms
        began = terms.calls.steady.now
    }

    // MARK: Lines

    func channelActive(context: ChannelHandlerContext) {
        wait(terms.patience, context) { [self] in end(.protocolError, context) }
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        received.writeBuffer(&bytes)
        while let line = nextLine() { take(line, context) }
        if received.readableBytes > Self.longestLine { end(.protocolError, context) }
        received.discardReadBytes()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // A reply that was here before its command is none.
        if case .between = state { goOn(context) }
        context.fireChannelReadComplete()
    }

    private func nextLine() -> String? {
        guard let end = received.readableBytesView.firstIndex(of: UInt8(ascii: "\n")),
            let line = received.readBytes(length: end - received.readerIndex + 1)?.dropLast()
        else { return nil }
        return String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
    }

    private func take(_ line: String, _ context: ChannelHandlerContext) {
        if case .ended = state { return }
        if case .environment = state {
            if line.isEmpty {
                state = .between
            } else if line == "HANGUP" || !environment.take(line) {
                end(.protocolError, context)
            }
            return
        }
        guard let reply = parser.reply(in: line) else {
            noise += 1
            if noise > Self.mostNoise { end(.protocolError, context) }
            return
        }
        take(reply, context)
    }

    // MARK: Replies

    private func take(_ reply: FastAGIReply, _ context: ChannelHandlerContext) {
        switch (reply, state) {
        case (.hangUp, _), (.refusal(511), .answering), (.refusal(511), .playing), (.refusal(511), .listening):
            end(.hungUp, context)
        case (_, .refusing): end(.protocolError, context)
        // Whatever it says: a channel may be up already, and of one that is gone the next reply tells.
        case (_, .answering): state = .between
        case (.refusal, .listening):
            tellsKeys = false
            play(context)
        case (.result(let result, _), .listening): listened(result, context)
        case (.refusal, .playing): fail("the gateway does not know STREAM FILE, by which audio is played", context)
        case (.result(let result, let endPosition), .playing(let file, let keys, let since)):
            played(file, keys, since, result, endPosition ?? 0, context)
        // Nothing was asked for.
        case (_, .environment), (_, .between), (_, .preparing), (_, .ended): break
        }
    }

    private func played(
        _ file: File, _ keys: String, _ since: NIODeadline, _ result: Int, _ endPosition: Int,
        _ context: ChannelHandlerContext
    ) {
        switch result {
        case 0 where Duration(context.eventLoop.now - since) < file.duration / 2:
            fail("the gateway ended the audio before it can have been heard; its log says why", context)
        case 0:
            failures = 0
            session?.finishReading(file.timeline.readings)
            state = .between
        case ..<0 where endPosition > 0:
            session?.countReadings(file.timeline.readingsEnded(by: endPosition))
            end(.hungUp, context)
        case ..<0:
            fail(
                "the gateway could not fetch the audio: it must reach the service under the address that `publicURL`"
                    + " has, or else `mediaHost`", context)
        default:
            // Somebody else's command may have stopped it, with a number that is no key.
            failures = 0
            session?.countReadings(file.timeline.readingsEnded(by: endPosition))
            if let key = UInt8(exactly: result).map({ Character(Unicode.Scalar($0)) }), keys.contains(key) {
                _ = session?.press(key)
            }
            state = .between
        }
    }

    /// Takes what was pressed while a file is laid out, if anything was.
    private func listened(_ result: Int, _ context: ChannelHandlerContext) {
        guard result >= 0 else { return end(.hungUp, context) }
        if let key = UInt8(exactly: result).map({ Character(Unicode.Scalar($0)) }) { _ = session?.press(key) }
        play(context)
    }

    /// Tries again a little later, a few times.
    private func fail(_ reason: String, _ context: ChannelHandlerContext) {
        failures += 1
        isAlone = session?.isEnding ?? false
        // The first one may be a hang-up, which is told of a moment later.
        if failures > 1, !hasComplained {
            hasComplained = true
            terms.logger.error(
                "\(reason)",
                metadata: [
                    "transport": "fastAGI", "address": "\(ServiceSettings.withoutPassword(base() ?? ""))",
                ])
        }
        guard failures < Self.mostFailures else { return end(.notSpoken, context) }
        state = .preparing
        wait(Self.failurePause, context) { [self] in play(context) }
    }

    // MARK: Commands

    /// Says a command, whose reply is waited for.
    private func say(_ command: String, within limit: Duration, _ context: ChannelHandlerContext) {
        noise = 0
        parser = FastAGIReplyParser()
        wait(limit, context) { [self] in end(.protocolError, context) }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: command + "\n")), promise: nil)
    }

    private func goOn(_ context: ChannelHandlerContext) {
        if session == nil { return begin(context) }
        guard let lastPlay else { return play(context) }
        let pause = lastPlay + TimeAmount(Self.shortestPlay) - context.eventLoop.now
        guard pause > .zero else { return play(context) }
        state = .preparing
        wait(Duration(pause), context) { [self] in play(context) }
    }

    /// Opens the link, and answers the call.
    private func begin(_ context: ChannelHandlerContext) {
        let ring = terms.calls.keys.now.links
        let found = environment.candidates.lazy.compactMap { sealed in
            ring.open(sealed, for: .call(.fastAGI)).map { (sealed: sealed, announcement: $0.announcement) }
        }.first
        guard let found else {
            return refuse(
                "this is no link to a call, or not of this service: it was altered, or its key is gone", .noSuchCall,
                context)
        }
        guard found.announcement.expires > terms.calls.time.now else {
            return refuse(
                "the link to this call has expired: a new announcement is to be asked for", .noSuchCall, context)
        }
        guard base() != nil else {
            return refuse("the service is about to begin: its audio cannot be fetched yet", .noSuchCall, context)
        }
        link = String(found.sealed)
        do throws(Problem) {
            session = try CallSession(
                found.announcement, over: .fastAGI, link: terms.calls.log.digest(of: found.sealed),
                client: context.remoteAddress?.ipAddress, services: terms.calls,
                on: EventLoopExecutor(loop: context.eventLoop))
        } catch {
            return refuse(error.detail, .tooManyCalls, context)
        }
        state = .answering
        say("ANSWER", within: terms.patience, context)
    }

    /// Tells the gateway's administrator why nothing is heard; the dialplan goes on.
    private func refuse(
        _ reason: String, _ refusal: CallSession.Refusal, _ context: ChannelHandlerContext
    ) {
        terms.calls.refused(over: .fastAGI, refusal, client: context.remoteAddress?.ipAddress, since: began)
        terms.logger.notice(
            "refused a call: \(reason)",
            metadata: ["transport": "fastAGI", "client": "\(context.remoteAddress?.ipAddress ?? "")"])
        state = .refusing
        // Closed before the reply, the connection might be reset before the line is read.
        say(#"VERBOSE "SpeakCode: \#(reason)" 1"#, within: terms.patience, context)
    }

    /// Has the gateway play what is to be heard now.
    private func play(_ context: ChannelHandlerContext) {
        guard let session, session.end == nil else { return end(session?.end ?? .shutdown, context) }
        // Keys may be pressed for ever, and no reading end.
        guard terms.calls.steady.now - began < terms.calls.longest else { return end(.time, context) }
        let announcement = session.announcement
        // What has begun is heard to its end, but the gateway could fetch nothing more.
        guard announcement.expires > terms.calls.time.now else { return end(.time, context) }
        var heard = announcement.heard
        // The gate is counted: each of its readings is a file. And of a service that ends the code is heard once.
        if announcement.call?.isGateAhead ?? false || heardOnce(announcement) { heard.readings = 1 }
        guard let base = base() else { return end(.notSpoken, context) }
        if let file = files[heard], file.base == base { return play(file, of: announcement, context) }
        // Where it is laid out already, the gateway has been asked for keys, and is again.
        awaited = heard
        guard preparing.insert(heard).inserted else { return listen(context) }
        if isSpoken(heard) {
            state = .preparing
            alarm?.cancel()
        } else {
            listen(context)
        }
        let (loop, calls, link) = (context.eventLoop, terms.calls, link)
        let here = NIOLoopBound((self, context), eventLoop: loop)
        Task.onLoop(loop) { [heard] in
            let file = try? await Self.file(for: heard, within: link, base, calls)
            loop.execute {
                let (connection, context) = here.value
                connection.prepared(file, for: heard, context)
            }
        }
    }

    private func prepared(_ file: File?, for heard: Announcement, _ context: ChannelHandlerContext) {
        preparing.remove(heard)
        files[heard] = file
        guard awaited == heard else { return }
        switch state {
        case .preparing: if file == nil { end(.notSpoken, context) } else { play(context) }
        case .listening: if file == nil { end(.notSpoken, context) }
        default: break
        }
    }

    /// Whether nothing has to be spoken for what is to be heard, so that its file is there in a moment.
    private func isSpoken(_ heard: Announcement) -> Bool {
        let announcer = terms.calls.announcer
        guard case .now(let script) = try? announcer.script(for: heard),
            case .now = announcer.rendition(of: script, heard, as: .wav(), tag: "")
        else { return false }
        return true
    }

    /// Has the gateway tell of keys until the file is there.
    private func listen(_ context: ChannelHandlerContext) {
        guard tellsKeys else {
            alarm?.cancel()
            state = .preparing
            return
        }
        state = .listening
        say("WAIT FOR DIGIT \(Self.listening)", within: .milliseconds(Self.listening) + terms.patience, context)
    }

    /// Whether the call ends with what is played next.
    private func heardOnce(_ announcement: Announcement) -> Bool {
        session?.isEnding ?? true && announcement.call?.isGateAhead != true
    }

    private func play(_ file: File, of announcement: Announcement, _ context: ChannelHandlerContext) {
        // Behind the gate a service that ends is told nothing any more.
        let keys = heardOnce(announcement) ? "" : announcement.keys
        awaited = nil
        let now = context.eventLoop.now
        (state, lastPlay) = (.playing(file, keys: keys, since: now), now)
        say(#"STREAM FILE \#(file.url) "\#(keys)""#, within: file.duration + terms.patience, context)
    }

    /// The file has a link that ends with the call's own.
    private static func file(
        for heard: Announcement, within link: String, _ base: String, _ calls: CallServices
    ) async throws -> File {
        let script = try await calls.announcer.script(for: heard).get()
        let rendition = try await calls.announcer.rendition(of: script, heard, as: .wav(), tag: "").get()
        return File(
            base: base,
            url: base + LinkEndpoint.prefix + (try calls.keys.now.links.seal(heard, within: link))
                + Representation.all[0].suffix,
            timeline: rendition.timeline)
    }

    /// What the gateway fetches audio from; nil until HTTP has a port.
    private func base() -> String? {
        if let publicURL = terms.publicURL, !isAlone { return publicURL }
        return terms.ports.now.http.map { "\(terms.usesTLS ? "https" : "http")://\(terms.ports.authority):\($0)" }
    }

    // MARK: Ends

    /// Runs something after a while, in place of what was waited for before.
    private func wait(_ time: Duration, _ context: ChannelHandlerContext, _ body: @escaping () -> Void) {
        alarm?.cancel()
        alarm = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(time), body)
    }

    /// Ends the call, if it has not ended for another reason; the dialplan goes on.
    private func end(_ reason: CallSession.End, _ context: ChannelHandlerContext) {
        if case .ended = state { return }
        state = .ended
        alarm?.cancel()
        session?.end(reason)
        // Its place among the listeners is free at once.
        session = nil
        context.close(promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent where session == nil: end(.shutdown, context)
        case is IdleClose.TimeIsOver: end(.shutdown, context)
        default: break
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(.hungUp, context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(.hungUp, context)
        context.fireChannelInactive()
    }
}
