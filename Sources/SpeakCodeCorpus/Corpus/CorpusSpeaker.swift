// SPDX-License-Identifier: GPL-3.0-or-later

public import SpeakCode

/// Who reads codes of a corpus.
public struct CorpusSpeaker: Sendable {
    /// The locale and the voice, such as `en-US-male`: without a blank or an underscore, at which names are taken apart.
    public let name: String
    /// The words, spoken in the voice.
    public let pack: VoicePack

    /// Names a speaker.
    ///
    /// - Parameters:
    ///   - voice: what the voice is called.
    ///   - pack: the words, spoken in it.
    public init(_ voice: String, speaking pack: VoicePack) {
        name =
            "\(pack.locale)-" + voice.map { $0.isASCII && ($0.isLetter || $0.isNumber || "-.".contains($0)) ? $0 : "-" }
        self.pack = pack
    }

    /// Six others of the language: a man and a woman, each slower, as usual and faster, and of another pitch.
    var talkers: [(pack: VoicePack, voice: EngineVoice)] {
        [EngineVoice.Gender.male, .female].flatMap { gender -> [(VoicePack, EngineVoice)] in
            let pack = pack.spoken(by: gender) ?? pack
            return [(0.9, -9), (1, 0), (1.15, 8)].map { rate, pitch in
                var voice = pack.voice.rate(times: rate)
                voice.pitch = min(
                    max(EngineVoice.pitches.lowerBound, voice.pitch + pitch), EngineVoice.pitches.upperBound)
                return (pack, voice)
            }
        }
    }
}
