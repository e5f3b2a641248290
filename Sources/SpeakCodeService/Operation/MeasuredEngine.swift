// SPDX-License-Identifier: GPL-3.0-or-later

internal import Logging
internal import SpeakCode

/// An engine whose requests are counted and timed, and whose failures are logged.
struct MeasuredEngine: SpeechEngine {
    let engine: any SpeechEngine
    let metrics: ServiceMetrics
    let logger: Logger
    let time: SteadyTime

    func speak(_ utterances: [Utterance], voice: EngineVoice) async throws(EngineError) -> [Speech] {
        let began = time.now
        do {
            let speech = try await engine.speak(utterances, voice: voice)
            metrics.spoke(for: time.now - began, successfully: true)
            return speech
        } catch {
            metrics.spoke(for: time.now - began, successfully: false)
            // A bank's request names phrases and whole sections of symbols, never a code; the message names neither.
            logger.error("the speech engine failed", metadata: ["voice": "\(voice.name)", "error": "\(error.message)"])
            throw error
        }
    }
}
