// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCode
import Testing

@Suite("An operator's wording")
struct OperatorWordingTests {
    private static let json5 = """
        {
          values: {
            brand: {
              acme: { "*": "Acme", ja: { engine: "アクメ", caption: "アクメ" }, "zh": { engine: "a1 ke4", caption: "Acme" } },
              zenith: "Zenith",
            },
          },
          phrases: {
            welcome: { en: "This is {brand}.", "en-GB": "Good day from {brand}.", ja: { engine: "{brand}です!", caption: "{brand}です。" } },
          },
          templates: {
            welcome: { first: ["welcome", "opening", "{code}"], again: ["bridge", "{code}"] },
          },
        }
        """

    private func catalog<Made>(_ json5: String, _ body: (VoicePackCatalog, String) throws -> Made) throws -> Made {
        let folder = FileManager.default.temporaryDirectory.appending(path: "wording-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(json5.utf8).write(to: folder.appending(path: "wording.json5"))
        return try body(try VoicePackCatalog(overlaidBy: folder.path), folder.path)
    }

    private func caption(_ locale: String, _ brand: String) throws -> String? {
        try catalog(Self.json5) { catalog, _ in
            let pack = try catalog.pack(for: locale)
            return pack.line(for: .phrase(Phrase("welcome", values: ["brand": brand])))?.caption
        }
    }

    @Test("gives all packs values, and those of a language its phrases and templates")
    func applied() throws {
        #expect(try caption("en-US", "acme") == "This is Acme.")
        #expect(try caption("en-GB", "zenith") == "Good day from Zenith.")
        #expect(try caption("ja", "acme") == "アクメです。")
        #expect(try caption("de", "acme") == nil)
        try catalog(Self.json5) { catalog, _ in
            #expect(try catalog.pack(for: "ja").templates["welcome"] != nil)
            #expect(try catalog.pack(for: "de").templates["welcome"] == nil)
            #expect(try catalog.pack(for: "de").values["brand"]?.keys.sorted() == ["acme", "zenith"])
            let packs = try catalog.packs()
            #expect(packs.count == VoicePackCatalog.builtIn.locales.count)
            for pack in packs where pack.templates["branded"] != nil {
                #expect(throws: Never.self) {
                    try Script(
                        code: VerificationCode("1"), pack: pack,
                        wording: Wording(template: "branded", values: ["brand": "zenith"]))
                }
            }
        }
    }

    @Test("changes what caches and entity tags are built on")
    func revision() throws {
        let builtIn = try VoicePackCatalog.builtIn.pack(for: "en-US").revision
        let one = try catalog(Self.json5) { catalog, _ in try catalog.pack(for: "en-US").revision }
        let other = try catalog(Self.json5.replacing("Zenith\"", with: "Zenit\"")) { catalog, _ in
            try catalog.pack(for: "en-US").revision
        }
        #expect(Set([builtIn, one, other]).count == 3)
    }

    @Test(
        "is refused with its line when packs are read, and not when somebody calls",
        arguments: [
            ("\"Zenith\"", "{ ja: \"ゼニス\" }", "has no text for", 5),
            ("\"This is {brand}.\"", "\"This is {brand.\"", "not a slot", 9),
            ("first: [\"welcome\"", "first: [\"welcom\"", "names `welcom`", 12),
            ("brand: {\n", "\"br and\": {\n", "a slot's name", 3),
            ("\"en-GB\": \"Good", "\"english\": \"Good", "language tag", 9),
            ("\"This is {brand}.\"", "\"This is {town}.\"", "nothing is listed", 12),
            ("templates:", "template:", "is not known here", 11),
            ("\"Zenith\"", "\"Zen[[ith\"", "[[", 5),
        ])
    func broken(old: String, new: String, problem: String, line: Int) throws {
        let json5 = Self.json5.replacing(old, with: new)
        #expect(json5 != Self.json5)
        let error = #expect(throws: VoicePackError.self) { try catalog(json5) { catalog, _ in try catalog.packs() } }
        #expect(error?.problem.contains(problem) == true, "\(error.map { "\($0)" } ?? "")")
        #expect(error?.source.hasSuffix("/wording.json5") == true)
        #expect(error?.line == line)
    }
}
