// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCode
import SpeakCodeTesting
import Testing

/// Styles, registers, templates with slots, two languages.
@Suite("A wording")
struct WordingTests {
    private static let json5 = TestPack.json5
        .replacing(
            "  digits: {\n",
            with: """
                  register: "formal",
                  registers: { informal: { opening: "Your code, mate:" } },
                  values: {
                    digits: { "2": "two-digit", "6": "six-digit" },
                    characters: { "2": "two-character" },
                    minutes: { "10": { engine: "ten minutes", caption: "10 minutes" } },
                  },
                  styles: { digits: "radio" },
                  digits: {

                """
        )
        .replacing(
            "bridge: \"I repeat:\",",
            with: "bridge: \"I repeat:\", counted: \"Your {digits} code:\", validity: \"It ends in {minutes}.\","
        )
        .replacing(
            "polite: {",
            with: """
                counted: { first: ["counted", "{code}", "validity"], again: ["{code}"] },
                polite: {
                """)

    private func pack() throws -> VoicePack { try VoicePack(json5: Self.json5, source: "en-US.json5") }

    private func captions(_ wording: Wording, code: String = "19") async throws -> [String] {
        let script = try Script(code: VerificationCode(code), pack: pack(), wording: wording)
        let rendition = try await CodeReader.plain().render(script, length: .init(readings: 1))
        return rendition.timeline.cues.map(\.text)
    }

    @Test("is the pack's usual one where nothing is asked for")
    func usual() async throws {
        #expect(try await captions(.usual) == ["Your code is:", "one", "niner"])
    }

    @Test("has the style that is asked for, else the usual one, in a language that lacks it")
    func styles() async throws {
        #expect(try await captions(Wording(style: "standard")).last == "nine")
        #expect(try await captions(Wording(style: "telephone")).last == "niner", "a style that other packs have")
        #expect(try await captions(Wording(style: "icao"), code: "A9").last == "niner")
        let error = await #expect(throws: ScriptError.self) { try await captions(Wording(letterStyle: "pirate")) }
        #expect(error?.description.contains("pirate") == true)
    }

    @Test("says the other register's phrases, and those that do not differ as they are")
    func register() async throws {
        #expect(try await captions(Wording(register: .informal)).first == "Your code, mate:")
        #expect(try await captions(Wording(template: "polite", register: .informal)).last == "Goodbye & <thanks>")
        #expect(try await captions(Wording(register: .formal)).first == "Your code is:")
    }

    @Test("fills slots with listed values, the number of digits by itself")
    func slots() async throws {
        let wording = Wording(template: "counted", values: ["minutes": "10"])
        #expect(try await captions(wording) == ["Your two-digit code:", "one", "niner", "It ends in 10 minutes."])
    }

    @Test("counts characters where there are letters among them")
    func characters() async throws {
        for values in [["minutes": "10"], ["minutes": "10", "digits": "2"]] {
            let wording = Wording(template: "counted", values: values)
            #expect(try await captions(wording, code: "A9").first == "Your two-character code:")
        }
    }

