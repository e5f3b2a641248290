// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCode
internal import SpeakCodeGateways

/// What `/openapi.yaml` answers: the service as OpenAPI 3.1, from `openapi.yaml` beside this file.
///
/// Lines between `# repeat TABLE` and `# end` stand in the file once and in the document for each row of the table, with the
/// row's `<column>`s filled in; a line with a column that a row has not is left out for it. `scripts/check-api` holds the
/// service to the document.
enum OpenAPIDocument {
    static let text = expanded(String(decoding: PackageResources.openapi_yaml, as: UTF8.self))

    /// A row of a table by its columns; nil for what a row of this table may have and this one has not.
    private typealias Row = [String: String?]

    private static func expanded(_ template: String) -> String {
        var text = ""
        var lines = template.split(separator: "\n", omittingEmptySubsequences: false).dropLast()[...]
        while let line = lines.popFirst() {
            guard let directive = line.trimmingPrefix(while: { $0 == " " }).dropping(prefix: "# repeat ") else {
                text += line + "\n"
                continue
            }
            let block = lines.prefix { !$0.hasSuffix("# end") }
            lines = lines.dropFirst(block.count + 1)
            for row in rows(of: directive) {
                for line in block { text += filled(line, with: row).map { $0 + "\n" } ?? "" }
            }
        }
        return text
    }

    /// A line with its columns; nil where the row has not all of them.
    private static func filled(_ line: Substring, with row: Row) -> String? {
        var text = String(line)
        for (column, value) in row where text.contains("<\(column)>") {
            guard let value else { return nil }
            text = text.replacing("<\(column)>", with: value)
        }
        return text
    }

    private static func rows(of table: Substring) -> [Row] {
        switch table {
        case "files": files
        case "live": live
        case "files, live": files + live
        case "contents": contents
        case "servers": IdentityServers.all.map { ["name": $0.name] }
        case "options": IdentityOptions.known.map { ["name": $0, "description": IdentityOptions.meaning(of: $0)] }
        default: preconditionFailure("openapi.yaml names a table that there is not")
        }
    }

    /// What has a length: the WAVE of other kinds shares one address.
    private static let files: [Row] = {
        let all = Representation.all.filter { !$0.isLive }
        let others = all.filter { $0.name.hasSuffix(".wav") }
        let single = all.filter { !$0.name.hasSuffix(".wav") }.map { row(of: $0, at: $0.suffix) }
        guard let first = single.first, let other = others.first else { return single }
        var wave = row(of: other, at: "/{kind}.wav")
        wave["Name"] = "OtherWav"
        wave["Kind"] = "Kind"
        wave["kind"] = other.name.prefix { $0 != "." }.description
        return [first, wave] + single.dropFirst()
    }()

    private static let live = Representation.all.filter(\.isLive).map { row(of: $0, at: $0.suffix) }

    /// What is answered, once for all that are answered with it.
    private static let contents: [Row] = {
        var named: Set<String> = []
        return Representation.all.filter { !$0.isLive && named.insert($0.response).inserted }.map { representation in
            var row = row(of: representation, at: representation.suffix)
            let binary = "{ schema: { type: string, format: binary } }"
            switch representation.kind {
            case .captions(let format, _):
                row["said"] = "What is said when."
                row["content"] =
                    format == .json
                    ? ##"{ schema: { $ref: "#/components/schemas/Cues" } }"## : "{ schema: { type: string } }"
                row["part"] = format == .json ? "{}" : binary
            case .finite, .live:
                row["said"] = "The announcement."
                row["content"] = binary
                row["part"] = binary
            }
            return row
        }
    }()

    private static func row(of representation: Representation, at path: String) -> Row {
        let words = representation.name.split(separator: ".").map { $0.prefix(1).uppercased() + $0.dropFirst() }
        let summary = representation.summary
        return [
            "path": path, "Name": words.joined(), "type": representation.contentType,
            // YAML takes a colon for the end of a key.
            "summary": summary.contains(": ") ? "\"\(summary)\"" : summary,
            "Response": (representation.isLive ? "Live" : "") + representation.response,
            "Kind": nil, "kind": nil,
        ]
    }
}

extension Representation {
    var isLive: Bool {
        if case .live = kind { true } else { false }
    }
}

extension Substring {
    fileprivate func dropping(prefix: String) -> Substring? {
        hasPrefix(prefix) ? dropFirst(prefix.count) : nil
    }
}
