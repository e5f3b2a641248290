// SPDX-License-Identifier: GPL-3.0-or-later

internal import FoundationEssentials
public import SpeakCode
public import SpeakCodePackTools

/// A voice folder for tests: every line of some places of a pack, said by a ``FakeSpeaker``.
public enum LentVoice {
    /// Writes a voice folder.
    ///
    /// - Parameters:
    ///   - folder: where.
    ///   - pack: the words.
    ///   - places: which of them are recorded.
    ///   - speaker: who says them.
    ///   - description: what the folder says of itself; nil for a man's voice that leaves the rest to nobody.
    ///   - encoder: what writes the recordings.
    /// - Returns: what was recorded.
    @discardableResult public static func write(
        to folder: String, of pack: VoicePack, places: [String] = RecordingScript.usualPlaces,
        speaker: FakeSpeaker = FakeSpeaker(), description: VoiceDescription? = nil,
        encoder: any SoundEncoder = PlainEncoder()
    ) throws -> [Adoption.Sound] {
        let sounds = try RecordingScript(of: pack, places: places).lines.map { line in
            let signal = speaker.says("\(line.name) \(line.caption)")
            let samples = signal.samples.map { Int16(($0 * 32767).rounded()) }
            return Adoption.Sound(
                name: line.name, caption: line.caption, source: "a test",
                audio: PCM(samples: samples, hertz: signal.hertz))
        }
        try write(sounds, to: folder, description ?? described(pack), encoder: encoder)
        return sounds
    }

    /// A man's voice that leaves what is not recorded to nobody, or to the engine.
    public static func described(_ pack: VoicePack, fill: RecordedVoice.Fill = .nobody) -> VoiceDescription {
        VoiceDescription(
            locale: pack.locale, speaker: "a test", gender: .male, licence: "CC0-1.0", date: "2026-11-30", fill: fill)
    }

    /// Writes sounds as a voice folder.
    public static func write(
        _ sounds: [Adoption.Sound], to folder: String, _ description: VoiceDescription,
        encoder: any SoundEncoder = PlainEncoder()
    ) throws {
        for sound in sounds {
            let path = "\(folder)/\(sound.name).flac"
            let parent = String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)])
            try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
            guard let rate = SampleRate(rawValue: sound.audio.hertz) else { continue }
            let format = try AudioFormat(.flac, sampleRate: rate)
            try Data(encoder.file(of: sound.audio.samples, as: format)).write(to: URL(filePath: path))
        }
        try Data(description.json5(of: sounds).utf8).write(to: URL(filePath: "\(folder)/\(RecordedVoice.fileName)"))
    }
}

/// Reads what ``PlainEncoder`` writes: a name of four bytes, and samples.
public struct PlainDecoder: SoundDecoder {
    private let hertz: Int

    /// A decoder of files of one rate.
    public init(hertz: Int = 16_000) {
        self.hertz = hertz
    }

    /// The samples.
    public func decode(_ file: [UInt8]) throws -> Signal {
        guard file.starts(with: "flac".utf8) else { throw Unreadable() }
        let bytes = file.dropFirst(4)
        let samples = stride(from: bytes.startIndex, to: bytes.endIndex - 1, by: 2).map { place in
            Float(Int16(bitPattern: UInt16(bytes[place]) | UInt16(bytes[place + 1]) << 8)) / 32768
        }
        return Signal(samples: samples, hertz: hertz)
    }

    private struct Unreadable: Error, CustomStringConvertible {
        let description = "it does not begin as such a file does"
    }
}
