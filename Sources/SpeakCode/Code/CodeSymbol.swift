// SPDX-License-Identifier: GPL-3.0-or-later

/// One character of a verification code: a digit 0–9 or a letter A–Z.
///
/// A single symbol is not a secret: banks and voice packs name all thirty-six of them. A row of them is.
public struct CodeSymbol: Hashable, Sendable {
    /// 0–9 for the digits, 10–35 for A–Z.
    package let index: UInt8

    private init(index: UInt8) {
        self.index = index
    }

    /// The symbol of an ASCII digit or capital letter.
    init?(ascii byte: UInt8) {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): index = byte - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): index = byte - UInt8(ascii: "A") + 10
        default: return nil
        }
    }

    /// The symbol that a character stands for, where there is one.
    ///
    /// Any Unicode decimal digit is a digit (`７`, `٧`, `७`), an ASCII letter of either case a letter.
    public init?(_ character: Character) {
        guard let scalar = character.unicodeScalars.first, character.unicodeScalars.count == 1 else { return nil }
        switch scalar {
        case "A"..."Z": self.init(index: UInt8(scalar.value - 0x41 + 10))
        case "a"..."z": self.init(index: UInt8(scalar.value - 0x61 + 10))
        default:
            guard scalar.properties.numericType == .decimal, let value = scalar.properties.numericValue else {
                return nil
            }
            self.init(index: UInt8(value))
        }
    }

    /// The digits 0 to 9, in order.
    public static let digits = (0..<10).map { CodeSymbol(index: $0) }

    /// The letters A to Z, in order.
    public static let letters = (10..<36).map { CodeSymbol(index: $0) }

    /// Whether the symbol is one of 0–9.
    public var isDigit: Bool { index < 10 }

    /// The symbol as an ASCII digit or capital letter.
    public var character: Character {
        Character(UnicodeScalar(index < 10 ? 0x30 + index : 0x41 + index - 10))
    }
}
