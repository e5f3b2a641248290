// SPDX-License-Identifier: GPL-3.0-or-later

/// Why a bank has no clip for a unit.
public struct BankError: Error, Hashable, Sendable {
    /// What is missing.
    public enum Reason: Hashable, Sendable {
        /// The engine did not speak, however often it was asked.
        case engine(EngineError)
        /// The engine did not speak a moment ago, and is left alone for so much longer.
        case resting(EngineError, for: Duration)
        /// The pack does not have a unit that was asked for.
        case noSuchUnit(LanguageTag)
        /// The engine said nothing that can be heard for a unit, named as a person reads it.
        case silent(LanguageTag, caption: String)
        /// The engine says something else for a unit than the pack has, and would say it again: the unit's place in the pack, its
        /// line in the pack's file where that is known, and what is wrong.
        case misspoken(LanguageTag, path: String, line: Int?, problem: String)
        /// A voice that somebody has lent lacks recordings, named as they are in its folder.
        case notRecorded(voice: String, LanguageTag, [RecordingName])
        /// A recording cannot be used: its file, and what to do.
        case recording(String)
        /// Resampling or coding failed; the library's own words.
        case audio(String)
        /// The announcement is longer than a format allows whose file is made whole, in memory.
        case tooLong(AudioFormat.Kind, limit: Duration)
        /// The task that asked was cancelled before the engine had spoken.
        case cancelled
    }

    /// What is missing.
    public let reason: Reason

    package init(_ reason: Reason) {
        self.reason = reason
    }
}

extension BankError: CustomStringConvertible {
    /// What happened, and what to do.
    public var description: String {
        switch reason {
        case .engine(let error): error.description
        case .resting(let error, let duration):
            "\(error.description) (next try in \(duration.wholeSeconds) s)"
        case .noSuchUnit(let locale): "the \(locale) voice pack lacks a phrase or symbol that the script asks for"
        case .silent(let locale, let caption):
            "the engine is silent for \"\(caption)\" in the \(locale) voice pack; run `speakcode voices check`"
        case .misspoken(let locale, let path, let line, let problem):
            "the \(locale) voice pack cannot be spoken by this version of the engine: "
                + "\(path)\(line.map { " (line \($0))" } ?? ""): \(problem); run `speakcode voices check`"
        case .notRecorded(let voice, let locale, let names):
            "the voice \(voice) has no recording that says \(Self.list(names)) as the \(locale) pack does; record it and run "
                + "`speakcode voices adopt` again, with --fill engine to have eSpeak NG say what is missing, or ask for "
                + "--template \(VoicePack.codeOnly), which has no sentence"
        case .recording(let problem): problem
        case .audio(let message): message
        case .tooLong(let kind, let limit):
            "\(kind.rawValue) is made for at most \(limit.components.seconds / 60) minutes; ask for less, or for wav"
        case .cancelled: "it was cancelled before the engine had spoken"
        }
    }
}

extension BankError {
    /// The first names and the number of the others.
    private static func list(_ names: [RecordingName]) -> String {
        let shown = names.prefix(4).map(\.text).joined(separator: ", ")
        return names.count > 4 ? "\(shown) and \(names.count - 4) more" : shown
    }
}

extension Duration {
    /// The seconds that have begun.
    fileprivate var wholeSeconds: Int64 { components.seconds + (components.attoseconds > 0 ? 1 : 0) }
}
