// SPDX-License-Identifier: GPL-3.0-or-later

internal import FoundationEssentials
internal import SpeakCode

/// What an engine's process is asked in its second argument: JSON.
struct EngineRequest: Codable {
    /// The version of requests and answers.
    ///
    /// Both ends are of one package, but perhaps not of one day: an older program that is found in `PATH` is told from one
    /// that is broken.
    static let version = 2

    private let version: Int?
    let voice: EngineVoice
    private let lines: [Line]

    private struct Line: Codable {
        let text: String
        let ending: String
        let phonemes: Bool
        let pace: Double
    }

    var utterances: [Utterance] {
        lines.map {
            Utterance($0.text, notation: $0.phonemes ? .phonemes : .words, ending: $0.ending, pace: $0.pace)
        }
    }

    init(utterances: [Utterance], voice: EngineVoice) {
        version = Self.version
        self.voice = voice
        lines = utterances.map {
            Line(text: $0.text, ending: $0.ending, phonemes: $0.notation == .phonemes, pace: $0.pace)
        }
    }

    func encoded() throws(EngineError) -> String {
        do {
            return String(decoding: try JSONEncoder().encode(self), as: UTF8.self)
        } catch {
            throw EngineError(.failed, "the engine's request could not be written: \(error)")
        }
    }

    /// Both ends throw it, each of a newer other.
    static let otherVersion = EngineError(
        .missing,
        "the engine's program is of another version of SpeakCode than this one; install or build both from one version"
    )

    /// - Throws: `EngineError`.
    static func decode(_ json: String) throws(EngineError) -> EngineRequest {
        do {
            let request = try JSONDecoder().decode(EngineRequest.self, from: Data(json.utf8))
            guard request.version == version else { throw otherVersion }
            return request
        } catch let error as EngineError {
            throw error
        } catch {
            throw EngineError(.failed, "the engine's request makes no sense: \(error)")
        }
    }
}
