// SPDX-License-Identifier: GPL-3.0-or-later

/// A verification code: 1 to 32 digits and letters, with the groups in which it was written.
///
/// The code is a secret. It never shows itself: `description`, `debugDescription`, string interpolation, `dump` and
/// `Mirror` give its length and nothing else.
public struct VerificationCode: Hashable, Sendable {
    /// The most symbols that a code may have.
    public static let maximumLength = 32

    /// The symbols, group by group; never empty, and no group is empty.
    ///
    /// `"123 456"` has two groups of three, `"123456"` one group of six.
    public let groups: [[CodeSymbol]]

    /// The places of small letters, counted from 0, as bits; nil where case makes no difference.
    private var smallLetters: UInt32?

    /// All symbols in order, leading zeros included.
    public var symbols: [CodeSymbol] { groups.flatMap(\.self) }

    /// The number of symbols, 1 to 32.
    public var length: Int { groups.reduce(0) { $0 + $1.count } }

    /// Whether the code was written in groups, as `123 456` or `AB-12` are.
    public var isGrouped: Bool { groups.count > 1 }

    /// Reads a code as a person or a program writes it.
    ///
    /// Any Unicode decimal digits and ASCII letters of either case are taken. Spaces and hyphens between them, of any
    /// Unicode width, are grouping. White space around the code is not part of it, and neither is what nobody sees: direction
    /// marks, soft hyphens, byte order marks.
    ///
    /// - Parameters:
    ///   - text: the code as written.
    ///   - keepsCase: whether `a` and `A` are two; else they are one symbol, and the case is forgotten.
    /// - Throws: ``CodeError``, which names the place and the kind of problem and never the content.
    public init(_ text: some StringProtocol, keepingCase keepsCase: Bool = false) throws(CodeError) {
        var smallLetters: UInt32 = 0
        var groups: [[CodeSymbol]] = []
        var group: [CodeSymbol] = []
        var length = 0
        var separator: Int?

        let text = text.withoutInvisibleMarks
        let trimmed = text.drop(while: \.isWhitespace)
        let lead = text.distance(from: text.startIndex, to: trimmed.startIndex)
        let end = trimmed.lastIndex { !$0.isWhitespace }
        let written = end.map { trimmed[...$0] } ?? trimmed[..<trimmed.startIndex]

        for (offset, character) in written.enumerated() {
            let position = lead + offset + 1
            if let symbol = CodeSymbol(character) {
                length += 1
                guard length <= Self.maximumLength else { throw CodeError(.tooLong, position: position) }
                if character.isLowercase { smallLetters |= 1 << (length - 1) }
                group.append(symbol)
                separator = nil
            } else if Self.isSeparator(character) {
                guard !group.isEmpty || separator != nil else { throw CodeError(.separatorAtEdge, position: position) }
                if !group.isEmpty { groups.append(group) }
                group = []
                separator = position
            } else {
                throw CodeError(.unsupportedCharacter(.init(character)), position: position)
            }
        }
        if let separator { throw CodeError(.separatorAtEdge, position: separator) }
        guard !group.isEmpty else { throw CodeError(.empty, position: nil) }
        self.groups = groups + [group]
        self.smallLetters = keepsCase ? smallLetters : nil
    }

    /// Whether it makes a difference which letters are capital.
    public var keepsCase: Bool { smallLetters != nil }

    /// Whether both capital and small letters are known to be in it: its case may be what somebody has to type.
    public var isMixedCase: Bool {
        guard let smallLetters, smallLetters != 0 else { return false }
        return symbols.enumerated().contains { !$1.isDigit && smallLetters & 1 << $0 == 0 }
    }

    /// The same code, in which case makes no difference.
    public var ignoringCase: VerificationCode {
        var code = self
        code.smallLetters = nil
        return code
    }

    /// A symbol as it was written; a capital letter where case makes no difference.
    ///
    /// - Parameters:
    ///   - symbol: the symbol.
    ///   - position: its place in the code, from 0.
    package func written(_ symbol: CodeSymbol, at position: Int) -> Character {
        guard let smallLetters, smallLetters & 1 << position != 0 else { return symbol.character }
        return Character(symbol.character.lowercased())
    }

    /// The code as it was written, its groups joined by hyphens, behind an `=` where its case makes a difference: for a sealed
    /// record and nothing else.
    package var plain: String {
        var position = 0
        let groups = groups.map { group in
            String(
                group.map { symbol in
                    defer { position += 1 }
                    return written(symbol, at: position)
                })
        }
        return (keepsCase ? "=" : "") + groups.joined(separator: "-")
    }

    /// Reads a code in its plain form, such as `123456`, `AB-12` or `=aB-12`; nil for any other.
    ///
    /// A tenth of the time that the other takes, which knows what people write.
    package init?(plain bytes: some Sequence<UInt8>) {
        var groups: [[CodeSymbol]] = []
        var group: [CodeSymbol] = []
        group.reserveCapacity(8)
        var length = 0
        var smallLetters: UInt32?
        for byte in bytes {
            if let symbol = CodeSymbol(ascii: byte) {
                length += 1
                group.append(symbol)
            } else if let known = smallLetters, (0x61...0x7A).contains(byte), length < Self.maximumLength,
                let symbol = CodeSymbol(ascii: byte - 0x20)
            {
                smallLetters = known | 1 << length
                length += 1
                group.append(symbol)
            } else if byte == UInt8(ascii: "="), length == 0, groups.isEmpty, smallLetters == nil {
                smallLetters = 0
            } else {
                guard byte == UInt8(ascii: "-"), !group.isEmpty else { return nil }
                groups.append(group)
                group = []
            }
        }
        guard !group.isEmpty, length <= Self.maximumLength else { return nil }
        groups.append(group)
        self.groups = groups
        self.smallLetters = smallLetters
    }

    /// Spaces of every width, and the hyphens, dashes and minus signs that keyboards and documents put in their place.
    private static func isSeparator(_ character: Character) -> Bool {
        guard let scalar = character.unicodeScalars.first, character.unicodeScalars.count == 1 else { return false }
        switch scalar.properties.generalCategory {
        case .spaceSeparator, .dashPunctuation: return true
        default: return scalar == "\t" || scalar == "\u{2212}"
        }
    }
}

extension VerificationCode: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The length, never the content.
    public var description: String { "VerificationCode(\(length) symbols)" }

    /// The length, never the content.
    public var debugDescription: String { description }

    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
