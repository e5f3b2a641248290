// SPDX-License-Identifier: GPL-3.0-or-later

/// An element of XML 1.0, encoded with all that has to be escaped escaped.
///
/// Its names are ours; its values may be anything that XML has characters for, and what it has none for is left out.
struct XMLElement: Hashable, Sendable {
    let name: String
    private var attributes: [Attribute] = []
    private var content: Content

    private struct Attribute: Hashable, Sendable {
        let name: String
        let value: String
    }

    private indirect enum Content: Hashable, Sendable {
        case text(String)
        case elements([XMLElement])
    }

    /// - Parameter attributes: in the order in which they are written; those without a value are left out.
    init(_ name: String, _ attributes: KeyValuePairs<String, String?> = [:], text: String) {
        self.name = name
        self.attributes = attributes.compactMap { name, value in value.map { Attribute(name: name, value: $0) } }
        content = .text(text)
    }

    init(_ name: String, _ attributes: KeyValuePairs<String, String?> = [:], _ elements: [XMLElement] = []) {
        self.init(name, attributes, text: "")
        content = .elements(elements)
    }

    /// The document of which it is the root, in UTF-8.
    var document: [UInt8] {
        var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        write(to: &text)
        return Array((text + "\n").utf8)
    }

    private func write(to text: inout String) {
        text += "<" + name
        for attribute in attributes {
            text += " " + attribute.name + "=\""
            Self.escape(attribute.value, to: &text)
            text += "\""
        }
        switch content {
        case .elements(let elements) where elements.isEmpty: text += "/>"
        case .elements(let elements):
            text += ">"
            for element in elements { element.write(to: &text) }
            text += "</" + name + ">"
        case .text(let inner):
            text += ">"
            Self.escape(inner, to: &text)
            text += "</" + name + ">"
        }
    }

    private static func escape(_ value: String, to text: inout String) {
        for scalar in value.unicodeScalars {
            switch scalar {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "\"": text += "&quot;"
            // In an attribute they would become spaces (XML 1.0, section 3.3.3).
            case "\t": text += "&#9;"
            case "\n": text += "&#10;"
            case "\r": text += "&#13;"
            // XML 1.0, section 2.2.
            case "\u{0}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": continue
            default: text.unicodeScalars.append(scalar)
            }
        }
    }
}
