// SPDX-License-Identifier: GPL-3.0-or-later

internal import FoundationEssentials
internal import SpeakCode

/// What an engine's process is asked on its standard input: JSON.
struct EngineRequest: Codable {
    let voice: EngineVoice
    private let lines: [Line]

    private struct Line: Codable {
        let text: String
        let ending: String
        let phonemes: Bool
    }

    var utterances: [Utterance] {
        lines.map { Utterance($0.text, notation: $0.phonemes ? .phonemes : .words, ending: $0.ending) }
    }

    init(utterances: [Utterance], voice: EngineVoice) {
        self.voice = voice
        lines = utterances.map { Line(text: $0.text, ending: $0.ending, phonemes: $0.notation == .phonemes) }
    }

    func encoded() throws(EngineError) -> [UInt8] {
        do {
            return Array(try JSONEncoder().encode(self))
        } catch {
            throw EngineError(.failed, "the engine's request could not be written: \(error)")
        }
    }

    static func decode(_ bytes: [UInt8]) throws(EngineError) -> EngineRequest {
        do {
            return try JSONDecoder().decode(EngineRequest.self, from: Data(bytes))
        } catch {
            throw EngineError(.failed, "the engine's request makes no sense: \(error)")
        }
    }
}
