// SPDX-License-Identifier: GPL-3.0-or-later

internal import CoreMetrics
internal import FoundationEssentials
public import Logging
internal import NIOCore
public import ServiceLifecycle
public import SpeakCode
internal import SpeakCodeLinks
internal import UnixSignals

/// The service: announcements in, links out, and links played to every gateway.
///
/// It is given what speaks, resamples and encodes, and knows no C library itself.
public struct SpeakCodeService: Service {
    private let settings: ServiceSettings
    private let shelf: @Sendable () throws -> VoiceShelf
    private let logger: Logger
    private let onListening: @Sendable (Int) -> Void

    private let announcer: Announcer
    private let keys: ServiceKeys
    private let seals: SealCount
    private let certificates: Certificates?
    private let metrics: ServiceMetrics
    private let readiness = Readiness()
    let responder: ServiceResponder
    private let ports: MediaPorts
    private let waiting: PendingCalls
    private let callServices: CallServices
    private let files: EncodedFiles
    private let time: SteadyTime
    private let mostConnections: Int

    /// Prepares a service; nothing is listened on yet.
    ///
    /// - Parameters:
    ///   - settings: how it is set up.
    ///   - engine: what speaks; it is asked for whole sections of packs, never for a code.
    ///   - resampler: what changes the engine's sample rate.
    ///   - encoder: what codes samples.
    ///   - decoder: what reads the recordings of voices that somebody has lent; nil where there are none.
    ///   - origin: names the versions of all three: entity tags change with it.
    ///   - openFiles: how many connections there may be.
    ///   - logger: where the access log and all else goes.
    ///   - logQueue: what the logger's lines wait in, so that dropped ones are counted.
    ///   - clock: what everything ages by.
    ///   - calendar: what links expire by.
    ///   - onListening: told the port once connections are taken.
    /// - Throws: ``SettingsError`` or `VoicePackError`.
    public init(
        _ settings: ServiceSettings, engine: any SpeechEngine & VoiceListing, resampler: any Resampler,
        encoder: any SoundEncoder, decoder: (any SoundDecoder)? = nil, origin: String,
        openFiles: OpenFiles = OpenFiles(), logger: Logger,
        logQueue: LogQueue? = nil, clock: any Clock<Duration> = ContinuousClock(),
        calendar: CalendarTime = .system,
        onListening: @escaping @Sendable (Int) -> Void = { _ in }
    ) throws {
        self.settings = settings
        let time = SteadyTime(clock)
        self.time = time
        let ports = 1 + (settings.audioSocketPort == nil ? 0 : 1) + (settings.agiPort == nil ? 0 : 1)
        mostConnections = try openFiles.connections(settings.connections, toEachOf: ports)
        self.onListening = onListening
        var logger = logger
        logger.logLevel = Logger.Level(rawValue: settings.logLevel) ?? .info
        self.logger = logger
        shelf = {
            try VoiceShelf(
                settings, try settings.voices.map(VoicePackCatalog.init(overlaidBy:)) ?? .builtIn, decoder: decoder)
        }

        let callers = try settings.readCallers()
        if callers.isEmpty, let opening = settings.opening {
            throw SettingsError(
                "apiKeysFile",
                "must be given \(opening): whoever reaches a service without API keys "
                    + "can have codes spoken; `speakcode keys caller NAME` makes one")
        }
        if callers.isEmpty {
            logger.warning("no API keys: whoever is on this machine can ask for announcements; for development only")
        }
        var linkKeys = try settings.readLinkKeys()
        if linkKeys.isEmpty {
            linkKeys = [LinkKey()]
            logger.warning(
                "no link keys: one was made for this process, so links end with it and other replicas do not know them; `speakcode keys new` makes one to keep"
            )
        }
        if let certificate = settings.certificate, let privateKey = settings.privateKey {
            certificates = try Certificates(certificate: certificate, privateKey: privateKey)
        } else {
            certificates = nil
        }
        guard let proxies = TrustedProxies(settings.trustedProxies, usesTLS: certificates != nil) else {
            throw SettingsError("trustedProxies", "must be addresses or networks, such as 10.0.0.0/8")
        }

        for exposed in settings.exposedFiles() { logger.warning("\(exposed)") }

        let registry = PrometheusRegistry()
        metrics = ServiceMetrics(factory: registry)
        seals = SealCount(metrics: metrics, logger: logger)
        keys = ServiceKeys(ServiceKeys.Set(links: LinkKeyring(linkKeys, seals: seals), callers: callers))
        logQueue?.onDrop { [metrics] in metrics.logLinesDropped.increment() }
        let engine = BoundedEngine(engine, atATime: openFiles.engines)
        let recent = ResponseCache(time: time)
        // What is left of the time that an answer has is for the file's own encoding.
        let files = EncodedFiles(time: time, patience: .seconds(settings.answerSeconds) * 4 / 5)
        self.files = files
        let reader = CodeReader(
            engine: MeasuredEngine(engine: engine, metrics: metrics, logger: logger), resampler: resampler,
            encoder: encoder, mostBytes: settings.voiceMegabytes << 20
        ) {
            // What was made of clips that were let go would keep them.
            recent.clear()
            files.clear()
            ClipBuffers.clear()
        }
        announcer = Announcer(
            reader: reader, encoder: encoder, origin: origin,
            shelf: try shelf(), digitsOnly: DigitsOnlyVoices(engine: engine),
            files: files, metrics: metrics)
        let buckets = TokenBuckets(
            .init(
                rate: Double(settings.rate), burst: settings.burst, daily: settings.daily == 0 ? nil : settings.daily),
            clock: ContinuousClock())
        let log = AccessLog(logger: logger)
        self.ports = MediaPorts(host: settings.reachedHost)
        waiting = PendingCalls(mostPerCaller: settings.waitingCallsPerCaller, time: calendar)
        let liveCalls = LiveCalls(
            .init(all: settings.liveCalls, link: settings.liveCallsPerLink, address: settings.mostLiveCallsPerAddress),
            proxies: proxies, metrics: metrics)
        callServices = CallServices(
            announcer: announcer, keys: keys, metrics: metrics, calls: liveCalls, log: log, time: calendar,
            longest: .seconds(settings.liveSeconds))
        responder = ServiceResponder(
            announcements: AnnouncementEndpoint(
                announcer: announcer, keys: keys, buckets: buckets, metrics: metrics, publicURL: settings.publicURL,
                ports: self.ports, waiting: waiting, log: log, time: calendar,
                lifetime: (settings.expiresIn, settings.longestExpiry)),
            links: LinkEndpoint(
                announcer: announcer, keys: keys, metrics: metrics,
                calls: liveCalls,
                cacheControl: CachePolicy(settings.cacheControl),
                longestLive: .seconds(settings.liveSeconds), recent: recent, time: calendar),
            calls: CallEndpoint(
                services: callServices, publicURL: settings.publicURL, signatures: try settings.readSignatures()),
            media: WebSocketEndpoint(services: callServices),
            state: StateEndpoint(readiness: readiness, registry: registry), proxies: proxies,
            limit: AnswerLimit(limit: .seconds(settings.answerSeconds), time: time), log: log, time: calendar,
            logger: logger)
    }

