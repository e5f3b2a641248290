// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser
internal import FoundationEssentials
internal import SpeakCode
internal import SpeakCodeDoctor
internal import SpeakCodeGateways
internal import SpeakCodePackTools
internal import SpeakCodeRehearsal
internal import SpeakCodeServer
internal import SpeakCodeService

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// `speakcode doctor`: fetches a running service as gateways do.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Fetch a running service's audio as gateways do, and tell what each of them would miss.",
        discussion: """
            It asks about two dozen times, as Asterisk, FreeSWITCH, rtpengine, Twilio, Sinch and Safari do. A link is a \
            secret, since who has it hears the code: give - to have URLs read from standard input, one a line. An endless \
            audio (live.mp3) is listened to for some seconds.

            With --call it looks at the settings by which `serve` places calls, in the file of --config and in variables \
            such as SPEAKCODE_TWILIO_ACCOUNT, and asks the gateways about them. Nobody is rung.

            With --provider it sends to the URL what that identity server sends, and looks at what comes back: statuses, \
            shapes, times. Each request lacks something without which nobody can be called, unless --to names whom to call.

            With --acr it prints the conformance report (WCAG 2.2, Section 508, EN 301 549), and with the address of a running \
            service what can be measured there, on announcements of a code of chance. Nobody is called.

            With --health it asks a service whether it is ready, as a container's health check does.
            """)

    @Argument(help: ArgumentHelp("URLs of audio, as they are given to the gateway.", valueName: "url"))
    var urls: [String] = []

    @Flag(name: .long, help: "Look at the settings by which calls are placed, and ring nobody.")
    var call = false

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Ask as an identity server does, such as kratos, at the address that is pasted into it.", valueName: "name"),
        completion: CompletionScript.words(FakeIdentityServer.Kind.allCases.map(\.rawValue)))
    var provider: String?

    @Flag(
        name: .long,
        help: "Print the accessibility conformance report, filled in at the address of a service, if there is one.")
    var acr = false

    @Flag(name: .long, help: "Ask whether a service is ready: the one here, or the one at the URL.")
    var health = false

    @Option(
        name: .long,
        help: ArgumentHelp(
            "A file with the API key that --provider and --acr present, or the secret that it signs with; yours alone to read.",
            valueName: "file"),
        completion: .file())
    var keyFile: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Whom --provider has called, once, such as a number of yours with +. (default: nobody)", valueName: "number"
        ))
    var to: String?

    @Option(
        name: .long, help: ArgumentHelp("The service's JSON file with settings, for --call.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var config: String?

    @Flag(name: .long, help: "Show every check, and why each thing is needed.")
    var verbose = false

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    @Flag(name: .long, help: "Take any TLS certificate, as gateways do not.")
    var insecure = false

    func run() async throws {
        if let provider { return try await examine(asNamed: provider) }
        guard to == nil else { throw Failure.usage("--to is for --provider") }
        if acr { return try await reportConformance() }
        if health { return try await askWhetherReady() }
        guard keyFile == nil else { throw Failure.usage("--key-file is for --provider and --acr") }
        guard !call else { return try await examineCalls() }
        guard config == nil else { throw Failure.usage("--config is for --call") }
        guard !urls.isEmpty else {
            throw Failure.usage("there is no URL: give one, such as http://host/audio.wav, or --call")
        }
        try await examineURLs()
    }

    private func examineURLs() async throws {
        let texts = urls == ["-"] ? Self.linesOfInput() : urls
        var targets: [AudioURL] = []
        for (index, text) in texts.enumerated() {
            do {
                targets.append(try AudioURL(text))
            } catch {
                throw Failure.usage((texts.count > 1 ? "URL \(index + 1): " : "") + error.description)
            }
        }
        guard !targets.isEmpty else { throw Failure.usage("there is no URL: give one, such as http://host/audio.wav") }
        if insecure { Terminal.say("any TLS certificate is taken; gateways refuse those that are not trusted") }
        let doctor = Doctor(trustsAnyCertificate: insecure)
        var reports: [Report] = []
        for target in targets {
            // Nobody waits for half a minute without a sign of life.
            let report = await doctor.examine(target) { id in
                if Terminal.isWatched { Terminal.say("asking as \(id) …") }
            }
            reports.append(report)
            if !json { print(report.table(showsAll: verbose), terminator: targets.count > 1 ? "\n" : "") }
        }
        if json { try Self.printJSON(reports) }
        if let failure = reports.lazy.compactMap(\.failure).first {
            throw Failure(EX_UNAVAILABLE, "nothing was fetched: \(failure)")
        }
        try Self.conclude(failed: reports.reduce(0) { $0 + $1.findings(.fail).count })
    }

    private func examineCalls() async throws {
        guard urls.isEmpty else { throw Failure.usage("--call looks at settings: leave the URLs out") }
        let environment = ProcessInfo.processInfo.environment
        let file = config ?? environment["SPEAKCODE_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
        let settings = try await ServiceSettings(flags: [:], environment: environment, file: file)
        let doctor = Doctor(trustsAnyCertificate: insecure)
        let findings = await CallSetup.examine(settings) {
            await Self.reach($0, doctor)
        } progress: { part in
            if Terminal.isWatched { Terminal.say("asking \(part) …") }
        }
        let report = SetupReport(findings)
        if json { try Self.printJSON(report) } else { print(report.table(showsAll: verbose), terminator: "") }
        try Self.conclude(failed: report.count(.fail))
    }

    private func examine(asNamed name: String) async throws {
        guard let kind = FakeIdentityServer.Kind(rawValue: name) else {
            let known = FakeIdentityServer.Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw Failure.usage("--provider must be one of \(known)")
        }
        guard !call, !acr, !health, config == nil, !insecure else {
            throw Failure.usage(
                "--call, --acr, --health, --config and --insecure are not for --provider; leave them out")
        }
        guard urls.count == 1, let url = urls.first else {
            throw Failure.usage("--provider takes one URL, such as https://host/v1/providers/\(kind.rawValue)")
        }
        let address: AudioURL
        do { address = try AudioURL(url) } catch { throw Failure.usage(error.description) }
        if let to, (try? PhoneNumber(to)) == nil { throw Failure.usage("--to must be a number with +, such as +49…") }
        let secret = try Self.key(keyFile)
        let text = Self.codeOfChance(8)
        let verdicts = await withHTTPSender { sender in
            await IdentityConformance(kind, at: url, secret: secret, sender: sender).examine(calling: to, code: text) {
                if Terminal.isWatched { Terminal.say("asking: \($0) …") }
            }
        }
        let report = SetupReport("\(address)", of: "CHECK", verdicts.map { (kind.rawValue, $0) })
        if json { try Self.printJSON(report) } else { print(report.table(showsAll: verbose), terminator: "") }
        try Self.conclude(failed: report.count(.fail))
    }

    private func reportConformance() async throws {
        guard !call, !health, config == nil, !insecure else {
            throw Failure.usage("--call, --health, --config and --insecure are not for --acr; leave them out")
        }
        guard urls.count <= 1 else { throw Failure.usage("--acr takes one URL, such as http://127.0.0.1:8080") }
        let report = try await conformance()
        if json { try Self.printJSON(report) } else { print(report.markdown, terminator: "") }
        try Self.conclude(failed: report.missed)
    }

    private func askWhetherReady() async throws {
        guard !call, config == nil, keyFile == nil else {
            throw Failure.usage("--call, --config and --key-file are not for --health; leave them out")
        }
        guard urls.count <= 1 else { throw Failure.usage("--health takes one URL, such as http://127.0.0.1:8080") }
        // The port of a service of which nothing else is said.
        let base = urls.first ?? "http://127.0.0.1:8080"
        let url: AudioURL
        do {
            url = try AudioURL((base.hasSuffix("/") ? String(base.dropLast()) : base) + "/readyz")
        } catch { throw Failure.usage(error.description) }
        let status: Int
        do throws(FetchError) {
            status = try await Doctor(trustsAnyCertificate: insecure).fetch(url).status
        } catch {
            throw Failure(EX_UNAVAILABLE, "it does not answer: \(error)")
        }
        guard status == 200 else { throw Failure(EX_UNAVAILABLE, "it is not ready: HTTP \(status)") }
        print("ready")
    }

    private func conformance() async throws -> ConformanceReport {
        let secret = try Self.key(keyFile)
        guard let url = urls.first else { return ConformanceReport() }
        let address: AudioURL
        do { address = try AudioURL(url) } catch { throw Failure.usage(error.description) }
        let code = Self.codeOfChance(6)
        let seen = try await withHTTPSender { sender in
            let base = url.hasSuffix("/") ? String(url.dropLast()) : url
            return try await ConformanceCheck(base: base, key: secret, code: code, sender: sender).measure {
                if Terminal.isWatched { Terminal.say("looking at \($0) …") }
            }
        }
        return ConformanceReport(of: "\(address)", seen)
    }

    private static func codeOfChance(_ length: Int) -> String {
        var generator = SystemRandomNumberGenerator()
        let code = ClearAlphabet(CodeSymbol.digits, without: []).code(length: length, using: &generator)
        return String(code.symbols.map(\.character))
    }

    /// The only line of a file that nobody else can read.
    private static func key(_ file: String?) throws -> String? {
        guard let file else { return nil }
        let lines = try KeyFile.lines(of: file, for: "--key-file")
        guard lines.count == 1, let line = lines.first else {
            throw Failure(EX_DATAERR, "--key-file must have one line, which is the key or the secret")
        }
        return String(line.text)
    }

    private static func reach(_ text: String, _ doctor: Doctor) async -> CallSetup.Reached {
        let url: AudioURL
        do { url = try AudioURL(text) } catch { return .failed("\(error)") }
        do throws(FetchError) {
            let answer = try await doctor.fetch(url)
            return .answered(status: answer.status, body: answer.body)
        } catch {
            return .failed("\(error)")
        }
    }

    private static func printJSON(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        print(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    private static func conclude(failed: Int) throws(Failure) {
        guard failed == 0 else {
            throw Failure(EX_PROTOCOL, "\(failed) \(failed == 1 ? "check fails" : "checks fail")")
        }
    }

    private static func linesOfInput() -> [String] {
        var lines: [String] = []
        while let line = readLine() {
            let text = line.filter { $0 != " " && $0 != "\r" }
            if !text.isEmpty { lines.append(text) }
        }
        return lines
    }
}
