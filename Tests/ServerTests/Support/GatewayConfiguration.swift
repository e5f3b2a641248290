// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import TestSupport

/// Reads a configuration as strictly as the program that it is for, or more so.
enum GatewayConfiguration {
    /// What is wrong with it; nothing where it can be pasted.
    ///
    /// - Parameters:
    ///   - language: the word behind the fence.
    ///   - globals: variables of a dialplan that are set elsewhere.
    static func problems(in text: String, _ language: String, globals: Set<String> = []) async throws -> [String] {
        switch language {
        case "sh": try await problems(inShell: text)
        case "crontab": try await problems(inCrontab: text)
        case "json": await problems(inJSON: text)
        case "xml": await problems(inXML: text)
        case "ini": problems(inINI: text)
        case "asterisk": Dialplan(text, globals: globals).problems
        default: ["nothing here reads \(language.isEmpty ? "a block without a language" : language)"]
        }
    }

    // MARK: Shell

    private static func problems(inShell text: String) async throws -> [String] {
        let outcome = try await run("/bin/bash", ["-n", "-c", text])
        var problems = outcome.errorLines.map { String($0) }
        if outcome.status != 0, problems.isEmpty { problems.append("bash ended with \(outcome.status)") }
        for body in bodies(in: text) { problems += await Self.problems(inJSON: body) }
        return problems
    }

    /// What `curl -d` sends that begins as JSON, its variables filled in.
    private static func bodies(in text: String) -> [String] {
        var bodies = text.matches(of: /-d '([^']*)'/).map { String($0.output.1) }
        for match in text.matches(of: /-d "((?:[^"\\]|\\.|\\\n)*)"/) {
            let unescaped = match.output.1.replacing(#"\""#, with: "\"")
            bodies.append(String(unescaped.replacing(/\$[A-Z_]+/, with: "filled")))
        }
        return bodies.filter { $0.hasPrefix("{") || $0.hasPrefix("[") }
    }

    /// Five fields, a user, a command.
    private static func problems(inCrontab text: String) async throws -> [String] {
        var problems: [String] = []
        for line in text.components(separatedBy: "\n") where !line.isEmpty {
            guard let match = line.wholeMatch(of: /(?:[0-9*\/,-]+ ){5}[a-z][a-z0-9_-]* (\/.+)/) else {
                problems.append("not five fields, a user and a command with its whole path: \(line)")
                continue
            }
            // A percent sign ends the command.
            if line.contains("%") { problems.append("a percent sign: \(line)") }
            problems += try await Self.problems(inShell: String(match.output.1))
        }
        return problems
    }

    // MARK: Data

    private static func problems(inJSON text: String) async -> [String] {
        do { try await StrictJSON.check(text.utf8) } catch { return ["no JSON (\(error)): \(text)"] }
        return []
    }

    /// Comments, sections, and settings in them.
    private static func problems(inINI text: String) -> [String] {
        var problems: [String] = []
        var hasSection = false
        var seen: Set<String> = []
        for line in text.components(separatedBy: "\n") where !line.isEmpty && !line.hasPrefix(";") {
            if line.wholeMatch(of: /\[[A-Za-z0-9_-]+\]/) != nil {
                (hasSection, seen) = (true, [])
            } else if let match = line.wholeMatch(of: /([a-z_]+) = \S.*/) {
                if !hasSection { problems.append("a setting in front of all sections: \(line)") }
                if !seen.insert(String(match.output.1)).inserted { problems.append("set twice: \(line)") }
            } else {
                problems.append("no section and no setting: \(line)")
            }
        }
        return problems
    }

    /// The elements of FreeSWITCH's dialplan, and those of the TwiML that the pages show.
    private static let elements: [String: (attributes: Set<String>, children: Set<String>)] = [
        "include": ([], ["extension"]), "extension": (["name"], ["condition"]),
        "condition": (["field", "expression"], ["action"]), "action": (["application", "data"], []),
        "Response": ([], ["Connect"]), "Connect": ([], ["Stream"]), "Stream": (["url"], []),
    ]

    private static let freeSwitchApplications: Set = ["answer", "endless_playback", "hangup", "httapi"]

    private static func problems(inXML text: String) async -> [String] {
        do { return problems(in: try await StrictXML(text.utf8)) } catch { return ["no XML (\(error)): \(text)"] }
    }

    private static func problems(in element: StrictXML) -> [String] {
        guard let known = elements[element.name] else { return ["an element \(element.name)"] }
        var problems: [String] = []
        for (name, value) in element.attributes {
            if !known.attributes.contains(name) { problems.append("an attribute \(name)") }
            if name == "application", !freeSwitchApplications.contains(value) {
                problems.append("an application \(value)")
            }
        }
        for child in element.children {
            if !known.children.contains(child.name) { problems.append("a \(child.name) in \(element.name)") }
            problems += Self.problems(in: child)
        }
        return problems
    }
}

/// A part of Asterisk's `extensions.conf`, read more strictly than Asterisk does: it takes any application and any
/// variable, and tells of a wrong one when a call comes.
private struct Dialplan {
    private(set) var problems: [String] = []
    /// What `[globals]` sets.
    private(set) var globals: Set<String>
    private var section = ""
    private var variables: Set<String> = []
    private var extensionLabels: Set<String>?
    private var targets: [(label: String, line: String)] = []

