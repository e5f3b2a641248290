// SPDX-License-Identifier: GPL-3.0-or-later

internal import CoreMetrics
package import SpeakCode
package import SpeakCodeGateways
package import SpeakCodeLinks
internal import Synchronization

/// What every call needs of the service.
package struct CallServices: Sendable {
    package let announcer: Announcer
    package let keys: ServiceKeys
    let metrics: ServiceMetrics
    let calls: LiveCalls
    /// The calls that this node has placed, which are told what is heard of them.
    let placed: PlacedCalls
    package let log: AccessLog
    package let time: CalendarTime
    package let steady: SteadyTime
    /// The longest that a call goes on; a reading that would end later is not begun.
    package private(set) var longest: Duration

    /// What a call needs that this node has placed and carries itself.
    ///
    /// - Parameter longest: seconds that it may last.
    func placing(for longest: Int) -> CallServices {
        var services = self
        services.longest = min(services.longest, .seconds(longest))
        return services
    }

    /// Logs and counts a connection that became no call.
    package func refused(
        over transport: CallSession.Transport, _ reason: CallSession.Refusal, client: String?,
        since opened: Duration
    ) {
        metrics.ended(over: transport.name, reason: reason.rawValue)
        log.write(
            AccessLog.Call(
                transport: transport.name, link: nil, client: client, readings: 0, keys: 0, end: reason.rawValue,
                lasted: steady.now - opened))
    }
}

/// One call in which an announcement is heard, whatever carries it: it begins, frames go out at its pace, keys come in,
/// and it ends for a reason, which is logged once.
///
/// It belongs to one place where one thing is done after the other: an actor, or the event loop of the connection that carries
/// it. ``AnnouncementService/call(_:over:as:frameLength:client:onSound:)`` begins one for whoever has a transport of their own.
public final class CallSession {
    /// What carries a call.
    package struct Transport: Sendable {
        /// Its name in log lines and metrics.
        let name: String

        package init(name: String) {
            self.name = name
        }

        package static let audioSocket = Transport(name: "audioSocket")
        package static let fastAGI = Transport(name: "fastAGI")
        /// Our own RTP.
        static let sip = Transport(name: "sip")
        /// A WebSocket of which nobody knows who is at its other end.
        package static let webSocket = Transport(name: "webSocket")
    }

    /// Why a call ended.
    public enum End: String, CaseIterable, Sendable {
        /// The person on the phone, or the gateway for them.
        case hungUp
        /// The longest time was over.
        case time
        /// Nobody pressed the key that the gate asks for.
        case noKey
        /// The service ends.
        case shutdown
        /// The gateway sent what its protocol does not have, or nothing for too long.
        case protocolError
        /// The voice could not speak.
        case notSpoken
    }

    /// Why a connection became no call.
    package enum Refusal: String, CaseIterable, Sendable {
        /// Nothing waits under what the gateway asked for, or no more.
        case noSuchCall
        /// As many are listening as may.
        case tooManyCalls
        case protocolError
    }

    /// How audio is sent.
    package struct Media: Sendable {
        /// A format whose samples are coded one by one; its header is never sent.
        let format: AudioFormat
        let frameLength: Duration

        /// A frame without a sound.
        let silence: ArraySlice<UInt8>

        /// - Returns: nil for a format whose samples hang together.
        package init?(_ format: AudioFormat, frameLength: Duration = .milliseconds(20)) {
            guard let coding = format.sampleCoding else { return nil }
            self.format = format
            self.frameLength = frameLength
            let count = format.sampleRate.samples(in: frameLength) * coding.bytesPerSample
            silence = ArraySlice(repeating: coding.silence, count: count)
        }
    }

    /// Where the call is: its language, its pace, whether its gate is passed.
    package private(set) var announcement: Announcement
    /// Why it ended; nil as long as it goes on.
    public private(set) var end: End?
    /// The readings of the code that were heard to their end.
    private(set) var readings = 0
    /// Whether the last frame began a reading.
    package private(set) var beginsReading = false
    /// Whether the last frame ended a reading, so that its mark belongs behind it.
    package private(set) var isBehindReading = false
    /// Why nothing follows what was sent; the call ends with the mark of its last reading.
    package private(set) var endsWhenHeard: End?
    /// What began to be said with the last frame; nil where nothing did.
    package private(set) var caption: MediaCaption?
    /// Told, wherever the voice has spoken, that frames have a sound, or never will.
    package var onSound: (@Sendable () -> Void)?

