// SPDX-License-Identifier: GPL-3.0-or-later

@testable import SpeakCode
import SpeakCodeTesting
import Testing

@Suite("A bank", .timeLimit(.minutes(10)))
struct BankTests {
    private let format = ClipFormat(sampleRate: .hz22050)
    private let crash = EngineError(.crashed, "the engine's process ended")

    private func digit(_ character: Character, _ intonation: Intonation = .continuing) throws -> SpeechUnit {
        .symbol(try #require(CodeSymbol(character)), style: VoicePack.standard, intonation)
    }

    @Test("speaks each unit once for any number of callers who come at once")
    func concurrentCallers() async throws {
        let pack = try TestPack.pack()
        for prefetch in [PrefetchPolicy.section, .none] {
            let engine = FakeEngine([.wait])
            let bank = Bank.plain(pack, engine: engine, prefetch: prefetch)
            let units = [SpeechUnit.phrase("opening"), try digit("7"), try digit("3", .falling)]
            let others = [SpeechUnit.phrase("opening"), try digit("5"), try digit("3", .falling)]
            try await withThrowingTaskGroup { group in
                group.addTask { try await bank.clips(of: units, in: format) }
                await engine.waitForRequests(1)
                for caller in 0..<20 {
                    group.addTask { try await bank.clips(of: caller.isMultiple(of: 2) ? units : others, in: format) }
                }
                // The callers come while the engine speaks, or behind: it is asked once for each unit in either case.
                for _ in 0..<100 { await Task.yield() }
                engine.release()
                for try await clips in group { #expect(clips[.phrase("opening")]?.sampleCount ?? 0 > 0) }
            }
            let asked = engine.requests.flatMap(\.self)
            #expect(Set(asked).count == asked.count)
        }
    }

    @Test("that prefetches sections has the engine say all that goes together, in one request")
    func sections() async throws {
        let engine = FakeEngine()
        let bank = Bank.plain(try TestPack.pack(), engine: engine, prefetch: .section)
        _ = try await bank.clips(of: [.phrase("opening"), digit("7")], in: format)
        #expect(engine.requests.count == 1)
        #expect(Set(engine.requests[0].map(\.text)).count == 3 + 10)
        #expect(engine.requests[0].count == 3 + 20)
        _ = try await bank.clips(of: [.phrase("bridge"), digit("0", .falling)], in: format)
        #expect(engine.requests.count == 1, "all phrases and digits are warm")
        _ = try await bank.clips(of: [digit("A")], in: format)
        #expect(engine.requests.count == 2)
        #expect(engine.requests[1].count == 52, "letters are a section of their own")
    }

    @Test("that prefetches nothing has the engine say what is missing and nothing else")
    func units() async throws {
        let engine = FakeEngine()
        let bank = Bank.plain(try TestPack.pack(), engine: engine, prefetch: .none)
        _ = try await bank.clips(of: [.phrase("opening"), digit("7"), digit("7")], in: format)
        _ = try await bank.clips(of: [digit("7"), digit("7", .falling), digit("A")], in: format)
        #expect(
            engine.requests == [
                [Utterance("Your code is:"), Utterance("seven", ending: ",")],
                [Utterance("seven", ending: "."), Utterance("A", ending: ",")],
            ])
    }

    @Test(
        "asks in the pack's order, whatever the order of a code's symbols", arguments: [PrefetchPolicy.section, .none])
    func orderOfRequests(prefetch: PrefetchPolicy) async throws {
        var requests: [[Utterance]] = []
        for code in ["7A3", "3A7", "A73"] {
            let engine = FakeEngine()
            let bank = Bank.plain(try TestPack.pack(), engine: engine, prefetch: prefetch)
            _ = try await bank.clips(of: code.map { try digit($0) } + [.phrase("opening")], in: format)
            requests.append(try #require(engine.requests.first))
        }
        #expect(requests[0] == requests[1])
        #expect(requests[0] == requests[2])
    }

    @Test("gives the same clip whatever was spoken before it and with what prefetched")
    func sameClips() async throws {
        let pack = try TestPack.pack()
        let seven = try digit("7")
        var clips: [Bytes] = []
        for (prefetch, before) in [(PrefetchPolicy.section, "A"), (.none, "0"), (.none, "Z"), (.section, "7")] {
            let bank = Bank.plain(pack, prefetch: prefetch)
            _ = try await bank.clips(of: [digit(Character(before))], in: ClipFormat(sampleRate: .hz8000))
            clips.append(Bytes(try #require(try await bank.clips(of: [seven], in: format)[seven]).bytes))
        }
        #expect(clips.allSatisfy { $0 == clips[0] })
    }

    @Test("makes clips of other rates and codings from the same speech")
    func otherFormats() async throws {
        let engine = FakeEngine()
        let bank = Bank.plain(try TestPack.pack(), engine: engine)
        let seven = try digit("7")
        for rate in SampleRate.allCases {
            for coding in SampleCoding.allCases {
                let clip = try #require(
                    try await bank.clips(of: [seven], in: ClipFormat(sampleRate: rate, coding: coding))[seven])
                #expect(clip.bytes.count == clip.sampleCount * coding.bytesPerSample)
            }
        }
        #expect(engine.requests.count == 1)
    }

    @Test("gives out the very same memory again")
    func warmClips() async throws {
        let bank = Bank.plain(try TestPack.pack())
        let seven = try digit("7")
        func address() async throws -> UnsafePointer<UInt8>? {
            let clip = try #require(try await bank.clips(of: [seven], in: format)[seven])
            return clip.bytes.withUnsafeBufferPointer(\.baseAddress)
        }
        let first = try #require(try await address())
        #expect(try await address() == first)
    }

    @Test("says that the pack lacks a unit, without asking the engine")
    func noSuchUnit() async throws {
        let engine = FakeEngine()
        let bank = Bank.plain(try TestPack.digitsOnly(), engine: engine)
        let error = await #expect(throws: BankError.self) { try await bank.clips(of: [digit("A")], in: format) }
        #expect(error == BankError(.noSuchUnit(try #require(LanguageTag("de-DE")))))
        #expect(engine.requests.isEmpty)
    }

    // MARK: An engine that says something else

    /// A pack whose 7 is written in phonemes, on its line.
    private static let phonemic = TestPack.json5.replacing(
        #""7": "seven""#, with: #""7": { phonemes: "s'Ev@n", caption: "seven" }"#)

    @Test(
        "never gives out what the engine cuts, says in another language or says as another symbol, and does not ask again",
        arguments: [
            ("s'Ev@n", "s'E", "digits.standard.7", "/s'E/ only"),
            ("s'Ev@n", "(de)z'e:g@n(en)", "digits.standard.7", "goes over into de"),
            ("eight", "(fr)s'Et(en)", "digits.standard.8", "goes over into fr"),
            ("two", "w'Vn", "digits.standard.2", "sounds the same as 1"),
        ])
    func misspoken(text: String, said: String, path: String, problem: String) async throws {
        let pack = try VoicePack(json5: Self.phonemic, source: "en-US.json5")
        let engine = FakeEngine(saying: ["one": "w'Vn", text: said])
        let bank = Bank.plain(pack, engine: engine)
        let digits = try "0123456789".map { try digit($0) }
        for _ in 0..<2 {
            let error = await #expect(throws: BankError.self) { try await bank.clips(of: digits, in: format) }
            guard case .misspoken(_, path, let line, let told) = error?.reason else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(line == pack.line(ofPath: path))
            #expect(told.contains(problem))
            #expect(error.map { "\($0)".contains("\(path) (line ") } == true)
        }
        #expect(engine.requests.count == 1)
        #expect(try await bank.clips(of: [.phrase("opening")], in: format).isEmpty == false, "what is good is spoken")
    }

    @Test("names the same place for each code", arguments: ["7083", "3708", "8370"])
    func misspokenCode(code: String) async throws {
        let pack = try VoicePack(json5: Self.phonemic, source: "en-US.json5")
        let engine = FakeEngine(
            saying: ["s'Ev@n": "s'E", "three": "(de)dR'aI(en)", "zero": "z'i@roU", "nine": "z'i@roU"])
        let script = try Script(code: VerificationCode(code), pack: pack)
        let error = await #expect(throws: BankError.self) { try await CodeReader.plain(engine: engine).render(script) }
        guard case .misspoken(_, "digits.standard.3", _, _) = error?.reason else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("refuses two symbols that sound alike though each was good in a code of its own before")
    func misspokenTogether() async throws {
        let pack = try VoicePack(json5: Self.phonemic, source: "en-US.json5")
        let bank = Bank.plain(pack, engine: FakeEngine(saying: ["zero": "z'i@roU", "nine": "z'i@roU"]))
        let (zero, nine) = (try digit("0"), try digit("9"))
        #expect(await bank.outcome(of: [zero], in: format) == nil)
        #expect(await bank.outcome(of: [nine], in: format) == nil)
        guard case .misspoken = await bank.outcome(of: [zero, nine], in: format)?.reason else {
            Issue.record("both are spoken in one code")
            return
        }
    }

    @Test("takes an engine at its word that tells no phonemes, and stress for what it is")
    func noPhonemes() async throws {
        let pack = try VoicePack(json5: Self.phonemic, source: "en-US.json5")
        let engine = FakeEngine(
            saying: ["one": "", "two": "", "s'Ev@n": "_:s,ev@n", "eight": "'eIt", "nine": "n'aIn_:"])
        let digits = try "0123456789".map { try digit($0) }
        #expect(try await Bank.plain(pack, engine: engine).clips(of: digits, in: format).count >= 10)
    }

    @Test(
        "takes shades of a sound, tones, lengths and marks for no sound that is missing",
        arguments: [
            ("w'O2n", "w'0n", true), ("w'O2n", "w'O", false), ("V#d;'in", "ad'in_", true), ("tSot'IrI", "tSot", false),
            ("'ei51", "'ei", true), ("ts'i[51||m'u214||j'i51", "ts'i[51_| m'u214_|", false), ("tr'I", "t@-r'I", true),
            ("aQ\"b'a", "aRb'a?", true), ("ss'Ef§@n", "ss'Ef", false), ("'i:i:", "'i:;i:", true),
        ])
    func shades(written: String, said: String, isWhole: Bool) async throws {
        let quoted = written.replacing("\"", with: "\\\"")
        let json5 = TestPack.json5.replacing(
            #""7": "seven""#, with: "\"7\": { phonemes: \"\(quoted)\", caption: \"7\" }")
        let bank = Bank.plain(
            try VoicePack(json5: json5, source: "en-US.json5"), engine: FakeEngine(saying: [written: said]))
        let seven = try digit("7")
        let clips = try? await bank.clips(of: [seven], in: format)
        #expect((clips?[seven] != nil) == isWhole)
    }

    @Test("says an operator's brand in the brand's language")
    func brand() async throws {
        let wording = try OperatorWording(
            json5: """
                { values: { brand: { acme: "Acme" } },
                  phrases: { branded: "Your {brand} code is:" },
                  templates: { branded: { first: ["branded", "{code}"], again: ["{code}"] } } }
                """, source: "wording.json5")
        let pack = try wording.applied(to: TestPack.pack())
        let said = "j'o: (fr)akm'e(en) k'oUd 'Iz"
        let engine = FakeEngine(saying: ["Your Acme code is:": said, "Your code is:": said])
        let branded = SpeechUnit.phrase(Phrase("branded", values: ["brand": "acme"]))
        let bank = Bank.plain(pack, engine: engine)
        #expect(try await bank.clips(of: [branded], in: format)[branded] != nil)
        await #expect(throws: BankError.self) { try await bank.clips(of: [.phrase("opening")], in: format) }
    }

    // MARK: An engine that fails

    @Test("tries a failed engine again with back-off, and answers as though nothing had been")
    func retries() async throws {
        let clock = ManualClock()
        let engine = FakeEngine([.fail(crash), .fail(EngineError(.failed, "said nothing")), .speak])
        let bank = Bank.plain(try TestPack.pack(), engine: engine, retry: .usual, clock: clock)
        let seven = try digit("7")
        async let clips = bank.clips(of: [seven], in: format)
        await clock.waitForSleepers(1)
        #expect(engine.requests.count == 1)
        clock.advance(by: .milliseconds(49))
        #expect(clock.sleepers == 1, "not before 50 ms")
        clock.advance(by: .milliseconds(1))
        await clock.waitForSleepers(1)
        #expect(engine.requests.count == 2)
        clock.advance(by: .milliseconds(199))
        #expect(clock.sleepers == 1, "not before 200 ms more")
        clock.advance(by: .milliseconds(1))
        #expect(try await clips[seven] != nil)
        #expect(engine.requests.count == 3)
    }

    @Test("does not try a hung engine again, which has taken the time of who waits")
    func hung() async throws {
        let hung = EngineError(.hung, "took too long")
        let engine = FakeEngine([.fail(hung), .speak])
        let bank = Bank.plain(try TestPack.pack(), engine: engine, retry: .usual, clock: ManualClock())
        #expect(await bank.outcome(of: [try digit("7")], in: format) == BankError(.engine(hung)))
        #expect(engine.requests.count == 1)
    }

    /// One request that fails at once, three tries and all.
    private func fail(_ bank: Bank, _ clock: ManualClock) async throws -> BankError? {
        async let outcome = bank.outcome(of: [digit("7")], in: format)
        for wait in [50, 200] {
            await clock.waitForSleepers(1)
            clock.advance(by: .milliseconds(wait))
        }
        return try await outcome
    }

    @Test("leaves an engine that keeps failing alone, for twice as long each time, and recovers")
    func restAndRecovery() async throws {
        let clock = ManualClock()
        let engine = FakeEngine(Array(repeating: .fail(crash), count: 6))
        let retry = RetryPolicy(
            retries: [.milliseconds(50), .milliseconds(200)], rest: .seconds(1) ... .seconds(60))
        let bank = Bank.plain(try TestPack.pack(), engine: engine, retry: retry, clock: clock)
        #expect(try await fail(bank, clock) == BankError(.engine(crash)))
        #expect(engine.requests.count == 3)

        clock.advance(by: .milliseconds(999))
        #expect(
            try await bank.outcome(of: [digit("7")], in: format) == BankError(.resting(crash, for: .milliseconds(1))))
        #expect(engine.requests.count == 3, "the engine is left alone")

        clock.advance(by: .milliseconds(1))
        #expect(try await fail(bank, clock) == BankError(.engine(crash)))
        #expect(engine.requests.count == 6)
        clock.advance(by: .milliseconds(500))
        #expect(
            try await bank.outcome(of: [digit("7")], in: format) == BankError(.resting(crash, for: .milliseconds(1500)))
        )

        clock.advance(by: .milliseconds(1500))
        #expect(try await bank.outcome(of: [digit("7")], in: format) == nil)
        #expect(engine.requests.count == 7)
        #expect(try await bank.outcome(of: [digit("A")], in: format) == nil)
    }

    @Test("says in how many seconds it asks again", arguments: [(1, 1), (999, 1), (1000, 1), (1001, 2), (60_000, 60)])
    func restInWords(milliseconds: Int, seconds: Int) {
        let error = BankError(.resting(crash, for: .milliseconds(milliseconds)))
        #expect(error.description == "\(crash) (next try in \(seconds) s)")
    }

    @Test("rests no longer than its policy says")
    func longestRest() async throws {
        let clock = ManualClock()
        let engine = FakeEngine(Array(repeating: .fail(crash), count: 5))
        let retry = RetryPolicy(retries: [], rest: .seconds(1) ... .seconds(3))
        let bank = Bank.plain(try TestPack.pack(), engine: engine, retry: retry, clock: clock)
        for rest in [1, 2, 3, 3] {
            #expect(try await bank.outcome(of: [digit("7")], in: format) == BankError(.engine(crash)))
            #expect(
                try await bank.outcome(of: [digit("7")], in: format) == BankError(.resting(crash, for: .seconds(rest))))
            clock.advance(by: .seconds(rest))
        }
    }

    @Test("takes waits of any length", arguments: [Duration.seconds(Int64.max), .seconds(Int64.min)])
    func extremes(duration: Duration) async throws {
        let engine = FakeEngine([.fail(crash), .fail(crash), .fail(crash)])
        let retry = RetryPolicy(retries: [], rest: duration ... .seconds(Int64.max))
        let bank = Bank.plain(try TestPack.pack(), engine: engine, retry: retry, clock: ContinuousClock())
        #expect(try await bank.outcome(of: [digit("7")], in: format) == BankError(.engine(crash)))
        let next = try #require(try await bank.outcome(of: [digit("7")], in: format))
        if duration > .zero {
            guard case .resting = next.reason else { Issue.record("it rests: \(next)"); return }
        } else {
            #expect(next == BankError(.engine(crash)))
        }
        #expect(next.description.hasPrefix(crash.message))
    }

    @Test("gives what is warm while the engine rests")
    func warmWhileResting() async throws {
        let clock = ManualClock()
        let engine = FakeEngine([.speak, .fail(crash)])
        let retry = RetryPolicy(retries: [], rest: .seconds(1) ... .seconds(3))
        let bank = Bank.plain(try TestPack.pack(), engine: engine, retry: retry, clock: clock)
        #expect(try await bank.outcome(of: [digit("7")], in: format) == nil)
        #expect(try await bank.outcome(of: [digit("A")], in: format) == BankError(.engine(crash)))
        #expect(try await bank.outcome(of: [digit("7")], in: format) == nil)
        #expect(try await bank.outcome(of: [digit("A")], in: format) == BankError(.resting(crash, for: .seconds(1))))
    }

    @Test(
        "asks an engine that is missing, or has no such voice, once",
        arguments: [EngineError.Reason.missing, .unknownVoice])
    func notTransient(reason: EngineError.Reason) async throws {
        let error = EngineError(reason, "install it")
        let engine = FakeEngine([.fail(error)])
        let bank = Bank.plain(try TestPack.pack(), engine: engine, retry: .usual, clock: ManualClock())
        #expect(try await bank.outcome(of: [digit("7")], in: format) == BankError(.engine(error)))
        #expect(engine.requests.count == 1)
    }

    @Test("tells every caller who waits of one failure, and rests for it once")
    func sharedFailure() async throws {
        let clock = ManualClock()
        let engine = FakeEngine([.fail(crash)])
        let retry = RetryPolicy(retries: [.milliseconds(50)], rest: .seconds(1) ... .seconds(60))
        // Both tries fail; the second is reached by moving the clock.
        let bank = Bank.plain(
            try TestPack.pack(), engine: FailingOnce(after: engine, with: crash), retry: retry, clock: clock)
        let seven = try digit("7")
        await withTaskGroup { group in
            for _ in 0..<5 { group.addTask { await bank.outcome(of: [seven], in: format) } }
            await clock.waitForSleepers(1)
            for _ in 0..<100 { await Task.yield() }
            clock.advance(by: .milliseconds(50))
            for await outcome in group {
                #expect(outcome == BankError(.engine(crash)) || outcome == BankError(.resting(crash, for: .seconds(1))))
            }
        }
        #expect(
            await bank.outcome(of: [seven], in: format) == BankError(.resting(crash, for: .seconds(1))), "not doubled")
    }

    @Test("forgets each failure of a request, and not only the first that a caller hears of")
    func twoFailures() async throws {
        for _ in 0..<8 {  // which of two tasks is waited for first is a matter of chance
            let clock = ManualClock()
            let engine = FakeEngine([.wait, .fail(crash)])
            let retry = RetryPolicy(retries: [], rest: .seconds(1) ... .seconds(1))
            let bank = Bank.plain(
                try TestPack.pack(), engine: Released(engine, failingWith: crash), retry: retry, clock: clock)
            let (seven, letter) = (try digit("7"), try digit("A"))
            async let first = bank.outcome(of: [seven], in: format)
            await engine.waitForRequests(1)
            async let second = bank.outcome(of: [seven, letter], in: format)
            await engine.waitForRequests(2)
            engine.release()
            #expect(await first == BankError(.engine(crash)))
            #expect(await second == BankError(.engine(crash)))
            // Who hears of one failure does not wait for the other.
            for unit in [seven, letter] { #expect(await bank.outcome(of: [unit], in: format) != nil) }
            clock.advance(by: .seconds(1))
            #expect(await bank.outcome(of: [letter], in: format) == nil)
            #expect(await bank.outcome(of: [seven], in: format) == nil)
        }
    }

    @Test("takes no answer that has another number of utterances, and asks again", arguments: [-1, 1])
    func wrongNumber(more: Int) async throws {
        let clock = ManualClock()
        let engine = FakeEngine()
        let retry = RetryPolicy(retries: [], rest: .seconds(1) ... .seconds(60))
        let bank = Bank.plain(
            try TestPack.pack(), engine: Miscounting(engine, by: more), prefetch: .none, retry: retry,
            clock: clock)
        let units = [try digit("7"), try digit("3", .falling)]
        #expect(
            await bank.outcome(of: units, in: format)
                == BankError(.engine(EngineError(.failed, "the engine answered \(2 + more) of 2 utterances"))))
        clock.advance(by: .seconds(1))
        #expect(await bank.outcome(of: units, in: format) == nil)
        #expect(engine.requests.count == 2)
    }

    @Test("fails alone: another bank of the same engine works")
    func otherBanks() async throws {
        let engine = FakeEngine([.fail(EngineError(.unknownVoice, "no such voice"))])
        let store = BankStore(
            engine: engine, resampler: PlainResampler(), encoder: PlainEncoder(),
            retry: RetryPolicy(retries: [], rest: .seconds(3600) ... .seconds(3600)), mostBytes: .max)
        let pack = try TestPack.pack()
        let broken = store.bank(for: pack, voice: EngineVoice(name: "nosuch"))
        let working = store.bank(for: pack, voice: pack.voice)
        #expect(try await broken.outcome(of: [digit("7")], in: format) != nil)
        #expect(try await working.outcome(of: [digit("7")], in: format) == nil)
        #expect(try await broken.outcome(of: [digit("7")], in: format) != nil)
    }

    @Test("lets a caller go who hangs up while the engine speaks, and goes on speaking for the others")
    func cancelledCaller() async throws {
        let engine = FakeEngine([.wait])
        let bank = Bank.plain(try TestPack.pack(), engine: engine)
        let seven = try digit("7")
        let first = Task { await bank.outcome(of: [seven], in: format) }
        await engine.waitForRequests(1)
        let second = Task { await bank.outcome(of: [seven], in: format) }
        first.cancel()
        #expect(await first.value == BankError(.cancelled), "the engine has not answered yet")
        engine.release()
        #expect(await second.value == nil)
        #expect(engine.requests.count == 1)
        #expect(await bank.outcome(of: [seven], in: format) == nil)
    }

    @Test("keeps what comes of a request whose callers have all hung up", arguments: [true, false])
    func cancelledCallers(fails: Bool) async throws {
        let clock = ManualClock()
        let engine = FakeEngine([.wait])
        let retry = RetryPolicy(retries: [], rest: .seconds(1) ... .seconds(60))
        let bank = Bank.plain(
            try TestPack.pack(), engine: fails ? Released(engine, failingWith: crash) : engine, retry: retry,
            clock: clock)
        let seven = try digit("7")
        let caller = Task { await bank.outcome(of: [seven], in: format) }
        await engine.waitForRequests(1)
        caller.cancel()
        #expect(await caller.value == BankError(.cancelled))
        engine.release()
        if fails {
            // Told to one who comes in time, and forgotten behind its rest.
            let outcome = await bank.outcome(of: [seven], in: format)
            #expect(outcome == BankError(.engine(crash)) || outcome == BankError(.resting(crash, for: .seconds(1))))
            clock.advance(by: .seconds(1))
            #expect(await bank.outcome(of: [seven], in: format) == BankError(.engine(crash)))
        } else {
            #expect(await bank.outcome(of: [seven], in: format) == nil)
        }
        #expect(engine.requests.count == (fails ? 2 : 1))
    }

    @Test("asks the engine for nothing on behalf of a caller who has hung up before")
    func cancelledBefore() async throws {
        let engine = FakeEngine()
        let bank = Bank.plain(try TestPack.pack(), engine: engine)
        let seven = try digit("7")
        let outcome = await withTaskGroup(of: BankError?.self) { group in
            group.cancelAll()
            group.addTask { await bank.outcome(of: [seven], in: format) }
            return await group.next() ?? nil
        }
        #expect(outcome == BankError(.cancelled))
        #expect(engine.requests.isEmpty)
    }
}

/// An engine whose first two requests fail, whatever becomes of them behind it.
private struct Released: SpeechEngine {
    let engine: FakeEngine
    let error: EngineError

    init(_ engine: FakeEngine, failingWith error: EngineError) {
        self.engine = engine
        self.error = error
    }

    func speak(_ utterances: [Utterance], voice: EngineVoice) async throws(EngineError) -> [Speech] {
        let speech = try await engine.speak(utterances, voice: voice)
        guard engine.requests.count > 2 else { throw error }
        return speech
    }
}

/// An engine whose first answer has too few utterances, or too many.
private struct Miscounting: SpeechEngine {
    let engine: FakeEngine
    let more: Int

    init(_ engine: FakeEngine, by more: Int) {
        self.engine = engine
        self.more = more
    }

    func speak(_ utterances: [Utterance], voice: EngineVoice) async throws(EngineError) -> [Speech] {
        let speech = try await engine.speak(utterances, voice: voice)
        guard engine.requests.count == 1, let last = speech.last else { return speech }
        return more < 0 ? Array(speech.dropLast(-more)) : speech + [last]
    }
}

/// An engine that fails once more behind another's failures.
private struct FailingOnce: SpeechEngine {
    let engine: FakeEngine
    let error: EngineError

    init(after engine: FakeEngine, with error: EngineError) {
        self.engine = engine
        self.error = error
    }

    func speak(_ utterances: [Utterance], voice: EngineVoice) async throws(EngineError) -> [Speech] {
        _ = try await engine.speak(utterances, voice: voice)
        throw error
    }
}

extension Bank {
    /// The error of a request; nil where it was answered with every unit.
    fileprivate func outcome(of units: [SpeechUnit], in format: ClipFormat) async -> BankError? {
        do throws(BankError) {
            let clips = try await clips(of: units, in: format)
            return units.allSatisfy { clips[$0] != nil } ? nil : BankError(.audio("a unit is missing"))
        } catch {
            return error
        }
    }
}
