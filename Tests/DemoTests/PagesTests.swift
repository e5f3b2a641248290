// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCodeDemo
import Testing

@Suite("Pages of the demo")
struct PagesTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../Sources/SpeakCodeDemo/Resources")

    private static func files(_ kind: String) throws -> [(name: String, text: String)] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(kind) }
            .map { ($0, try String(contentsOf: folder.appending(path: $0), encoding: .utf8)) }
    }

    @Test("say the same in all languages, and all that they say is there", arguments: SiteLanguage.allCases)
    func words(language: SiteLanguage) throws {
        let words = Words(language)
        #expect(words.names == Words(.english).names && !words.names.isEmpty)
        let holes = Pages.all.reduce(into: Set<String>()) { $0.formUnion($1.holes) }
        #expect(holes.subtracting(words.names).subtracting(Pages.valueNames) == [])
        // What nobody says is no burden to translators.
        let said = holes.union(Story.Stage.allCases.map { "\($0.rawValue).title" })
        let code = try Self.files(".js").map(\.text).joined()
        for name in words.names.subtracting(said) where !name.hasPrefix("notice.") {
            let parts = name.split(separator: ".js.")
            #expect(parts.count == 2 && code.contains(parts[1].split(separator: "-")[0]), "\(name) is said nowhere")
        }
    }

    @Test("have the same places in all languages")
    func places() {
        let (english, japanese) = (Words(.english), Words(.japanese))
        for name in english.names {
            let places = [english, japanese].map { words in
                Set((words[name] ?? "").matches(of: /\{[a-z]+\}/).map { String($0.output) })
            }
            #expect(places[0] == places[1], "\(name)")
        }
    }

    @Test("have no script and no style of their own, and name nobody else")
    func strict() throws {
        let pages = try Self.files(".html")
        #expect(pages.count == 12)
        for (name, text) in pages {
            #expect(
                text.firstMatch(of: /\sstyle=|<style|\son[a-z]+=|javascript:|<script(?! type="module" src=)/) == nil,
                "\(name)")
        }
        for (name, text) in pages + (try Self.files(".js")) + (try Self.files(".css")) {
            let addresses = text.matches(of: /https?:\/\/[^\s"'`]+|@import|url\(/).map(\.output)
            #expect(addresses.isEmpty, "\(name): \(addresses)")
        }
    }

    @Test("show what anybody writes as text")
    func escapes() {
        let template = Template("<p title=\"{{a}}\">{{a}}{{{b}}}</p>")
        #expect(
            template.filled { ["a": "<'&\">", "b": "<b></b>"][$0] }
                == "<p title=\"&lt;&#39;&amp;&quot;&gt;\">&lt;&#39;&amp;&quot;&gt;<b></b></p>")
        #expect(template.holes == ["a", "b"])
    }

    @Test(
        "are in the language that the browser likes best",
        arguments: [
            (nil, SiteLanguage.english), ("ja", .japanese), ("ja-JP,ja;q=0.9,en;q=0.8", .japanese),
            ("en-GB,en;q=0.9,ja;q=0.8", .english), ("fr,ja;q=0.5,en;q=0.4", .japanese), ("de", .english),
            ("en;q=0.1, ja;q=0.2", .japanese), ("*", .english), ("ja;q=0", .english), ("; ;q=x,", .english),
        ])
    func language(header: String?, language: SiteLanguage) {
        #expect(SiteLanguage(accepted: header) == language)
    }
}
