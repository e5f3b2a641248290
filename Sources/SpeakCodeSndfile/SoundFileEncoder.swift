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

    /// Makes a whole FLAC, Ogg Opus or MP3 file, as long as every other of the same format and number of samples.
    ///
    /// - Throws: ``SoundFileError``.
    public func file(of samples: [Int16], as format: AudioFormat) throws -> [UInt8] {
        let hertz = format.sampleRate.hertz
        switch format.kind {
        case .flac:
            let file = try SoundFile.write(samples, hertz: hertz, format: SF_FORMAT_FLAC | SF_FORMAT_PCM_16)
            return try FlacFile.padded(file, sampleCount: samples.count)
        case .ogg:
            let file = try SoundFile.write(samples, hertz: hertz, format: SF_FORMAT_OGG | SF_FORMAT_OPUS)
            // A page a second, as libsndfile has it.
            var stream = OggStream(packetLength: Self.opusPacketLength(format.sampleRate), packetsPerPage: 50)
            let pages = try stream.take(file)
            return pages + stream.finish()
        case .mp3:
            return try SoundFile.write(samples, hertz: hertz, format: SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III)
        case .wav, .wavMuLaw, .wavALaw, .muLaw, .aLaw, .sln, .sln16, .au:
            return try encode(samples, as: format.sampleCoding ?? .linear16LittleEndian)
        }
    }

    /// The bytes of every packet of Opus.
    ///
    /// libopus takes 12 kbit/s and a bit for each sample; of a frame of 20 ms at a constrained variable bit rate it makes at
    /// most twice the mean (`celt_encoder.c`, where `vbr_bound` is `vbr_rate`), and its first byte.
    static func opusPacketLength(_ rate: SampleRate) -> Int {
        2 * (rate.hertz + 12_000) / 8 / 50 + 4
    }

    /// Begins an endless Ogg Opus or MP3 stream, or one of FLAC.
    ///
    /// Of Ogg Opus and MP3 as many bytes come of as many samples, whatever is heard in them.
    ///
    /// - Throws: ``SoundFileError``.
    public func stream(as format: AudioFormat) throws -> any SoundStream {
        let container: (format: Int, evenly: SndfileStream.Evenness)
        switch format.kind {
        case .flac: container = (SF_FORMAT_FLAC | SF_FORMAT_PCM_16, .asItComes)
        case .ogg:
            // A page is closed after 200 ms, else a listener waits for a second.
            let pages = OggStream(packetLength: Self.opusPacketLength(format.sampleRate), packetsPerPage: 10)
            container = (SF_FORMAT_OGG | SF_FORMAT_OPUS, .ogg(pages))
        case .mp3: container = (SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, .mp3(MP3Flow()))
        case .wav, .wavMuLaw, .wavALaw, .muLaw, .aLaw, .sln, .sln16, .au:
            throw SoundFileError(message: "\(format.kind.rawValue) is coded sample by sample")
        }
        return try SndfileStream(
            hertz: format.sampleRate.hertz, format: container.format, evenly: container.evenly)
    }
}
