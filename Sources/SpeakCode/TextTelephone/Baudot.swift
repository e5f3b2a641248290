// SPDX-License-Identifier: GPL-3.0-or-later

/// The five-bit alphabet of text telephones in the USA, Canada, Australia, Ireland and the United Kingdom (ITU-T V.18, annex A).
enum Baudot {
    /// The characters that have no sign of their own.
    private static let (letters, figures): (UInt8, UInt8) = (0x1F, 0x1B)
    private static let (space, carriageReturn, lineFeed): (UInt8, UInt8, UInt8) = (0x04, 0x08, 0x02)

    /// Which of its two meanings a character has.
    private enum Shift {
        case letters, figures
    }

    /// By their characters, where letters are shifted to.
    private static let ofLetters: [Character: UInt8] = [
        "A": 0x03, "B": 0x19, "C": 0x0E, "D": 0x09, "E": 0x01, "F": 0x0D, "G": 0x1A, "H": 0x14, "I": 0x06, "J": 0x0B,
        "K": 0x0F, "L": 0x12, "M": 0x1C, "N": 0x0C, "O": 0x18, "P": 0x16, "Q": 0x17, "R": 0x0A, "S": 0x05, "T": 0x10,
        "U": 0x07, "V": 0x1E, "W": 0x13, "X": 0x1D, "Y": 0x15, "Z": 0x11,
    ]

    /// By their characters, where figures are shifted to; the bell, which rings a lamp, is not among them.
    private static let ofFigures: [Character: UInt8] = [
        "0": 0x16, "1": 0x17, "2": 0x13, "3": 0x01, "4": 0x0A, "5": 0x10, "6": 0x15, "7": 0x07, "8": 0x06, "9": 0x18,
        "-": 0x03, ",": 0x0C, ".": 0x1C, "?": 0x19, ":": 0x0E, "(": 0x0F, ")": 0x12, "/": 0x1D, ";": 0x1E, "\"": 0x11,
        "$": 0x09, "!": 0x0D, "'": 0x0B,
    ]

    /// The characters of a text, five bits each, with the shifts between letters and figures.
    ///
    /// A shift stands at the beginning, behind each space and each end of a line, and where it changes: many receivers fall back
    /// to letters at a space, and then read 123456 as QWERTY.
    ///
    /// - Parameters:
    ///   - text: small letters become capital ones, and what the alphabet does not have a space.
    ///   - shiftsAlways: whether each character has its shift, so that the length does not tell which are letters.
    static func codes(of text: String, shiftsAlways: Bool = false) -> [UInt8] {
        var codes: [UInt8] = []
        var shift: Shift?
        func append(_ code: UInt8, in wanted: Shift) {
            if shift != wanted || shiftsAlways { codes.append(wanted == .letters ? letters : figures) }
            shift = wanted
            codes.append(code)
        }
        for character in text.uppercased() {
            if character == "\n" || character == "\r\n" {
                codes += [carriageReturn, lineFeed]
                shift = nil
            } else if let code = ofLetters[character] {
                append(code, in: .letters)
            } else if let code = ofFigures[character] {
                append(code, in: .figures)
            } else {
                codes.append(space)
                shift = nil
            }
        }
        return codes
    }
}
