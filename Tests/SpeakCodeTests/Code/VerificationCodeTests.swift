// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCode
import SpeakCodeTesting
import Testing

@Suite("A verification code")
struct VerificationCodeTests {
    /// The symbols as text, group by group: what a test wants to see.
    private func text(_ code: VerificationCode) -> String {
        code.groups.map { String($0.map(\.character)) }.joined(separator: " ")
    }

    /// Every scalar that Unicode calls a decimal digit, ten to a block.
    private static let decimalDigits = (0...0x10FFFF).compactMap(Unicode.Scalar.init)
        .filter { $0.properties.numericType == .decimal }

    @Test("takes every decimal digit of Unicode for its value")
    func everyDecimalDigit() throws {
        #expect(Self.decimalDigits.count >= 650)
        #expect(Self.decimalDigits.count % 10 == 0)
        for digit in Self.decimalDigits {
            let value = try #require(digit.properties.numericValue)
            let name: Comment = "U+\(String(digit.value, radix: 16))"
            let code = try VerificationCode(String(Character(digit)))
            #expect(text(code) == String(Int(value)), name)
            // Behind another one as well, since some scripts join what stands together.
            #expect(try text(VerificationCode("1\(digit)2")) == "1\(Int(value))2", name)
        }
    }

    @Test(
        "reads the digits of other scripts as 0–9",
        arguments: [
            ("１２３４５６", "123456"),  // full-width
            ("٠١٢٣٤٥", "012345"),  // Arabic-Indic
            ("۶۷۸۹", "6789"),  // Persian
            ("०१२३", "0123"),  // Devanagari
            ("๔๕๖", "456"),  // Thai
            ("𝟕𝟖𝟗", "789"),  // mathematical bold, outside the basic plane
            ("1２٣४", "1234"),
        ])
    func otherScripts(written: String, read: String) throws {
        #expect(try text(VerificationCode(written)) == read)
    }

