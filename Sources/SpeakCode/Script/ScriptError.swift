// SPDX-License-Identifier: GPL-3.0-or-later

/// Why a code cannot be read with a pack and some options.
public enum ScriptError: Error, Hashable, Sendable {
    /// The pack reads digits only, and the code has letters.
    case noLetters(LanguageTag)
    /// The pack has no such style of digits or letters; the ones that it has.
    case unknownStyle(String, known: [String])
    /// The pack has no such template; the ones that it has.
    case unknownTemplate(String, known: [String])
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
        case .noGate(let locale):
            "the \(locale) voice pack has no phrase `\(VoicePack.gate)`, which asks for a key press"
        }
    }
}
