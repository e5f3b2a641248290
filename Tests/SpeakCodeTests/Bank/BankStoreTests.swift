// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCode
import SpeakCodeTesting
import Synchronization
import Testing

@Suite("A store of banks")
struct BankStoreTests {
    private func store(
        mostBytes: Int = CodeReader.usualBytes, engine: FakeEngine = FakeEngine(),
        onLetGo: @escaping @Sendable () -> Void = {}
    ) -> BankStore {
        BankStore(
            engine: engine, resampler: PlainResampler(), encoder: PlainEncoder(), mostBytes: mostBytes,
            onLetGo: onLetGo)
    }

    private static let format = ClipFormat(sampleRate: .hz8000)
    private static let units = [SpeechUnit.phrase("opening")]

    /// Has a bank speak.
    private func speak(_ store: BankStore, _ voice: EngineVoice, _ format: ClipFormat = format) async throws {
        let bank = store.bank(for: try TestPack.pack(), voice: voice, clipsIn: format)
        #expect(try await bank.clips(of: Self.units, in: format)[Self.units[0]] != nil)
    }

    /// The bytes of one bank that has spoken.
    private func bytesOfBank() async throws -> Int {
        let store = store()
        try await speak(store, EngineVoice(name: "voice"))
        return store.byteCount
    }

    @Test("has one bank for a pack in a voice, and another for each other pack, voice or rate")
    func oneBank() async throws {
        let store = store()
        let pack = try TestPack.pack()
        let bank = store.bank(for: pack, voice: pack.voice)
        #expect(store.bank(for: try TestPack.pack(), voice: pack.voice) === bank)
        #expect(store.bank(for: pack, voice: pack.voice.rate(times: 0.9)) !== bank)
        #expect(store.bank(for: try TestPack.digitsOnly(), voice: pack.voice) !== bank)
    }

    @Test("opens a new bank for a pack whose file has changed")
    func changedPack() async throws {
        let store = store()
        let pack = try TestPack.pack()
        let changed = try VoicePack(json5: TestPack.json5.replacing("zero", with: "oh"), source: "en-US.json5")
        let bank = store.bank(for: pack, voice: pack.voice)
        #expect(store.bank(for: changed, voice: pack.voice) !== bank)
    }

    @Test("lets the bank go that was unused the longest as soon as there are too many bytes, and says so")
    func capacity() async throws {
        let one = try await bytesOfBank()
        let said = Atomic(0)
        let engine = FakeEngine()
        let store = store(mostBytes: one * 5 / 2, engine: engine) { said.add(1, ordering: .relaxed) }
        let voices = (0..<3).map { EngineVoice(name: "voice\($0)") }
        for voice in [0, 1, 0] { try await speak(store, voices[voice]) }
        #expect(engine.requests.count == 2 && said.load(ordering: .relaxed) == 0)
        try await speak(store, voices[2])
        #expect(said.load(ordering: .relaxed) > 0)
        try await speak(store, voices[0])
        #expect(engine.requests.count == 3, "the first was used after the second")
        try await speak(store, voices[1])
        #expect(engine.requests.count == 4)
    }

    @Test("keeps no more bytes than it may, however many rates, formats and voices are asked for")
    func bounded() async throws {
        let most = try await bytesOfBank() * 3
        let store = store(mostBytes: most)
        for rate in 100..<140 {
            for sampleRate in [SampleRate.hz8000, .hz16000, .hz22050] {
                try await speak(store, EngineVoice(name: "en", rate: rate), ClipFormat(sampleRate: sampleRate))
                #expect(store.byteCount <= most)
            }
        }
        // Those that have not spoken yet count as well.
        for rate in 200..<600 {
            _ = store.bank(for: try TestPack.pack(), voice: EngineVoice(name: "n\(rate)"))
            #expect(store.byteCount <= most)
        }
    }

    @Test("lets the clips of an unused rate go before what the engine has said, which is asked no more")
    func formats() async throws {
        let one = try await bytesOfBank()
        let engine = FakeEngine()
        let store = store(mostBytes: one * 3 / 2, engine: engine)
        let voice = EngineVoice(name: "voice")
        for _ in 0..<3 {
            for rate in SampleRate.allCases {
                try await speak(store, voice, ClipFormat(sampleRate: rate))
                #expect(store.byteCount <= one * 3 / 2)
            }
        }
        #expect(engine.requests.count == 1)
    }

    @Test(
        "keeps an engine's rate within what the engine takes", arguments: [(0.0, 80), (0.9, 135), (1, 150), (100, 450)])
    func rates(factor: Double, rate: Int) {
        #expect(EngineVoice(name: "en", rate: 150).rate(times: factor).rate == rate)
    }
}
