// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCode
import SpeakCodeTesting
import Testing

@Suite("A script")
struct ScriptTests {
    /// A script as a line of text: phrases by name, symbols with `.` where they fall, pauses by their milliseconds.
    private func text(_ steps: [Script.Step]) -> String {
        steps.map { step in
            switch step {
            case .silence(let duration): "\(Int((duration / .milliseconds(1)).rounded()))"
            case .typed: "tones"
            case .speech(.phrase(let phrase), _, _): phrase.name
            case .speech(.symbol(let symbol, _, .continuing), _, _): "\(symbol.character),"
            case .speech(.symbol(let symbol, _, .falling), _, _): "\(symbol.character)."
            case .speech(.capital(let intonation), _, _): intonation == .falling ? "capital." : "capital,"
            }
        }.joined(separator: " ")
    }

    private func script(
        _ code: String, _ pacing: Pacing? = nil, style: String? = nil, template: String = "standard"
    ) throws -> Script {
        try Script(
            code: VerificationCode(code), pack: TestPack.pack(), pacing: pacing,
            wording: Wording(style: style, template: template))
    }

    @Test("opens, says the code, and bridges to the code again and again")
    func order() throws {
        let script = try script("735")
        #expect(text(script.reading(0, isLast: false)) == "200 opening 400 7, 500 3, 500 5. 1200")
        #expect(text(script.reading(1, isLast: false)) == "bridge 400 7, 500 3, 500 5. 1200")
        #expect(text(script.reading(2, isLast: false)) == text(script.reading(1, isLast: false)))
        #expect(text(script.reading(3, isLast: true)) == "bridge 400 7, 500 3, 500 5. 800")
        #expect(text(script.reading(0, isLast: true)) == "200 opening 400 7, 500 3, 500 5. 800")
    }

    @Test("says the code before the words where its template does, and closes behind the last reading")
    func otherTemplate() throws {
        let script = try script("70", template: "polite")
        #expect(text(script.reading(0, isLast: false)) == "200 7, 500 0. 400 opening 1200")
        #expect(text(script.reading(1, isLast: true)) == "7, 500 0. 1200 closing 800")
    }

    @Test("keeps the groups in which a code was written")
    func writtenGroups() throws {
        #expect(
            text(try script("73 519 8").reading(1, isLast: false))
                == "bridge 400 7, 500 3, 1000 5, 500 1, 500 9, 1000 8. 1200")
    }

    @Test("reads one symbol alone, falling")
    func oneSymbol() throws {
        #expect(text(try script("0").reading(0, isLast: true)) == "200 opening 400 0. 800")
    }

    private static let shapes = [
        "7", "73", "735", "7351", "735198", "735 198", "7-3-5", "AB12-CD34", "01234567890123456789012345678901",
    ]

    @Test(
        "puts exactly one pause at each joint, and lets only the last symbol fall", arguments: shapes,
        Pacing.Preset.allCases)
    func joints(code: String, preset: Pacing.Preset) throws {
        for template in ["standard", "polite"] {
            let script = try script(code, Pacing(preset), template: template)
            let symbols = try VerificationCode(code).symbols
            for reading in 0..<4 {
                for isLast in [false, true] {
                    let steps = script.reading(reading, isLast: isLast)
                    for (step, next) in zip(steps, steps.dropFirst()) {
                        #expect(isSilence(step) != isSilence(next), "speech and silence take turns")
                    }
                    #expect(
                        isSilence(steps.first) == (reading == 0), "only the first reading waits for the line to open")
                    #expect(isSilence(steps.last))
                    var said: [(CodeSymbol, Intonation, Int?)] = []
                    for case .speech(.symbol(let symbol, _, let intonation), _, let position) in steps {
                        said.append((symbol, intonation, position))
                    }
                    #expect(said.map(\.0) == symbols)
                    #expect(said.map(\.2) == Array(0..<symbols.count))
                    #expect(said.dropLast().allSatisfy { $0.1 == .continuing })
                    #expect(said.last?.1 == .falling)
                }
            }
        }
    }

    private func isSilence(_ step: Script.Step?) -> Bool {
        guard case .silence = step else { return false }
        return true
    }

    @Test("names every unit that any of its readings needs, each once", arguments: shapes)
    func units(code: String) throws {
        for template in ["standard", "polite"] {
            let script = try script(code, Pacing(.adaptive), template: template)
            let units = try #require(script.units.first)
            #expect(script.units.count == 1)
            #expect(Set(units).count == units.count)
            var needed: Set<SpeechUnit> = []
            for (index, isLast) in [(0, false), (0, true), (1, false), (1, true), (2, false), (5, true)] {
                for case .speech(let unit, _, _) in script.reading(index, isLast: isLast) { needed.insert(unit) }
            }
            #expect(needed.isSubset(of: units))
        }
    }

    @Test("needs the same units whatever the code: every symbol that could stand in one of its shape")
    func sameUnits() throws {
        // Opening, bridge, and ten digits that continue or fall; with letters thirty-six symbols.
        for (codes, count) in [
            (["1", "0987-6", String(repeating: "1", count: 32)], 2 + 20), (["A", "9-Z", "QX7"], 2 + 72),
        ] {
            let units = try codes.map { try script($0).units }
            #expect(units.allSatisfy { $0 == units[0] })
            #expect(units[0].map(\.count) == [count])
        }
        // A style that has words of its own for some symbols is asked for these alone.
        let radio = try #require(try script("1", style: "radio").units.first)
        let nine = try #require(CodeSymbol("9"))
        #expect(radio.count == 2 + 20)
        #expect(radio.contains(.symbol(nine, style: "radio", .falling)))
        #expect(!radio.contains(.symbol(nine, style: "standard", .falling)))
    }

    @Test("says symbols in the style that is asked for, and as usual those that the style does not have")
    func style() throws {
        let steps = try script("19", style: "radio").reading(1, isLast: false)
        let units = steps.compactMap { step -> SpeechUnit? in
            guard case .speech(let unit, _, _?) = step else { return nil }
            return unit
        }
        let one = try #require(CodeSymbol("1"))
        let nine = try #require(CodeSymbol("9"))
        #expect(units == [.symbol(one, style: "standard", .continuing), .symbol(nine, style: "radio", .falling)])
    }

    @Test("is refused where the pack has no letters, style or template for it")
    func refusals() throws {
        let german = try TestPack.digitsOnly()
        let letters = #expect(throws: ScriptError.self) { try Script(code: VerificationCode("A1"), pack: german) }
        #expect(letters?.description == "the de-DE voice reads digits only, and the code has letters")
        #expect(throws: Never.self) { try Script(code: VerificationCode("11"), pack: german) }
        let style = #expect(throws: ScriptError.self) { try script("1", style: "pirate") }
        #expect(style?.description == "there is no style `pirate`; use radio, standard")
        let template = #expect(throws: ScriptError.self) { try script("1", template: "rude") }
        #expect(template?.description == "there is no template `rude`; use code-only, polite, standard")
    }

    @Test("has a tail of at least 100 ms, whatever its pacing says")
    func shortestTail() throws {
        var pauses = Pauses.calm
        pauses.tail = .zero
        let script = try script("1", Pacing(first: .init(pauses: pauses)))
        #expect(script.reading(0, isLast: true).last == .silence(.milliseconds(100)))
    }
}
