// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// `speakcode`: with a code it speaks, with a verb it does what the verb says.
struct RootCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "speakcode",
        abstract: SpeakCommand.configuration.abstract,
        version: speakCodeVersionText,
        subcommands: [
            SpeakCommand.self, CallCommand.self, ServeCommand.self, RehearseCommand.self, DemoCommand.self,
            KeysCommand.self, DoctorCommand.self, VoicesCommand.self, CodeCommand.self, CorpusCommand.self,
            CheckCommand.self,
        ],
        defaultSubcommand: SpeakCommand.self)

    /// Runs a command line.
    ///
    /// - Returns: the exit status; every error has been said in one line on standard error.
    static func execute(_ arguments: [String]) async -> Int32 {
        // Help without a verb is help on speaking: the parser's own would list the verbs alone.
        if arguments.count == 1, let first = arguments.first, ["help", "--help", "-h"].contains(first) {
            print(helpMessage(for: SpeakCommand.self))
            return EX_OK
        }
        if let shell = CompletionScript.shell(in: arguments) {
            print(CompletionScript.text(for: shell), terminator: "")
            return EX_OK
        }
        let arguments = TextTelephoneOption.completed(arguments)
        do {
            try refuseMistyped(arguments)
            if isSpeech(arguments) {
                // Straight to the speaking command: to build the whole tree of verbs first takes as long as to speak a digit.
                let command = try SpeakCommand.parse(arguments)
                try refuseVerb(in: command.code)
                try await command.run()
                return EX_OK
            }
            var command = try parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return EX_OK
        } catch {
            return report(error, arguments)
        }
    }

    /// Whether a command line asks for speech without the verb: it begins with a code or an option of speaking, and asks
    /// for nothing that the parser does itself.
    static func isSpeech(_ arguments: [String]) -> Bool {
        guard let first = arguments.first, !verbs.contains(first) else { return false }
        let ofTheParser = [CompletionScript.option, "--experimental-dump-help", "---completion"]
        return !arguments.contains { ["-h", "--help", "--version"].contains($0) }
            && !ofTheParser.contains { first.hasPrefix($0) }
    }

    /// Whether a command line asks for what has an event loop for each processor.
    static func hasEventLoops(_ arguments: [String]) -> Bool {
        guard let verb = arguments.first(where: { !$0.hasPrefix("-") }) else { return false }
        return ["serve", "doctor", "call", "demo"].contains(verb)
    }

    /// The verbs, in the order of the help.
    static let verbs = [
        "speak", "call", "serve", "rehearse", "demo", "keys", "doctor", "voices", "code", "corpus", "check", "help",
    ]

    /// Refuses a command line that begins with a word which is nearly a verb, whatever options of that verb follow.
    private static func refuseMistyped(_ arguments: [String]) throws(Failure) {
        guard let first = arguments.first else { return }
        if first == "help", arguments.count > 1, !verbs.contains(arguments[1]) {
            guard let meant = MistypedVerb.nearest(to: arguments[1], among: verbs) else { return }
            throw .usage("there is no such verb; did you mean `speakcode help \(meant)`?")
        }
        guard !verbs.contains(first) else { return }
        try refuseVerb(in: arguments.prefix { !$0.hasPrefix("-") })
    }

    /// Refuses what would read the name of a verb aloud.
    private static func refuseVerb(in words: some Sequence<String>) throws(Failure) {
        guard let meant = MistypedVerb.meant(by: Array(words)) else { return }
        throw .usage("did you mean `speakcode \(meant)`? a code of these letters is read with `speakcode speak`")
    }

    private static func report(_ error: any Error, _ arguments: [String]) -> Int32 {
        if let failure = Failure(error) {
            Terminal.say(failure.message)
            return failure.exitCode
        }
        // What is left is the parser's own: help, version, completion scripts, and arguments that do not parse.
        if exitCode(for: error).isSuccess {
            print(fullMessage(for: error))
            return EX_OK
        }
        let problem = Failure.withReason(Failure.withoutValues(message(for: error), given: arguments), given: arguments)
        Terminal.say(problem + "; `speakcode --help` lists the options")
        return EX_USAGE
    }
}
