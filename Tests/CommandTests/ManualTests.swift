// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Foundation
import SpeakCode
import TestSupport
import Testing

@testable import SpeakCodeCommand

/// The manual page and README know every option that there is.
@Suite
struct ManualTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized

    @Test func theManualNamesEveryOption() async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let manual = try String(contentsOf: Self.root.appending(path: "docs/speakcode.1"), encoding: .utf8)
        for verb in Self.verbs(of: RootCommand.self) {
            let help = try await shell.bash("\"$speakcode\" help \(verb)").text
            let options = help.matches(of: /--([a-z][a-z-]+)/).map { String($0.output.1) }
            #expect(!options.isEmpty)
            for option in Set(options) {
                // In mdoc an option is `.It Fl Fl name`, with hyphens escaped or not.
                let written = manual.replacing("\\-", with: "-")
                #expect(written.contains("Fl -\(option)") || written.contains("Fl Fl \(option)"), "--\(option)")
            }
        }
    }

    /// Each verb with those before it, and nothing, which speaks.
    private static func verbs(of command: any ParsableCommand.Type, behind path: String = "") -> [String] {
        command.configuration.subcommands.flatMap { verb -> [String] in
            let words = "\(path) \(verb.configuration.commandName ?? "")"
            return [words] + verbs(of: verb, behind: words)
        } + (path.isEmpty ? [""] : [])
    }

    @Test(arguments: AudioFormat.Kind.allCases)
    func theManualAndReadmeNameTheFormat(kind: AudioFormat.Kind) throws {
        let manual = try String(contentsOf: Self.root.appending(path: "docs/speakcode.1"), encoding: .utf8)
        let written = manual.replacing("\\-", with: "-").split { " ,\n".contains($0) }
        #expect(written.contains(Substring(kind.rawValue)))
        let readme = try String(contentsOf: Self.root.appending(path: "README.md"), encoding: .utf8)
        let row = try #require(readme.split(separator: "\n").first { $0.contains("`--format`") })
        #expect(row.split { " ,|".contains($0) }.contains(Substring(kind.rawValue)))
    }

    @Test func readmesExamplesParse() async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let readme = try String(contentsOf: Self.root.appending(path: "README.md"), encoding: .utf8)
        let lines = readme.split(separator: "\n").filter { $0.hasPrefix("speakcode ") && $0.contains(" -o ") }
        #expect(lines.count >= 5)
        for line in lines {
            let command = line.prefix { $0 != "#" }.dropFirst("speakcode ".count)
            let outcome = try await shell.bash("echo 123456 > code.txt; \"$speakcode\" \(command)")
            #expect(outcome.status == 0, "\(line): \(outcome.errors)")
        }
    }
}
