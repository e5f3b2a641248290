// SPDX-License-Identifier: GPL-3.0-or-later

/// Who has said what to whom in a rehearsal, in its order.
package struct Transcript: Sendable, Encodable {
    /// Something that was said.
    package struct Entry: Sendable, Encodable {
        package let from: String
        package let to: String
        /// Its first line, such as `POST /v1/calls` or `202 Accepted`.
        package let title: String
        /// What stands beneath: header fields and the body, credentials masked.
        package let lines: [String]
    }

    package private(set) var entries: [Entry] = []
    /// What was not as it should be.
    package private(set) var problems: [String] = []
    /// How the call ended, in the service's word; nil where it did not.
    package var outcome: String?
    /// How often the code itself was played, whoever took the call.
    package var readings = 0
    /// How many calls the gateway has placed.
    package var placed = 0

    mutating func add(_ from: String, _ to: String, _ title: String, _ lines: [String] = []) {
        entries.append(Entry(from: from, to: to, title: title, lines: lines))
    }

    mutating func complain(_ problem: String) { problems.append(problem) }

    /// The transcript in two columns, its sealed names and signatures cut short.
    package var text: String {
        let parties = entries.map { $0.to.isEmpty ? $0.from : "\($0.from) → \($0.to)" }
        let width = parties.map(\.count).max() ?? 0
        let blank = String(repeating: " ", count: width + 6)
        return zip(entries, parties).enumerated().map { place, pair in
            let (entry, party) = pair
            let number = String(place + 1)
            let head =
                String(repeating: " ", count: max(0, 2 - number.count)) + number + "  " + party
                + String(repeating: " ", count: width - party.count) + "  "
            return ([head + Self.short(entry.title)] + entry.lines.map { blank + Self.short($0) })
                .joined(separator: "\n") + "\n"
        }.joined()
    }

    /// A line in which long names that nobody reads are cut short.
    static func short(_ line: String) -> String {
        var text = ""
        if let colon = line.firstRange(of: ": "),
            line[..<colon.lowerBound].lowercased().hasSuffix("signature")
                || line[..<colon.lowerBound].lowercased().contains("signature-")
        {
            // What is in front of the last comma is no signature: `v1,` and `t=…,`.
            let start = line.lastIndex(of: ",").map { line.index(after: $0) } ?? colon.upperBound
            return line[..<start] + line[start...].prefix(6) + "…"
        }
        var run = ""
        func end() {
            text += run.count >= 22 && run.contains(where: \.isNumber) ? run.prefix(6) + "…" : run
            run = ""
        }
        for character in line {
            if character.isASCII, character.isLetter || character.isNumber || character == "-" || character == "_" {
                run.append(character)
            } else {
                end()
                text.append(character)
            }
        }
        end()
        return text
    }
}
