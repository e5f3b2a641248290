// SPDX-License-Identifier: GPL-3.0-or-later

internal import CoreMetrics
internal import FoundationEssentials
package import Logging
package import Metrics
public import ServiceLifecycle
package import SpeakCode
internal import SpeakCodeLinks
internal import SpeakCodePackTools

/// Announcements in, links out, and links played to every gateway: the service without a socket.
///
/// It is given what speaks, resamples and encodes, and knows no C library itself.
public struct AnnouncementService: Service {
    private let settings: ServiceSettings
    private let shelf: @Sendable () throws -> VoiceShelf
    private let logger: Logger

    private let announcer: Announcer
    private let keys: ServiceKeys
    private let seals: SealCount
    package let metrics: ServiceMetrics
    private let readiness = Readiness()
    package let responder: ServiceResponder
    /// Where gateways reach the ports of this node.
    package let ports: MediaPorts
    /// The calls that wait for AudioSocket.
    package let waiting: PendingCalls
    /// What every call needs.
    package let callServices: CallServices
    /// The calls that this node has placed.
    let placed: PlacedCalls
    /// The gateways that are asked for calls over a socket.
    package let gateways: [SocketGateway]
    private let placement: CallPlacement
    private let outbox: CallOutbox
    private let files: EncodedFiles
    private let time: SteadyTime

