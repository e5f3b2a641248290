// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCode

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
        default: return nil
        }
    }

    private static func exitCode(for error: ScriptError) -> Int32 {
        switch error {
        case .noLetters: EX_DATAERR
        case .unknownStyle, .unknownTemplate: EX_USAGE
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
        }
    }

    private static func exitCode(for error: BankError) -> Int32 {
        switch error {
        case .engine(let error), .resting(let error, _): exitCode(for: error)
        case .silent, .noSuchUnit: EX_DATAERR
        case .audio: EX_SOFTWARE
        }
    }

    /// A message of the argument parser without the values that it quotes: one of them may be the code.
    static func withoutValues(_ message: String) -> String {
        message.split(separator: "'", omittingEmptySubsequences: false).enumerated().map { index, part in
            let isQuoted = !index.isMultiple(of: 2)
            return isQuoted && (part.contains(where: \.isNumber) || !part.hasPrefix("-")) && !part.hasPrefix("<")
                && !part.hasPrefix("--") ? "…" : String(part)
        }.joined(separator: "'")
    }
}
