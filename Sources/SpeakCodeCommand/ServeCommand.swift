// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser
internal import FoundationEssentials
internal import Logging
internal import SpeakCodeEspeak
internal import SpeakCodeServer
internal import SpeakCodeSndfile
internal import SpeakCodeSoxr

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// `speakcode serve`: the service.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve announcements over HTTP: a code is posted, and a link comes back that every gateway plays.",
        discussion: """
            Each setting can be a flag, a variable such as SPEAKCODE_PUBLIC_URL, or a key such as publicURL in the file of \
            --config; the first of them that is there counts. Keys are in files or variables, never in flags, which \
            everybody on the machine can see.
            """)

    @OptionGroup var options: ServeOptions

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let file = options.config ?? environment["SPEAKCODE_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
        let settings = try await ServiceSettings(flags: options.flags, environment: environment, file: file)
        guard !options.printConfig else { return print(settings.shown()) }

        // Until the service listens for it, the signal would end it.
        signal(SIGHUP, SIG_IGN)
        // Without it the C library looks at the zone's file for the time of each log line.
        setenv("TZ", ":/etc/localtime", 0)
        let log = LogQueue(descriptor: STDERR_FILENO)
        LoggingSystem.bootstrap(log.handler)
        do {
            try await serve(settings, log)
        } catch {
            await log.flush(within: Self.farewell, on: ContinuousClock())
            throw error
        }
        await log.flush(within: Self.farewell, on: ContinuousClock())
    }

    /// How long whoever reads the log is waited for at the end.
    private static let farewell: Duration = .seconds(1)

    private func serve(_ settings: ServiceSettings, _ log: LogQueue) async throws {
        let logger = Logger(label: "speakcode")
        let origin =
            "speakcode \(speakCodeVersion), espeak-ng \(try EspeakEngine.version()), "
            + "\(SoxrResampler.version), \(SoundFileEncoder.version)"
        let service = try SpeakCodeService(
            settings, engine: EngineProcess.ofThisProgram(within: .seconds(settings.answerSeconds)),
            resampler: SoxrResampler(), encoder: SoundFileEncoder(), decoder: SoundFileDecoder(), origin: origin,
            openFiles: OpenFiles(raising: true), logger: logger, logQueue: log
        ) { port in
            logger.info("listening", metadata: ["host": "\(settings.host)", "port": "\(port)", "sound": "\(origin)"])
        }
        do {
            try await service.run()
        } catch {
            guard Failure(error) == nil else { throw error }
            throw Failure(EX_UNAVAILABLE, "the service cannot go on: \(error)")
        }
    }
}

