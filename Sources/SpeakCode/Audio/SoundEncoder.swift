// SPDX-License-Identifier: GPL-3.0-or-later

/// Codes samples: one by one into bytes, or whole into a compressed file.
public protocol SoundEncoder: Sendable {
    /// Codes each sample by itself.
    ///
    /// - Returns: ``SampleCoding/bytesPerSample`` bytes for each sample.
    func encode(_ samples: [Int16], as coding: SampleCoding) throws -> [UInt8]

    /// Makes a whole file of a compressed format: FLAC, Ogg Opus or MP3.
    ///
    /// - Returns: the file's bytes, the same for the same samples.
    func file(of samples: [Int16], as format: AudioFormat) throws -> [UInt8]

    /// Begins an endless stream of a compressed format.
    func stream(as format: AudioFormat) throws -> any SoundStream
}

/// A compressed stream for one listener, sample by sample as time passes.
public protocol SoundStream: AnyObject {
    /// Takes samples.
    ///
    /// - Returns: the bytes that are ready, none perhaps.
    func encode(_ samples: [Int16]) throws -> [UInt8]
    /// Ends the stream.
    ///
    /// - Returns: the bytes that were left.
    func finish() throws -> [UInt8]
}
