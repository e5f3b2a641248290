// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCode
internal import SpeakCodeAMR
internal import SpeakCodeSndfile

/// All of the telephone's codecs, each by the library that knows it.
struct TelephoneCoders: TelephoneCoder {
    func heard(_ samples: [Int16], through codec: TelephoneCodec) throws -> [Int16] {
        codec.amrMode == nil
            ? try SoundFileCoder().heard(samples, through: codec) : try AMRCoder().heard(samples, through: codec)
    }
}
