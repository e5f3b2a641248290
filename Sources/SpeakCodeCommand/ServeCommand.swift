// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser
internal import FoundationEssentials
internal import Logging
internal import SpeakCodeEspeak
internal import SpeakCodeSIP
internal import SpeakCodeServer
internal import SpeakCodeService
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

    @Option(
        name: .long, help: ArgumentHelp("A JSON file with settings.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var config: String?

    @Flag(name: .long, help: "Print the settings as they come out, secrets masked, and end.")
    var printConfig = false

    @OptionGroup var settings: SettingOptions

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let file = config ?? environment["SPEAKCODE_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
        let settings = try await ServiceSettings(flags: self.settings.given, environment: environment, file: file)
        guard !printConfig else { return print(settings.shown()) }

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
        // A service whose engine has no data ends here.
        _ = try EspeakEngine.version()
        let origin = speakCodeOrigin
        let service = try AnnouncementServer(
            settings, engine: EngineProcess.ofThisProgram(within: .seconds(settings.answerSeconds)),
            resampler: SoxrResampler(), encoder: SoundFileEncoder(), decoder: SoundFileDecoder(), origin: origin,
            openFiles: OpenFiles(raising: true), logger: logger, logQueue: log,
            onListening: { port in
                logger.info(
                    "listening", metadata: ["host": "\(settings.host)", "port": "\(port)", "sound": "\(origin)"])
            }, routes: [], signalling: { SIPStack($0, software: "SpeakCode/\(speakCodeVersion)") })
        do {
            try await service.run()
        } catch {
            guard Failure(error) == nil else { throw error }
            throw Failure(EX_UNAVAILABLE, "the service cannot go on: \(error)")
        }
    }
}
