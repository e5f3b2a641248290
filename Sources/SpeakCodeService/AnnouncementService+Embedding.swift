// SPDX-License-Identifier: GPL-3.0-or-later

public import HTTPTypes
public import Logging
public import Metrics
public import SpeakCode
internal import SpeakCodeGateways
internal import SpeakCodeLinks

// What a server of somebody's own calls.
extension AnnouncementService {
    /// Prepares a service for a server of yours: it listens on nothing, traps no signal, and is run by your service group.
    ///
    /// - Parameters:
    ///   - settings: how it is set up; what is said there of hosts, ports, connections and certificates is your server's to
    ///     decide.
    ///   - engine: what speaks; it is asked for whole sections of packs, never for a code.
    ///   - enginesAtATime: how many engines are started at a time.
    ///   - resampler: what changes the engine's sample rate.
    ///   - encoder: what codes samples.
    ///   - decoder: what reads the recordings of voices that somebody has lent; nil where there are none.
    ///   - origin: names the versions of all three and of your program: entity tags change with it.
    ///   - workers: where what takes long is computed.
    ///   - metrics: what counts.
    ///   - logger: where the access log and all else goes.
    ///   - clock: what everything ages by.
    ///   - calendar: what links expire by.
    /// - Throws: ``SettingsError`` or `VoicePackError`.
    public init(
        _ settings: ServiceSettings = ServiceSettings(), engine: any SpeechEngine & VoiceListing,
        enginesAtATime: Int = 4, resampler: any Resampler, encoder: any SoundEncoder,
        decoder: (any SoundDecoder)? = nil, origin: String, workers: Workers = Workers(),
        metrics: any MetricsFactory = MetricsSystem.factory, logger: Logger,
        clock: any Clock<Duration> = ContinuousClock(), calendar: CalendarTime = .system
    ) throws {
        try self.init(
            settings, callers: try settings.readCallers(), engine: engine, enginesAtATime: enginesAtATime,
            resampler: resampler, encoder: encoder, decoder: decoder, origin: origin, workers: workers,
            metrics: metrics, exposition: nil, sender: nil, routes: [], logger: logger, clock: clock,
            calendar: calendar,
            onClipsLetGo: {})
    }

    /// Makes links to a code: no API key and no rate is looked at, since it is your program that asks.
    ///
    /// - Parameters:
    ///   - request: what is to be read, and how.
    ///   - base: what links begin with, such as `https://codes.example.net`; nil for the settings' own.
    /// - Throws: ``Problem`` that names the field and never shows the code, or why nothing could be sealed.
    public func announce(_ request: AnnouncementRequest, base: String? = nil) async throws -> Announced {
        guard let base = base ?? responder.announcements.publicURL else { throw Problem.unknownHost }
        return try Announced(
            try await responder.announcements.make(
                request, base: base, callServices.keys.now.links, caller: nil))
    }

    /// Answers any request that the service knows, such as your server has received it.
    ///
    /// Where the settings have no API keys, whoever you hand on to it may ask for announcements.
    ///
    /// - Parameters:
    ///   - request: the head.
    ///   - body: the whole of its body.
    ///   - peer: the address at the other end of the connection, without its port.
    ///   - base: what links in the answer begin with, where the settings do not say it; nil for what the request says.
    /// - Returns: the answer; of a request for a WebSocket, that there is none.
    public func respond(
        to request: HTTPRequest, body: [UInt8] = [], peer: String? = nil, base: String? = nil
    ) async -> Answer {
        let target = request.path ?? "/"
        var read = Request(
            method: request.method, path: Request.path(of: target), query: Request.query(of: target),
            authority: request.authority, headers: request.headerFields, body: .here(body), peer: peer)
        read.base = base
        var response: Response
        switch responder.respond(to: read) {
        case .now(let made): response = made
        case .later(let work): response = await work()
        }
        if case .webSocket = response.body { response = responder.refuse(.needsWebSocket, from: peer) }
        return Answer(response, log: responder.log)
    }

    /// Answers a fetch of audio or captions.
    ///
    /// - Parameters:
    ///   - link: a link of ``Announced/links``, or its path.
    ///   - method: GET or HEAD.
    ///   - headers: the request's; conditions, ranges and the user agent are looked at.
    ///   - peer: the address that asks.
    public func fetch(
        _ link: String, method: HTTPRequest.Method = .get, headers: HTTPFields = [:], peer: String? = nil
    ) async -> Answer {
        let (base, path) = Self.parts(of: link, at: LinkEndpoint.prefix)
        let request = HTTPRequest(method: method, scheme: nil, authority: nil, path: path, headerFields: headers)
        return await respond(to: request, peer: peer, base: base)
    }

    /// Answers a gateway that asks how a call goes on.
    ///
    /// - Parameters:
    ///   - link: a link of ``Announced/documents``, with the query that the gateway adds, or its path where the settings have a
    ///     public address.
    ///   - method: GET or POST.
    ///   - headers: the request's, among which is the gateway's signature.
    ///   - body: what the gateway tells: which key was pressed.
    ///   - peer: the address that asks.
    public func document(
        _ link: String, method: HTTPRequest.Method = .post, headers: HTTPFields = [:], body: [UInt8] = [],
        peer: String? = nil
    ) async -> Answer {
        let (base, path) = Self.parts(of: link, at: CallEndpoint.prefix)
        let request = HTTPRequest(method: method, scheme: nil, authority: nil, path: path, headerFields: headers)
        return await respond(to: request, body: body, peer: peer, base: base)
    }

    /// Begins a call over a transport of yours: frames are asked for when they are due, and keys are told.
    ///
    /// - Parameters:
    ///   - link: ``Announced/media``, or its path.
    ///   - transport: its name in log lines and metrics.
    ///   - format: one whose samples are coded one by one; its header is never sent.
    ///   - frameLength: how long a frame lasts.
    ///   - client: the gateway's address.
    ///   - onSound: told, wherever the voice has spoken, that frames have a sound or never will.
    /// - Throws: ``Problem`` where the link is none or has expired, or as many are listening as may.
    public func call(
        _ link: String, over transport: String, as format: AudioFormat = .wav(),
        frameLength: Duration = .milliseconds(20), client: String? = nil, onSound: (@Sendable () -> Void)? = nil
    ) throws(Problem) -> CallSession {
        guard let media = CallSession.Media(format, frameLength: frameLength) else {
            throw .field("format", "must be one whose samples are coded one by one, such as ulaw")
        }
        let sealed = link.split(separator: "/").last ?? ""
        guard link.hasSuffix(CallLinks.mediaPrefix + sealed),
            let opened = callServices.keys.now.links.open(sealed, for: .call(.webSocket))
        else { throw .noSuchLink }
        guard opened.announcement.expires > callServices.time.now else { throw .expired }
        let session = try CallSession(
            opened.announcement, over: .init(name: transport), link: callServices.log.digest(of: sealed),
            client: client, services: callServices)
        session.onSound = onSound
        session.begin(media)
        return session
    }

    /// What a link begins with, nil for a mere path, and its path from a prefix on.
    private static func parts(of link: String, at prefix: String) -> (base: String?, path: String) {
        guard let start = link.prefix(while: { $0 != "?" }).ranges(of: prefix).last?.lowerBound else {
            return (nil, link)
        }
        return (start == link.startIndex ? nil : String(link[..<start]), String(link[start...]))
    }
}
