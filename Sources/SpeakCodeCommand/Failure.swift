// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCode
internal import SpeakCodeServer
internal import SpeakCodeService

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Why the command ends without success: one line that says what to do, and a status of `sysexits.h`.
struct Failure: Error {
    let exitCode: Int32
    let message: String

    init(_ exitCode: Int32, _ message: String) {
        self.exitCode = exitCode
        self.message = message
    }

    static func usage(_ message: String) -> Failure { Failure(EX_USAGE, message) }

    /// What an error of the library means for the command; nil for an error of the argument parser.
    init?(_ error: any Error) {
        switch error {
        case let failure as Failure: self = failure
        case let error as CodeError: self.init(EX_DATAERR, error.description)
        case let error as ScriptError: self.init(Self.exitCode(for: error), error.description)
        case let error as AudioFormatError: self.init(EX_USAGE, error.description)
        case let error as VoicePackError: self.init(Self.exitCode(for: error), error.description)
        case let error as EngineError: self.init(Self.exitCode(for: error), error.description)
        case let error as BankError: self.init(Self.exitCode(for: error), error.description)
        case let error as SettingsError: self.init(EX_CONFIG, error.description)
        case let error as ListeningError: self.init(EX_UNAVAILABLE, error.description)
        default: return nil
        }
    }

    private static func exitCode(for error: ScriptError) -> Int32 {
        switch error.reason {
        case .noLetters, .noCapital, .noCount: EX_DATAERR
        case .unknownStyle, .unknownTemplate, .missingValue, .unknownSlot, .unknownValue, .nothingThere,
            .noGate, .wrongCount:
            EX_USAGE
        }
    }

    private static func exitCode(for error: VoicePackError) -> Int32 {
        switch error.reason {
        case .unknownLocale: EX_USAGE
        case .unreadable: EX_NOINPUT
        case .syntax, .value: EX_DATAERR
        }
    }

    private static func exitCode(for error: EngineError) -> Int32 {
        switch error.reason {
        case .missing: EX_UNAVAILABLE
        case .unknownVoice: EX_USAGE
        case .crashed, .hung, .failed: EX_SOFTWARE
        case .exhausted: EX_OSERR
        }
    }

    private static func exitCode(for error: BankError) -> Int32 {
        switch error.reason {
        case .engine(let error), .resting(let error, _): exitCode(for: error)
        case .silent, .misspoken, .noSuchUnit, .notRecorded: EX_DATAERR
        case .recording: EX_NOINPUT
        case .audio, .cancelled: EX_SOFTWARE
        case .tooLong: EX_USAGE
        }
    }

    /// A message of the argument parser in one line, without the values that were given: one of them may be the code.
    ///
    /// What may stand between its quotation marks is an option's name, with its value's name or without, and the names
    /// that an option takes.
    static func withoutValues(_ message: String, given arguments: [String]) -> String {
        // A quotation mark within a value would turn inside and outside round.
        let values = arguments.flatMap { [$0[...]] + ($0.split(separator: "=", maxSplits: 1).dropFirst()) }
        let plain = values.filter { $0.contains("'") }.sorted { $0.count > $1.count }
            .reduce(message) { $0.replacing($1, with: "…") }
        let lines = plain.split(separator: "\n").map { $0.drop { " -".contains($0) } }
        let choices = lines.dropFirst().joined(separator: ", ")
        let line = (lines.first ?? "the arguments do not parse") + (choices.isEmpty ? "" : " " + choices)
        return line.split(separator: "'", omittingEmptySubsequences: false).enumerated().map { index, part in
            index.isMultiple(of: 2) || isName(part) ? String(part) : "…"
        }.joined(separator: "'")
    }

    /// A message of the argument parser with what it leaves out: what a value must be, and that it was below zero.
    static func withReason(_ message: String, given arguments: [String]) -> String {
        let parts = message.split(separator: "'")
        let isMissing = parts.first == "Missing value for "
        guard isMissing || parts.prefix(3).joined() == "The value … is invalid for ", let said = parts.last,
            let bracket = said.firstIndex(of: "<")
        else { return message }
        let option = String(said[..<bracket].dropLast())
        let takes = kinds[String(said[bracket...].dropFirst().dropLast())]
        // To the parser a number below zero is an option.
        let isBelowZero = zip(arguments, arguments.dropFirst()).contains {
            $0 == option && $1.hasPrefix("-") && $1.dropFirst().first?.isNumber == true
        }
        if isMissing, isBelowZero { return "\(option) takes \(takes ?? "a number"), and none below zero" }
        guard let takes, !isMissing else { return message }
        return "\(option) takes \(takes)"
    }

    /// What the values are whose names help shows.
    private static let kinds = [
        "time": Time.words, "n": "a whole number", "wpm": "a whole number, 80 to 450",
        "45|50|mixed|mixed-50": TextTelephoneOption.allValueStrings.joined(separator: ", ")
            + ", or nothing, which is 45",
        "0-99": "a whole number, 0 to 99", "slot=value": "a slot and a value, such as minutes=10",
        "hz": "a rate in Hz: " + SampleRate.allCases.map { "\($0.hertz)" }.joined(separator: ", "),
    ]

    private static let names = Set(
        Register.allCases.map(\.rawValue) + ["<url> ...", "<pack>", "<name>"] + Pacing.Preset.allCases.map(\.rawValue)
            + AudioFormat.Kind.allCases.map(\.rawValue)
            + SampleRate.allCases.map { "\($0.hertz)" }
    ).union(Captions.Style.allCases.map(\.rawValue)).union(TextTelephoneOption.allValueStrings)

    /// Whether a quoted text is an option or a name that an option takes, and so cannot be a code.
    private static func isName(_ text: Substring) -> Bool {
        let option = text.prefix { $0 != " " }
        let placeholder = text.dropFirst(option.count)
        let letters = option.drop { $0 == "-" }
        let dashes = option.count - letters.count
        return names.contains(String(text))
            || (dashes == 2 || dashes == 1 && letters.count == 1)
                && letters.allSatisfy { $0.isASCII && $0.isLowercase || $0 == "-" }
                && (placeholder.isEmpty || placeholder.hasPrefix(" <") && placeholder.hasSuffix(">"))
    }
}
