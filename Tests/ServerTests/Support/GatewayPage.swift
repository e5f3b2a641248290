// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

/// A page of `docs/gateways`, taken apart.
struct GatewayPage: Sendable, CustomTestStringConvertible {
    /// A fenced block, with the word behind its fence.
    struct Block: Sendable, CustomTestStringConvertible {
        let page: String
        let line: Int
        let language: String
        let text: String

        var testDescription: String { "\(page):\(line), \(language)" }
    }

    let name: String
    let text: String
    private(set) var headings: [String] = []
    private(set) var blocks: [Block] = []
    /// What stands in backquotes outside of blocks.
    private(set) var words: [String] = []

    var testDescription: String { name }

    init(name: String, text: String) {
        self.name = name
        self.text = text
        var open: (line: Int, language: String, lines: [String])?
        for (index, line) in text.components(separatedBy: "\n").enumerated() {
            if line.hasPrefix("```") {
                if let block = open {
                    let text = block.lines.joined(separator: "\n")
                    blocks.append(Block(page: name, line: block.line, language: block.language, text: text))
                    open = nil
                } else {
                    open = (index + 2, String(line.dropFirst(3)), [])
                }
            } else if open != nil {
                open?.lines.append(line)
            } else {
                if line.hasPrefix("#") { headings.append(String(line.drop { $0 == "#" || $0 == " " })) }
                for (number, part) in line.components(separatedBy: "`").enumerated() where !number.isMultiple(of: 2) {
                    words.append(part)
                }
            }
        }
        if let block = open {
            blocks.append(Block(page: name, line: block.line, language: "a fence that is not closed", text: ""))
        }
    }

    /// The blocks of a language.
    func blocks(of language: String) -> [Block] { blocks.filter { $0.language == language } }

    // MARK: What it asks the service for

    /// The bodies that its blocks post to the service, as they stand there.
    var announcements: [String] { blocks.flatMap { Self.announcements(in: $0.text) } }

    private static func announcements(in text: String) -> [String] {
        var bodies: [String] = []
        for part in text.components(separatedBy: AnnouncementEndpoint.path).dropFirst() {
            let body = part.firstRange(of: "{\"").map { part[$0.lowerBound...] } ?? ""
            var depth = 0
            var length = 0
            for character in body {
                if character == "{" { depth += 1 }
                if character == "}" { depth -= 1 }
                length += 1
                if depth == 0 { break }
            }
            bodies.append(String(body.prefix(length)))
        }
        return bodies
    }

    // MARK: Names

    /// What the page names that the service does not have.
    var unknownNames: [String] {
        var unknown: [String] = []
        let settings = Set(Setting.all.map(\.key))
        let variables = Set(Setting.all.map(\.variable))
        for match in text.matches(of: /SPEAKCODE_[A-Z_]+/) where !variables.contains(String(match.output)) {
            unknown.append("the variable \(match.output)")
        }
        for flag in flags where !Self.knownFlags.contains(flag) { unknown.append("the flag \(flag)") }
        for word in words {
            if let match = word.wholeMatch(of: /[a-z]+[A-Z][A-Za-z]*/) {
                let name = String(match.output)
                guard !settings.contains(name), !AnnouncementRequest.known.contains(name) else { continue }
                if !Self.othersWords.contains(name) { unknown.append("the setting or field \(name)") }
            } else if let match = word.wholeMatch(of: /"(\w+)"(?:: (.+))?/) {
                let name = String(match.output.1)
                guard !Self.othersWords.contains(name) else { continue }
                if !AnnouncementRequest.known.contains(name) { unknown.append("the field \(name)") }
                if name == "format", let value = match.output.2?.filter({ $0 != "\"" }),
                    !LinkKind.names.contains(value)
                {
                    unknown.append("the format \(value)")
                }
            }
        }
        for body in announcements {
            guard body.contains(#""code": "123456""#) || body.contains(#""code": "${CODE}""#) else {
                unknown.append("no code, or one of its own, in \(body)")
                continue
            }
            let sent = body.replacing("${CODE}", with: "123456")
            do throws(Problem) {
                _ = try AnnouncementRequest(json: Array(sent.utf8))
            } catch {
                unknown.append("\(error.field ?? error.kind) in \(body): \(error.detail)")
            }
        }
        return unknown
    }

    /// The flags behind `speakcode serve`, and those that stand in backquotes.
    private var flags: [String] {
        let commands = blocks(of: "sh").map { $0.text.replacing("\\\n", with: " ") }
            .flatMap { $0.components(separatedBy: "\n") }.filter { $0.contains("speakcode serve") }
        return (commands + words.filter { $0.hasPrefix("--") })
            .flatMap { $0.split(separator: " ") }.filter { $0.hasPrefix("--") }.map { String($0) }
    }

    /// `--public-url` for `publicURL`; a secret has none.
    private static let knownFlags = Set(Setting.all.compactMap(\.flag).map { "--" + $0 })
        .union(["--config", "--print-config"])

    /// Names that gateways gave.
    private static let othersWords: Set = ["bidirectionalAudio", "passDtmf", "loop"]
}
