// SPDX-License-Identifier: GPL-3.0-or-later

/// The smallest thing that is spoken at once: a phrase, or one digit or letter.
public enum SpeechUnit: Hashable, Sendable {
    /// A phrase of the pack.
    case phrase(Phrase)
    /// A digit or letter as one of the pack's styles says it.
    case symbol(CodeSymbol, style: String, Intonation)
    /// What says of the letter beside it that it is a capital one.
    case capital(Intonation)
}

extension SpeechUnit {
    /// Whether it is a phrase and no symbol.
    package var isPhrase: Bool {
        if case .phrase = self { true } else { false }
    }

    /// Where in its pack's file a unit stands, such as `phrases.opening` or `digits.telephone.2`.
    package var path: String {
        switch self {
        case .phrase(let phrase):
            (phrase.register.map { "registers.\($0.rawValue)" } ?? "phrases") + ".\(phrase.name)"
        case .symbol(let symbol, let style, _):
            "\(symbol.isDigit ? "digits" : "letters").\(style).\(symbol.character)"
        case .capital: "capital"
        }
    }

    /// In which order a pack says its units: phrases first, then digits and letters of each style.
    var place: (section: String, symbol: Int, intonation: String) {
        switch self {
        case .phrase(let phrase): ("phrases \(phrase)", 0, "")
        case .symbol(let symbol, let style, let intonation):
            ((symbol.isDigit ? "symbols 0 " : "symbols A ") + style, Int(symbol.index), intonation.rawValue)
        case .capital(let intonation): ("symbols a", 0, intonation.rawValue)
        }
    }

    /// How the pitch of a part of a code ends; nil of a phrase.
    package var intonation: Intonation? {
        switch self {
        case .phrase: nil
        case .symbol(_, _, let intonation), .capital(let intonation): intonation
        }
    }
}

/// How a symbol's pitch ends.
///
/// Listeners take a falling symbol for the last one.
public enum Intonation: String, Hashable, Sendable, CaseIterable {
    /// More follows.
    case continuing
    /// Nothing follows: the last symbol of a reading.
    case falling
}
