// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCodeTesting
import Testing

@testable import SpeakCodeGateways
@testable import SpeakCodeService

@Suite("The pages of docs/identity")
struct IdentityPagesTests {
    static let names = IdentityServers.all.map(\.name) + ["auth0", "keycloak"]
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../docs/identity").standardized

    private static func page(_ name: String) throws -> String {
        try String(contentsOf: folder.appending(path: "\(name).md"), encoding: .utf8)
    }

    /// The blocks of a language.
    private static func blocks(_ language: String, of page: String) -> [String] {
        page.components(separatedBy: "\n```\(language)\n").dropFirst().map {
            $0.components(separatedBy: "\n```").first ?? ""
        }
    }

    @Test("are one for each server, and the table of contents has them all")
    func contents() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
        #expect(files.sorted() == (["README"] + Self.names).map { "\($0).md" }.sorted())
        let listed = try Self.page("README").matches(of: /\| \[[^\]]+\]\((\w+)\.md\) \|/).map { String($0.1) }
        #expect(listed == Self.names)
    }

    @Test("say what to paste, what is answered and heard, and what comes of no answer", arguments: names)
    func sections(name: String) throws {
        let page = try Self.page(name)
        let headings = page.matches(of: /\n## (.+)/).map { String($0.1) }
        #expect(
            headings == ["What to paste where", "What it is answered", "What the person hears", "If nobody answers"])
        if IdentityServers.server(named: name) != nil {
            #expect(page.contains("codes.example.net/v1/providers/\(name)"))
            for query in page.matches(of: /\/v1\/providers\/\w+\?([^`" ]+)/).map({ String($0.1) }) {
                #expect(throws: Never.self) { try IdentityOptions(query: query) }
            }
        }
        for query in page.matches(of: /`\?(\w+=[^`]*)`/).map({ String($0.1) }) where !query.hasSuffix("=") {
            #expect(throws: Never.self) { try IdentityOptions(query: query) }
        }
    }

    @Test("have a configuration that the service takes", arguments: names)
    func configuration(name: String) async throws {
        let block = try #require(Self.blocks("json", of: Self.page(name)).last)
        let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString + ".json")
        try Data(block.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let settings = try await ServiceSettings(flags: [:], environment: [:], file: file.path)
        let server = IdentityServers.server(named: name)
        #expect(try settings.readIdentityServers().map(\.server.name) == (server.map { [$0.name] } ?? []))
        #expect(try settings.readCallBounds().allowed == ["+49"])
    }

    @Test("tell of each field of the address's query, and of no other")
    func query() throws {
        let rows = try Self.page("README").matches(of: /\n\| (`\w+`(?:, `\w+`)*)/)
            .flatMap { $0.1.components(separatedBy: ", ") }.map { $0.trimmingCharacters(in: ["`"]) }
        #expect(rows.count >= 8 && Set(rows).isSubset(of: IdentityOptions.known))
        for text in IdentityOptions.Texts.allCases { #expect(try Self.page("README").contains("`\(text.rawValue)`")) }
    }
}