    /// Prepares a service.
    ///
    /// - Parameters:
    ///   - settings: how it is set up.
    ///   - callers: who may ask for announcements over HTTP; empty for everybody.
    ///   - engine: what speaks; it is asked for whole sections of packs, never for a code.
    ///   - enginesAtATime: how many engines are started at a time.
    ///   - resampler: what changes the engine's sample rate.
    ///   - encoder: what codes samples.
    ///   - decoder: what reads the recordings of voices that somebody has lent; nil where there are none.
    ///   - origin: names the versions of all three: entity tags change with it.
    ///   - workers: where what takes long is computed.
    ///   - metrics: what counts.
    ///   - exposition: what `/metrics` answers; nil for nothing.
    ///   - sender: sends requests over HTTP, to gateways and to the operator's addresses; nil for a host that places no calls.
    ///   - routes: gateways that place calls, before those that settings name.
    ///   - ownRoutes: ways to place calls that this process carries itself, behind those.
    ///   - site: pages beside the service's own addresses; nil for none.
    ///   - logger: where the access log and all else goes.
    ///   - clock: what everything ages by.
    ///   - calendar: what links expire by.
    ///   - onClipsLetGo: told when clips are let go, so that nobody keeps what was made of them.
    /// - Throws: ``SettingsError`` or `VoicePackError`.
    package init(
        _ settings: ServiceSettings, callers: [Caller], engine: any SpeechEngine & VoiceListing, enginesAtATime: Int,
        resampler: any Resampler, encoder: any SoundEncoder, decoder: (any SoundDecoder)?, origin: String,
        workers: Workers, metrics factory: any MetricsFactory, exposition: (@Sendable () -> String)?,
        sender: (any HTTPSender)?, routes: [CallRoute],
        ownRoutes: (CallServices) throws -> [CallRoute] = { _ in [] }, site: (any Site)? = nil, logger: Logger,
        clock: any Clock<Duration>, calendar: CalendarTime, onClipsLetGo: @escaping @Sendable () -> Void
    ) throws {
        try settings.check()
        self.settings = settings
        let time = SteadyTime(clock)
        self.time = time
        self.logger = logger
        shelf = {
            try VoiceShelf(
                settings, try settings.voices.map(VoicePackCatalog.init(overlaidBy:)) ?? .builtIn, decoder: decoder,
                time: calendar)
        }
        var linkKeys = try settings.readLinkKeys()
        if linkKeys.isEmpty {
            linkKeys = [LinkKey()]
            logger.warning(
                "no link keys: one was made for this process, so links end with it and other replicas do not know them; `speakcode keys new` makes one to keep"
            )
        }
        guard let proxies = TrustedProxies(settings.trustedProxies, usesTLS: settings.certificate != nil) else {
            throw SettingsError("trustedProxies", "must be addresses or networks, such as 10.0.0.0/8")
        }

        for exposed in settings.exposedFiles() { logger.warning("\(exposed)") }

        metrics = ServiceMetrics(factory: factory)
        seals = SealCount(metrics: metrics, logger: logger)
        keys = ServiceKeys(ServiceKeys.Set(links: LinkKeyring(linkKeys, seals: seals), callers: callers))
        let engine = BoundedEngine(engine, atATime: enginesAtATime)
        let recent = ResponseCache(time: time)
        // What is left of the time that an answer has is for the file's own encoding.
        let files = EncodedFiles(
            time: time, workers: workers.files, atATime: workers.filesAtATime,
            patience: .seconds(settings.answerSeconds) * 4 / 5)
        self.files = files
        let reader = CodeReader(
            engine: MeasuredEngine(engine: engine, metrics: metrics, logger: logger, time: time), resampler: resampler,
            encoder: encoder, mostBytes: settings.voiceMegabytes << 20
        ) {
            // What was made of clips that were let go would keep them.
            recent.clear()
            files.clear()
            onClipsLetGo()
        }
        announcer = Announcer(
            reader: reader, encoder: encoder, origin: origin,
            shelf: try shelf(), digitsOnly: DigitsOnlyVoices(engine: engine),
            files: files, workers: workers, metrics: metrics, refused: RefusedVoices(logger: logger), time: time)
        let buckets = TokenBuckets(
            .init(
                rate: Double(settings.rate), burst: settings.burst, daily: settings.daily == 0 ? nil : settings.daily),
            time: time)
        let log = AccessLog(logger: logger, time: time)
        self.ports = MediaPorts(host: settings.reachedHost)
        waiting = PendingCalls(mostPerCaller: settings.waitingCallsPerCaller, time: calendar)
        let liveCalls = LiveCalls(
            .init(all: settings.liveCalls, link: settings.liveCallsPerLink, address: settings.mostLiveCallsPerAddress),
            proxies: proxies, metrics: metrics)
        let announcements = AnnouncementEndpoint(
            announcer: announcer, keys: keys, buckets: buckets, metrics: metrics, publicURL: settings.publicURL,
            ports: self.ports, waiting: waiting, log: log, logger: logger, time: calendar,
            lifetime: (settings.expiresIn, settings.longestExpiry))
        // Who has no port and sends nothing is asked by no gateway.
        let gateways = sender == nil ? [] : try settings.readSocketGateways(clock: clock)
        self.gateways = gateways
        outbox = CallOutbox(
            to: settings.callEvents, key: try settings.readWebhookKey(), sender: sender ?? NoHTTPSender(), time: time,
            calendar: calendar, metrics: metrics)
        let news = CallNews(metrics: metrics, log: log, outbox: outbox)
        placed = PlacedCalls(time: calendar) { news.tell($0, of: $1) }
        placement = CallPlacement(placed, time: time)
        callServices = CallServices(
            announcer: announcer, keys: keys, metrics: metrics, calls: liveCalls, placed: placed, log: log,
            time: calendar, steady: time,
            longest: .seconds(settings.liveSeconds))
        let terms = try settings.readCallTerms(
            routes + gateways.map(\.route)
                + (sender.map { (sender) throws in
                    try settings.readCallRoutes(sender: sender, time: time, calendar: calendar)
                } ?? []) + ownRoutes(callServices))
        let guards = try CallGuards(settings, time: calendar, logger: logger)
        let placedCalls = PlacedCallEndpoint(
            announcements: announcements, calls: placed, guards: guards, placement: placement, terms: terms,
            listeners: liveCalls, steady: time)
        responder = ServiceResponder(
            announcements: announcements,
            links: LinkEndpoint(
                announcer: announcer, keys: keys, metrics: metrics,
                calls: liveCalls,
                cacheControl: CachePolicy(settings.cacheControl),
                longestLive: .seconds(settings.liveSeconds), recent: recent, time: calendar, steady: time),
            calls: CallEndpoint(
                services: callServices, publicURL: settings.publicURL, signatures: try settings.readSignatures()),
            placed: placedCalls,
            reports: CallReportEndpoint(
                calls: placed, placement: placement, terms: terms, services: callServices,
                publicURL: settings.publicURL
            ) { news.tell($0, of: $1) },
            identity: IdentityEndpoint(
                servers: try settings.readIdentityServers(), calls: placedCalls,
                forwarding: settings.identityForward.map { TextForwarding(url: $0, sender: sender ?? NoHTTPSender()) }),
            media: WebSocketEndpoint(services: callServices), gateways: gateways,
            state: StateEndpoint(
                readiness: readiness, refused: announcer.refused, exposition: exposition), site: site, proxies: proxies,
            limit: AnswerLimit(limit: .seconds(settings.answerSeconds), time: time), log: log, time: calendar,
            logger: logger)
    }

