// SPDX-License-Identifier: GPL-3.0-or-later

internal import JSON5
internal import FoundationEssentials
internal import HTTPTypes
internal import SpeakCodeGateways

/// Requests and answers as a transcript shows them.
enum Wording {
    static let mask = "••••"

    /// The fields of a head, by their names, in their order.
    static func lines(_ headers: HTTPFields, _ shown: Set<String>? = nil) -> [String] {
        headers.filter { shown?.contains($0.name.canonicalName) ?? true }.map { field in
            let value =
                field.name == .authorization
                ? field.value.prefix { $0 != " " } + " " + mask : field.value[...]
            return "\(field.name.rawName): \(value)"
        }
    }

    /// A body, line by line; of a form its fields, of JSON its members.
    static func lines(_ body: [UInt8], _ type: String?) -> [String] {
        guard !body.isEmpty else { return [] }
        let text = String(decoding: body, as: UTF8.self)
        switch type?.prefix(while: { $0 != ";" }) {
        case "application/x-www-form-urlencoded":
            return FormFields(body: body).pairs.map { "    \($0.name) = \($0.value)" }
        case "application/json", "application/problem+json": return json(body) ?? [text]
        case "application/xml", "text/xml": return xml(text)
        default: return text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        }
    }

    private static func json(_ body: [UInt8]) -> [String]? {
        guard let value = JSON5Value.value(in: body) else { return nil }
        func compact(_ value: JSON5Value) -> String {
            String(decoding: (try? JSONDocument.encode(value)) ?? [], as: UTF8.self)
        }
        switch value {
        case .object(let members) where !members.isEmpty:
            let lines = members.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \(compact($0.value))" }
            return ["{"] + indented(lines) + ["}"]
        case .list(let list) where !list.isEmpty: return ["["] + indented(list.map(compact)) + ["]"]
        default: return [compact(value)]
        }
    }

    private static func indented(_ lines: [String]) -> [String] {
        lines.enumerated().map { "    " + $1 + ($0 + 1 < lines.count ? "," : "") }
    }

    /// An element in a line, those within it further in.
    private static func xml(_ text: String) -> [String] {
        var depth = 0
        return text.replacing("><", with: ">\n<").split(separator: "\n").map { line in
            if line.hasPrefix("</") { depth -= 1 }
            defer {
                let isWhole = line.hasPrefix("<?") || line.hasSuffix("/>") || line.contains("</")
                if !isWhole { depth += 1 }
            }
            return String(repeating: "    ", count: max(0, depth)) + line
        }
    }
}
