// SPDX-License-Identifier: GPL-3.0-or-later

internal import CoreMetrics
public import Logging
internal import NIOCore
internal import NIOPosix
public import ServiceLifecycle
public import SpeakCode
package import SpeakCodeGateways
public import SpeakCodeService
internal import UnixSignals

/// A service on its ports: announcements in, links out, and links played to every gateway, over HTTP and live media.
///
/// It is given what speaks, resamples and encodes, and knows no C library itself.
public struct AnnouncementServer: Service {
    private let settings: ServiceSettings
    private let logger: Logger
    private let onListening: @Sendable (Int) -> Void

    let service: AnnouncementService
    private let certificates: Certificates?
    private let mostConnections: Int
    private let sender: PooledHTTPSender
    /// What calls over SIP; nil where nobody has set that up.
    private let sip: SIPDialer?

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
    /// - Throws: `SettingsError` or `VoicePackError`.
    public init(
        _ settings: ServiceSettings, engine: any SpeechEngine & VoiceListing, resampler: any Resampler,
        encoder: any SoundEncoder, decoder: (any SoundDecoder)? = nil, origin: String,
        openFiles: OpenFiles = OpenFiles(), logger: Logger,
        logQueue: LogQueue? = nil, clock: any Clock<Duration> = ContinuousClock(),
        calendar: CalendarTime = .system,
        onListening: @escaping @Sendable (Int) -> Void = { _ in }
    ) throws {
        try self.init(
            settings, engine: engine, resampler: resampler, encoder: encoder, decoder: decoder, origin: origin,
            openFiles: openFiles, logger: logger, logQueue: logQueue, clock: clock, calendar: calendar,
            onListening: onListening, routes: [])
    }

    /// The same with what calls over SIP, and with gateways that place calls.
    ///
    /// - Parameters:
    ///   - signalling: makes what rings telephones; nil where nothing can.
    ///   - site: pages beside the service's own addresses; nil for none.
    package init(
        _ settings: ServiceSettings, engine: any SpeechEngine & VoiceListing, resampler: any Resampler,
        encoder: any SoundEncoder, decoder: (any SoundDecoder)? = nil, origin: String,
        openFiles: OpenFiles = OpenFiles(), logger: Logger,
        logQueue: LogQueue? = nil, clock: any Clock<Duration> = ContinuousClock(),
        calendar: CalendarTime = .system,
        onListening: @escaping @Sendable (Int) -> Void = { _ in },
        routes: [CallRoute], signalling: ((SIPAccount) -> any SIPSignalling)? = nil,
        site: (any Site)? = nil
    ) throws {
        self.settings = settings
        let account = try settings.readSIPAccount()
        mostConnections = try openFiles.connections(
            settings.connections, toEachOf: settings.portCount,
            besides: account == nil ? 0 : SIPDialer.filesPerCall * settings.sipCalls)
        self.onListening = onListening
        var logger = logger
        logger.logLevel = Logger.Level(rawValue: settings.logLevel) ?? .info
        self.logger = logger
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
        if let certificate = settings.certificate, let privateKey = settings.privateKey {
            certificates = try Certificates(certificate: certificate, privateKey: privateKey)
        } else {
            certificates = nil
        }
        let registry = PrometheusRegistry()
        let sender = PooledHTTPSender()
        self.sender = sender
        var dialer: SIPDialer?
        service = try AnnouncementService(
            settings, callers: callers, engine: engine, enginesAtATime: openFiles.engines, resampler: resampler,
            encoder: encoder, decoder: decoder, origin: origin, workers: .ofThisProcess,
            metrics: registry, exposition: registry.exposition, sender: sender, routes: routes,
            ownRoutes: { services in
                guard let account else { return [] }
                guard let signalling else {
                    throw SettingsError("sipFrom", "cannot be set: this program has nothing that speaks SIP")
                }
                let made = SIPDialer(
                    signalling(account), ServiceCalls(services: services), account: account, most: settings.sipCalls)
                dialer = made
                return [made.route]
            }, site: site, logger: logger, clock: clock, calendar: calendar, onClipsLetGo: ClipBuffers.clear)
        sip = dialer
        logQueue?.onDrop { [metrics = service.metrics] in metrics.logLinesDropped.increment() }
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
            (service.ports.now.audioSocket, service.ports.now.fastAGI) = (media.audioSocket?.port, media.fastAGI?.port)
            http = try await listener(openConnections()).bind()
        } catch {
            media.audioSocket?.close()
            media.fastAGI?.close()
            throw error
        }
        service.ports.now.http = http.port
        var services: [any Service] = [http, service, Upkeep(server: self)]
        if let calls = media.audioSocket { services.append(calls) }
        if let calls = media.fastAGI {
            services.append(
                FastAGICalls(media: calls, files: listener(openConnections()), ports: service.ports, logger: logger))
        }
        services += clients
        if let sip { services.append(SIPCalls(dialer: sip, logger: logger)) }
        let together = Together(
            services: services, onStart: { [onListening, port = http.port] in onListening(port) },
            onEnding: { [service, logger] in
                service.end()
                logger.info("ending")
            })
        var configuration = ServiceGroupConfiguration(
            services: [.init(service: together)], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(settings.graceSeconds)
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch is CancellationError {
            logger.warning("the grace time was over before all calls were")
        } catch {
            await sender.close()
            throw error
        }
        await sender.close()
    }

