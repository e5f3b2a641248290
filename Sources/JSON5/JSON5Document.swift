// SPDX-License-Identifier: GPL-3.0-or-later

/// A text in JSON or JSON5, read once and to the letter: its value, the first key that stands twice, and where it is broken.
///
/// Foundation's decoder takes one of two equal keys, and nobody knows which one was meant; of a text that is broken it does
/// not tell the line, which a translator needs.
package struct JSON5Document {
    /// How a text is written.
    package enum Dialect: Sendable {
        /// RFC 8259.
        case json
        /// https://spec.json5.org: comments, bare keys, commas behind the last, and more.
        case json5
    }

    /// A place in a text.
    package struct Position: Hashable, Sendable {
        /// The line, from 1.
        package let line: Int
        /// The character of the line, from 1, counted in Unicode scalars.
        package let column: Int

        package init(line: Int, column: Int) {
            self.line = line
            self.column = column
        }
    }

    /// Where a text stops being what it should be.
    package struct Break: Hashable, Sendable {
        package let position: Position
        /// Whether it is at a comma behind the last element or member, which JSON does not have.
        package let isTrailingComma: Bool
    }

    /// The value; nil where the text is broken.
    ///
    /// Of a key that stands twice it has the last.
    package let value: JSON5Value?
    /// The first key that stands twice in its object, as far as the text can be read, and where the second one stands.
    package let duplicate: (path: [String], position: Position)?
    /// Where the text is broken; nil where nothing is wrong with it.
    package let broken: Break?
    /// Lines, from 1, by the path of keys and indices; empty where nobody asked for them.
    private let lines: [[String]: Int]

    /// Reads a text.
    ///
    /// - Parameters:
    ///   - text: the text.
    ///   - dialect: how it is written.
    ///   - findsLines: whether ``line(of:)`` is going to be asked.
    package init(_ text: String, as dialect: Dialect = .json5, findsLines: Bool = false) {
        var text = text
        (value, duplicate, broken, lines) = text.withUTF8 { bytes in
            var reader = JSON5Reader(bytes: bytes, dialect: dialect, findsLines: findsLines)
            let value = reader.document()
            return (value, reader.duplicate, reader.broken, reader.lines)
        }
    }

    /// The line of a value by its path, or of the nearest one around it that has a line.
    package func line(of path: [String]) -> Int? {
        var path = path
        while !path.isEmpty {
            if let line = lines[path] { return line }
            path.removeLast()
        }
        return nil
    }
}

/// Reads bytes of UTF-8 from the first to the last.
private struct JSON5Reader {
    /// The reading ends here; where and why stands in ``broken``.
    private struct Stop: Error {}

    let bytes: UnsafeBufferPointer<UInt8>
    let isJSON5: Bool
    let findsLines: Bool
    private(set) var duplicate: (path: [String], position: JSON5Document.Position)?
    private(set) var broken: JSON5Document.Break?
    private(set) var lines: [[String]: Int] = [:]

    private var place = 0
    private var line = 1
    /// Where the line begins.
    private var lineStart = 0
    /// The keys and indices of the value that is being read.
    private var path: [String] = []

    /// The deepest that values may stand in each other: a text of nothing but brackets would use up the stack.
    ///
    /// A pack needs five levels, what a gateway or a provider sends not ten.
    private static let deepest = 64

    init(bytes: UnsafeBufferPointer<UInt8>, dialect: JSON5Document.Dialect, findsLines: Bool) {
        self.bytes = bytes
        isJSON5 = dialect == .json5
        self.findsLines = findsLines
    }

