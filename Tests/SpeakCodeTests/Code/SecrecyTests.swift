// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCode
import SpeakCodeTesting
import Testing

@Suite("The code shows itself in nothing that is printed")
struct SecrecyTests {
    /// All that Swift may print of a value: for people, for developers, in a string, in a dump, by its mirror.
    private func printed(_ value: Any) -> String {
        var dumped = ""
        dump(value, to: &dumped)
        var children = ""
        func walk(_ value: Any, depth: Int) {
            for child in Mirror(reflecting: value).children where depth < 6 {
                children += "\(child.label ?? "") \(child.value) \(String(reflecting: child.value))\n"
                walk(child.value, depth: depth + 1)
            }
        }
        walk(value, depth: 0)
        return [
            String(describing: value), String(reflecting: value), "\(value)", "\([value])", "\(["key": value])",
            String(describing: Optional(value)), dumped, children,
        ].joined(separator: "\n")
    }

    /// The parts of a printed text that give a code away: it as a whole, as it was written, and each of its groups.
    private func betrayals(of written: String, in text: String) -> [String] {
        let groups = written.split { !$0.isLetter && !$0.isNumber }.map(String.init)
        let text = text.uppercased()
        return ([written, groups.joined()] + groups).filter { text.contains($0.uppercased()) }
    }

    private static let codes = ["735198", "735 198", "735-198", "QX7Z-519K", "7X 5K 9Q"]

    @Test("of a code", arguments: codes)
    func code(written: String) throws {
        let code = try VerificationCode(written)
        #expect(betrayals(of: written, in: printed(code)) == [])
        #expect("\(code)" == "VerificationCode(\(code.length) symbols)")
        #expect(Mirror(reflecting: code).children.isEmpty)
    }

    @Test("of a script, a rendition, a timeline, captions or a live rendition", arguments: codes)
    func whatIsMadeOfIt(written: String) async throws {
        let code = try VerificationCode(written)
        let script = try Script(code: code, pack: TestPack.pack(), pacing: Pacing(.adaptive))
        let reader = CodeReader.plain()
        let rendition = try await reader.render(script)
        let live = try #require(try await reader.stream(script, clock: ManualClock()))
        #expect(betrayals(of: written, in: printed(script)) == [])
        #expect(betrayals(of: written, in: printed(rendition)) == [])
        #expect(betrayals(of: written, in: printed(rendition.timeline)) == [])
        #expect(betrayals(of: written, in: printed(Captions(of: rendition.timeline))) == [])
        #expect(betrayals(of: written, in: printed(rendition.slices)) == [])
        #expect(betrayals(of: written, in: printed(live)) == [])
        #expect(betrayals(of: written, in: printed(live.makeAsyncIterator())) == [])
        #expect("\(script)" == "Script(en-US, \(code.length) symbols)")
    }

    @Test(
        "of a code that is refused", arguments: ["735198€", "735198-", "-735198", "7351980735198073519807351980735198"])
    func refusedCode(written: String) {
        let error = #expect(throws: CodeError.self) { try VerificationCode(written) }
        let digits = String(written.filter(\.isNumber))
        #expect(betrayals(of: digits, in: printed(error as Any)) == [])
        #expect(!printed(error as Any).contains("735"))
        #expect(!printed(error as Any).contains("€"))
    }

    @Test("of the errors behind it", arguments: ["735198", "QX7Z"])
    func otherErrors(written: String) async throws {
        let pack = try TestPack.pack()
        let code = try VerificationCode(written)
        let engine = FakeEngine([.fail(EngineError(.crashed, "the engine's process ended"))])
        let failed = await #expect(throws: BankError.self) {
            try await CodeReader.plain(engine: engine).render(Script(code: code, pack: pack))
        }
        let style = #expect(throws: ScriptError.self) {
            try Script(code: code, pack: pack, wording: Wording(style: "none"))
        }
        let template = #expect(throws: ScriptError.self) {
            try Script(code: code, pack: pack, wording: Wording(template: "none"))
        }
        let letters = #expect(throws: ScriptError.self) {
            try Script(code: VerificationCode("QX\(written)"), pack: TestPack.digitsOnly())
        }
        for error in [failed as Any, style as Any, template as Any, letters as Any] {
            #expect(betrayals(of: written, in: printed(error)) == [])
        }
    }

    @Test("and this test would find it")
    func wouldFindIt() {
        struct Leak { let words = ["735198"] }
        #expect(betrayals(of: "735-198", in: printed(Leak())) == ["735198", "735", "198"])
    }
}