/// What can be typed behind `speakcode serve`: a flag for each setting that is no secret.
struct ServeOptions: ParsableArguments {
    @Option(
        name: .long, help: ArgumentHelp("A JSON file with settings.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var config: String?

    @Flag(name: .long, help: "Print the settings as they come out, secrets masked, and end.")
    var printConfig = false

    @Option(name: .long, help: "The address to listen on. (default: 127.0.0.1)")
    var host: String?

    @Option(name: .long, help: "The port to listen on; 0 for any. (default: 8080)")
    var port: String?

    @Option(
        name: .customLong("public-url"),
        help: ArgumentHelp("The base of links, such as https://codes.example.net.", valueName: "url"))
    var publicURL: String?

    @Option(
        name: .long, help: ArgumentHelp("The locale for callers who name none. (default: en-US)", valueName: "tag"),
        completion: CompletionScript.locales)
    var locale: String?

    @Option(
        name: .long, help: ArgumentHelp("A folder of voice packs over the built-in ones.", valueName: "folder"),
        completion: .directory)
    var voices: String?

    @Option(
        name: .long,
        help: ArgumentHelp("Voices that somebody has lent, as name=folder, with commas between.", valueName: "list"))
    var recordedVoices: String?

    @Option(
        name: .long,
        help: ArgumentHelp("Which of them a locale has where nobody chooses, as locale=name.", valueName: "list"))
    var localeVoices: String?

    @Option(
        name: .long, help: ArgumentHelp("A file with a link key in each line.", valueName: "file"),
        completion: .file())
    var linkKeysFile: String?

    @Option(
        name: .long, help: ArgumentHelp("A file with a caller's name and API key in each line.", valueName: "file"),
        completion: .file())
    var apiKeysFile: String?

    @Option(
        name: .long, help: ArgumentHelp("A PEM certificate chain: turns on TLS and HTTP/2.", valueName: "file"),
        completion: .file())
    var certificate: String?

    @Option(
        name: .long, help: ArgumentHelp("The certificate's private key, PEM.", valueName: "file"),
        completion: .file())
    var privateKey: String?

    @Option(
        name: .long,
        help: ArgumentHelp("Addresses and networks of proxies whose Forwarded is taken.", valueName: "list"))
    var trustedProxies: String?

    @Option(name: .long, help: ArgumentHelp("The Cache-Control of finite audio.", valueName: "value"))
    var cacheControl: String?

    @Option(name: .long, help: ArgumentHelp("How long a link is valid. (default: 600)", valueName: "seconds"))
    var expiresIn: String?

    @Option(name: .long, help: ArgumentHelp("The most a caller may ask for. (default: 3600)", valueName: "seconds"))
    var longestExpiry: String?

    @Option(name: .long, help: ArgumentHelp("Announcements a second for each API key. (default: 20)", valueName: "n"))
    var rate: String?

    @Option(name: .long, help: ArgumentHelp("Announcements at once for each API key. (default: 100)", valueName: "n"))
    var burst: String?

    @Option(name: .long, help: ArgumentHelp("Announcements a day for each API key; 0 for any.", valueName: "n"))
    var daily: String?

    @Option(name: .long, help: ArgumentHelp("Listeners of endless audio at a time. (default: 1000)", valueName: "n"))
    var liveCalls: String?

    @Option(name: .long, help: ArgumentHelp("How long one listener is read to. (default: 600)", valueName: "seconds"))
    var liveSeconds: String?

    @Option(name: .long, help: ArgumentHelp("Of those, by one link. (default: 5)", valueName: "n"))
    var liveCallsPerLink: String?

    @Option(name: .long, help: ArgumentHelp("Of those, from one address. (default: half of them)", valueName: "n"))
    var liveCallsPerAddress: String?

    @Option(
        name: .long,
        help: ArgumentHelp("Calls that wait for AudioSocket, for each API key. (default: 10000)", valueName: "n"))
    var waitingCallsPerCaller: String?

    @Option(
        name: .long,
        help: ArgumentHelp("The port for Asterisk's AudioSocket; 0 for any. (default: none)", valueName: "port"))
    var audioSocketPort: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The port for Asterisk's FastAGI, usually 4573; 0 for any. (default: none)", valueName: "port"))
    var agiPort: String?

    @Option(
        name: .long,
        help: ArgumentHelp("The name by which gateways reach those two ports of this node.", valueName: "name"))
    var mediaHost: String?

    @Option(name: .long, help: ArgumentHelp("The public key of Telnyx's signatures, in base64.", valueName: "key"))
    var telnyxPublicKey: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Connections at a time to each port. (default: as many as files may be open, at most 20000)",
            valueName: "n"))
    var connections: String?

    @Option(name: .long, help: ArgumentHelp("Of those, from one address. (default: a quarter of them)", valueName: "n"))
    var connectionsPerAddress: String?

    @Option(
        name: .long, help: ArgumentHelp("How long an answer may be made. (default: 10)", valueName: "seconds"))
    var answerSeconds: String?

    @Option(
        name: .long, help: ArgumentHelp("Spoken voices to keep, in megabytes. (default: 256)", valueName: "n"))
    var voiceMegabytes: String?

    @Option(
        name: .long, help: ArgumentHelp("How long a silent client is waited for. (default: 30)", valueName: "seconds"))
    var idleSeconds: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "How long a handshake, a request's head and a frame may take. (default: 10)", valueName: "seconds"))
    var requestSeconds: String?

    @Option(
        name: .long, help: ArgumentHelp("How long calls may go on at the end. (default: 60)", valueName: "seconds"))
    var graceSeconds: String?

    @Option(
        name: .long, help: ArgumentHelp("trace, debug, info, notice, warning, error.", valueName: "level"),
        completion: CompletionScript.words(Logger.Level.allCases.map(\.rawValue)))
    var logLevel: String?

    /// What was given, by the settings' keys.
    var flags: [String: String] {
        let given: [String: String?] = [
            "host": host, "port": port, "publicURL": publicURL, "locale": locale, "voices": voices,
            "recordedVoices": recordedVoices, "localeVoices": localeVoices,
            "linkKeysFile": linkKeysFile, "apiKeysFile": apiKeysFile, "certificate": certificate,
            "privateKey": privateKey, "trustedProxies": trustedProxies, "cacheControl": cacheControl,
            "expiresIn": expiresIn, "longestExpiry": longestExpiry, "rate": rate, "burst": burst, "daily": daily,
            "liveCalls": liveCalls, "liveSeconds": liveSeconds, "connections": connections,
            "liveCallsPerLink": liveCallsPerLink, "liveCallsPerAddress": liveCallsPerAddress,
            "waitingCallsPerCaller": waitingCallsPerCaller, "connectionsPerAddress": connectionsPerAddress,
            "answerSeconds": answerSeconds, "voiceMegabytes": voiceMegabytes,
            "audioSocketPort": audioSocketPort, "agiPort": agiPort, "mediaHost": mediaHost,
            "telnyxPublicKey": telnyxPublicKey, "idleSeconds": idleSeconds, "requestSeconds": requestSeconds,
            "graceSeconds": graceSeconds,
            "logLevel": logLevel,
        ]
        return given.compactMapValues(\.self)
    }
}
