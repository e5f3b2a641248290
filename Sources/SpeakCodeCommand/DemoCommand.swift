// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser
internal import FoundationEssentials
internal import Logging
internal import SpeakCodeDemo
internal import SpeakCodeEspeak
internal import SpeakCodeGateways
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

/// `speakcode demo`: the story of a code that does not arrive, in a browser.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Show in a browser how a code that does not arrive is received by a call, and hear all languages.",
        usage: """
            speakcode demo
            speakcode demo --call sip:me@127.0.0.1:5060
            """,
        discussion: """
            A small site with two-step verification asks the real service, in this process, for the call, by the hook that \
            any site uses; a telephone on the page rings. Only this machine reaches it, and no key is needed. Ctrl-C ends it.
            """)

    @Option(name: .long, help: ArgumentHelp("The port to listen on; 0 for any. (default: 8080)", valueName: "port"))
    var port: Int?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Ring this telephone in place of the page's: sip:anna@127.0.0.1:5060, or a number by a gateway of --config.",
            valueName: "address"))
    var call: String?

    @Option(
        name: .long, help: ArgumentHelp("A file of settings that has a gateway, as serve takes it.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var config: String?

    @Option(
        name: .long, help: ArgumentHelp("How long a code is valid, 10s to 1h. (default: 10m)", valueName: "time"))
    var validFor: Time?

    func run() async throws {
        let site = DemoSite(try plan()) { Int(Date().timeIntervalSince1970) }
        let settings = try await settings(of: site)
        let log = LogQueue(descriptor: STDERR_FILENO)
        LoggingSystem.bootstrap(log.handler)
        do {
            try await serve(site, settings, log)
        } catch {
            await log.flush(within: Self.farewell, on: ContinuousClock())
            throw error
        }
    }

    private static let farewell: Duration = .seconds(1)
    private static let lifetimes: ClosedRange<Duration> = .seconds(10) ... .seconds(3600)

    /// What the options ask for.
    ///
    /// - Throws: ``Failure``.
    private func plan() throws(Failure) -> DemoSite.Settings {
        var plan = DemoSite.Settings()
        if let port, !(0...65_535).contains(port) { throw .usage("--port must be 0 to 65535") }
        if let call {
            plan.callee = call
            if call.hasPrefix("+") {
                guard config != nil else { throw .usage("--call with a number needs --config, which has a gateway") }
            } else {
                do throws(DialingError) { _ = try SIPAddress(call, field: "--call") } catch {
                    throw .usage(error.description)
                }
            }
        }
        if let validFor {
            guard Self.lifetimes.contains(validFor.duration) else { throw .usage("--valid-for must be 10s to 1h") }
            plan.codesLast = Int(validFor.duration.components.seconds)
        }
        return plan
    }

    private func settings(of site: DemoSite) async throws -> ServiceSettings {
        var flags = site.serviceSettings
        (flags["host"], flags["port"], flags["logLevel"]) = ("127.0.0.1", "\(port ?? 8080)", "error")
        if call?.lowercased().hasPrefix("sip") == true {
            (flags["sipFrom"], flags["callThrough"]) = ("sip:speakcode@127.0.0.1", SIPAccount.route)
        }
        return try await ServiceSettings(flags: flags, environment: [:], file: config)
    }

    private func serve(_ site: DemoSite, _ settings: ServiceSettings, _ log: LogQueue) async throws {
        let service = try AnnouncementServer(
            settings, engine: EngineProcess.ofThisProgram(within: .seconds(settings.answerSeconds)),
            resampler: SoxrResampler(), encoder: SoundFileEncoder(), decoder: SoundFileDecoder(),
            origin: "speakcode \(speakCodeVersion)", openFiles: OpenFiles(raising: true),
            logger: Logger(label: "speakcode"), logQueue: log,
            onListening: { port in
                print("The demo is at http://127.0.0.1:\(port)/ for this machine alone, without a key. Ctrl-C ends it.")
                // It is read as soon as it is said, into a pipe as well.
                fflush(nil)
            }, routes: [site.route], signalling: { SIPStack($0, software: "SpeakCode/\(speakCodeVersion)") }, site: site
        )
        do {
            try await service.run()
        } catch {
            guard Failure(error) == nil else { throw error }
            throw Failure(EX_UNAVAILABLE, "the demo cannot go on: \(error)")
        }
    }
}
