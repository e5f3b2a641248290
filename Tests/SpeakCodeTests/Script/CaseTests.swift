// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCode
import SpeakCodeTesting
import Testing

@Suite("The case of a code's letters")
struct CaseTests {
    private func pack(_ capital: String) throws -> VoicePack {
        let json5 = TestPack.json5.replacing("  digits: {\n", with: "  capital: { \(capital) },\n  digits: {\n")
        return try VoicePack(json5: json5, source: "en-US.json5")
    }

    private func cues(_ written: String, _ pack: VoicePack, style: Captions.Style = .words) async throws -> [Cue] {
        let script = try Script(code: VerificationCode(written, keepingCase: true), pack: pack)
        return try await CodeReader.plain().render(script, length: .init(readings: 1)).timeline.cues(style)
    }

    @Test("makes no difference where it is not kept, and a difference where it is")
    func equality() throws {
        #expect(try VerificationCode("aB-1") == VerificationCode("Ab-1"))
        #expect(try VerificationCode("aB-1", keepingCase: true) != VerificationCode("Ab-1", keepingCase: true))
        #expect(try VerificationCode("AB", keepingCase: true) != VerificationCode("AB"))
        #expect(try VerificationCode("aB-1", keepingCase: true).ignoringCase == VerificationCode("AB-1"))
    }

    @Test(
        "is mixed where a code has capital and small letters",
        arguments: [
            ("zulQ4i", true), ("aB", true), ("a-1-Z", true), ("zulq4i", false), ("ZULQ4I", false), ("a1", false),
            ("A1", false), ("123456", false), (String(repeating: "7", count: 30) + "aZ", true),
            (String(repeating: "A", count: 31) + "a", true),
        ])
    func mixed(written: String, isMixed: Bool) throws {
        #expect(try VerificationCode(written, keepingCase: true).isMixedCase == isMixed)
        #expect(try !VerificationCode(written).isMixedCase)
    }

    @Test(
        "stays with a code in its plain form",
        arguments: ["aB-1", "AB", "ab", "123", "zulQ4i", String(repeating: "aB", count: 16)])
    func plain(written: String) throws {
        for keepsCase in [false, true] {
            let code = try VerificationCode(written, keepingCase: keepsCase)
            #expect(VerificationCode(plain: code.plain.utf8) == code)
            #expect(code.plain.utf8.count == (keepsCase ? 1 : 0) + written.utf8.count, "its length tells no case")
        }
    }

    @Test(
        "is not in what is no plain form",
        arguments: ["=", "==A", "A=b", "=a--b", "aB", "=a b", "=" + String(repeating: "a", count: 33)])
    func notPlain(text: String) {
        #expect(VerificationCode(plain: text.utf8) == nil)
    }

