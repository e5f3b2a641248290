// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCode

/// What an engine said for a unit, measured once.
struct HeardUnit {
    /// The phonemes.
    let phonemes: Phonemes
    /// Their words, bare of stress and pauses.
    let words: [Substring]
    /// The active speech level in dBov.
    let level: Double
    /// All of the audio, silence included.
    let duration: Duration
    /// The time from the first sound to the last.
    let soundDuration: Duration
    /// The time in which there is any sound.
    let loudDuration: Duration

    /// Samples up to this are silence: 54 dB below full scale.
    private static let silence: Int16 = 64

    init(_ speech: Speech) {
        phonemes = Phonemes(speech.phonemes)
        words = phonemes.words
        level = ActiveSpeechLevel(of: speech.audio).dBov
        var (first, last, loud) = (0, -1, 0)
        speech.audio.samples.withUnsafeBufferPointer { samples in
            for index in 0..<samples.count where samples[index] > Self.silence || samples[index] < -Self.silence {
                if loud == 0 { first = index }
                last = index
                loud += 1
            }
        }
        let hertz = Double(speech.audio.hertz)
        duration = .seconds(Double(speech.audio.samples.count) / hertz)
        soundDuration = .seconds(Double(last - first + 1) / hertz)
        loudDuration = .seconds(Double(loud) / hertz)
    }
}
