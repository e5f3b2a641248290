// SPDX-License-Identifier: GPL-3.0-or-later

/// Why a code cannot be read with a pack and some options.
public struct ScriptError: Error, Hashable, Sendable {
    /// What cannot be read.
    public enum Reason: Hashable, Sendable {
        /// The pack reads digits only, and the code has letters.
        case noLetters(LanguageTag)
        /// The pack has no word for capital letters, and the case of the code's letters was to be said.
        case noCapital(LanguageTag)
        /// The pack has no such style of digits or letters; the ones that it has.
        case unknownStyle(String, known: [String])
        /// The pack has no such template; the ones that it has.
        case unknownTemplate(String, known: [String])
        /// A phrase of the template has a slot for which no value was given; the values that the pack has.
        case missingValue(slot: String, known: [String])
        /// A value is for a slot that neither this pack nor others have; the ones that there are.
        case unknownSlot(known: [String])
        /// The pack has no such value for a slot; the ones that it has. The value itself is not repeated.
        case unknownValue(slot: String, known: [String])
        /// The template says how long the code is, and the pack has no words for so many digits, or none for letters; the
        /// lengths for which it has.
        case noCount(LanguageTag, ofLetters: Bool, known: [Int])
        /// The length that was given for the slot `digits` is not the code's.
        case wrongCount
        /// The pack has nothing at the places that were to be heard.
        case nothingThere(LanguageTag)
        /// The pack has no phrase that asks for a key press.
        case noGate(LanguageTag)
    }

    /// What cannot be read.
    public let reason: Reason

    package init(_ reason: Reason) {
        self.reason = reason
    }
}

extension ScriptError: CustomStringConvertible {
    /// A sentence that says what to do.
    public var description: String {
        switch reason {
        case .noLetters(let locale):
            "the \(locale) voice reads digits only, and the code has letters"
        case .noCapital(let locale):
            "the \(locale) voice pack has no word for capital letters, so their case cannot be said"
        case .unknownStyle(let style, let known):
            "there is no style `\(style)`; use \(known.joined(separator: ", "))"
        case .unknownTemplate(let template, let known):
            "there is no template `\(template)`; use \(known.joined(separator: ", "))"
        case .missingValue(let slot, let known):
            "the template has a slot {\(slot)}: give a value for it\(Self.choice(of: known))"
        case .unknownSlot(let known):
            "there is no such slot to fill; there are \(known.joined(separator: ", "))"
        case .unknownValue(let slot, let known):
            "there is no such value for the slot {\(slot)}\(Self.choice(of: known))"
        case .noCount(let locale, ofLetters: true, known: []):
            "the template says how long the code is, the code has letters, and the \(locale) voice pack counts digits only; "
                + "use another template"
        case .noCount(let locale, let ofLetters, let known):
            "the template says how long the code is, and the \(locale) voice pack has words for "
                + "\(known.map(String.init).joined(separator: ", ")) \(ofLetters ? "characters" : "digits") only; "
                + "use another template"
        case .wrongCount:
            "the slot {\(Wording.digits)} was given another number than the code has digits and letters; leave it out"
        case .nothingThere(let locale):
            "the \(locale) voice pack has nothing there; name phrases, digits, letters, or phrases.opening, digits.telephone"
        case .noGate(let locale):
            "the \(locale) voice pack has no phrase `\(VoicePack.gate)`, which asks for a key press"
        }
    }

    private static func choice(of known: [String]) -> String {
        known.isEmpty ? "; no value is listed for it" : "; use \(known.joined(separator: ", "))"
    }
}