    @Test(
        "is refused where the template would count wrongly, with the reason",
        arguments: [
            ("123456", "2", .wrongCount), ("AB", "6", .wrongCount),
            ("123", nil, .noCount(LanguageTag("en-US")!, ofLetters: false, known: [2, 6])),
            ("ABC12345678", nil, .noCount(LanguageTag("en-US")!, ofLetters: true, known: [2])),
        ] as [(String, String?, ScriptError.Reason)])
    func wrongCount(code: String, given: String?, reason: ScriptError.Reason) async throws {
        let values = ["minutes": "10"].merging(given.map { ["digits": $0] } ?? [:]) { $1 }
        let wording = Wording(template: "counted", values: values)
        let error = await #expect(throws: ScriptError.self) { try await captions(wording, code: code) }
        #expect(error?.reason == reason)
        #expect(error?.description.contains(code) == false)
        #expect(throws: Never.self) {
            try Script(code: VerificationCode(code), pack: pack(), wording: Wording(values: values))
        }
    }

    @Test("of every built-in pack counts a code's letters among its characters, or is refused with that reason")
    func packs() throws {
        var counting = 0
        for pack in try VoicePackCatalog.builtIn.packs() where pack.templates["counted"] != nil {
            for length in 4...10 {
                let code = try VerificationCode("A" + String(repeating: "7", count: length - 1))
                do {
                    let script = try Script(code: code, pack: pack, wording: Wording(template: "counted"))
                    let units = script.units.joined()
                    let captions = units.compactMap { pack.line(for: $0)?.caption }.joined(separator: " ")
                    #expect(captions.contains(try #require(pack.values["characters"]?["\(length)"]).caption))
                    counting += 1
                } catch let error as ScriptError {
                    #expect(error == ScriptError(.noCount(pack.locale, ofLetters: true, known: [])), "\(pack.locale)")
                    #expect(error.description.contains("counts digits only"))
                }
            }
        }
        #expect(counting >= 7 * 45)
    }

    @Test("is refused where a value is missing or not listed, and the value is not repeated")
    func missing() async throws {
        for (wording, code) in [
            (Wording(template: "counted"), "19"), (Wording(template: "counted", values: ["minutes": "735198"]), "19"),
            (Wording(template: "counted", values: ["minutes": "10"]), "123"),
            (Wording(template: "counted", values: ["minutes": "10"]), "A12"),
            (Wording(values: ["735198": "1"]), "19"),
        ] {
            let error = await #expect(throws: ScriptError.self) { try await captions(wording, code: code) }
            #expect(error?.description.contains("735198") == false)
        }
    }

    @Test("speaks a phrase with its values at once, and gives the engine words for figures")
    func utterance() throws {
        let pack = try pack()
        let unit = SpeechUnit.phrase(Phrase("validity", values: ["minutes": "10"]))
        #expect(pack.utterance(for: unit)?.text == "It ends in ten minutes.")
        #expect(pack.line(for: unit)?.caption == "It ends in 10 minutes.")
        #expect(pack.utterance(for: .phrase("validity")) == nil, "with a slot left open it is nothing to say")
        #expect(pack.units.contains(unit), "and the checker hears it")
    }

    @Test("sets a value apart that runs the other way than the caption")
    func bidirectional() throws {
        let json5 = Self.json5.replacing("It ends in {minutes}.", with: "رمزك صالح {minutes}.")
        let pack = try VoicePack(json5: json5, source: "en-US.json5")
        let caption = pack.line(for: .phrase(Phrase("validity", values: ["minutes": "10"])))?.caption
        #expect(caption == "رمزك صالح \u{2068}10 minutes\u{2069}.")
    }

    @Test("may be said in two languages in turn, each reading in both")
    func twoLanguages() async throws {
        let code = try VerificationCode("70")
        let first = try Script(code: code, pack: pack())
        let second = try Script(code: code, pack: TestPack.digitsOnly("de-DE"))
        let rendition = try await CodeReader.plain().render(first.inTurn(with: second), length: .init(readings: 2))
        let cues = rendition.timeline.cues
        #expect(
            cues.map { "\($0.locale) \($0.reading)" } == [
                "en-US 1", "en-US 1", "en-US 1", "de-DE 1", "de-DE 1", "de-DE 1",
                "en-US 2", "en-US 2", "en-US 2", "de-DE 2", "de-DE 2", "de-DE 2",
            ])
        #expect(cues.compactMap(\.position) == [1, 2, 1, 2, 1, 2, 1, 2])
        #expect(Captions(of: rendition.timeline).text(as: .webVTT).contains("<lang de-DE>seven</lang>"))
        let alone = try await CodeReader.plain().render(first, length: .init(readings: 2))
        #expect(rendition.byteCount > alone.byteCount)
        #expect(Array(rendition.slices.joined()).count == rendition.byteCount)
    }

    @Test(
        "is refused in a pack where its text breaks a rule",
        arguments: [
            (
                "counted: \"Your {digits} code:\"", "counted: { engine: \"Your code:\", caption: \"{digits}\" }",
                "same slots"
            ),
            ("counted: \"Your {digits} code:\"", "counted: \"Your {digits code:\"", "not a slot"),
            ("counted: \"Your {digits} code:\"", "counted: \"Your {code}:\"", "not a slot"),
            ("\"six-digit\"", "\"{minutes}\"", "stands in a slot itself"),
            ("register: \"formal\"", "register: \"rude\"", "formal or informal"),
            ("informal: { opening", "informal: { openning", "is not in `phrases`"),
            ("\"Your code, mate:\"", "\"Your {digits}:\"", "must have the slots"),
            ("styles: { digits: \"radio\" }", "styles: { digits: \"icao\" }", "must be a style"),
            ("\"9\": { engine: \"nine\", caption: \"nine\" }", "\"9\": \"{digits}\"", "must not have a slot"),
        ])
    func brokenPack(old: String, new: String, problem: String) throws {
        let json5 = Self.json5.replacing(old, with: new)
        #expect(json5 != Self.json5)
        let error = #expect(throws: VoicePackError.self) { try VoicePack(json5: json5, source: "en-US.json5") }
        #expect(error?.problem.contains(problem) == true, "\(error?.problem ?? "")")
        #expect(error?.line != nil)
    }
}
