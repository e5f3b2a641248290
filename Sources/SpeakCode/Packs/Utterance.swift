// SPDX-License-Identifier: GPL-3.0-or-later

/// What the engine is given to say one unit: text of a voice pack, never of a caller.
public struct Utterance: Hashable, Sendable {
    /// How the engine is to read the text.
    public enum Notation: UInt8, Hashable, Sendable {
        /// As words, by the voice's own rules.
        case words = 0
        /// As phoneme mnemonics of the engine.
        case phonemes = 1
    }

    /// The most UTF-8 bytes of an utterance: a phrase of some seconds.
    ///
    /// Long texts crash eSpeak NG 1.51.
    public static let maximumLength = 400

    /// The text, at most ``maximumLength`` bytes of UTF-8.
    public let text: String
    /// How the engine reads it.
    public let notation: Notation

    /// Punctuation behind the text, which sets its intonation.
    public let ending: String

    /// How fast it is said in proportion to the voice's rate: 1 as fast, 0.9 a tenth slower.
    public let pace: Double

    /// Describes an utterance.
    public init(_ text: String, notation: Notation = .words, ending: String = "", pace: Double = 1) {
        self.text = text
        self.notation = notation
        self.ending = ending
        self.pace = pace
    }

    /// The same with another text in it, punctuation behind it or pace.
    func with(text: String? = nil, ending: String? = nil, pace: Double? = nil) -> Utterance {
        Utterance(
            text ?? self.text, notation: notation, ending: ending ?? self.ending, pace: pace ?? self.pace)
    }
}