    @Test("is said beside each capital letter, on the side where the language has it")
    func said() async throws {
        let before = try await cues("aB7C", pack(#"before: "capital""#))
        #expect(before.map(\.text) == ["Your code is:", "a", "capital B", "seven", "capital C"])
        #expect(before.map(\.symbol) == [nil, "a", "B", "7", "C"])
        #expect(before.map(\.position) == [nil, 1, 2, 3, 4])
        let after = try await cues("aB7C", pack(#"after: { engine: "mayuscula", caption: "mayúscula" }"#))
        #expect(after.map(\.text) == ["Your code is:", "a", "B mayúscula", "seven", "C mayúscula"])
        #expect(after.map(\.symbol) == [nil, "a", "B", "7", "C"])
        let whole = try await cues("aB-7C", pack(#"before: "capital""#), style: .cumulative)
        #expect(whole.map(\.text) == ["Your code is:", "a", "aB", "aB 7", "aB 7C"])
    }

    @Test("is not said where it makes no difference, nor of a code without letters")
    func notSaid() async throws {
        let pack = try pack(#"before: "capital""#)
        let script = try Script(code: VerificationCode("aB7C"), pack: pack)
        let cues = try await CodeReader.plain().render(script, length: .init(readings: 1)).timeline.cues
        #expect(cues.map(\.text) == ["Your code is:", "A", "B", "seven", "C"])
        #expect(try await self.cues("19", TestPack.digitsOnly()).map(\.text).suffix(2) == ["one", "nine"])
    }

    @Test("falls with the last word of a code, whichever that is")
    func intonation() throws {
        for (capital, last) in [
            (#"before: "capital""#, SpeechUnit.symbol(CodeSymbol("B")!, style: "standard", .falling)),
            (#"after: "capital""#, .capital(.falling)),
        ] {
            let script = try Script(code: VerificationCode("aB", keepingCase: true), pack: pack(capital))
            let said = script.reading(0, isLast: true).compactMap { step -> SpeechUnit? in
                if case .speech(let unit, _, _) = step { unit } else { nil }
            }
            #expect(said.last == last)
            #expect(said.filter { $0 == last }.count == 1)
        }
    }

    @Test("shows in no length: of audio, of captions, in a beat, whatever is capital", arguments: ["before", "after"])
    func lengths(side: String) async throws {
        let pack = try pack(#"\#(side): "capital""#)
        let reader = CodeReader.plain()
        var random = SeededGenerator(seed: 17)
        var lengths: Set<[Int]> = []
        for _ in 0..<200 {
            let letters = (0..<6).map { _ in
                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".randomElement(using: &random) ?? "a"
            }
            let script = try Script(code: VerificationCode(String(letters), keepingCase: true), pack: pack)
            let rendition = try await reader.render(script, length: .init(readings: 2))
            let captions = Captions.Format.allCases.map { format in
                Captions(of: rendition.timeline).text(as: format).utf8.count
            }
            lengths.insert([rendition.byteCount] + captions + rendition.timeline.cues.map(\.start))
        }
        #expect(lengths.count == 1)
    }

    @Test("is refused in a language that has no word for it, with that reason")
    func refused() throws {
        let pack = try TestPack.pack()
        let error = #expect(throws: ScriptError.self) {
            try Script(code: VerificationCode("aB7", keepingCase: true), pack: pack)
        }
        #expect(error == ScriptError(.noCapital(pack.locale)))
        #expect(error?.description.contains("capital letters") == true && error?.description.contains("aB7") == false)
        #expect(throws: Never.self) { try Script(code: VerificationCode("197", keepingCase: true), pack: pack) }
    }

    @Test(
        "has one place in a pack's file",
        arguments: ["", #"before: "a", after: "b""#, #"before: "a {b}""#, #"between: "a""#, #"before: """#])
    func malformed(capital: String) {
        let error = #expect(throws: VoicePackError.self) { try pack(capital) }
        #expect(error?.problem.hasPrefix("capital") == true, "\(error?.problem ?? "")")
    }

    @Test("can be said in the languages that most people speak")
    func packs() throws {
        let packs = try VoicePackCatalog.builtIn.packs()
        let able = packs.filter { $0.capital != nil }
        #expect(able.count >= 59)
        let languages = [
            "en", "zh", "hi", "es", "fr", "pt", "bn", "ru", "id", "de", "ja", "tr", "vi", "ko", "it", "pl",
        ]
        #expect(Set(able.map(\.locale.language)).isSuperset(of: languages))
        for pack in able {
            let script = try Script(code: VerificationCode("aB7", keepingCase: true), pack: pack)
            #expect(script.units.joined().contains(.capital(.continuing)))
        }
    }

    @Test("does not show in what is printed of a code", arguments: ["zulQ4i", "ZULQ"])
    func secrecy(written: String) throws {
        let code = try VerificationCode(written, keepingCase: true)
        var dumped = ""
        dump(code, to: &dumped)
        #expect("\(code)" == "VerificationCode(\(written.count) symbols)")
        #expect(Mirror(reflecting: code).children.isEmpty && !dumped.lowercased().contains("zulq"))
    }
}
