// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCode
import SpeakCodeEspeak
import SpeakCodePackTools
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct PackCheckerTests {
    // All built-in packs are checked by `voices check` in VoicesTests.

    /// What facts of the engine say of its other voices, and that nobody has to write a pack for those that are good.
    @Test(arguments: [
        // Version 1.52 crashes on the zero and has mended Hebrew, 1.53 has mended both and Sinhala.
        ("kl", EngineVersion.isOne(of: "1.52") ? PackChecker.Finding.Fault.engine : nil),
        ("he", EngineVersion.isOne(of: "1.51") ? .silent : nil),
        ("si", EngineVersion.isOne(of: "1.51", "1.52") ? .soundsAlike : nil), ("ne", .otherLanguage), ("quc", .silent),
    ])
    func aVoiceWithoutAPackIsTriedBeforeItIsUsed(language: String, fault: PackChecker.Finding.Fault?) async throws {
        let voices = DigitsOnlyVoices(engine: engine)
        let outcome = try await voices.outcome(for: try #require(LanguageTag(language)), beside: [])
        switch outcome {
        case .pack(let pack, let report):
            #expect(fault == nil)
            #expect(pack.isDigitsOnly && pack.digits["standard"]?.count == 10 && report.faults.isEmpty)
            #expect(throws: Never.self) {
                try Script(code: VerificationCode("12"), pack: pack, wording: Wording(template: "goodbye"))
            }
        case .faults(let findings): #expect(findings.contains { $0.fault == fault })
        default: Issue.record("the engine has no such voice")
        }
    }

    @Test func aVoiceIsNotTriedWhereAPackSpeaksItsLanguage() async throws {
        let voices = DigitsOnlyVoices(engine: engine)
        let german = try #require(LanguageTag("de"))
        #expect(try await voices.outcome(for: german, beside: [german]) == nil)
        #expect(
            try await voices.voices(beside: VoicePackCatalog.builtIn.locales).contains { $0.locale == german } == false)
    }

    @Test(arguments: [(String(repeating: "zero ", count: 20), PackChecker.Finding.Fault.length), ("seben", nil)])
    func aSymbolLastsAsLongAsASymbol(word: String, fault: PackChecker.Finding.Fault?) async throws {
        var words = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
        words[7] = word
        let findings = try await findings("en", voice: "gmw/en-US", digits: words)
        #expect(findings.contains { $0.path == "digits.standard.7" && $0.fault == .length } == (fault == .length))
    }

    @Test func nearWordsAreAWarningAndNoFault() async throws {
        let words = ["zero", "one", "two", "three", "four", "pie", "tie", "seven", "eight", "nine"]
        let pack = try pack("en", voice: "gmw/en-US", digits: words)
        let report = try await PackChecker(engine: engine).report(on: pack)
        #expect(report.faults.isEmpty)
        #expect(report.warnings.map(\.path) == ["digits.standard.6"])
        #expect(report.nearestDigits.map { [$0.first, $0.second] } == ["5", "6"])
        let levels = try #require(report.levels)
        #expect(levels.lowerBound > -40 && levels.upperBound < -6)
        #expect(report.phraseDurations == nil)
    }

    @Test func bareDigitsAreSilentInHebrewUntilItWasMended() async throws {
        let findings = try await findings("he", voice: "sem/he", digits: (0...9).map(String.init))
        let silent = Set(findings.filter { $0.fault == .silent }.map(\.path))
        #expect(silent.count == (EngineVersion.isOne(of: "1.51") ? 10 : 0), "\(findings)")
    }

    @Test func kanjiSpeakEnglishInJapanese() async throws {
        let findings = try await findings(
            "ja", voice: "jpx/ja", digits: ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"])
        #expect(Set(findings.filter { $0.fault == .otherLanguage }.map(\.path)).count == 10)
    }

    @Test func chineseCharactersSpeakEnglishInMandarinWhereTheDictionaryHasThemNot() async throws {
        let findings = try await findings(
            "zh", voice: "sit/cmn", digits: ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"])
        // Debian's dictionary has 二 and 五, and no other digit; those of the newer ones have all.
        let isDebians = EngineVersion.isOne(of: "1.51")
        #expect(findings.contains { $0.fault == .otherLanguage && $0.path == "digits.standard.6" } == isDebians)
        #expect(Set(findings.map(\.path)).count == (isDebians ? 8 : 0), "\(findings)")
    }

    @Test func sixAndSevenAreOneWordInSinhalaUntilItWasMended() async throws {
        let findings = try await findings("si", voice: "inc/si", digits: (0...9).map(String.init))
        let areAlike = findings.contains { $0.fault == .soundsAlike && $0.path == "digits.standard.7" }
        #expect(areAlike == EngineVersion.isOne(of: "1.51", "1.52"), "\(findings)")
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

    @Test(
        "a phoneme string that the engine cuts is an error with its line",
        arguments: [
            ("gmw/en-US", "ss'Ef§@n", "ss'Ef"), ("gmw/en-US", "s'Ev@n§", "s'Ev@n"), ("gmw/en-US", "s'Ev@§:", "s'Ev@"),
            ("zle/uk", "tr'§ok", "tr"),
        ])
    func cut(voice: String, phonemes: String, said: String) async throws {
        var words = ["zero", "one", "two", "three", "four", "five", "six", "", "eight", "nine"]
        if voice == "zle/uk" { words = ["нуль", "перший", "два", "тры", "чотири", "ок", "сто", "", "вісім", "десять"] }
        let pack = try pack(
            voice == "zle/uk" ? "uk" : "en", voice: voice, digits: words, ["7": #"phonemes: "\#(phonemes)""#])
        let report = try await PackChecker(engine: engine).report(on: pack)
        let cut = report.faults.filter { $0.fault == .cut }
        #expect(cut.map(\.path) == ["digits.standard.7"])
        #expect(cut.allSatisfy { $0.message.contains("/\(phonemes)/") })
        #expect(pack.line(ofPath: "digits.standard.7") == 15)
    }

    @Test func aPhonemeStringThatIsSaidWholeIsNone() async throws {
        let digits = ["zero", "one", "two", "three", "four", "five", "six", "", "eight", "nine"]
        let pack = try pack("en", voice: "gmw/en-US", digits: digits, ["7": #"phonemes: "ss'Ev@n""#])
        #expect(try await PackChecker(engine: engine).report(on: pack).faults.isEmpty)
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

    /// An engine that can no longer be started.
    private struct Exhausted: SpeechEngine {
        func speak(_ utterances: [Utterance], voice: EngineVoice) async throws(EngineError) -> [Speech] {
            throw EngineError(.exhausted, "no process")
        }
    }

    @Test func anEngineThatCannotBeStartedIsAnErrorAndNotAFaultOfEachUnit() async throws {
        let pack = try VoicePackCatalog.builtIn.pack(for: "en-US")
        let error = await #expect(throws: EngineError.self) {
            try await PackChecker(engine: Exhausted()).report(on: pack)
        }
        #expect(error?.reason == .exhausted)
    }

    private func findings(_ locale: String, voice: String, digits: [String]) async throws -> [PackChecker.Finding] {
        try await PackChecker(engine: engine).report(on: pack(locale, voice: voice, digits: digits)).faults
    }

    /// A pack with these digits, one on a line, and nothing else that could be wrong.
    private func pack(
        _ locale: String, voice: String, digits: [String], _ others: [String: String] = [:]
    ) throws -> VoicePack {
        let lines = digits.enumerated().map { digit, word in
            "      \"\(digit)\": { \(others["\(digit)"] ?? "engine: \"\(word)\""), caption: \"\(digit)\" },"
        }
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
