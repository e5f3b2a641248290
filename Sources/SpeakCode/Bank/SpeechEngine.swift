// SPDX-License-Identifier: GPL-3.0-or-later

/// Something that speaks.
///
/// What an engine returns for an utterance must depend on the utterance and the voice alone, never on what it spoke
/// before: that is what makes the same code the same bytes in every process.
public protocol SpeechEngine: Sendable {
    /// Speaks utterances.
    ///
    /// - Parameters:
    ///   - utterances: what to say, each by itself.
    ///   - voice: how it is to sound.
    /// - Returns: one ``Speech`` for each utterance, in their order.
    /// - Throws: ``EngineError``.
    func speak(_ utterances: [Utterance], voice: EngineVoice) async throws(EngineError) -> [Speech]
}

extension SpeechEngine {
    /// Speaks utterances, and does not take an answer that has too few of them, or too many.
    package func speakAll(_ utterances: [Utterance], voice: EngineVoice) async throws(EngineError) -> [Speech] {
        let speech = try await speak(utterances, voice: voice)
        guard speech.count == utterances.count else {
            throw EngineError(.failed, "the engine answered \(speech.count) of \(utterances.count) utterances")
        }
        return speech
    }
}

/// What an engine said.
public struct Speech: Hashable, Sendable {
    /// The audio, at the engine's own rate.
    public let audio: PCM
    /// The phonemes, in the engine's mnemonics, language switches such as `(en)` included.
    public let phonemes: String

    /// Describes speech.
    public init(audio: PCM, phonemes: String) {
        self.audio = audio
        self.phonemes = phonemes
    }
}

/// Why an engine did not speak.
public struct EngineError: Error, Hashable, Sendable {
    /// The kinds of failure, for programs.
    public enum Reason: Hashable, Sendable {
        /// The engine's program, library or data is not there.
        case missing
        /// The engine has no such voice or variant.
        case unknownVoice
        /// The engine's process ended before it had spoken.
        case crashed
        /// The engine took longer than it may, and was ended.
        case hung
        /// The engine refused, or answered what makes no sense.
        case failed
        /// The system has no descriptor or process left for the engine.
        case exhausted
    }

    /// The kind of failure.
    public let reason: Reason
    /// What happened, and what to do.
    public let message: String

    /// Whether the same request may do better next time.
    public var isTransient: Bool {
        switch reason {
        case .crashed, .hung, .failed, .exhausted: true
        case .missing, .unknownVoice: false
        }
    }

    /// Describes a failure.
    public init(_ reason: Reason, _ message: String) {
        self.reason = reason
        self.message = message
    }
}

extension EngineError: CustomStringConvertible {
    /// What happened, and what to do.
    public var description: String { message }
}
