// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCode
import SpeakCodeEspeak
import Testing

@Suite(.timeLimit(.minutes(2)))
struct PackCheckerTests {
    @Test(arguments: VoicePackCatalog.builtIn.locales)
    func everyBuiltInPackIsUnderstood(locale: LanguageTag) async throws {
        let pack = try VoicePackCatalog.builtIn.pack(for: locale.description)
        let findings = try await PackChecker(engine: engine).report(on: pack).faults
        #expect(findings.map(\.description) == [])
    }

    @Test func bareDigitsAreSilentInHebrew() async throws {
        let findings = try await findings("he", voice: "sem/he", digits: (0...9).map(String.init))
        #expect(Set(findings.filter { $0.fault == .silent }.map(\.path)).count == 10)
    }

    @Test func kanjiSpeakEnglishInJapanese() async throws {
        let findings = try await findings(
            "ja", voice: "jpx/ja", digits: ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"])
        #expect(Set(findings.filter { $0.fault == .otherLanguage }.map(\.path)).count == 10)
    }

    @Test func chineseCharactersSpeakEnglishInMandarin() async throws {
        let findings = try await findings(
            "zh", voice: "sit/cmn", digits: ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"])
        #expect(findings.contains { $0.fault == .otherLanguage && $0.path == "digits.standard.6" })
        // Debian's dictionary has 二 and 五, and no other digit.
        #expect(Set(findings.map(\.path)).count == 8)
    }

    @Test func sixAndSevenAreOneWordInSinhala() async throws {
        let findings = try await findings("si", voice: "inc/si", digits: (0...9).map(String.init))
        #expect(findings.contains { $0.fault == .soundsAlike && $0.path == "digits.standard.7" })
    }

    @Test(arguments: [
        ("#", PackChecker.Finding.Fault.expanded), ("10", .expanded), ("1.", .expanded), ("½", .expanded),
        ("…", .silent),
        ("three", .soundsAlike),
    ])
    func aSymbolThatTheEngineExpandsIsRefused(text: String, fault: PackChecker.Finding.Fault) async throws {
        var words = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
        words[4] = text
        let findings = try await findings("en", voice: "gmw/en-US", digits: words)
        #expect(findings.contains { $0.fault == fault && $0.path == "digits.standard.4" }, "\(findings)")
        #expect(findings.allSatisfy { $0.path == "digits.standard.4" }, "the other nine are good: \(findings)")
    }

    @Test func anOrdinalIsRefused() async throws {
        let words = ["null", "1.", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun"]
        let findings = try await findings("de", voice: "gmw/de", digits: words)
        #expect(findings.contains { $0.fault == .expanded && $0.path == "digits.standard.1" }, "\(findings)")
    }

    @Test func aFindingNamesItsLine() async throws {
        let pack = try pack("he", voice: "sem/he", digits: (0...9).map(String.init))
        #expect(pack.line(ofPath: "digits.standard.7") == 15)
    }

    @Test func anEngineThatIsNotThereIsAnErrorAndNotAFinding() async throws {
        let pack = try VoicePackCatalog.builtIn.pack(for: "en-US")
        let checker = PackChecker(engine: EngineProcess(executable: "/nonexistent/speakcode"))
        let error = await #expect(throws: EngineError.self) { try await checker.report(on: pack) }
        #expect(error?.reason == .missing)
    }

    private func findings(_ locale: String, voice: String, digits: [String]) async throws -> [PackChecker.Finding] {
        try await PackChecker(engine: engine).report(on: pack(locale, voice: voice, digits: digits)).faults
    }

    /// A pack with these digits, one on a line, and nothing else that could be wrong.
    private func pack(_ locale: String, voice: String, digits: [String]) throws -> VoicePack {
        let lines = digits.enumerated().map { "      \"\($0)\": { engine: \"\($1)\", caption: \"\($0)\" }," }
        let json5 = """
            {
              locale: "\(locale)",
              name: "Test", checkedBy: "nobody",
              engine: { voice: "\(voice)", rate: 140, pitch: 50, range: 50 },
              phrases: {},
              templates: { standard: { first: ["{code}"], again: ["{code}"] } },
              digits: { standard: {
            \(lines.joined(separator: "\n"))
              } },
            }
            """
        return try VoicePack(json5: json5, source: "\(locale).json5")
    }
}