    // MARK: Upkeep

    /// Places calls, has the first words spoken ahead and forgets codes whose time is over, until it is told to end.
    ///
    /// Gateways are asked for the calls that were accepted then.
    public func run() async {
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                group.addTask {
                    await placement.run()
                    await placed.untilToldHereAreOver()
                    outbox.close()
                }
                group.addTask { await outbox.run() }
                group.addTask { await keepUp() }
            }
        } onGracefulShutdown: {
            end()
        }
    }

    private func keepUp() async {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await warm() }
                group.addTask { await sweep() }
            }
        }
    }

    /// Takes nothing new, and lets every call end with the reading that it is in.
    package func end() {
        readiness.becomeEnding()
        placement.close()
        placed.letFollowersGo()
        callServices.calls.endAfterReadings()
    }

    /// Tries until the usual voice has spoken.
    private func warm() async {
        while !Task.isCancelled {
            do throws(BankError) {
                try await announcer.warm()
                readiness.becomeReady()
                logger.info("ready", metadata: ["locale": "\(announcer.shelf.usual.locale)"])
                return
            } catch {
                // A service that ends wants no voice any more.
                guard !Task.isCancelled else { return }
                guard !announcer.refused.note(error) else { return readiness.refuse("\(error)") }
                logger.error("the usual voice cannot speak", metadata: ["error": "\(error)"])
                try? await time.sleep(for: .seconds(2))
            }
        }
    }

    /// Forgets codes whose time is over, whether or not anybody asks for anything.
    private func sweep() async {
        while (try? await time.sleep(for: .seconds(10))) != nil {
            responder.links.recent.sweep()
            files.sweep()
            waiting.sweep()
            placed.sweep()
        }
    }

    /// How many events of calls wait to be told to the operator's addresses.
    package var untoldEvents: Int { outbox.count }

    /// How much is kept in memory that has codes in it.
    var keptCodes: (fetches: Int, files: Int, calls: Int) {
        (responder.links.recent.count, files.count, waiting.count)
    }

    /// Reads packs and keys again; what is broken stays as it was.
    package func reload() {
        do {
            announcer.shelf = try shelf()
            responder.links.recent.clear()
            logger.info("voice packs read again")
        } catch {
            logger.error("voice packs stay as they were", metadata: ["error": "\(error)"])
        }
        do {
            var set = keys.now
            let links = try settings.readLinkKeys()
            if !links.isEmpty { set.links = LinkKeyring(links, seals: seals) }
            let callers = try settings.readCallers()
            if !callers.isEmpty { set.callers = callers }
            keys.now = set
            responder.links.recent.clear()
            logger.info("keys read again")
        } catch {
            logger.error("keys stay as they were", metadata: ["error": "\(error)"])
        }
    }
}

// Services are described in a service group's own log lines, and settings have keys.
extension AnnouncementService: CustomStringConvertible, CustomReflectable {
    /// Nothing that is a secret.
    public var description: String { "AnnouncementService" }

    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
