// SPDX-License-Identifier: GPL-3.0-or-later

internal import CSndfile
public import SpeakCode

/// libsndfile, writing into memory.
public struct SoundFileEncoder: SoundEncoder {
    /// An encoder without state.
    public init() {}

    /// The library's version, such as `libsndfile-1.2.0`.
    public static var version: String { sf_version_string().map { String(cString: $0) } ?? "" }

    /// Codes each sample by itself.
    ///
    /// - Throws: ``SoundFileError``.
    public func encode(_ samples: [Int16], as coding: SampleCoding) throws -> [UInt8] {
        let subtype =
            switch coding {
            case .linear16LittleEndian: SF_FORMAT_PCM_16 | SF_ENDIAN_LITTLE
            case .linear16BigEndian: SF_FORMAT_PCM_16 | SF_ENDIAN_BIG
            case .muLaw: SF_FORMAT_ULAW
            case .aLaw: SF_FORMAT_ALAW
            }
        // Raw samples have no rate; the library wants one.
        return try SoundFile.write(samples, hertz: 8000, format: SF_FORMAT_RAW | subtype)
    }

    /// Makes a whole FLAC, Ogg Opus or MP3 file.
    ///
    /// - Throws: ``SoundFileError``.
    public func file(of samples: [Int16], as format: AudioFormat) throws -> [UInt8] {
        let hertz = format.sampleRate.hertz
        switch format.kind {
        case .flac:
            return try SoundFile.write(samples, hertz: hertz, format: SF_FORMAT_FLAC | SF_FORMAT_PCM_16)
        case .ogg:
            let file = try SoundFile.write(samples, hertz: hertz, format: SF_FORMAT_OGG | SF_FORMAT_OPUS)
            return OggStream.withFixedSerialNumber(file)
        case .mp3:
            return try SoundFile.write(samples, hertz: hertz, format: SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III)
        case .wav, .wavMuLaw, .wavALaw, .muLaw, .aLaw, .sln, .sln16, .au:
            return try encode(samples, as: format.sampleCoding ?? .linear16LittleEndian)
        }
    }

    /// Begins an endless Ogg Opus or MP3 stream, or one of FLAC.
    ///
    /// Its bytes are not the same twice: libsndfile draws an Ogg stream's serial number by chance.
    ///
    /// - Throws: ``SoundFileError``.
    public func stream(as format: AudioFormat) throws -> any SoundStream {
        let container =
            switch format.kind {
            case .flac: SF_FORMAT_FLAC | SF_FORMAT_PCM_16
            case .ogg: SF_FORMAT_OGG | SF_FORMAT_OPUS
            case .mp3: SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III
            case .wav, .wavMuLaw, .wavALaw, .muLaw, .aLaw, .sln, .sln16, .au:
                throw SoundFileError(message: "\(format.kind.rawValue) is coded sample by sample")
            }
        return try SndfileStream(hertz: format.sampleRate.hertz, format: container)
    }
}
