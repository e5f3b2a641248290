// SPDX-License-Identifier: GPL-3.0-or-later

/// As much of YAML as the OpenAPI document is written in: mappings, lists, one line of either in brackets, and texts.
indirect enum YAMLText {
    case text(String)
    case list([YAMLText])
    case map([(key: String, value: YAMLText)])

    /// What the reader does not know.
    struct Unknown: Error {
        let line: Substring
    }

    init(_ document: String) throws {
        var lines = document.split(separator: "\n").compactMap { line -> Line? in
            let text = line.drop { $0 == " " }
            return text.isEmpty ? nil : Line(indent: line.count - text.count, text: text)
        }[...]
        self = try Self.block(&lines)
        if let rest = lines.first { throw Unknown(line: rest.text) }
    }

    /// A member of a mapping.
    subscript(key: String) -> YAMLText? { members.first { $0.key == key }?.value }

    var members: [(key: String, value: YAMLText)] {
        guard case .map(let members) = self else { return [] }
        return members
    }

    var elements: [YAMLText] {
        guard case .list(let elements) = self else { return [] }
        return elements
    }

    /// A text; nil for anything else.
    var text: String? {
        guard case .text(let text) = self else { return nil }
        return text
    }

    // MARK: Lines

    private struct Line {
        let indent: Int
        let text: Substring
    }

    private static func block(_ lines: inout ArraySlice<Line>) throws -> YAMLText {
        skipComments(&lines)
        guard let first = lines.first else { return .text("") }
        if first.text.hasPrefix("- ") { return try list(&lines, at: first.indent) }
        if key(of: first.text) != nil { return try map(&lines, at: first.indent) }
        lines.removeFirst()
        return try flow(first.text)
    }

    private static func list(_ lines: inout ArraySlice<Line>, at indent: Int) throws -> YAMLText {
        var elements: [YAMLText] = []
        while let line = next(&lines), line.indent == indent, line.text.hasPrefix("- ") {
            lines[lines.startIndex] = Line(indent: indent + 2, text: line.text.dropFirst(2))
            elements.append(try block(&lines))
        }
        return .list(elements)
    }

    private static func map(_ lines: inout ArraySlice<Line>, at indent: Int) throws -> YAMLText {
        var members: [(key: String, value: YAMLText)] = []
        while let line = next(&lines), line.indent == indent, !line.text.hasPrefix("- ") {
            guard let (key, value) = key(of: line.text) else { throw Unknown(line: line.text) }
            lines.removeFirst()
            members.append((key, try self.value(value, of: &lines, deeperThan: indent)))
        }
        return .map(members)
    }

    private static func value(
        _ text: Substring, of lines: inout ArraySlice<Line>, deeperThan indent: Int
    ) throws -> YAMLText {
        if text == "|" || text == ">" {
            let said = lines.prefix { $0.indent > indent }
            lines = lines.dropFirst(said.count)
            return .text(said.map(\.text).joined(separator: "\n"))
        }
        guard text.isEmpty else { return try flow(text) }
        guard let line = next(&lines), line.indent > indent || line.indent == indent && line.text.hasPrefix("- ") else {
            return .text("")
        }
        return try block(&lines)
    }

    private static func next(_ lines: inout ArraySlice<Line>) -> Line? {
        skipComments(&lines)
        return lines.first
    }

    private static func skipComments(_ lines: inout ArraySlice<Line>) {
        lines = lines.drop { $0.text.hasPrefix("#") }
    }

    /// What stands before the colon of a member, and what behind it.
    private static func key(of text: Substring) -> (String, Substring)? {
        guard !text.hasPrefix("{"), !text.hasPrefix("["), let match = text.firstMatch(of: /:(?: +|$)/) else {
            return nil
        }
        let key = text[..<match.range.lowerBound]
        if key.hasPrefix("\""), !(key.count > 1 && key.hasSuffix("\"")) { return nil }
        return (unquoted(key), text[match.range.upperBound...])
    }

    private static func unquoted(_ text: Substring) -> String {
        guard text.count > 1, let quote = text.first, quote == "\"" || quote == "'", text.last == quote else {
            return String(text)
        }
        return String(text.dropFirst().dropLast())
    }

    // MARK: In one line

    private static func flow(_ text: Substring) throws -> YAMLText {
        guard let first = text.first, first == "{" || first == "[" else { return .text(unquoted(text)) }
        var rest = text
        let value = try flowValue(&rest)
        guard rest.isEmpty else { throw Unknown(line: text) }
        return value
    }

    private static func flowValue(_ rest: inout Substring) throws -> YAMLText {
        switch rest.first {
        case "[":
            var elements: [YAMLText] = []
            try items(&rest, until: "]") { elements.append(try flowValue(&$0)) }
            return .list(elements)
        case "{":
            var members: [(key: String, value: YAMLText)] = []
            try items(&rest, until: "}") { rest in
                let key = scalar(&rest, until: ":")
                guard rest.popFirst() == ":" else { throw Unknown(line: rest) }
                rest = rest.drop { $0 == " " }
                members.append((key, try flowValue(&rest)))
            }
            return .map(members)
        default: return .text(scalar(&rest, until: ",]}"))
        }
    }

    /// What stands between brackets, with commas between.
    private static func items(
        _ rest: inout Substring, until close: Character, _ item: (inout Substring) throws -> Void
    ) throws {
        rest.removeFirst()
        while true {
            rest = rest.drop { $0 == " " || $0 == "," }
            guard let next = rest.first else { throw Unknown(line: rest) }
            if next == close {
                rest.removeFirst()
                return
            }
            let before = rest.count
            try item(&rest)
            guard rest.count < before else { throw Unknown(line: rest) }
            rest = rest.drop { $0 == " " }
        }
    }

    private static func scalar(_ rest: inout Substring, until ends: String) -> String {
        if let quote = rest.first, quote == "\"" || quote == "'", let end = rest.dropFirst().firstIndex(of: quote) {
            defer { rest = rest[rest.index(after: end)...] }
            return String(rest[rest.index(after: rest.startIndex)..<end])
        }
        let text = rest.prefix { !ends.contains($0) }
        rest = rest[text.endIndex...]
        return text.trimmingSuffix { $0 == " " }
    }
}

extension Substring {
    fileprivate func trimmingSuffix(while isBlank: (Character) -> Bool) -> String {
        var text = self
        while let last = text.last, isBlank(last) { text.removeLast() }
        return String(text)
    }
}
