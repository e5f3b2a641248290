// SPDX-License-Identifier: GPL-3.0-or-later

/// The line on which each value of a JSON5 text begins, and the line on which it stops being JSON5.
///
/// FoundationEssentials' decoder tells the path of a wrong value and not its line, and of a syntax error not even that;
/// a translator needs the line.
package struct JSON5Outline {
    /// Lines, from 1, by the path of keys and indices, such as `digits/standard/7`.
    package private(set) var lines: [String: Int] = [:]
    /// The first key that stands twice in its object, and the line of the second.
    package private(set) var duplicate: (path: [String], line: Int)?
    /// The line, from 1, on which the text stops being JSON5; nil where nothing is wrong with it.
    package private(set) var brokenLine: Int?

    private var text: Substring.UTF8View
    private var line = 1
    /// The line on which a string began that went on to another: most likely one whose end was forgotten.
    private var longStringLine: Int?

    /// The deepest that values may stand in each other: a text of nothing but brackets would use up the stack.
    ///
    /// A pack needs five levels; the decoder takes 512.
    private static let deepest = 512

    /// Reads as far as the text is JSON5.
    package init(_ source: String) {
        text = source[...].utf8
        value(at: [])
        skipSpace()
        if !text.isEmpty { stop() }
    }

    /// The line of a path, or of the nearest path above it.
    func line(of path: [String]) -> Int? {
        var path = path
        while !path.isEmpty {
            if let line = lines[path.joined(separator: "/")] { return line }
            path.removeLast()
        }
        return nil
    }

    /// Leaves the rest of the text unread, since it is not JSON5 from here on.
    private mutating func stop() {
        brokenLine = brokenLine ?? longStringLine ?? line
        text = text[text.endIndex...]
    }

    private mutating func value(at path: [String]) {
        guard path.count <= Self.deepest else { return stop() }
        skipSpace()
        if !path.isEmpty { lines[path.joined(separator: "/")] = line }
        switch text.first {
        case UInt8(ascii: "{"): members(of: path)
        case UInt8(ascii: "["): elements(of: path)
        case UInt8(ascii: "\""), UInt8(ascii: "'"): _ = string()
        default: if !Self.isLiteral(word()) { stop() }
        }
    }

    private mutating func members(of path: [String]) {
        var keys: Set<String> = []
        repeat {
            text.removeFirst()
            skipSpace()
            guard let next = text.first else { return stop() }
            guard next != UInt8(ascii: "}") else { break }
            let keyLine = line
            let key = next == UInt8(ascii: "\"") || next == UInt8(ascii: "'") ? string() : word()
            skipSpace()
            guard !key.isEmpty, text.popFirst() == UInt8(ascii: ":") else { return stop() }
            if !keys.insert(key).inserted, duplicate == nil { duplicate = (path + [key], keyLine) }
            value(at: path + [key])
            lines[(path + [key]).joined(separator: "/")] = keyLine
            skipSpace()
        } while text.first == UInt8(ascii: ",")
        if text.popFirst() != UInt8(ascii: "}") { stop() }
    }

    private mutating func elements(of path: [String]) {
        var index = 0
        repeat {
            text.removeFirst()
            skipSpace()
            guard text.first != UInt8(ascii: "]") else { break }
            value(at: path + ["\(index)"])
            index += 1
            skipSpace()
        } while text.first == UInt8(ascii: ",")
        if text.popFirst() != UInt8(ascii: "]") { stop() }
    }

    private mutating func string() -> String {
        guard let quote = text.popFirst() else { return "" }
        let firstLine = line
        var bytes: [UInt8] = []
        while let byte = text.popFirst() {
            if byte == quote { return String(decoding: bytes, as: UTF8.self) }
            if byte == UInt8(ascii: "\\"), let escaped = text.popFirst() {
                bytes.append(escaped)
                if escaped == UInt8(ascii: "\n") { line += 1 }
            } else {
                bytes.append(byte)
                if byte == UInt8(ascii: "\n") {
                    line += 1
                    longStringLine = longStringLine ?? firstLine
                }
            }
        }
        stop()
        return ""
    }

    private mutating func word() -> String {
        let word = text.prefix { !" \t\r\n,:{}[]/\"'".utf8.contains($0) }
        text = text[word.endIndex...]
        return String(Substring(word))
    }

    /// Whether a word is a value by itself: a truth value, `null` or a number.
    private static func isLiteral(_ word: String) -> Bool {
        let bare = word.first == "+" || word.first == "-" ? word.dropFirst() : word[...]
        return ["true", "false", "null", "Infinity", "NaN"].contains(bare)
            || bare.first.map { $0.isASCII && ($0.isNumber || $0 == ".") } == true
    }

    private mutating func skipSpace() {
        while let byte = text.first {
            if byte == UInt8(ascii: "/"), text.dropFirst().first == UInt8(ascii: "/") {
                text = text[(text.firstIndex(of: UInt8(ascii: "\n")) ?? text.endIndex)...]
            } else if byte == UInt8(ascii: "/"), text.dropFirst().first == UInt8(ascii: "*") {
                text = text.dropFirst(2)
                while let next = text.popFirst() {
                    if next == UInt8(ascii: "\n") { line += 1 }
                    if next == UInt8(ascii: "*"), text.first == UInt8(ascii: "/") {
                        text.removeFirst()
                        break
                    }
                }
            } else if byte == UInt8(ascii: "\n") {
                line += 1
                text.removeFirst()
            } else if " \t\r".utf8.contains(byte) || byte >= 0x80 {
                // Bytes from 0x80 outside strings can only be JSON5's Unicode white space or a byte order mark.
                text.removeFirst()
            } else {
                return
            }
        }
    }
}
