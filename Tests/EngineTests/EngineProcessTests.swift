// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCode
import SpeakCodeEspeak
import SpeakCodeTesting
import Testing

@Suite(.timeLimit(.minutes(10)))
struct EngineProcessTests {
    private let voice = EngineVoice(name: "gmw/en-US", variant: "m3", rate: 140, pitch: 35, range: 40)
    private let words = ["zero,", "one,", "two.", "Your verification code is:"].map { Utterance($0) }

    @Test func speaksTheSameWhateverWasSaidBeforeAndInWhateverOrder() async throws {
        let forwards = try await engine.speak(words, voice: voice)
        let backwards = try await engine.speak(words.reversed() + words, voice: voice)
        #expect(forwards == backwards.suffix(4))
        #expect(forwards == backwards.prefix(4).reversed())
        for word in words.indices {
            let alone = try await engine.speak([words[word]], voice: voice)
            #expect(alone == [forwards[word]])
        }
    }

    @Test func speaksTheSameWhenTheVoiceIsNamedAndWhenItsFileIs() async throws {
        var named = voice
        named.name = "en-us"
        let byFile = try await engine.speak(words, voice: voice)
        let byName = try await engine.speak(words, voice: named)
        #expect(byFile == byName)
    }

    @Test(arguments: ["gmw/en-US", "en-us", "roa/fr", "jpx/ja"])
    func ourOwnVariantsSoundOtherAndSayTheSame(name: String) async throws {
        let text = [Utterance(name == "jpx/ja" ? "なな" : "seven,")]
        let plain = try await engine.speak(text, voice: EngineVoice(name: name))
        var heard = [plain[0].audio]
        // That of American English differs in consonants, of which not every language's word here has one that it changes.
        let english = name.hasSuffix("en-US") ? ["speakcode-male-en"] : []
        for variant in ["speakcode-male", "speakcode-female"] + english {
            let speech = try await engine.speak(text, voice: EngineVoice(name: name, variant: variant))
            #expect(speech[0].phonemes == plain[0].phonemes)
            #expect(!heard.contains(speech[0].audio))
            heard.append(speech[0].audio)
        }
    }

    @Test func ourOwnVariantsSoundTheSameWhenTheVoiceIsNamedAndWhenItsFileIs() async throws {
        let byFile = try await engine.speak(words, voice: EngineVoice(name: "gmw/en-US", variant: "speakcode-male"))
        let byName = try await engine.speak(words, voice: EngineVoice(name: "en-us", variant: "speakcode-male"))
        #expect(byFile == byName)
    }

    @Test func manyRequestsAtOnceDoNotMix() async throws {
        let alone = try await words.asyncMap { try await engine.speak([$0], voice: voice)[0] }
        try await withThrowingTaskGroup(of: (Int, [Speech]).self) { group in
            for request in 0..<16 {
                group.addTask { (request, try await engine.speak([words[request % 4]], voice: voice)) }
            }
            for try await (request, speech) in group {
                #expect(speech == [alone[request % 4]])
            }
        }
    }

    @Test func theVoiceAndItsNumbersAreHeard() async throws {
        let usual = try await engine.speak(words, voice: voice)
        for change: (inout EngineVoice) -> Void in [
            { $0.variant = "f2" }, { $0.variant = nil }, { $0.name = "gmw/en" }, { $0.rate = 100 }, { $0.pitch = 70 },
            { $0.range = 0 },
        ] {
            var other = voice
            change(&other)
            let changed = try await engine.speak(words, voice: other)
            #expect(changed != usual)
        }
    }

    /// The languages' own speeds differ between versions of the engine: a pack that gives one has it in any variant.
    @Test(arguments: [nil, "m3", "speakcode-male"])
    func aVoiceIsAsFastAsItsSpeed(variant: String?) async throws {
        var lengths: [Int?: Int] = [:]
        for speed in [nil, 60, 100, 160] {
            let voice = EngineVoice(name: "gmw/en-US", variant: variant, speed: speed)
            let speech = try await engine.speak([words[3]], voice: voice)
            lengths[speed] = speech[0].audio.samples.count
        }
        #expect(lengths[100] == lengths[nil])
        let (slow, usual, fast) = (lengths[60] ?? 0, lengths[100] ?? 0, lengths[160] ?? 0)
        #expect(slow > usual * 5 / 4 && fast < usual * 4 / 5, "\(lengths)")
    }

    /// One utterance of a request may be slower than the next, and is what it is in a voice that is as slow.
    @Test(arguments: [(0.8, 112), (1.5, 210), (0.1, 80), (9, 450), (1, 140)])
    func anUtteranceMayHaveAPaceOfItsOwn(pace: Double, rate: Int) async throws {
        var paced = voice
        paced.rate = rate
        let text = words[3].text
        let speech = try await engine.speak([Utterance(text, pace: pace), words[0]], voice: voice)
        #expect(try await engine.speak([words[3]], voice: paced) == [speech[0]])
        #expect(try await engine.speak([words[0]], voice: voice) == [speech[1]])
    }

    @Test(arguments: [
        EngineVoice(name: "nosuchvoice"), EngineVoice(name: "gmw/nosuch"), EngineVoice(name: "gmw"),
        EngineVoice(name: "gmw/en-US", variant: "nosuchvariant"), EngineVoice(name: "../../../../etc/passwd"),
        EngineVoice(name: "/etc/passwd"), EngineVoice(name: ""), EngineVoice(name: "gmw/en-US", variant: "../m3"),
        EngineVoice(name: String(repeating: "a", count: 500)),
    ])
    func refusesAVoiceThatIsNotThere(voice: EngineVoice) async throws {
        let error = await #expect(throws: EngineError.self) { try await engine.speak(words, voice: voice) }
        #expect(error?.reason == .unknownVoice)
    }

