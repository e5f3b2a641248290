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
        version: speakCodeVersion,
        subcommands: [SpeakCommand.self, ServeCommand.self, KeysCommand.self, DoctorCommand.self, VoicesCommand.self],
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
        do {
            if isSpeech(arguments) {
                try await speech(arguments).run()
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

    /// Whether a command line asks for speech without the verb: it begins with a code, and asks for no help.
    static func isSpeech(_ arguments: [String]) -> Bool {
        guard let first = arguments.first, first == "-" || !first.hasPrefix("-"), !verbs.contains(first) else {
            return false
        }
        return !arguments.contains { ["-h", "--help", "--version"].contains($0) }
    }

    /// Whether a command line asks for what has an event loop for each processor.
    static func hasEventLoops(_ arguments: [String]) -> Bool {
        guard let verb = arguments.first(where: { !$0.hasPrefix("-") }) else { return false }
        return ["serve", "doctor"].contains(verb)
    }

    private static let verbs = ["speak", "serve", "keys", "doctor", "voices", "help"]

    /// Parses a command line that begins with a code.
    ///
    /// It goes straight to the speaking command: to build the whole tree of verbs first takes as long as to speak a digit.
    private static func speech(_ arguments: [String]) throws -> SpeakCommand {
        guard let options = SpeakOptions(plain: arguments) else { return try SpeakCommand.parse(arguments) }
        var command = SpeakCommand()
        command.options = options
        return command
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
        let problem = Failure.withoutValues(message(for: error), given: arguments)
        Terminal.say(problem + "; `speakcode --help` lists the options")
        return EX_USAGE
    }
}
