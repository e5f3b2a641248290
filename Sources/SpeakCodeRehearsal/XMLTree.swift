// SPDX-License-Identifier: GPL-3.0-or-later

/// An element of XML, with all that stands in it, as gateways read documents.
///
/// It reads what a document of this service may have: elements, attributes, texts, and the five entities and the numbers of
/// characters (XML 1.0, sections 2.3 and 4.6). Whatever else there is makes it no document.
struct XMLTree: Sendable {
    let name: String
    private(set) var attributes: [String: String] = [:]
    private(set) var children: [XMLTree] = []
    private(set) var text = ""

    func child(_ name: String) -> XMLTree? { children.first { $0.name == name } }

    private init(name: String) { self.name = name }

    /// Reads a document; nil where it is none.
    static func root(of document: [UInt8]) -> XMLTree? {
        guard let text = String(validating: document, as: UTF8.self) else { return nil }
        var rest = text[...]
        skipBlanks(&rest)
        if rest.hasPrefix("<?xml ") {
            guard let end = rest.firstRange(of: "?>") else { return nil }
            rest = rest[end.upperBound...]
        }
        skipBlanks(&rest)
        guard let root = element(&rest) else { return nil }
        skipBlanks(&rest)
        return rest.isEmpty ? root : nil
    }

    private static func element(_ rest: inout Substring) -> XMLTree? {
        guard take("<", &rest), let name = name(&rest) else { return nil }
        var tree = XMLTree(name: name)
        while true {
            skipBlanks(&rest)
            if take("/>", &rest) { return tree }
            if take(">", &rest) { break }
            guard let attribute = Self.name(&rest), take("=\"", &rest), let end = rest.firstIndex(of: "\""),
                let value = plain(rest[..<end]), tree.attributes.updateValue(value, forKey: attribute) == nil
            else { return nil }
            rest = rest[rest.index(after: end)...]
        }
        while !rest.hasPrefix("</") {
            if rest.hasPrefix("<") {
                guard let child = element(&rest) else { return nil }
                tree.children.append(child)
            } else {
                let raw = rest.prefix { $0 != "<" }
                guard let text = plain(raw), raw.endIndex < rest.endIndex else { return nil }
                tree.text += text
                rest = rest[raw.endIndex...]
            }
        }
        return take("</\(name)>", &rest) ? tree : nil
    }

    private static func take(_ text: String, _ rest: inout Substring) -> Bool {
        guard rest.hasPrefix(text) else { return false }
        rest = rest.dropFirst(text.count)
        return true
    }

    private static func skipBlanks(_ rest: inout Substring) { rest = rest.drop(while: \.isWhitespace) }

    private static func name(_ rest: inout Substring) -> String? {
        let name = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.:".contains($0)) }
        rest = rest[name.endIndex...]
        return name.isEmpty ? nil : String(name)
    }

    /// A text without its entities; nil for one that is none.
    private static func plain(_ raw: Substring) -> String? {
        guard !raw.contains("<") else { return nil }
        let parts = raw.split(separator: "&", omittingEmptySubsequences: false)
        var text = String(parts[0])
        for part in parts.dropFirst() {
            guard let end = part.firstIndex(of: ";"), let character = character(part[..<end]) else { return nil }
            text.unicodeScalars.append(character)
            text += part[part.index(after: end)...]
        }
        return text
    }

    private static func character(_ entity: Substring) -> Unicode.Scalar? {
        switch entity {
        case "amp": return "&"
        case "lt": return "<"
        case "gt": return ">"
        case "quot": return "\""
        case "apos": return "'"
        default:
            guard entity.hasPrefix("#") else { return nil }
            let digits = entity.dropFirst()
            let number = digits.hasPrefix("x") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
            return number.flatMap { Unicode.Scalar($0) }
        }
    }
}