    /// The connections to gateways that are asked for calls over one.
    private var clients: [DialingClient] {
        service.gateways.compactMap { gateway in
            way(to: gateway).map { way in
                DialingClient(
                    name: gateway.name, way: way, dialer: gateway.dialer,
                    group: MultiThreadedEventLoopGroup.singleton, logger: logger)
            }
        }
    }

    /// How we connect to a gateway; nil for one that comes to us.
    private func way(to gateway: SocketGateway) -> DialingClient.Way? {
        switch gateway.door {
        case .connect(let host, let port): return .bytes(host: host, port: port)
        case .openWebSocket(let address, let authorization):
            return gateway.exchange.map { exchange in
                .webSocket(
                    DialingWebSocket(
                        address: address, authorization: authorization,
                        asking: .init(exchange: exchange, sender: sender)))
            }
        case .webSocket: return nil
        }
    }

    private func listener(_ connections: OpenConnections) -> Listener {
        Listener(
            settings: settings, certificates: certificates, responder: service.responder,
            connections: connections)
    }

    /// The connections of a listening socket, of which there are none yet.
    private func openConnections() -> OpenConnections {
        OpenConnections(
            .init(
                all: mostConnections, address: settings.mostConnectionsPerAddress(of: mostConnections),
                proxies: service.responder.proxies)
        ) { [metrics = service.metrics, logger] isToBeLogged in
            metrics.refusedConnections.increment()
            guard isToBeLogged else { return }
            logger.warning("connections of an address that has connectionsPerAddress of them are closed")
        }
    }

    /// Services that are told to end at the same moment; a service group tells its own one after the other, and waits for
    /// each.
    private struct Together: Service, CustomStringConvertible {
        let services: [any Service]
        /// Told when signals are heard: whoever is told that it listens may end it at once.
        let onStart: @Sendable () -> Void
        /// Told before them.
        let onEnding: @Sendable () -> Void

        var description: String { "the service" }

        func run() async throws {
            onStart()
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
        ) { [waiting = service.waiting, services = service.callServices] channel in
            AudioSocketConnection(
                waiting: waiting, services: services, client: channel.remoteAddress?.ipAddress, patience: patience)
        }
    }

    private var fastAGI: MediaListener.MediaProtocol {
        let terms = FastAGIConnection.Terms(
            calls: service.callServices, ports: service.ports, publicURL: settings.publicURL,
            usesTLS: settings.certificate != nil, patience: .seconds(settings.idleSeconds), logger: logger)
        return .init(name: "FastAGI", setting: "agiPort") { _ in FastAGIConnection(terms) }
    }

    // MARK: Upkeep

    /// What is done beside serving: files are read again.
    private struct Upkeep: Service {
        let server: AnnouncementServer

        func run() async throws {
            await cancelWhenGracefulShutdown {
                await withDiscardingTaskGroup { group in
                    group.addTask { await server.reloadOnSignal() }
                    if let certificates = server.certificates {
                        group.addTask { await server.watch(certificates) }
                    }
                }
            }
        }
    }

    private func reloadOnSignal() async {
        for await _ in await UnixSignalsSequence(trapping: [.sighup]) { reload() }
    }

    /// Reads packs, keys and certificate again; what is broken stays as it was.
    func reload() {
        service.reload()
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
extension AnnouncementServer: CustomStringConvertible, CustomReflectable {
    /// The address, and nothing that is a secret.
    public var description: String { "AnnouncementServer(\(settings.host):\(settings.port))" }

    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
