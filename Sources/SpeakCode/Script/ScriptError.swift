// SPDX-License-Identifier: GPL-3.0-or-later

/// Why a code cannot be read with a pack and some options.
public enum ScriptError: Error, Hashable, Sendable {
    /// The pack reads digits only, and the code has letters.
    case noLetters(LanguageTag)
    /// The pack has no such style of digits or letters; the ones that it has.
    case unknownStyle(String, known: [String])
    /// The pack has no such template; the ones that it has.
    case unknownTemplate(String, known: [String])
    /// A phrase of the template has a place for which no value was given; the values that the pack has.
    case missingValue(place: String, known: [String])
    /// A value is for a place that neither this pack nor others have; the ones that there are.
    case unknownPlace(known: [String])
    /// The pack has no such value for a place; the ones that it has. The value itself is not repeated.
    case unknownValue(place: String, known: [String])
    /// The pack has nothing at the places that were to be heard.
    case nothingThere(LanguageTag)
    /// The pack has no phrase that asks for a key press.
    case noGate(LanguageTag)
}

extension ScriptError: CustomStringConvertible {
    /// A sentence that says what to do.
    public var description: String {
        switch self {
        case .noLetters(let locale):
            "the \(locale) voice reads digits only, and the code has letters"
        case .unknownStyle(let style, let known):
            "there is no style `\(style)`; use \(known.joined(separator: ", "))"
        case .unknownTemplate(let template, let known):
            "there is no template `\(template)`; use \(known.joined(separator: ", "))"
        case .missingValue(let place, let known):
            "the template has a place {\(place)}: give a value for it\(Self.choice(of: known))"
        case .unknownPlace(let known):
            "there is no such place to fill; there are \(known.joined(separator: ", "))"
        case .unknownValue(let place, let known):
            "there is no such value for the place {\(place)}\(Self.choice(of: known))"
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