    private let services: CallServices
    private let executor: (any TaskExecutor)?
    private let transport: Transport
    private let link: String?
    private let client: String?
    private let place: LiveCalls.Place
    private let began: Duration

    private var media: Media?
    /// Where the gateway gives marks back, ``finishReading(_:)`` is told of each.
    private var hearing = MediaHearing.sent
    /// The readings that were sent and not yet heard.
    private var unheard = 0
    private var frames: LiveRendition<SteadyClock>.Frames?
    /// Names the last sound that was asked for: what is spoken for the one before comes too late.
    private var sound = 0
    private let spoken = Spoken()
    private var gateReadings = 0
    private var framesAtGate = 0
    private var keysPressed = 0
    /// The reading, from 0, that the last frame was of; nil before the first.
    private var reading: Int?
    /// What was said in the last frame.
    private var said: LiveRendition<SteadyClock>.Said?

    /// Begins a call.
    ///
    /// - Parameters:
    ///   - announcement: with the terms of a call.
    ///   - link: the digest of its link for the log.
    ///   - client: the gateway's address.
    ///   - place: among those who listen, where it was taken already.
    ///   - executor: where it is asked for its sound, and which is told of it; nil for anywhere.
    /// - Throws: ``Problem`` where as many are listening as may.
    package init(
        _ announcement: Announcement, over transport: Transport, link: String?, client: String?,
        services: CallServices, in place: LiveCalls.Place? = nil, on executor: (any TaskExecutor)? = nil
    ) throws(Problem) {
        if let place {
            self.place = place
        } else {
            self.place = try services.calls.takePlace(link: link, client: client)
        }
        began = services.steady.now
        self.announcement = announcement
        self.transport = transport
        self.link = link
        self.client = client
        self.services = services
        self.executor = executor
    }

    deinit {
        // A connection that forgets its call has lost it.
        end(.hungUp)
    }

    /// Whether the call is to end with the reading that it is in.
    package var isEnding: Bool { place.isEnding }

    // MARK: Audio

    /// Begins to read; until the voice has spoken, frames are silent.
    package func begin(_ media: Media, hearing: MediaHearing = .sent) {
        self.media = media
        self.hearing = hearing
        load()
    }

    /// Whether the voice has spoken; where it could not, the call has ended.
    package var hasSound: Bool {
        takeSpoken()
        return frames != nil
    }

    /// The next frame, to be asked for when it is due; nil when the call is over, or is once what was sent has been heard.
    ///
    /// Until the voice has spoken, frames are silent.
    public func nextFrame() -> ArraySlice<UInt8>? {
        (beginsReading, isBehindReading, caption) = (false, false, nil)
        guard end == nil, endsWhenHeard == nil, let media else { return nil }
        guard hasSound else { return end == nil ? media.silence : nil }
        if isAtGate { openGate() }
        guard let frame = frames?.next() else {
            guard frames != nil else { return media.silence }
            end(.notSpoken)
            return nil
        }
        if frame.said != said { begin(saying: frame.said) }
        (beginsReading, reading) = (frame.reading != reading, frame.reading)
        guard frame.endsReading else { return frame.bytes }
        isBehindReading = true
        switch hearing {
        case .sent: finishReading()
        case .marked:
            unheard += 1
            endsWhenHeard = reasonToEnd(after: unheard)
        }
        return frame.bytes
    }

    /// The reading that the last frame was of, as who does not hear reads it; nil before the first.
    package var writing: String? { reading == nil ? nil : frames?.writing }

    private func begin(saying next: LiveRendition<SteadyClock>.Said?) {
        said = next
        switch next {
        case .phrase(let text): caption = .phrase(text)
        case .symbol(let position):
            // Of an app's code nobody knows here which one is heard.
            guard !announcement.changes, case .code(let code, _) = announcement.heard.content,
                code.symbols.indices.contains(position)
            else { return }
            caption = .symbol(code.written(code.symbols[position], at: position), position: position)
        case .tones, nil: break
        }
    }