    /// The value of the whole text; nil where it is broken.
    mutating func document() -> JSON5Value? {
        // A byte order mark, which some editors write.
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            place = 3
            lineStart = 3
        }
        do throws(Stop) {
            let value = try value()
            try skipSpace()
            guard place == bytes.count else { throw stop() }
            return value
        } catch {
            return nil
        }
    }

    /// A place before it is counted out: counting at each value would read a long line again and again.
    private struct Mark {
        let line: Int
        let lineStart: Int
        let place: Int
    }

    private var mark: Mark { Mark(line: line, lineStart: lineStart, place: place) }

    private func position(of mark: Mark) -> JSON5Document.Position {
        let before = bytes[mark.lineStart..<mark.place].count { !UTF8.isContinuation($0) }
        return JSON5Document.Position(line: mark.line, column: before + 1)
    }

    private mutating func stop(at mark: Mark? = nil, isTrailingComma: Bool = false) -> Stop {
        broken = JSON5Document.Break(position: position(of: mark ?? self.mark), isTrailingComma: isTrailingComma)
        return Stop()
    }

    /// Counts a line that ended at the byte before.
    private mutating func beginLine() {
        line += 1
        lineStart = place
    }

    private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

    /// Takes a byte where it stands next.
    private mutating func take(_ byte: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: byte) else { return false }
        place += 1
        return true
    }

    // MARK: Values

    private mutating func value() throws(Stop) -> JSON5Value {
        guard path.count <= Self.deepest else { throw stop() }
        try skipSpace()
        if findsLines, !path.isEmpty, lines[path] == nil { lines[path] = line }
        switch next {
        case UInt8(ascii: "{"): return .object(try members())
        case UInt8(ascii: "["): return .list(try elements())
        case UInt8(ascii: "\""): return .text(try string())
        case UInt8(ascii: "'") where isJSON5: return .text(try string())
        default: return try literal()
        }
    }

    private mutating func members() throws(Stop) -> [String: JSON5Value] {
        var members: [String: JSON5Value] = [:]
        place += 1
        try skipSpace()
        if take("}") { return members }
        while true {
            let start = mark
            let key = try key()
            try skipSpace()
            guard take(":") else { throw stop() }
            path.append(key)
            if members[key] != nil, duplicate == nil { duplicate = (path, position(of: start)) }
            if findsLines { lines[path] = start.line }
            members[key] = try value()
            path.removeLast()
            if try endsList("}") { return members }
        }
    }

    private mutating func elements() throws(Stop) -> [JSON5Value] {
        var elements: [JSON5Value] = []
        place += 1
        try skipSpace()
        if take("]") { return elements }
        while true {
            path.append("\(elements.count)")
            elements.append(try value())
            path.removeLast()
            if try endsList("]") { return elements }
        }
    }

    /// Goes on behind a member or element: to the next one, or over the bracket.
    private mutating func endsList(_ bracket: Unicode.Scalar) throws(Stop) -> Bool {
        try skipSpace()
        if take(bracket) { return true }
        let comma = mark
        guard take(",") else { throw stop() }
        try skipSpace()
        guard next == UInt8(ascii: bracket) else { return false }
        guard isJSON5 else { throw stop(at: comma, isTrailingComma: true) }
        place += 1
        return true
    }

    private mutating func key() throws(Stop) -> String {
        if next == UInt8(ascii: "\"") || isJSON5 && next == UInt8(ascii: "'") { return try string() }
        let start = mark
        let name = word()
        guard isJSON5, let first = name.unicodeScalars.first, Self.isNameStart(first),
            name.unicodeScalars.allSatisfy({ Self.isNameStart($0) || $0.properties.isIDContinue })
        else { throw stop(at: start) }
        return name
    }

    private static func isNameStart(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "$" || scalar == "_" || scalar.properties.isIDStart
    }

    /// What stands before the next sign or space.
    private mutating func word() -> String {
        let start = place
        while let byte = next, !" \t\r\n,:{}[]/\"'".utf8.contains(byte), byte < 0x80 || unicodeSpace() == nil {
            place += 1
        }
        return String(decoding: bytes[start..<place], as: UTF8.self)
    }

    private mutating func literal() throws(Stop) -> JSON5Value {
        let start = mark
        let word = word()
        switch word {
        case "true": return .flag(true)
        case "false": return .flag(false)
        case "null": return .nothing
        default:
            guard let number = isJSON5 ? Self.json5Number(word) : Self.number(word) else {
                throw stop(at: start)
            }
            return .number(number)
        }
    }

    /// A number as RFC 8259 has it (section 6); nil for another word, and for one that is too large or too small.
    private static func number(_ word: String) -> Double? {
        let isNegative = word.first == "-"
        return decimal(isNegative ? word.dropFirst() : word[...], pointMayEnd: false).map { isNegative ? -$0 : $0 }
    }

    /// A number as JSON5 has it (section 6): a sign, hexadecimal digits, a point at an end, infinity.
    private static func json5Number(_ word: String) -> Double? {
        let isNegative = word.first == "-"
        let bare = isNegative || word.first == "+" ? word.dropFirst() : word[...]
        let size: Double? =
            switch bare {
            case "Infinity": .infinity
            case "NaN": .nan
            case _ where bare.lowercased().hasPrefix("0x"):
                bare.dropFirst(2).first?.isHexDigit == true
                    ? UInt64(bare.dropFirst(2), radix: 16).map { Double($0) } : nil
            default: decimal(bare, pointMayEnd: true)
            }
        return size.map { isNegative ? -$0 : $0 }
    }

    /// A decimal number without a sign.
    ///
    /// - Parameter pointMayEnd: whether there may be no digits on one side of its point.
    private static func decimal(_ word: Substring, pointMayEnd: Bool) -> Double? {
        var rest = word.utf8
        func digits() -> String {
            let digits = rest.prefix { (0x30...0x39).contains($0) }
            rest = rest[digits.endIndex...]
            return String(Substring(digits))
        }
        let whole = digits()
        guard whole.count == 1 || whole.first != "0" else { return nil }
        var fraction = ""
        let hasPoint = rest.first == UInt8(ascii: ".")
        if hasPoint {
            rest.removeFirst()
            fraction = digits()
        }
        guard pointMayEnd ? !(whole + fraction).isEmpty : !whole.isEmpty && !(hasPoint && fraction.isEmpty) else {
            return nil
        }
        var exponent = "0"
        if let byte = rest.first, byte | 0x20 == UInt8(ascii: "e") {
            rest.removeFirst()
            let sign = rest.first == UInt8(ascii: "-") ? "-" : ""
            if let byte = rest.first, "+-".utf8.contains(byte) { rest.removeFirst() }
            exponent = digits()
            guard !exponent.isEmpty else { return nil }
            exponent = sign + exponent
        }
        guard rest.isEmpty,
            let number = Double("\(whole.isEmpty ? "0" : whole).\(fraction.isEmpty ? "0" : fraction)e\(exponent)"),
            number.isFinite, number != 0 || (whole + fraction).allSatisfy({ $0 == "0" })
        else { return nil }
        return number
    }

    // MARK: Texts

    private mutating func string() throws(Stop) -> String {
        let quote = bytes[place]
        let start = mark
        place += 1
        var text: [UInt8] = []
        while let byte = next {
            place += 1
            switch byte {
            case quote: return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): try escape(into: &text)
            // A line that ends within quotation marks has lost one; JSON has no control characters there at all.
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"): throw stop(at: start)
            case 0..<0x20 where !isJSON5 || byte != UInt8(ascii: "\t"): throw stop()
            default: text.append(byte)
            }
        }
        throw stop(at: start)
    }

    private mutating func escape(into text: inout [UInt8]) throws(Stop) {
        guard let byte = next else { throw stop() }
        place += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text += Array(String(try escapedScalar()).utf8)
        default:
            guard isJSON5 else { throw stop() }
            try json5Escape(byte, into: &text)
        }
    }

    /// What JSON5 has beside JSON's escapes (section 5.1): a line that goes on, and any other character for itself.
    private mutating func json5Escape(_ byte: UInt8, into text: inout [UInt8]) throws(Stop) {
        switch byte {
        case UInt8(ascii: "\n"): beginLine()
        case UInt8(ascii: "\r"):
            _ = take("\n")
            beginLine()
        case UInt8(ascii: "v"): text.append(0x0B)
        case UInt8(ascii: "0"):
            if let digit = next, (0x30...0x39).contains(digit) { throw stop() }
            text.append(0)
        case UInt8(ascii: "1")...UInt8(ascii: "9"): throw stop()
        case UInt8(ascii: "x"):
            guard let scalar = Unicode.Scalar(UInt32(try hexadecimal(digits: 2))) else { throw stop() }
            text += Array(String(scalar).utf8)
        default: text.append(byte)
        }
    }

    /// Behind `\u`: four digits, or twice four of a pair (RFC 8259, section 7).
    private mutating func escapedScalar() throws(Stop) -> Unicode.Scalar {
        let first = try hexadecimal(digits: 4)
        if let scalar = Unicode.Scalar(UInt32(first)) { return scalar }
        guard first < 0xDC00, take("\\"), take("u"), case let second = try hexadecimal(digits: 4),
            (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(UInt32(0x1_0000 + (first - 0xD800) << 10 + second - 0xDC00))
        else { throw stop() }
        return scalar
    }

    private mutating func hexadecimal(digits count: Int) throws(Stop) -> Int {
        guard bytes.count - place >= count else { throw stop() }
        var value = 0
        for _ in 0..<count {
            guard let digit = Character(Unicode.Scalar(bytes[place])).hexDigitValue, bytes[place] < 0x80 else {
                throw stop()
            }
            value = value << 4 | digit
            place += 1
        }
        return value
    }

    // MARK: Between values

    private mutating func skipSpace() throws(Stop) {
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\n"):
                place += 1
                beginLine()
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): place += 1
            case UInt8(ascii: "/") where isJSON5: try skipComment()
            case 0x0B where isJSON5, 0x0C where isJSON5: place += 1
            case 0x80... where isJSON5:
                guard let width = unicodeSpace() else { return }
                place += width
            default: return
            }
        }
    }

    private mutating func skipComment() throws(Stop) {
        let start = mark
        place += 1
        if take("/") {
            while let byte = next, byte != UInt8(ascii: "\n"), byte != UInt8(ascii: "\r") { place += 1 }
            return
        }
        guard take("*") else { throw stop() }
        while let byte = next {
            place += 1
            if byte == UInt8(ascii: "\n") { beginLine() }
            if byte == UInt8(ascii: "*"), take("/") { return }
        }
        throw stop(at: start)
    }

    /// The bytes of Unicode's white space that stands next, such as the no-break space of some keyboards.
    private func unicodeSpace() -> Int? {
        let scalars = String(decoding: bytes[place..<min(bytes.count, place + 4)], as: UTF8.self).unicodeScalars
        guard let scalar = scalars.first, scalar.properties.isWhitespace || scalar == "\u{FEFF}" else { return nil }
        return UTF8.width(scalar)
    }
}