    /// Serves until it is told to end: SIGTERM and SIGINT let calls finish, SIGHUP reads packs, keys and certificate again.
    ///
    /// - Throws: ``ListeningError``, or what else keeps it from listening.
    public func run() async throws {
        // All ports are taken before the voice speaks and anybody is answered.
        var media: (audioSocket: MediaListener?, fastAGI: MediaListener?)
        let http: Listener.Bound
        do {
            media.audioSocket = try await listen(for: audioSocket, on: settings.audioSocketPort)
            media.fastAGI = try await listen(for: fastAGI, on: settings.agiPort)
            (ports.now.audioSocket, ports.now.fastAGI) = (media.audioSocket?.port, media.fastAGI?.port)
            http = try await listener(openConnections()).bind()
        } catch {
            media.audioSocket?.close()
            media.fastAGI?.close()
            throw error
        }
        ports.now.http = http.port
        onListening(http.port)
        var services: [any Service] = [http, Upkeep(service: self)]
        if let calls = media.audioSocket { services.append(calls) }
        if let calls = media.fastAGI {
            services.append(
                FastAGICalls(media: calls, files: listener(openConnections()), ports: ports, logger: logger))
        }
        let together = Together(services: services) { [readiness, callServices, logger] in
            readiness.becomeEnding()
            callServices.calls.endAfterReadings()
            logger.info("ending")
        }
        var configuration = ServiceGroupConfiguration(
            services: [.init(service: together)], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(settings.graceSeconds)
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch is CancellationError {
            logger.warning("the grace time was over before all calls were")
        }
    }

    private func listener(_ connections: OpenConnections) -> Listener {
        Listener(
            settings: settings, certificates: certificates, responder: responder, logger: logger,
            connections: connections)
    }

    /// The connections of a listening socket, of which there are none yet.
    private func openConnections() -> OpenConnections {
        OpenConnections(
            .init(
                all: mostConnections, address: settings.mostConnectionsPerAddress(of: mostConnections),
                proxies: responder.proxies)
        ) { [metrics, logger] isToBeLogged in
            metrics.refusedConnections.increment()
            guard isToBeLogged else { return }
            logger.warning("connections of an address that has connectionsPerAddress of them are closed")
        }
    }

    /// Services that are told to end at the same moment; a service group tells its own one after the other, and waits for
    /// each.
    private struct Together: Service, CustomStringConvertible {
        let services: [any Service]
        /// Told before them.
        let onEnding: @Sendable () -> Void

        var description: String { "the service" }

        func run() async throws {
            try await withGracefulShutdownHandler {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for service in services { group.addTask { try await service.run() } }
                    try await group.waitForAll()
                }
            } onGracefulShutdown: {
                onEnding()
            }
        }
    }