    /// Texts that have crashed, hung or changed eSpeak NG 1.51: whatever they do, they do it to themselves.
    @Test(arguments: [
        String(repeating: "s'", count: 200), "[[" + String(repeating: "a", count: 300), "[[[[[[", "]]",
        "<audio src=\"/etc/passwd\"/>", "\u{1}350S fast \u{1}99P", String(repeating: "9", count: 390),
        String(repeating: "漢", count: 130), String(repeating: "\u{0301}", count: 190), "\u{FFFD}\u{200F}\u{0}",
        String(repeating: "a", count: 5000),
    ])
    func aHostileTextHarmsNobodyElse(text: String) async throws {
        let before = try await engine.speak(words, voice: voice)
        do {
            let answer = try await engine.speak([words[0], Utterance(text), words[1]], voice: voice)
            #expect(answer[0] == before[0])
            #expect(answer[2] == before[1])
        } catch {
            #expect([.crashed, .failed, .hung].contains(error.reason))
        }
        let after = try await engine.speak(words, voice: voice)
        #expect(after == before)
    }

    @Test(arguments: [
        ("exit 1", EngineError.Reason.crashed), ("kill -SEGV $$", .crashed), ("kill -KILL $$", .crashed),
        ("true", .failed),
        ("cat", .failed), ("head -c 100000 /dev/zero", .failed), ("printf '2KPS'", .failed), ("exec sleep 60", .hung),
    ])
    func aProgramThatDoesNotSpeakIsAnErrorWithAName(script: String, reason: EngineError.Reason) async throws {
        let program = try FakeProgram(script)
        defer { program.remove() }
        let broken = EngineProcess(executable: program.path, limit: .milliseconds(reason == .hung ? 300 : 20_000))
        let error = await #expect(throws: EngineError.self) { try await broken.speak(words, voice: voice) }
        #expect(error?.reason == reason)
        #expect(error?.message.isEmpty == false)
        await #expect(throws: Never.self) { try await engine.speak(words, voice: voice) }
    }

    @Test(arguments: [
        (0, false), (3999, false), (4000, true), (192_000, true), (192_001, false), (4_294_967_295, false),
    ])
    func anAnswerHasARateThatMakesSense(hertz: UInt32, makesSense: Bool) async throws {
        // One utterance: the magic number, its status, its rate, two samples, no phonemes.
        let words: [UInt32] = [0x5350_4B32, 0, hertz, 2, 0, 0]
        let bytes = words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
        let program = try FakeProgram("printf '\(bytes.map { "\\" + String($0, radix: 8) }.joined())'")
        defer { program.remove() }
        do {
            let speech = try await EngineProcess(executable: program.path).speak([Utterance("one")], voice: voice)
            #expect(makesSense)
            #expect(speech.map(\.audio.hertz) == [Int(hertz)])
        } catch {
            #expect(!makesSense)
            #expect(error.reason == .failed)
        }
    }

    @Test(arguments: [1, 3, 9] as [UInt8])
    func aProgramOfAnotherVersionIsSaidToBeOne(version: UInt8) async throws {
        let program = try FakeProgram("printf '\\\(String(0x30 + version, radix: 8))KPS\\000\\000\\000\\000'")
        defer { program.remove() }
        let error = await #expect(throws: EngineError.self) {
            try await EngineProcess(executable: program.path).speak(words, voice: voice)
        }
        #expect(error?.reason == .missing && error?.message.contains("another version") == true)
    }

    @Test func aProgramSaysThatItIsAskedByAnotherVersion() async throws {
        // What an older library asks for has no version.
        let program = try FakeProgram(
            #"exec \#(BuiltProduct.path(of: "speakcode")) "$1" "$(printf %s "$2" | sed 's/"version":[0-9]*,*//')""#)
        defer { program.remove() }
        let error = await #expect(throws: EngineError.self) {
            try await EngineProcess(executable: program.path).speak(words, voice: voice)
        }
        #expect(error?.reason == .missing && error?.message.contains("another version") == true)
    }

    @Test func theProductForLibrariesSpeaksAsTheCommandDoes() async throws {
        let product = EngineProcess(executable: BuiltProduct.path(of: "speakcode-engine"))
        #expect(try await product.speak(words, voice: voice) == engine.speak(words, voice: voice))
    }

    @Test(arguments: ["/nonexistent/speakcode", "no-such-program-speakcode"])
    func aProgramThatIsNotThereIsMissing(executable: String) async throws {
        let missing = EngineProcess(executable: executable)
        let error = await #expect(throws: EngineError.self) { try await missing.speak(words, voice: voice) }
        #expect(error?.reason == .missing)
        #expect(error?.isTransient == false)
    }

    @Test func aBankSurvivesAnEngineThatFailsOnce() async throws {
        let marker = FileManager.default.temporaryDirectory.appending(path: "speakcode-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: marker) }
        let real = BuiltProduct.path(of: "speakcode")
        let program = try FakeProgram(
            "if [ -e \(marker) ]; then exec \(real) \"$@\"; fi; touch \(marker); kill -SEGV $$")
        defer { program.remove() }
        let reader = makeReader(engine: EngineProcess(executable: program.path))
        let pack = try VoicePackCatalog.builtIn.pack(for: "en-US")
        let rendition = try await reader.render(Script(code: VerificationCode("12"), pack: pack))
        #expect(
            rendition.bytes == (try await makeReader().render(Script(code: VerificationCode("12"), pack: pack))).bytes)
    }
}

extension Array {
    /// The elements changed one after the other.
    fileprivate func asyncMap<Result>(_ change: (Element) async throws -> Result) async rethrows -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await change(element)) }
        return results
    }
}
