// SPDX-License-Identifier: GPL-3.0-or-later

internal import FoundationEssentials
internal import SpeakCode

/// What an engine's process is asked in its second argument: JSON.
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

    func encoded() throws(EngineError) -> String {
        do {
            return String(decoding: try JSONEncoder().encode(self), as: UTF8.self)
        } catch {
            throw EngineError(.failed, "the engine's request could not be written: \(error)")
        }
    }

    static func decode(_ json: String) throws(EngineError) -> EngineRequest {
        do {
            return try JSONDecoder().decode(EngineRequest.self, from: Data(json.utf8))
        } catch {
            throw EngineError(.failed, "the engine's request makes no sense: \(error)")
        }
    }
}