    // MARK: Media

    private func listen(
        for media: MediaListener.MediaProtocol, on port: Int?
    ) async throws(ListeningError) -> MediaListener? {
        guard let port else { return nil }
        return try await MediaListener.bind(
            media, host: settings.host, port: port, connections: openConnections(), logger: logger)
    }

    private var audioSocket: MediaListener.MediaProtocol {
        let patience = TimeAmount.seconds(Int64(settings.idleSeconds))
        // What a peer leaves unread is soon seen, and not megabytes later.
        return .init(
            name: "AudioSocket", setting: "audioSocketPort", sendBuffer: 32 << 10, patienceWithHost: patience
        ) { [waiting, callServices] channel in
            AudioSocketConnection(
                waiting: waiting, services: callServices, client: channel.remoteAddress?.ipAddress, patience: patience)
        }
    }

    private var fastAGI: MediaListener.MediaProtocol {
        let terms = FastAGIConnection.Terms(
            calls: callServices, ports: ports, publicURL: settings.publicURL,
            usesTLS: settings.certificate != nil, patience: .seconds(settings.idleSeconds), logger: logger)
        return .init(name: "FastAGI", setting: "agiPort") { _ in FastAGIConnection(terms) }
    }

    // MARK: Upkeep

    /// What is done beside serving: the first words spoken ahead, files read again, codes forgotten.
    private struct Upkeep: Service {
        let service: SpeakCodeService

        func run() async throws {
            await cancelWhenGracefulShutdown {
                await withDiscardingTaskGroup { group in
                    group.addTask { await service.warm() }
                    group.addTask { await service.reloadOnSignal() }
                    group.addTask { await service.sweep() }
                    if let certificates = service.certificates {
                        group.addTask { await service.watch(certificates) }
                    }
                }
            }
        }
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
                logger.error("the usual voice cannot speak", metadata: ["error": "\(error)"])
                try? await Task.sleep(for: .seconds(2))
            }
        }
    }

    /// Forgets codes whose time is over, whether or not anybody asks for anything.
    private func sweep() async {
        while (try? await time.sleep(for: .seconds(10))) != nil {
            responder.links.recent.sweep()
            files.sweep()
            waiting.sweep()
        }
    }

    /// How much is kept in memory that has codes in it.
    var keptCodes: (fetches: Int, files: Int, calls: Int) {
        (responder.links.recent.count, files.count, waiting.count)
    }

    private func reloadOnSignal() async {
        for await _ in await UnixSignalsSequence(trapping: [.sighup]) { reload() }
    }

    /// Reads packs, keys and certificate again; what is broken stays as it was.
    func reload() {
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
        if let certificates { reload(certificates) }
    }

    private func reload(_ certificates: Certificates) {
        do {
            try certificates.reload()
            logger.info("certificate read again")
        } catch {
            logger.error("the certificate stays as it was", metadata: ["error": "\(error)"])
        }
    }

    private func watch(_ certificates: Certificates) async {
        while true {
            do { try await Task.sleep(for: .seconds(5)) } catch { return }
            // Both files are replaced one after the other; a pair that does not belong together is tried again.
            if certificates.hasChanged { reload(certificates) }
        }
    }
}

// Services are described in a service group's own log lines, and settings have keys.
extension SpeakCodeService: CustomStringConvertible, CustomReflectable {
    /// The address, and nothing that is a secret.
    public var description: String { "SpeakCodeService(\(settings.host):\(settings.port))" }

    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
