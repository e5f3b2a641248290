// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCode
import SpeakCodeTesting
import Testing

@Suite("A store of banks")
struct BankStoreTests {
    private func store(capacity: Int = 128) -> BankStore {
        BankStore(engine: FakeEngine(), resampler: PlainResampler(), encoder: PlainEncoder(), capacity: capacity)
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

    @Test("lets the bank go that was unused the longest")
    func capacity() async throws {
        let store = store(capacity: 2)
        let pack = try TestPack.pack()
        let voices = (0..<3).map { EngineVoice(name: "voice\($0)") }
        let first = store.bank(for: pack, voice: voices[0])
        let second = store.bank(for: pack, voice: voices[1])
        #expect(store.bank(for: pack, voice: voices[0]) === first)
        _ = store.bank(for: pack, voice: voices[2])
        #expect(store.bank(for: pack, voice: voices[0]) === first)
        #expect(store.bank(for: pack, voice: voices[1]) !== second)
    }

    @Test(
        "keeps an engine's rate within what the engine takes", arguments: [(0.0, 80), (0.9, 135), (1, 150), (100, 450)])
    func rates(factor: Double, rate: Int) {
        #expect(EngineVoice(name: "en", rate: 150).rate(times: factor).rate == rate)
    }
}
