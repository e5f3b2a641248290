// SPDX-License-Identifier: GPL-3.0-or-later

/// A page with holes: `{{name}}` is filled with a text, in which nothing is markup, and `{{{name}}}` with markup.
package struct Template: Sendable {
    private enum Part: Sendable {
        case markup(Substring)
        case hole(String, isMarkup: Bool)
    }

    private let parts: [Part]

    package init(_ source: [UInt8]) { self.init(String(decoding: source, as: UTF8.self)) }

    package init(_ source: String) {
        var parts: [Part] = []
        var rest = source[...]
        while let open = rest.firstRange(of: "{{") {
            parts.append(.markup(rest[..<open.lowerBound]))
            rest = rest[open.upperBound...]
            let isMarkup = rest.first == "{"
            if isMarkup { rest = rest.dropFirst() }
            guard let close = rest.firstRange(of: isMarkup ? "}}}" : "}}") else {
                preconditionFailure("A hole of a page of this program has an end.")
            }
            parts.append(.hole(String(rest[..<close.lowerBound]), isMarkup: isMarkup))
            rest = rest[close.upperBound...]
        }
        self.parts = parts + [.markup(rest)]
    }

    /// The names of its holes.
    package var holes: Set<String> {
        Set(
            parts.compactMap { part in
                if case .hole(let name, _) = part { name } else { nil }
            })
    }

    /// The page with its holes filled.
    ///
    /// - Parameter text: what stands in a hole; nil leaves it empty.
    package func filled(_ text: (String) -> String?) -> String {
        parts.map { part in
            switch part {
            case .markup(let markup): String(markup)
            case .hole(let name, let isMarkup):
                isMarkup ? text(name) ?? "" : Self.escaped(text(name) ?? "")
            }
        }.joined()
    }

    /// A text as it stands between tags and in attributes.
    package static func escaped(_ text: String) -> String {
        text.reduce(into: "") { markup, character in
            switch character {
            case "&": markup += "&amp;"
            case "<": markup += "&lt;"
            case ">": markup += "&gt;"
            case "\"": markup += "&quot;"
            case "'": markup += "&#39;"
            default: markup.append(character)
            }
        }
    }
}
