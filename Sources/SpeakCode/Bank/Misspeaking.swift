// SPDX-License-Identifier: GPL-3.0-or-later

/// What an engine makes of a unit that is something else than the pack's line: nobody may hear it.
///
/// Versions of eSpeak NG know other phonemes, other words and other languages' letters, and report success whatever they
/// say. The checker finds it before, a bank when it is spoken.
package enum Misspeaking: Hashable, Sendable {
    /// Of a string of phonemes only the beginning is said.
    case cut(of: String, said: String)
    /// The voice goes over into another language.
    case otherLanguage(String)
    /// It sounds the same as another symbol of the code.
    case alike(Character)
}

extension Misspeaking: CustomStringConvertible {
    /// What is wrong, and what to do, behind the unit's place.
    package var description: String {
        switch self {
        case .cut(let written, let said):
            "of /\(written)/ the engine says /\(said)/ only: behind it stands a sign that the voice does not know"
        case .otherLanguage(let language):
            "the voice goes over into \(language); write it in a script that the voice reads"
        case .alike(let other): "sounds the same as \(other)"
        }
    }
}

extension VoicePack {
    /// What is wrong with what an engine has said for a unit, by its phonemes alone; nil where nothing is, or where the engine
    /// tells no phonemes.
    package func misspeaking(of unit: SpeechUnit, saying phonemes: Phonemes) -> Misspeaking? {
        guard phonemes.isSpeech, let utterance = line(for: unit)?.utterance else { return nil }
        if let language = phonemes.otherLanguage, !isOperators(unit) { return .otherLanguage(language) }
        guard utterance.notation == .phonemes, phonemes.soundCount < Phonemes(utterance.text).soundCount else {
            return nil
        }
        return .cut(of: utterance.text, said: "\(phonemes)")
    }
}
