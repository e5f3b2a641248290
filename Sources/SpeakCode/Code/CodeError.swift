// SPDX-License-Identifier: GPL-3.0-or-later

/// Why a text is not a verification code: the place and the kind of problem, never the content.
public struct CodeError: Error, Hashable, Sendable {
    /// What is wrong with the code.
    public enum Reason: Hashable, Sendable {
        /// There is no digit or letter in it.
        case empty
        /// It has more than ``VerificationCode/maximumLength`` digits and letters.
        case tooLong
        /// A space or hyphen stands before the first or behind the last digit or letter.
        case separatorAtEdge
        /// A character is neither a digit, a letter A–Z, a space nor a hyphen.
        case unsupportedCharacter(Kind)
    }

    /// The kind of a character that cannot stand in a code; the character itself is not kept.
    public enum Kind: String, Hashable, Sendable {
        /// A letter that is not A–Z.
        case letter = "a letter other than A–Z"
        /// A number that is not a decimal digit, such as a fraction or a Roman numeral.
        case number = "a number that is not a decimal digit"
        /// A punctuation mark.
        case punctuation = "a punctuation mark"
        /// A currency, mathematical or other sign, or an emoji.
        case sign = "a sign"
        /// An invisible or control character, or an accent.
        case invisible = "an invisible or combining character"

        init(_ character: Character) {
            if character.unicodeScalars.count > 1 {
                self = .invisible
            } else if character.unicodeScalars.first?.properties.generalCategory == .letterNumber {
                // Swift counts Roman numerals among the letters as well.
                self = .number
            } else if character.isLetter {
                self = .letter
            } else if character.isNumber {
                self = .number
            } else if character.isPunctuation {
                self = .punctuation
            } else if character.isSymbol {
                self = .sign
            } else {
                self = .invisible
            }
        }
    }

    /// What is wrong.
    public let reason: Reason

    /// The place of the first character that is wrong, from 1, as a person counts what is seen; nil where there is none.
    public let position: Int?

    init(_ reason: Reason, position: Int?) {
        self.reason = reason
        self.position = position
    }
}

extension CodeError: CustomStringConvertible {
    /// A sentence that says what to do.
    public var description: String {
        let place = position.map { "character \($0)" } ?? "it"
        return switch reason {
        case .empty:
            "the code is empty: give 1 to \(VerificationCode.maximumLength) digits or letters A–Z"
        case .tooLong:
            "the code is too long: it has more than \(VerificationCode.maximumLength) digits and letters"
        case .separatorAtEdge:
            "the code has a hyphen at its edge (\(place)): hyphens and spaces go between digits or letters"
        case .unsupportedCharacter(let kind):
            "the code has \(kind.rawValue) at \(place): only digits, letters A–Z, spaces and hyphens can be read"
        }
    }
}