    /// Of those that Asterisk 22 has.
    private static let applications: Set = [
        "AGI", "Answer", "AudioSocket", "Dial", "ExecIf", "Gosub", "Goto", "GotoIf", "Hangup", "MSet", "NoOp",
        "Playback", "Read", "Return", "Set", "System", "Wait",
    ]
    private static let functions: Set = [
        "CHANNEL", "CURL", "CURLOPT", "CUT", "FILTER", "IF", "JSON_DECODE", "LEN", "STRREPLACE", "URIENCODE",
    ]
    /// What Asterisk sets itself, and what the call is started with.
    private static let given: Set = [
        "AGISTATUS", "CALL_ADDRESS", "CALL_UUID", "CODE", "DIALSTATUS", "EXTEN", "LOCALE", "PLAYBACKSTATUS",
        "SYSTEMSTATUS", "UNIQUEID",
    ]

    init(_ text: String, globals: Set<String>) {
        self.globals = globals
        for line in text.components(separatedBy: "\n") where !line.isEmpty && !line.hasPrefix(";") { read(line) }
        endExtension()
    }

    private mutating func read(_ line: String) {
        if let match = line.wholeMatch(of: /\[([A-Za-z0-9_-]+)\]/) {
            endExtension()
            (section, variables) = (String(match.output.1), [])
        } else if section.isEmpty {
            problems.append("in front of all contexts: \(line)")
        } else if section == "globals" || section == "general" {
            guard let match = line.wholeMatch(of: /([A-Za-z_][A-Za-z0-9_]*)=\S.*/) else {
                problems.append("no variable: \(line)")
                return
            }
            globals.insert(String(match.output.1))
        } else if let match = line.wholeMatch(of: /exten => ([A-Za-z0-9_.+*#]+),1(?:\(([a-z]+)\))?,(.+)/) {
            endExtension()
            extensionLabels = Set([match.output.2].compactMap { $0.map { String($0) } })
            execute(String(match.output.3), line)
        } else if let match = line.wholeMatch(of: #/ same => n(?:\(([a-z]+)\))?,(.+)/#) {
            if extensionLabels == nil { problems.append("no extension before it: \(line)") }
            if let label = match.output.1 { extensionLabels?.insert(String(label)) }
            execute(String(match.output.2), line)
        } else {
            problems.append("no line of a dialplan: \(line)")
        }
    }

    private mutating func endExtension() {
        for target in targets where extensionLabels?.contains(target.label) != true {
            problems.append("no label \(target.label): \(target.line)")
        }
        (extensionLabels, targets) = (nil, [])
    }

    /// Looks at an application with its arguments.
    private mutating func execute(_ call: String, _ line: String) {
        guard let match = call.wholeMatch(of: /([A-Za-z]+)\((.*)\)/) else {
            problems.append("no application with its arguments: \(line)")
            return
        }
        let (application, arguments) = (String(match.output.1), String(match.output.2))
        if !Self.applications.contains(application) { problems.append("no application \(application): \(line)") }
        if !Self.isBalanced(arguments) { problems.append("a bracket or a quotation mark is open: \(line)") }
        for match in arguments.matches(of: /\b([A-Z][A-Z0-9_]+)\(/) {
            let function = String(match.output.1)
            if !Self.functions.contains(function) { problems.append("no function \(function): \(line)") }
        }
        // What is named by CUT is the variable itself.
        let named =
            arguments.matches(of: /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/).map { String($0.output.1) }
            + arguments.matches(of: /CUT\(([A-Za-z_]+),/).map { String($0.output.1) }
        for variable in named where !variables.union(globals).union(Self.given).contains(variable) {
            problems.append("no variable \(variable): \(line)")
        }
        switch application {
        case "Set":
            guard let name = arguments.prefixMatch(of: /([A-Za-z_][A-Za-z0-9_]*)(?:\([^)]*\))?=/) else {
                problems.append("nothing is set: \(line)")
                return
            }
            variables.insert(String(name.output.1))
        case "Goto": targets.append((arguments, line))
        case "GotoIf":
            let labels = arguments.split(separator: "?", maxSplits: 1).dropFirst().first ?? ""
            if labels.isEmpty { problems.append("goes nowhere: \(line)") }
            targets += labels.split(separator: ":").map { (label: String($0), line: line) }
        default: break
        }
    }

    private static func isBalanced(_ text: String) -> Bool {
        var open: [Character] = []
        for character in text {
            switch character {
            case "(", "[", "{": open.append(character)
            case ")": if open.popLast() != "(" { return false }
            case "]": if open.popLast() != "[" { return false }
            case "}": if open.popLast() != "{" { return false }
            default: break
            }
        }
        return open.isEmpty && text.count(where: { $0 == "\"" }).isMultiple(of: 2)
    }
}

extension GatewayConfiguration {
    /// The variables that a dialplan sets for all calls.
    static func globals(in text: String) -> Set<String> { Dialplan(text, globals: []).globals }
}
