// SPDX-License-Identifier: GPL-3.0-or-later

internal import CSndfile
public import SpeakCode

/// libsndfile, writing into memory and reading back: all of the telephone's codecs but AMR, which it does not know.
public struct SoundFileCoder: TelephoneCoder {
    /// A coder without state.
    public init() {}

    /// What is heard of speech behind a codec.
    ///
    /// - Throws: ``SoundFileError``; AMR is refused.
    public func heard(_ samples: [Int16], through codec: TelephoneCodec) throws -> [Int16] {
        let format: Int
        switch codec {
        case .muLaw: format = SF_FORMAT_WAV | SF_FORMAT_ULAW
        case .aLaw: format = SF_FORMAT_WAV | SF_FORMAT_ALAW
        case .g726: format = SF_FORMAT_AU | SF_FORMAT_G721_32
        case .gsm: format = SF_FORMAT_WAV | SF_FORMAT_GSM610
        case .opus: format = SF_FORMAT_OGG | SF_FORMAT_OPUS
        case .amr475, .amr515, .amr590, .amr670, .amr740, .amr795, .amr102, .amr122:
            throw SoundFileError(message: "AMR is a codec that it does not have")
        }
        let file = try SoundFile.write(samples, hertz: 8000, format: format)
        let (decoded, hertz) = try SoundFile.read(file, atMost: samples.count / 8000 + 2)
        guard hertz == 8000 else { throw SoundFileError(message: "what was written at 8000 Hz is read at \(hertz) Hz") }
        var heard = Signal(samples: decoded, hertz: hertz).pcm.samples.prefix(samples.count)
        heard += repeatElement(0, count: samples.count - heard.count)
        return Array(heard)
    }
}
