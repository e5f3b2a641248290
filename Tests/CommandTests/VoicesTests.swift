// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCode
import SpeakCodePackTools
import TestSupport
import Testing

/// `speakcode voices`, and how a locale finds its voice.
@Suite(.timeLimit(.minutes(20)))
struct VoicesTests {
    private static let voices = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../voices")
        .standardizedFileURL.path

    @Test func everyPackIsListed() async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let outcome = try await shell.speakcode("voices")
        // What follows behind an empty line is of recorded voices.
        let packs = outcome.text.split(separator: "\n", omittingEmptySubsequences: false).prefix { !$0.isEmpty }
        let locales = packs.compactMap { $0.split(separator: " ").first.map(String.init) }
        #expect(locales == VoicePackCatalog.builtIn.locales.map(\.description))
        let json = try await shell.speakcode("voices", "--json")
        let entries = try #require(try JSONSerialization.jsonObject(with: json.output) as? [[String: Any]])
        #expect(entries.compactMap { $0["locale"] as? String } == locales)
        #expect(entries.allSatisfy { ($0["checkedBy"] as? String)?.isEmpty == false })
    }

    /// What was measured stands in one table; the list and the document tell it.
    @Test func whereARecordedVoiceIsHeardBetterTheListSaysSo() async throws {
        let shell = try Shell()
        defer { shell.remove() }
        _ = try await shell.bash("mkdir -p shelf/speakcode && ln -s '\(Self.voices)/recorded' shelf/speakcode/voices")
        let shelf = ["XDG_DATA_HOME": shell.path("shelf")]
        let better = MeasuredVoice.all.filter(\.isBetter)
        let list = try await shell.bash("\"$speakcode\" voices", environment: shelf)
        let document = URL(filePath: Self.voices).appending(path: "../docs/intelligibility.md").standardizedFileURL
        let written = try String(contentsOf: document, encoding: .utf8).split(separator: "\n")
        #expect(Set(better.map(\.locale)).isSuperset(of: ["de-DE", "es-ES", "fr-FR", "ja-JP", "ru-RU"]))
        for row in MeasuredVoice.all {
            let name = row.name ?? "eSpeak NG"
            let cell = "| \(row.locale) | \(row.name.map { "`\($0)`" } ?? name) | \(row.clean) ["
            let line = written.first { $0.hasPrefix(cell) }
            #expect(line?.contains(") | \(row.lossy) [") == true, "\(cell)")
            let told = list.text.split(separator: "\n").last { $0.hasPrefix(row.locale) }
            let isTold = told?.contains("\(name) \(row.clean) and \(row.lossy)") == true
            let isEngineBeside = row.name == nil && better.contains { $0.locale == row.locale }
            #expect(isTold == (row.isBetter || isEngineBeside), "\(row.locale) \(name)")
        }
        #expect(list.text.contains("SVOX Pico, gl0, female; heard better, see below"))
        let german = try await shell.bash("\"$speakcode\" voices de-DE --json", environment: shelf)
        let entries = try #require(try JSONSerialization.jsonObject(with: german.output) as? [[String: Any]])
        let measured = try #require(entries.first?["measured"] as? [[String: Any]])
        #expect(measured.map { $0["voice"] as? String } == ["eSpeak NG", "de-pico"])
        #expect(measured.map { $0["isBetter"] as? Bool } == [false, true])
    }

    @Test(arguments: [("japan", ["ja-JP"]), ("en", ["en-GB", "en-US", "fr-FR"]), ("de", ["de-DE"])])
    func theListCanBeFiltered(filter: String, expected: [String]) async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let outcome = try await shell.speakcode("voices", filter, "--json")
        let entries = try #require(try JSONSerialization.jsonObject(with: outcome.output) as? [[String: Any]])
        let locales = entries.compactMap { $0["locale"] as? String }
        #expect(Set(expected).isSubset(of: locales))
        #expect(locales.count < VoicePackCatalog.builtIn.locales.count)
    }

    @Test(arguments: [
        ("ja", "ja-JP"), ("ja_JP.UTF-8", "ja-JP"), ("en-AU", "en-GB"), ("en", "en-US"), ("de-CH-1996", "de-CH"),
        ("gsw", "de-CH"), ("haw", "haw"),
        ("fr-SN", "fr-FR"), ("zh", "zh-CN"), ("ES", "es-ES"),
    ])
    func aLocaleFindsTheNearestVoice(wanted: String, found: String) async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let outcome = try await shell.speakcode("12", "--locale", wanted, "-o", "x.wav", "--json")
        let summary = try #require(try JSONSerialization.jsonObject(with: outcome.output) as? [String: Any])
        #expect(summary["locale"] as? String == found)
    }

    /// Every pack is asked for every word that it has; `scripts/languages` writes down what comes of it.
    @Test func thePackCheckerFindsAllGoodAndTheDocumentSaysSo() async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let outcome = try await shell.speakcode("voices", "check", "--markdown")
        #expect(outcome.status == 0, "\(outcome.errors)")
        // Each version that was released has a document; what is newer need only find all good.
        guard let name = ["1.51": "languages", "1.52.0": "languages-1.52"][EngineVersion.text] else { return }
        let document = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/\(name).md")
        let written = try String(contentsOf: document, encoding: .utf8)
        let (said, kept) = (outcome.text.split(separator: "\n"), written.split(separator: "\n"))
        #expect(said.count == kept.count, "run scripts/languages")
        for (line, old) in zip(said, kept) { #expect(line == old, "run scripts/languages") }
    }

    /// A translator's way: a pack is begun, the checker leads to each empty place, and what is filled in is heard.
    @Test func aPackIsBegunFilledInAndHeard() async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let begun = try await shell.speakcode("voices", "new", "kl-GL")
        #expect(begun.status == 0, "\(begun.errors)")
        #expect(shell.files == ["kl-GL.json5"])
        let again = try await shell.speakcode("voices", "new", "kl-GL")
        #expect(again.status == 64 && again.errors.contains("is there already"))

        var text = String(decoding: try shell.bytes("kl-GL.json5"), as: UTF8.self)
        #expect(text.contains("voice: \"esx/kl\"") && text.contains("\"1\": \"ataaseq\""), "what CLDR knows is there")
        for _ in 0..<60 {
            let check = try await shell.speakcode("voices", "check", "kl-GL.json5")
            guard let place = check.errors.firstMatch(of: /kl-GL\.json5:(\d+): ([\w.]+): must give the engine/) else {
                break
            }
            // The line that is named is the one with the empty text.
            var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            let line = try #require(Int(place.output.1)) - 1
            try #require(lines[line].contains("\"\""))
            let key = String(place.output.2.split(separator: ".").last ?? "")
            let places = ["counted": " {digits}", "branded": " {brand}", "validity": " {minutes}"][key] ?? ""
            lines[line] = lines[line].replacing("\(key): \"\"", with: "\(key): \"kode una\(places)\"")
                .replacing("\"\(key)\": \"\"", with: "\"\(key)\": \"kode\"")
            text = lines.joined(separator: "\n")
            try Data(text.utf8).write(to: shell.folder.appending(path: "kl-GL.json5"))
        }
        let heard = try await shell.speakcode(
            "voices", "hear", "kl-GL.json5", "phrases.opening", "digits", "-o", "x.wav")
        #expect(heard.status == 0, "\(heard.errors)")
        #expect(try shell.bytes("x.wav").count > 80_000, "eleven things to hear")
        let one = try await shell.speakcode("voices", "hear", "ja", "letters.icao.Q", "-o", "q.wav")
        #expect(one.status == 0, "\(one.errors)")
        let nothing = try await shell.speakcode("voices", "hear", "ja", "phrases.nosuch", "-o", "y.wav")
        #expect(nothing.status == 64 && !shell.exists("y.wav"))
        let voiceless = try await shell.speakcode("voices", "new", "xh-ZA")
        #expect(voiceless.status == 65 && !shell.exists("xh-ZA.json5"))
    }

    @Test func thePackCheckerTellsWhatItMeasured() async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let outcome = try await shell.speakcode("voices", "check", "--report", Self.voices + "/fr-FR.json5")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.text.contains("warning: digits.standard.7: sounds nearly as 5"))
        let table = outcome.text.split(separator: "\n").suffix(2)
        #expect(table.first?.contains("nearest digits") == true)
        #expect(table.last?.contains(#/^fr-FR .* 5/7 at 0\.5 +0 +[1-9]/#) == true)
    }

    /// The voice has no word for a figure, in any version of the engine.
    @Test func thePackCheckerNamesTheLine() async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let pack = """
            {
              locale: "chr", name: "Cherokee", checkedBy: "nobody",
              engine: { voice: "iro/chr", rate: 140, pitch: 50, range: 50 },
              phrases: {}, templates: { standard: { first: ["{code}"], again: ["{code}"] } },
              digits: { standard: {
                "0": "0", "1": "1", "2": "2", "3": "3", "4": "4", "5": "5", "6": "6",
                "7": "7", "8": "8", "9": "9",
              } },
            }
            """
        try Data(pack.utf8).write(to: shell.folder.appending(path: "chr.json5"))
        let outcome = try await shell.speakcode("voices", "check", "chr.json5")
        #expect(outcome.status == 65)
        #expect(outcome.text.contains("chr.json5:7: digits.standard.7: "))
        #expect(outcome.errorLines.count == 1)
        // The same pack is not spoken either: silence is an error and not a file.
        let spoken = try await shell.speakcode("12", "--voices", ".", "--locale", "chr", "-o", "x.wav")
        #expect(spoken.status == 65)
        #expect(spoken.errors.contains("silent"))
        #expect(!shell.exists("x.wav"))
    }

    @Test func anOperatorsPackIsSpokenInPlaceOfTheBuiltInOne() async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let pack = """
            {
              locale: "en-US", name: "Terse English", checkedBy: "nobody",
              engine: { voice: "gmw/en-US", rate: 140, pitch: 35, range: 40 },
              phrases: {}, templates: { standard: { first: ["{code}"], again: ["{code}"] } },
              digits: { standard: {
                "0": "zero", "1": "one", "2": "two", "3": "three", "4": "four", "5": "five", "6": "six",
                "7": "seven", "8": "eight", "9": "nine",
              } },
            }
            """
        try FileManager.default.createDirectory(
            at: shell.folder.appending(path: "mine"), withIntermediateDirectories: true)
        try Data(pack.utf8).write(to: shell.folder.appending(path: "mine/en-US.json5"))
        let outcome = try await shell.speakcode(
            "12", "--voices", "mine", "-o", "x.wav", "--times", "1", "--captions", "x.json")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let document = try #require(
            try JSONSerialization.jsonObject(with: Data(shell.bytes("x.json"))) as? [String: Any])
        #expect((document["cues"] as? [[String: Any]])?.compactMap { $0["text"] as? String } == ["one", "two"])
        let letters = try await shell.speakcode("A2", "--voices", "mine", "-o", "y.wav")
        #expect(letters.status == 65)
        #expect(letters.errors.contains("digits only"))
    }
}
