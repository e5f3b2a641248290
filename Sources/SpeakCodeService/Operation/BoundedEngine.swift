// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCode

/// An engine that is started so often at a time and no more: each start takes descriptors, memory and a processor.
struct BoundedEngine: SpeechEngine, VoiceListing {
    private let engine: any SpeechEngine & VoiceListing
    private let turns: Turns

    init(_ engine: any SpeechEngine & VoiceListing, atATime: Int, inLine: Int = 64) {
        self.engine = engine
        turns = Turns(atATime: atATime, inLine: inLine)
    }

    func speak(_ utterances: [Utterance], voice: EngineVoice) async throws(EngineError) -> [Speech] {
        try await takeTurn()
        defer { turns.giveBack() }
        return try await engine.speak(utterances, voice: voice)
    }

    func voices() async throws(EngineError) -> [ListedVoice] {
        try await takeTurn()
        defer { turns.giveBack() }
        return try await engine.voices()
    }

    private func takeTurn() async throws(EngineError) {
        guard await turns.take() else {
            throw EngineError(.exhausted, "too many wait for the engine; more replicas would share them")
        }
    }
}
