// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import Logging
import Metrics
import SpeakCodeGateways
import SpeakCodeLinks
import SpeakCodeTesting
import TestSupport
import Testing

@testable import SpeakCodeDoctor
@testable import SpeakCodeServer
@testable import SpeakCodeService

/// A code that stands nowhere else.
private let code = "aB7351"

/// The names that somebody's scripts, dialplans, dashboards and back ends have in them, each as a line.
enum Promises {
    static func all(root: URL) async throws -> Set<String> {
        var all = try await commands()
        all.formUnion(try exits(root: root))
        all.formUnion(try await json(root: root))
        all.formUnion(settings())
        all.formUnion(try http())
        all.formUnion(problems())
        all.formUnion(try metrics())
        all.formUnion(log())
        all.formUnion(links())
        all.formUnion(events())
        all.formUnion(try files(root: root))
        return all
    }

    // MARK: The command

    private struct Help: Decodable {
        struct Command: Decodable {
            let commandName: String
            let arguments: [Argument]?
            let subcommands: [Command]?
        }

        struct Argument: Decodable {
            struct Name: Decodable {
                let kind: String
                let name: String
            }

            let kind: String
            let names: [Name]?
            let valueName: String?
            let allValues: [String]?
            let shouldDisplay: Bool
        }

        let command: Command
    }

    /// Verbs, options and the values that these take, as the parser of the command line tells them.
    private static func commands() async throws -> Set<String> {
        let said = try await speakcode("--experimental-dump-help").output
        var lines: Set<String> = []
        func add(_ command: Help.Command, behind path: String) {
            let path = path + " " + command.commandName
            lines.insert(path)
            for argument in command.arguments ?? [] where argument.shouldDisplay {
                let names = (argument.names ?? []).map { ($0.kind == "long" ? "--" : "-") + $0.name }
                for name in names.isEmpty ? ["<\(argument.valueName ?? "")>"] : names {
                    lines.insert("\(path) \(name)")
                    for value in argument.allValues ?? [] { lines.insert("\(path) \(name) = \(value)") }
                }
            }
            for verb in command.subcommands ?? [] { add(verb, behind: path) }
        }
        add(try JSONDecoder().decode(Help.self, from: said).command, behind: "command")
        return lines
    }

    /// The statuses of the manual page.
    private static func exits(root: URL) throws -> Set<String> {
        let manual = try String(contentsOf: root.appending(path: "docs/speakcode.1"), encoding: .utf8)
        let section = manual.split(separator: ".Sh ").first { $0.hasPrefix("EXIT STATUS") } ?? ""
        return Set(section.matches(of: /\n\.It (\d+)\n/).map { "exit \($0.1)" })
    }

    private static func speakcode(_ arguments: String..., in folder: URL? = nil) async throws -> TestSupport.Outcome {
        try await run(BuiltProduct.path(of: "speakcode"), arguments, in: folder)
    }

    /// The members of what the command writes as JSON.
    private static func json(root: URL) async throws -> Set<String> {
        try await withTemporaryFolder { folder in
            var lines: Set<String> = []
            func add(_ name: String, _ data: Data) throws {
                keys(of: try JSONSerialization.jsonObject(with: data), at: "json \(name)", &lines)
            }
            try add(
                "speak",
                try await speakcode(
                    code, "--times", "1", "-o", "x.wav", "--captions", "x.json", "--align", "x.jsonl", "--json",
                    in: folder
                ).output)
            let captions = try Data(contentsOf: folder.appending(path: "x.json"))
            try add("captions", captions)
            let manifest = try String(contentsOf: folder.appending(path: "x.jsonl"), encoding: .utf8)
            for line in manifest.split(separator: "\n") { try add("manifest", Data(line.utf8)) }
            try add("check", try await speakcode("check", "x.wav", "--against", "x.json", "--json", in: folder).output)
            _ = try await speakcode("90", "--times", "1", "-o", "y.wav", in: folder)
            try add("check", try await speakcode("check", "y.wav", "--against", "x.json", "--json", in: folder).output)
            try add("voices", try await speakcode("voices", "ja-JP", "--json").output)
            try add("voices-script", try await speakcode("voices", "script", "en-US", "--format", "json").output)
            try add("rehearse", try await speakcode("rehearse", code, "--json").output)
            try add("doctor", try await speakcode("doctor", "http://127.0.0.1:9/a/x.wav", "--json").output)
            for gateway in SpeakCodeDoctor.Gateway.all {
                for rule in gateway.rules {
                    lines.insert("json doctor.findings.check = \(rule.id.rawValue)")
                    lines.insert("json doctor.findings.gateway = \(gateway.id)")
                    let report = Report(
                        url: try AudioURL("http://127.0.0.1/x.wav"), failure: nil,
                        findings: [Finding(rule, .pass("x"), gateway)])
                    try add("doctor", try JSONEncoder().encode(report))
                }
            }
            try add(
                "doctor-provider",
                try await speakcode("doctor", "--provider", "kratos", "http://127.0.0.1:9/", "--json").output)
            try add("doctor-acr", try await speakcode("doctor", "--acr", "--json").output)
            return lines
        }
    }

