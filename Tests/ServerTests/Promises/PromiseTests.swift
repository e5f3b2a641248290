// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCodeGateways
import SpeakCodeLinks
import TestSupport
import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

/// `docs/promised.txt`: the names that versions keep ([docs/releases.md](docs/releases.md)), as the program itself tells them.
@Suite("What is promised", .timeLimit(.minutes(10)))
struct PromiseTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
        .standardized
    private static let file = root.appending(path: "docs/promised.txt")

    @Test("is what docs/promised.txt has, no name less and none more")
    func current() async throws {
        let promised = try await Promises.all(root: Self.root)
        let text = promised.sorted().joined(separator: "\n") + "\n"
        #expect(promised.count > 1000)
        guard ProcessInfo.processInfo.environment["SPEAKCODE_WRITE_PROMISES"] == nil else {
            return try Data(text.utf8).write(to: Self.file)
        }
        let kept = Set(try String(contentsOf: Self.file, encoding: .utf8).split(separator: "\n").map(String.init))
        let gone = kept.subtracting(promised).sorted()
        let new = promised.subtracting(kept).sorted()
        #expect(gone == [], "promised, and not there any more: a new major version, or a mistake")
        #expect(new == [], "not promised yet: scripts/promises adds them")
        #expect(try String(contentsOf: Self.file, encoding: .utf8) == text, "in another order: scripts/promises")
    }

    @Test("has something of each kind")
    func kinds() throws {
        let lines = try String(contentsOf: Self.file, encoding: .utf8).split(separator: "\n")
        let kinds = Set(lines.map { $0.prefix { $0 != " " } })
        #expect(
            kinds == [
                "command", "event", "exit", "http", "json", "link", "log", "metric", "pack", "problem", "recording",
                "schema",
                "setting", "wording",
            ])
    }
}
