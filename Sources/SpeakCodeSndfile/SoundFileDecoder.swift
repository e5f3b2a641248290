// SPDX-License-Identifier: GPL-3.0-or-later

internal import CSndfile
public import SpeakCode

/// libsndfile, reading from memory: WAV, FLAC, MP3, Ogg and whatever else it knows.
public struct SoundFileDecoder: SoundDecoder {
    /// The longest recording that is read.
    public static let longest: Duration = .seconds(7200)

    private let mostSamples: Int

    /// A decoder without state.
    ///
    /// - Parameter mostSamples: how many samples of a channel are held in memory at the most.
    public init(mostSamples: Int = .max) { self.mostSamples = mostSamples }

    /// The samples of a file, its channels mixed to one.
    ///
    /// - Throws: ``SoundFileError``.
    public func decode(_ file: [UInt8]) throws -> Signal {
        let (samples, hertz) = try SoundFile.read(file, atMost: Int(Self.longest.components.seconds), mostSamples)
        return Signal(samples: samples, hertz: hertz)
    }
}