    @Test("takes ASCII letters of either case for the same symbols")
    func letters() throws {
        let small = try VerificationCode("abcdefghijklmnopqrstuvwxyz")
        let capital = try VerificationCode("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        #expect(small == capital)
        #expect(small.symbols == CodeSymbol.letters)
        #expect(try VerificationCode("g-7x") == VerificationCode("G-7X"))
    }

    @Test("keeps leading zeros", arguments: ["0", "000000", "007", "0a"])
    func leadingZeros(written: String) throws {
        #expect(try text(VerificationCode(written)) == written.uppercased())
    }

    @Test(
        "is grouped by spaces and hyphens of every width",
        arguments: [
            " ", "\u{A0}", "\u{2002}", "\u{2003}", "\u{2009}", "\u{202F}", "\u{205F}", "\u{3000}", "\t",
            "-", "\u{2010}", "\u{2011}", "\u{2012}", "–", "—", "\u{2212}", "－", "﹣", " - ", "  ", "--",
        ])
    func separators(separator: String) throws {
        let code = try VerificationCode("12\(separator)3\(separator)AB")
        #expect(text(code) == "12 3 AB")
        #expect(code.isGrouped)
        #expect(code.length == 5)
        #expect(code.symbols.count == 5)
    }

    @Test("has one group where it is written in one, whatever white space surrounds it")
    func surroundingSpace() throws {
        let code = try VerificationCode(" \t\u{3000}123456\r\n")
        #expect(!code.isGrouped)
        #expect(code == (try VerificationCode("123456")))
    }

    @Test(
        "is the same code with what nobody sees around it and in it",
        arguments: [
            "\u{AD}", "\u{34F}", "\u{61C}", "\u{180E}", "\u{200B}", "\u{200C}", "\u{200D}", "\u{200E}", "\u{200F}",
            "\u{202A}", "\u{202B}", "\u{202C}", "\u{202D}", "\u{202E}", "\u{2060}", "\u{2066}", "\u{2067}", "\u{2068}",
            "\u{2069}", "\u{FE0F}", "\u{FEFF}",
        ])
    func invisible(mark: String) throws {
        let name: Comment = "U+\(String(mark.unicodeScalars.first?.value ?? 0, radix: 16))"
        #expect(try text(VerificationCode("\(mark)12\(mark)3 \(mark)AB\(mark)")) == "123 AB", name)
        #expect(try VerificationCode(" \(mark) 735198 \(mark)") == VerificationCode("735198"), name)
    }

    @Test("is the same code in its plain form", arguments: ["7", "000", "735-198", "QX7-3519-84", "1-2-3-4"])
    func plain(written: String) throws {
        #expect(VerificationCode(plain: written.utf8) == (try VerificationCode(written)))
    }

    @Test(
        "has no plain form but that of capitals, digits and single hyphens between them",
        arguments: ["", "-1", "1-", "1--2", "1 2", "a", "１", "1\u{301}", "1\n", String(repeating: "7", count: 33)])
    func notPlain(written: String) {
        #expect(VerificationCode(plain: written.utf8) == nil)
    }

    @Test("differs from the same symbols in other groups")
    func groupsCount() throws {
        #expect(try VerificationCode("123 456") != VerificationCode("123456"))
        #expect(try VerificationCode("123 456") == VerificationCode("123-456"))
    }

    @Test("has 1 to 32 symbols, separators not counted", arguments: 1...32)
    func lengths(count: Int) throws {
        let digits = (0..<count).map { String($0 % 10) }
        #expect(try VerificationCode(digits.joined()).length == count)
        #expect(try VerificationCode(digits.joined(separator: "-")).groups.count == count)
    }

    @Test(
        "is refused with the place and the kind of problem",
        arguments: [
            ("", .empty, nil),
            (" \n\t ", .empty, nil),
            (String(repeating: "7", count: 33), .tooLong, 33),
            ("  " + String(repeating: "7 ", count: 40), .tooLong, 67),
            ("-123", .separatorAtEdge, 1),
            ("  -123", .separatorAtEdge, 3),
            ("123-", .separatorAtEdge, 4),
            ("123 –\n", .separatorAtEdge, 5),
            ("-", .separatorAtEdge, 1),
            ("12é4", .unsupportedCharacter(.letter), 3),
            ("ü", .unsupportedCharacter(.letter), 1),
            ("1二3", .unsupportedCharacter(.letter), 2),
            ("12ー34", .unsupportedCharacter(.letter), 3),
            ("Ａ1", .unsupportedCharacter(.letter), 1),
            ("1½", .unsupportedCharacter(.number), 2),
            ("1²", .unsupportedCharacter(.number), 2),
            ("Ⅷ", .unsupportedCharacter(.number), 1),
            ("12③", .unsupportedCharacter(.number), 3),
            ("123.456", .unsupportedCharacter(.punctuation), 4),
            ("'123'", .unsupportedCharacter(.punctuation), 1),
            ("12_3", .unsupportedCharacter(.punctuation), 3),
            ("[[1]]", .unsupportedCharacter(.punctuation), 1),
            ("$12", .unsupportedCharacter(.sign), 1),
            ("1+2", .unsupportedCharacter(.sign), 2),
            ("<audio src='x'>", .unsupportedCharacter(.sign), 1),
            ("12😀", .unsupportedCharacter(.sign), 3),
            ("1\u{0}2", .unsupportedCharacter(.invisible), 2),
            ("1\u{1}2", .unsupportedCharacter(.invisible), 2),
            ("1\n2", .unsupportedCharacter(.invisible), 2),
            ("12\r\n34", .unsupportedCharacter(.invisible), 3),
            // What nobody sees is not counted; Unicode's own signs in front of numbers are seen.
            ("\u{200E}12€", .unsupportedCharacter(.sign), 3), ("\u{2066}\u{2069}", .empty, nil),
            ("1\u{FFF9}2", .unsupportedCharacter(.invisible), 2), ("\u{600}12", .unsupportedCharacter(.invisible), 1),
            // A digit that wears an accent or a frame is one character to a person, and not a digit.
            ("11\u{301}", .unsupportedCharacter(.invisible), 2),
            ("1️⃣2", .unsupportedCharacter(.invisible), 1),
        ] as [(String, CodeError.Reason, Int?)])
    func refusals(written: String, reason: CodeError.Reason, position: Int?) {
        let error = #expect(throws: CodeError.self) { try VerificationCode(written) }
        #expect(error?.reason == reason)
        #expect(error?.position == position)
    }

    @Test(
        "is refused in a sentence that says what to do",
        arguments: [
            ("", "the code is empty: give 1 to 32 digits or letters A–Z"),
            (String(repeating: "7", count: 33), "the code is too long: it has more than 32 digits and letters"),
            (
                "12-",
                "the code has a hyphen at its edge (character 3): hyphens and spaces go between digits or letters"
            ),
            (
                "12€",
                "the code has a sign at character 3: only digits, letters A–Z, spaces and hyphens can be read"
            ),
            (
                "1½",
                "the code has a number that is not a decimal digit at character 2: only digits, letters A–Z, spaces and "
                    + "hyphens can be read"
            ),
        ])
    func messages(written: String, message: String) {
        let error = #expect(throws: CodeError.self) { try VerificationCode(written) }
        #expect(error?.description == message)
    }

    @Test("is read from any random row of digits, letters and separators as it was written")
    func randomCodes() throws {
        var random = SeededGenerator(seed: 1)
        for _ in 0..<500 {
            var groups: [String] = []
            var left = Int.random(in: 1...32, using: &random)
            while left > 0 {
                let size = Int.random(in: 1...left, using: &random)
                let symbols = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
                groups.append(String((0..<size).compactMap { _ in symbols.randomElement(using: &random) }))
                left -= size
            }
            let separator = ["-", " ", "\u{3000}"].randomElement(using: &random) ?? " "
            #expect(try text(VerificationCode(groups.joined(separator: separator))) == groups.joined(separator: " "))
        }
    }
}
