// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser
internal import SpeakCode
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

/// `speakcode call`: rings a telephone, and reads.
struct CallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "call",
        abstract: "Ring a telephone over SIP and read a code to it, again and again, until they hang up.",
        usage: """
            speakcode call sip:anna@127.0.0.1:5060 123456
            speakcode call sip:anna@example.net - --user me --password-file secret --proxy sip:pbx.example.net
            speakcode call +4930123456 - --through twilio --config settings.json
            """,
        discussion: """
            It needs no gateway: it calls the address itself, or through --proxy. With --through a running service, which \
            the settings of --config or variables such as SPEAKCODE_PUBLIC_URL name, places the call by one of its \
            gateways, by its own bounds and behind its gate, and this command tells of it. Ctrl-C hangs up. It ends with status 0 \
            where a reading was heard to its end, 75 where the line was busy or they hung up before, 69 where nobody \
            answered, 77 where the call was declined or the password is not right, 67 where there is no such address, 68 \
            where nothing answers there, and 76 where the call failed otherwise; with --through 65 where the service \
            refuses what it is asked for, and 75 where it was asked too soon. A gateway that fetches a document does not \
            tell how often it was read: a call that was answered is enough then.
            """)

    @Argument(
        help: ArgumentHelp(
            "Whom to ring, such as sip:anna@example.net; with --through a number such as +4930123456 as well.",
            valueName: "to"))
    var to: String

    @Argument(
        help: ArgumentHelp(
            "The code: 1 to 32 digits and letters; spaces and hyphens group it. - reads it from standard input.",
            valueName: "code"))
    var code: [String] = []

    @Option(name: .long, help: ArgumentHelp("Hang up behind so many readings. (default: none)", valueName: "n"))
    var times: Int?

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("Hang up behind the last whole reading within a time. (default: 10m)", valueName: "time"))
    var limit: Time?

    @Option(
        name: .long, help: ArgumentHelp("How long the telephone may ring. (default: 30s)", valueName: "time"))
    var timeout: Time?

    @Option(name: .long, help: ArgumentHelp("Who calls, such as sip:me@example.net.", valueName: "address"))
    var from: String?

    @Option(
        name: .long,
        help: ArgumentHelp("Have a running service place the call, through this gateway.", valueName: "gateway"),
        completion: CompletionScript.words(CallCommand.gateways))
    var through: String?

    @Option(
        name: .long, help: ArgumentHelp("The service's JSON file with settings, for --through.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var config: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "When the code waits for a key, for --through: always, whenMachine or never. (default: always)",
            valueName: "name"), completion: CompletionScript.words(["always", "whenMachine", "never"]))
    var gate: String?

    @Option(name: .long, help: ArgumentHelp("Who you are to a proxy that asks.", valueName: "name"))
    var user: String?

    @Option(
        name: .long, help: ArgumentHelp("A file with the password of --user, yours alone to read.", valueName: "file"),
        completion: .file())
    var passwordFile: String?

    @Option(
        name: .long, help: ArgumentHelp("Where the call goes first, such as sip:pbx.example.net.", valueName: "address")
    )
    var proxy: String?

    @Option(
        name: .long,
        help: ArgumentHelp("Register there before the call, such as sip:example.net.", valueName: "address"))
    var registrar: String?

    @OptionGroup var reading: ReadingOptions

    @Flag(name: .shortAndLong, help: "Say nothing but errors.")
    var quiet = false

    /// The gateways that a service can dial through.
    static var gateways: [String] {
        Gateways.all.filter { $0.dialing != nil || $0.socketDialing != nil }.map(\.name) + [SIPAccount.route]
    }

    func run() async throws {
        HangUp.shared.listen()
        if let gateway = through {
            let call = try ServiceCall(try await ServiceCallPlan(self, through: gateway))
            return try await call.run()
        }
        let plan = try await CallPlan(self)
        let call = PhoneCall(plan)
        try await call.run()
    }
}

/// What such a command line means, all of it checked before anything is spoken.
struct CallPlan {
    let code: SpokenCode
    let order: CallOrder
    let account: SIPAccount
    let readings: Int?
    let isQuiet: Bool

    private static let usualRinging: Duration = .seconds(30)
    private static let usualLength: Duration = .seconds(600)
    private static let mostReadings = 1000

    /// Checks the options and reads the code.
    ///
    /// - Throws: ``Failure`` or an error of the library, in words for a person.
    init(_ options: CallCommand) async throws {
        for (option, value) in [("--config", options.config), ("--gate", options.gate)] where value != nil {
            throw Failure.usage("\(option) is for --through")
        }
        let callee = try Self.callee(options.to)
        account = try Self.account(options)
        if let times = options.times, !(1...Self.mostReadings).contains(times) {
            throw Failure.usage("--times must be 1 to \(Self.mostReadings)")
        }
        readings = options.times
        isQuiet = options.quiet
        let from = try Self.address(options.from, "--from")
        order = CallOrder(
            id: Self.newID(), to: callee, from: from?.uri,
            timeout: try Self.seconds(options.timeout, "--timeout", usual: Self.usualRinging),
            longest: try Self.seconds(options.limit, "--for", usual: Self.usualLength), heard: .local)
        code = try await SpokenCode(options.code, options.reading, isQuiet: options.quiet)
        if !isQuiet, Terminal.isWatched { code.warnings.forEach(Terminal.say) }
    }

    private static func callee(_ to: String) throws(Failure) -> CallOrder.Callee {
        guard to.lowercased().hasPrefix("sip:") || to.lowercased().hasPrefix("sips:") else {
            throw .usage(
                "only sip: addresses can be called without a gateway, such as sip:anna@127.0.0.1:5060; "
                    + "--through names a gateway")
        }
        return .sip(try address(to, "the address")?.uri ?? to)
    }

    private static func account(_ options: CallCommand) throws -> SIPAccount {
        guard options.user?.isEmpty != true else { throw Failure.usage("--user is empty; name who you are") }
        guard (options.user == nil) == (options.passwordFile == nil) else {
            throw Failure.usage("--user and --password-file belong together; give both of them")
        }
        var password: String?
        if let file = options.passwordFile {
            let lines = try KeyFile.lines(of: file, for: "--password-file")
            guard lines.count == 1, let line = lines.first else {
                throw Failure(EX_DATAERR, "--password-file must have one line, which is the password")
            }
            password = String(line.text)
        }
        return SIPAccount(
            user: options.user, password: password, proxy: try address(options.proxy, "--proxy"),
            registrar: try address(options.registrar, "--registrar"))
    }

    private static func address(_ text: String?, _ option: String) throws(Failure) -> SIPAddress? {
        guard let text else { return nil }
        do {
            return try SIPAddress(text, field: option)
        } catch {
            throw .usage(error.description)
        }
    }

    private static func seconds(_ time: Time?, _ option: String, usual: Duration) throws(Failure) -> Int {
        let seconds = Int((time?.duration ?? usual).components.seconds)
        guard seconds >= 1 else { throw .usage("\(option) must be at least 1s") }
        return seconds
    }

    /// Names a call of this machine's: anything that is not given twice.
    private static func newID() -> String {
        var generator = SystemRandomNumberGenerator()
        return String(generator.next(), radix: 16)
    }
}
