// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser
internal import SpeakCode
internal import SpeakCodeEspeak
internal import SpeakCodePackTools

/// `speakcode code`: makes codes.
struct CodeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "code", abstract: "Make codes.", subcommands: [CodeNewCommand.self])
}

/// `speakcode code new`.
struct CodeNewCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: "Make a code of symbols that are easy to tell apart when they are heard.",
        discussion: """
            Of each two symbols that sound nearly alike in the language, by the phonemes with which its voice says them, one is \
            left out. They are drawn by the system's random source. The code goes to standard output, and how many bits it has and what was left out to standard error.
            """)

    static let lengths = 4...VerificationCode.maximumLength

    @Option(name: .long, help: ArgumentHelp("How many symbols, 4 to 32. (default: 6)", valueName: "n"))
    var length = 6

    @Flag(name: .long, help: "Of digits and letters, and not of digits alone.")
    var letters = false

    @Option(
        name: .long,
        help: ArgumentHelp("The language, a BCP 47 tag such as ja-JP or de. (default: en-US)", valueName: "tag"),
        completion: CompletionScript.locales)
    var locale = "en-US"

    @Option(
        name: .long, help: ArgumentHelp("A folder of voice packs over the built-in ones.", valueName: "folder"),
        completion: .directory)
    var voices: String?

    @Flag(name: .shortAndLong, help: "Print the code and nothing else.")
    var quiet = false

    func run() async throws {
        guard Self.lengths.contains(length) else {
            throw Failure.usage("--length must be \(Self.lengths.lowerBound) to \(Self.lengths.upperBound)")
        }
        if voices?.isEmpty == true { throw Failure.usage("--voices is empty; name a folder") }
        let catalog = try voices.map(VoicePackCatalog.init(overlaidBy:)) ?? .builtIn
        let pack = try await PackSearch(catalog: catalog, isQuiet: quiet).pack(for: locale)
        guard !letters || !pack.letters.isEmpty else {
            throw Failure.usage("--letters cannot be had in \(pack.locale), whose voice reads digits only")
        }
        let report = try await PackChecker(engine: EngineProcess.ofThisProgram).report(on: pack)
        let candidates = CodeSymbol.digits + (letters ? CodeSymbol.letters : [])
        let alphabet = ClearAlphabet(candidates, without: report.confusions)
        var generator = SystemRandomNumberGenerator()
        print(String(alphabet.code(length: length, using: &generator).symbols.map(\.character)))
        if !quiet { Terminal.say(Self.line(alphabet, length, pack.locale)) }
    }

    /// How hard the code is to guess, and what it has cost that it is easy to hear.
    private static func line(_ alphabet: ClearAlphabet, _ length: Int, _ locale: LanguageTag) -> String {
        let bits = alphabet.bits(ofLength: length).tenths
        guard !alphabet.avoided.isEmpty else {
            return "\(bits) bits; no symbol is left out: none sounds nearly as another in \(locale)"
        }
        let avoided = alphabet.avoided.map { "\($0.symbol.character) (near \($0.near.character))" }
        return "\(bits) bits, \(alphabet.cost(ofLength: length).tenths) fewer for leaving out what sounds nearly as "
            + "another in \(locale): \(avoided.joined(separator: ", "))"
    }
}
