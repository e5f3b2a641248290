// SPDX-License-Identifier: GPL-3.0-or-later

/// The line on which each value of a JSON5 text begins.
///
/// FoundationEssentials' decoder tells the path of a wrong value and not its line; a translator needs the line.
struct JSON5Outline {
    /// Lines, from 1, by the path of keys and indices, such as `digits/standard/7`.
    private(set) var lines: [String: Int] = [:]

    private var text: Substring.UTF8View
    private var line = 1

    /// Reads as far as the text is JSON5.
    init(_ source: String) {
        text = source[...].utf8
        value(at: [])
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

    private mutating func value(at path: [String]) {
        skipSpace()
        if !path.isEmpty { lines[path.joined(separator: "/")] = line }
        switch text.first {
        case UInt8(ascii: "{"): members(of: path)
        case UInt8(ascii: "["): elements(of: path)
        case UInt8(ascii: "\""), UInt8(ascii: "'"): _ = string()
        default: _ = word()
        }
    }

    private mutating func members(of path: [String]) {
        text.removeFirst()
        while true {
            skipSpace()
            guard let next = text.first else { return }
            if next == UInt8(ascii: "}") || next == UInt8(ascii: ",") {
                text.removeFirst()
                if next == UInt8(ascii: "}") { return }
                continue
            }
            let keyLine = line
            let key = next == UInt8(ascii: "\"") || next == UInt8(ascii: "'") ? string() : word()
            skipSpace()
            guard !key.isEmpty, text.first == UInt8(ascii: ":") else { return text = text[text.endIndex...] }
            text.removeFirst()
            value(at: path + [key])
            lines[(path + [key]).joined(separator: "/")] = keyLine
        }
    }

    private mutating func elements(of path: [String]) {
        text.removeFirst()
        var index = 0
        while true {
            skipSpace()
            guard let next = text.first else { return }
            if next == UInt8(ascii: "]") || next == UInt8(ascii: ",") {
                text.removeFirst()
                if next == UInt8(ascii: "]") { return }
                continue
            }
            let before = text.startIndex
            value(at: path + ["\(index)"])
            guard text.startIndex > before else { return text = text[text.endIndex...] }
            index += 1
        }
    }

    private mutating func string() -> String {
        guard let quote = text.popFirst() else { return "" }
        var bytes: [UInt8] = []
        while let byte = text.popFirst(), byte != quote {
            if byte == UInt8(ascii: "\\"), let escaped = text.popFirst() {
                bytes.append(escaped)
                if escaped == UInt8(ascii: "\n") { line += 1 }
            } else {
                bytes.append(byte)
                if byte == UInt8(ascii: "\n") { line += 1 }
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private mutating func word() -> String {
        let word = text.prefix { !" \t\r\n,:{}[]/\"'".utf8.contains($0) }
        text = text[word.endIndex...]
        return String(Substring(word))
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