    private static func keys(of value: Any, at path: String, _ lines: inout Set<String>) {
        if let object = value as? [String: Any] {
            for (key, value) in object {
                let place = "\(path).\(key)"
                lines.insert(place)
                keys(of: value, at: place, &lines)
            }
        }
        for value in value as? [Any] ?? [] { keys(of: value, at: path, &lines) }
    }

    // MARK: The service

    private static func settings() -> Set<String> {
        Set(
            Setting.all.map { setting in
                "setting \(setting.key) \(setting.variable)" + (setting.flag.map { " --\($0)" } ?? "")
            })
    }

    private static func problems() -> Set<String> {
        Set(
            OpenAPIDocument.text.matches(of: /\| (`[a-z-]+`(?:, `[a-z-]+`)*) \| (\d+(?:, \d+)*) \|/).flatMap { row in
                row.1.split(separator: ", ").flatMap { word in
                    row.2.split(separator: ", ").map { "problem \(word.dropFirst().dropLast()) \($0)" }
                }
            })
    }

    /// Each metric with its type and labels, as they are told when all have been counted.
    private static func metrics() throws -> Set<String> {
        let registry = PrometheusRegistry()
        let metrics = ServiceMetrics(factory: registry)
        metrics.announced(in: "x")
        metrics.fetched("x", status: 200)
        metrics.asked(for: "x", status: 200)
        metrics.ended(over: "x", reason: "x")
        metrics.accepted(through: "x")
        metrics.ended(through: "x", outcome: "x")
        metrics.reported(through: "x", isRead: true)
        metrics.told(.delivered)
        metrics.seals(by: LinkKey()).increment()
        metrics.spoke(for: .seconds(1), successfully: true)
        metrics.wantedFile(atHand: true)
        var lines: Set<String> = []
        var known: Set<String> = []
        for line in registry.exposition().split(separator: "\n") {
            if let type = line.wholeMatch(of: /# TYPE (\w+) (\w+)/) {
                lines.insert("metric \(type.1) \(type.2)")
                known.insert(String(type.1))
            } else if let series = line.wholeMatch(of: /(speakcode_\w+)\{(.*)\} .*/) {
                let name = series.1.replacing(/_bucket$/, with: "")
                for label in series.2.matches(of: /(\w+)="/) { lines.insert("metric \(name) {\(label.1)}") }
            }
        }
        #expect(known == Set(PrometheusRegistry.help.keys), "each of them is counted above")
        for reason in CallSession.End.allCases.map(\.rawValue) + CallSession.Refusal.allCases.map(\.rawValue) {
            lines.insert("metric speakcode_calls_total {end} = \(reason)")
        }
        return lines
    }

    /// The lines of the log that programs read, with their fields.
    private static func log() -> Set<String> {
        let lines = LogLines()
        let log = AccessLog(logger: lines.logger, time: SteadyTime(ContinuousClock()))
        var entry = log.entry(method: "x", route: "x")
        (entry.link, entry.caller, entry.client, entry.problem) = ("x", "x", "x", "x")
        (entry.readings, entry.hungUp) = (1, true)
        log.write(entry)
        log.write(
            AccessLog.Call(
                transport: "x", link: "x", client: "x", readings: 1, keys: 1, end: "x", lasted: .seconds(1)))
        log.write(AccessLog.Placed(call: "x", through: "x", country: "x", number: "x"))
        log.write(
            AccessLog.Ended(call: "x", through: "x", outcome: "x", cause: "x", sip: 486, answeredSeconds: 1))
        return Set(
            lines.all.flatMap { line -> [String] in
                let said = line.split(separator: ": ", maxSplits: 1).last ?? ""
                let fields = said.matches(of: /(\w+)=/).map { String($0.1) }
                let name = said.prefix(upTo: said.firstMatch(of: /\ \w+=/)?.range.lowerBound ?? said.endIndex)
                return fields.map { "log \(name): \($0)" }
            })
    }

    /// What stands in links as a number or an extension, and is never another's.
    private static func links() -> Set<String> {
        var lines = Set(Gateways.documents.map { "link document \($0.name) \($0.carrier.number)" })
        for kind in LinkKind.names { lines.insert("link kind \(kind)") }
        for key in CallKey.all { lines.insert("link key \(key.key) \(key.name)") }
        return lines
    }

    /// What is posted to an operator of a call, and told in its stream.
    private static func events() -> Set<String> {
        let kinds: [CallEvent.Kind] = [.ringing, .answered, .key(1), .reading(1), .ended]
        let all = kinds + CallParty.allCases.map { .party($0) }
        return Set(all.flatMap { ["event posted call.\($0.name)", "event streamed \($0.name)"] })
            .union(["event streamed state"])
    }

    // MARK: HTTP

    private static func http() throws -> Set<String> {
        let document = try YAMLText(OpenAPIDocument.text)
        let components = try #require(document["components"])
        var lines: Set<String> = []
        func resolved(_ node: YAMLText) -> YAMLText {
            guard let reference = node["$ref"]?.text else { return node }
            return reference.split(separator: "/").dropFirst(2).reduce(components) { $0[String($1)] ?? .text("") }
        }
        func add(parameters: YAMLText?, to line: String) {
            for parameter in parameters?.elements.map(resolved) ?? [] {
                let name = "\(line) \(parameter["in"]?.text ?? "") \(parameter["name"]?.text ?? "")"
                lines.insert(name)
                // One of a list may be given several times, or a word of another type.
                guard let schema = parameter["schema"].map(resolved) else { continue }
                for word in schema["enum"]?.elements.compactMap(\.text) ?? [] { lines.insert("\(name) = \(word)") }
            }
        }
        let methods: Set = ["get", "head", "post", "put", "delete", "options", "patch"]
        for (path, operations) in document["paths"]?.members ?? [] {
            for (method, operation) in operations.members where methods.contains(method) {
                let line = "http \(method.uppercased()) \(path)"
                add(parameters: operations["parameters"], to: line)
                add(parameters: operation["parameters"], to: line)
                for (type, _) in operation["requestBody"].map(resolved)?["content"]?.members ?? [] {
                    lines.insert("\(line) takes \(type)")
                }
                for (status, answer) in operation["responses"]?.members ?? [] {
                    lines.insert("\(line) \(status)")
                    // All problems are told alike.
                    guard let status = Int(status), status < 400 else { continue }
                    for (type, _) in resolved(answer)["content"]?.members ?? [] {
                        lines.insert("\(line) \(status) \(type)")
                    }
                    for (header, _) in resolved(answer)["headers"]?.members ?? [] {
                        lines.insert("\(line) \(status) header \(header)")
                    }
                }
            }
        }
        for (name, schema) in components["schemas"]?.members ?? [] {
            members(of: schema, "schema \(name)", &lines)
        }
        return lines
    }

    /// The members of a schema, whether they are always there, and the words that they may be.
    private static func members(of schema: YAMLText, _ name: String, _ lines: inout Set<String>) {
        let required = Set(schema["required"]?.elements.compactMap(\.text) ?? [])
        for (key, member) in schema["properties"]?.members ?? [] {
            lines.insert("\(name).\(key) \(required.contains(key) ? "required" : "optional")")
            members(of: member, "\(name).\(key)", &lines)
        }
        for word in schema["enum"]?.elements.compactMap(\.text) ?? [] where word != "null" {
            lines.insert("\(name) = \(word)")
        }
        for choice in schema["anyOf"]?.elements ?? [] { members(of: choice, name, &lines) }
        if let items = schema["items"] { members(of: items, name, &lines) }
    }

    // MARK: Files that people write

    /// The keys of packs, of an operator's wording and of recorded voices: those that their readers know.
    private static func files(root: URL) throws -> Set<String> {
        var lines: Set<String> = []
        for (kind, name) in [
            ("pack", "VoicePack+JSON5"), ("wording", "OperatorWording"), ("recording", "RecordedVoice+JSON5"),
        ] {
            let source = try String(
                contentsOf: root.appending(path: "Sources/SpeakCode/Packs/\(name).swift"), encoding: .utf8)
            for list in source.matches(of: /(?:known: |\? )\[((?:\s*"\w+",?)+)\s*\]/) {
                for key in list.1.matches(of: /"(\w+)"/) { lines.insert("\(kind) \(key.1)") }
            }
        }
        return lines
    }
}
