// SPDX-License-Identifier: GPL-3.0-or-later

/// Finds a code in a sentence, for servers that send nothing else.
enum CodeInText {
    private static let lengths = 4...10
    /// What stands before an amount, or before a number to call.
    private static let beforeOthers = Set("+€$£¥₹₩.,:/#".unicodeScalars)
    private static let behindOthers = Set("€%£¥₹₩/:".unicodeScalars)
    private static let currencies: Set<Substring> = ["EUR", "USD", "GBP", "JPY", "CHF", "INR", "CNY"]

    /// The only run of four to ten figures that can be a code; a text that is a code itself, with capital letters as well.
    ///
    /// A run is none that is part of a word, an amount, a time or a number with a plus.
    ///
    /// - Throws: where there is none, or more than one that differ.
    static func only(in text: String) throws(IdentityError) -> String {
        let words = text.split { $0 == " " || $0 == "\n" || $0 == "\t" || $0 == "\r" || $0 == "\u{A0}" }
        if words.count == 1, let word = words.first, lengths.contains(word.utf8.count),
            word.utf8.allSatisfy({ $0.isFigure || $0.isCapital }), word.utf8.contains(where: \.isFigure)
        {
            return String(word)
        }
        var found: Set<String> = []
        let scalars = Array(text.unicodeScalars)
        var place = 0
        while place < scalars.count {
            guard scalars[place].isFigure else {
                place += 1
                continue
            }
            let end = scalars[place...].firstIndex { !$0.isFigure } ?? scalars.count
            if lengths.contains(end - place), isCode(scalars, place..<end) {
                found.insert(String(String.UnicodeScalarView(scalars[place..<end])))
            }
            place = end
        }
        guard let code = found.first else { throw .noCode }
        guard found.count == 1 else { throw .severalCodes }
        return code
    }

    private static func isCode(_ text: [Unicode.Scalar], _ run: Range<Int>) -> Bool {
        let before = run.lowerBound > 0 ? text[run.lowerBound - 1] : " "
        let behind = run.upperBound < text.count ? text[run.upperBound] : " "
        if before.properties.isAlphabetic && before.isASCII || behind.properties.isAlphabetic && behind.isASCII {
            return false
        }
        if beforeOthers.contains(before) && !isColonOfSentence(before, text, run) || behindOthers.contains(behind) {
            return false
        }
        // 12.50 and 1,000, but not the full stop of a sentence.
        if ".,".unicodeScalars.contains(behind), run.upperBound + 1 < text.count, text[run.upperBound + 1].isFigure {
            return false
        }
        func word(_ scalars: some Sequence<Unicode.Scalar>) -> Substring {
            var word = String.UnicodeScalarView()
            word.append(contentsOf: scalars.filter(\.properties.isAlphabetic))
            return Substring(String(word))
        }
        let last = text[..<run.lowerBound].reversed().drop { $0 == " " }.prefix { $0 != " " }.reversed()
        let next = text[run.upperBound...].drop { $0 == " " }.prefix { $0 != " " }
        return !currencies.contains(word(last)) && !currencies.contains(word(next))
    }

    /// Whether a colon introduces the code (`code:123456`), and is not that of a time.
    private static func isColonOfSentence(_ mark: Unicode.Scalar, _ text: [Unicode.Scalar], _ run: Range<Int>) -> Bool {
        guard mark == ":" || mark == "#" else { return false }
        return run.lowerBound < 2 || !text[run.lowerBound - 2].isFigure
    }
}

extension Unicode.Scalar {
    fileprivate var isFigure: Bool { ("0"..."9").contains(self) }
}

extension UInt8 {
    fileprivate var isFigure: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    fileprivate var isCapital: Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) }
}