    private func load() {
        guard let media else { return }
        sound += 1
        (frames, said, reading) = (nil, nil, nil)
        (unheard, endsWhenHeard) = (0, nil)
        let (number, heard, announcer, time) = (sound, announcement.heard, services.announcer, services.time)
        Task(executorPreference: executor) { [spoken, onSound] in
            do {
                let script = try await announcer.script(for: heard).get()
                spoken.put(
                    try await announcer.frames(
                        of: script, as: media.format, ofLength: media.frameLength,
                        codes: heard.codes(at: { time.sinceTheEpoch })), as: number)
            } catch {
                spoken.put(nil, as: number)
            }
            onSound?()
        }
    }

    /// Takes what has been spoken since it was last looked.
    private func takeSpoken() {
        guard frames == nil, end == nil, let arrival = spoken.take(), arrival.number == sound else { return }
        if let rendition = arrival.rendition { frames = rendition.frames() } else { end(.notSpoken) }
    }

    /// Notes that readings, of the gate or of the code, were heard to their end; behind them a call may end.
    ///
    /// - Parameter count: how many; it ends for its time where as many again would go on for too long.
    package func finishReading(_ count: Int = 1) {
        countReadings(count)
        if let reason = reasonToEnd(after: 0, before: count) { end(reason) }
    }

    /// Notes readings that were heard to their end, of a call that goes on whatever they are.
    package func countReadings(_ count: Int) {
        unheard = max(0, unheard - count)
        if isAtGate {
            gateReadings += count
        } else {
            readings += count
            services.metrics.readingsSent.increment(by: Int64(count))
            if let link { for _ in 0..<count { services.placed.hearReading(over: link) } }
        }
    }

    private var isAtGate: Bool { announcement.call?.isGateAhead ?? false }

    /// Why the call is to end behind the readings that were heard and some more, where so many would be next.
    private func reasonToEnd(after more: Int, before next: Int = 1) -> End? {
        // Who is before the gate may still open it, and hears the code once.
        if place.isEnding, !isAtGate { return .shutdown }
        if isAtGate, gateReadings + more >= CallState.mostGateReadings { return .noKey }
        let elapsed = services.steady.now - began
        return elapsed + elapsed * next / max(1, gateReadings + readings + more) > services.longest ? .time : nil
    }

    // MARK: Keys

    /// Takes a key; one that comes when the call's time is over ends it, since keys may be pressed for ever and no reading end.
    ///
    /// - Parameter key: the key, such as `1` or `*`.
    /// - Returns: whether it changed what is heard, so that what was sent ahead is to be thrown away.
    public func press(_ key: Character) -> Bool {
        // A service that ends lets the reading go on that is heard, and begins no other but the one behind the gate.
        guard end == nil, !place.isEnding || isAtGate, let next = announcement.pressing(key) else { return false }
        // Not each gateway tells of a key that does nothing.
        keysPressed += 1
        guard services.steady.now - began < services.longest else {
            end(.time)
            return false
        }
        announcement = next
        load()
        return true
    }

    /// Opens the gate without a key where the gateway says that a person has answered, and the call was asked for so.
    private func openGate() {
        framesAtGate += 1
        // A lock twice a second and not with each frame.
        guard framesAtGate.isMultiple(of: 25), let link, services.placed.isGateOpen(over: link),
            let next = announcement.pressing(CallState.opening)
        else { return }
        announcement = next
        load()
    }

    // MARK: The end

    /// Ends the call, and logs it, the first time that it is told.
    ///
    /// - Parameter reason: why it ends.
    public func end(_ reason: End) {
        guard end == nil else { return }
        end = reason
        frames = nil
        place.giveBack()
        services.metrics.ended(over: transport.name, reason: reason.rawValue)
        if reason == .hungUp { services.metrics.hangUps.increment() }
        services.log.write(
            AccessLog.Call(
                transport: transport.name, link: link, client: client, readings: readings, keys: keysPressed,
                end: reason.rawValue, lasted: services.steady.now - began))
    }

    /// What is spoken for a call, on its way from the task that has it spoken.
    private final class Spoken: Sendable {
        typealias Arrival = (number: Int, rendition: LiveRendition<SteadyClock>?)

        private let last = Mutex<Arrival?>(nil)

        /// Leaves it, unless what was asked for later is here already.
        func put(_ rendition: LiveRendition<SteadyClock>?, as number: Int) {
            last.withLock { last in
                if number > last?.number ?? 0 { last = (number, rendition) }
            }
        }

        func take() -> Arrival? {
            last.withLock { last in
                defer { last = nil }
                return last
            }
        }
    }
}
