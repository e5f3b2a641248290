// SPDX-License-Identifier: GPL-3.0-or-later

internal import FoundationEssentials

/// A voice that somebody has lent: a folder of recordings, a file for each sound of a voice pack.
///
/// What it says is written down beside each sound. Where a pack has other words by now, the recording is not used.
public struct RecordedVoice: Sendable {
    /// Who says what is not recorded.
    public enum Fill: String, Hashable, Sendable, CaseIterable {
        /// The engine.
        case engine
        /// Nobody: to ask for it is an error.
        case nobody = "none"
    }

    /// How much better a recogniser hears it than the engine's voice, in codes that came through whole.
    public struct Hearing: Hashable, Sendable {
        /// Who listened, such as `whisper base`.
        public let by: String
        /// The codes, how many of them were right in this voice, and how many in the engine's.
        public let codes, right, engineRight: Int
    }

    /// One sound.
    package struct Sound: Hashable, Sendable {
        /// What is heard, as a person reads it.
        package let says: String
        /// A digest of the samples.
        package let digest: String
    }

    /// The file of a voice folder that tells what is in it.
    public static let fileName = "voice.json5"

    /// What it is called: the folder's name, unless an operator calls it otherwise.
    public var name: String
    /// The locale that it speaks.
    public let locale: LanguageTag
    /// Who spoke.
    public let speaker: String
    /// The speaker's gender, where it is known.
    public let gender: EngineVoice.Gender?
    /// Under which licence the recordings may be used.
    public let licence: String
    /// When it was recorded or adopted, such as `2026-11-30`.
    public let date: String?
    /// Where it comes from.
    public let source: String?
    /// Who says what is not recorded.
    public let fill: Fill
    /// How well it is heard, where that was measured.
    public let heard: Hearing?
    /// A number that differs where ``fileName`` differs, and with it any recording.
    public let revision: UInt64
    /// The folder's path.
    public let folder: String

    package let sounds: [String: Sound]
    private let decoder: any SoundDecoder
    /// The recordings, where they have been read ahead.
    private var atHand: [String: PCM] = [:]

    /// The lowest and the highest rate of a recording, in Hz.
    static let rates = 8000...48_000
    /// The longest sound: a phrase of some seconds.
    static let longestSound: Duration = .seconds(30)
    private static let longestFile = 8 << 20

    init(
        locale: LanguageTag, folder: String, name: String, decoder: any SoundDecoder, speaker: String,
        gender: EngineVoice.Gender?, licence: String, date: String?, source: String?, fill: Fill, heard: Hearing?,
        sounds: [String: Sound], revision: UInt64
    ) {
        self.locale = locale
        self.folder = folder
        self.name = name
        self.decoder = decoder
        self.speaker = speaker
        self.gender = gender
        self.licence = licence
        self.date = date
        self.source = source
        self.fill = fill
        self.heard = heard
        self.sounds = sounds
        self.revision = revision
    }

    /// Reads what a voice folder says of itself; its recordings are read when they are asked for.
    ///
    /// - Parameters:
    ///   - folder: the folder's path.
    ///   - name: what it is called; nil for the folder's own name.
    ///   - decoder: what reads the recordings.
    /// - Throws: ``VoicePackError`` with the line.
    public init(folder: String, name: String? = nil, decoder: any SoundDecoder) throws(VoicePackError) {
        let path = "\(folder)/\(Self.fileName)"
        let json5: String
        do throws(VoicePackError) {
            json5 = try VoicePack.text(ofFile: path)
        } catch {
            throw VoicePackError(
                .unreadable, source: path,
                problem: "\(error.problem); a voice folder is made with `speakcode voices adopt`")
        }
        let own = folder.split(separator: "/").last { $0 != "." }.map(String.init) ?? folder
        try self.init(json5: json5, source: path, folder: folder, name: name ?? own, decoder: decoder)
    }

    /// Whether a folder is a voice folder.
    public static func isVoice(_ folder: String) -> Bool {
        FileManager.default.fileExists(atPath: "\(folder)/\(fileName)")
    }

    /// The recording of a unit; nil where there is none that says what the pack says.
    package func recording(of unit: SpeechUnit, in pack: VoicePack) -> RecordingName? {
        guard let caption = pack.line(for: unit)?.caption else { return nil }
        return RecordingName.candidates(for: unit).first { sounds[$0.text]?.says == caption }
    }

    /// The voice with all of its recordings read: what becomes of its folder then makes no difference.
    ///
    /// - Throws: ``VoicePackError`` for the first that cannot be used.
    public func loaded() throws(VoicePackError) -> RecordedVoice {
        var voice = self
        for name in sounds.keys.sorted() { voice.atHand[name] = try sound(named: name) }
        return voice
    }

    /// The samples of a recording.
    ///
    /// - Throws: ``VoicePackError`` that names the file.
    package func sound(_ name: RecordingName) throws(VoicePackError) -> PCM {
        if let audio = atHand[name.text] { return audio }
        return try sound(named: name.text)
    }

    private func sound(named name: String) throws(VoicePackError) -> PCM {
        let path = "\(folder)/\(name).flac"
        func unusable(_ problem: String) -> VoicePackError { VoicePackError(.value, source: path, problem: problem) }
        guard let sound = sounds[name] else { throw unusable("is not in \(Self.fileName)") }
        let signal = try Signal(file: path, decoder: decoder, atMost: Self.longestFile)
        guard Self.rates.contains(signal.hertz), signal.duration <= Self.longestSound else {
            throw unusable("must have 8000 to 48000 samples a second and be shorter than 30 s")
        }
        let pcm = signal.pcm
        guard Self.digest(of: pcm) == sound.digest else {
            throw unusable(
                "is not the recording that was adopted; run `speakcode voices adopt` again after a change")
        }
        return pcm
    }

    /// FNV-1a over rate and samples, in hexadecimal digits: a changed or damaged recording has another.
    package static func digest(of pcm: PCM) -> String {
        let rate = UInt32(clamping: pcm.hertz)
        let head = (0..<4).map { UInt8(truncatingIfNeeded: rate >> ($0 * 8)) }
        var value = VoicePack.revision(of: head)
        for sample in pcm.samples {
            value = (value ^ UInt64(UInt16(bitPattern: sample))) &* 0x0000_0100_0000_01B3
        }
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}

extension Signal {
    /// The most bytes of a file of recordings.
    public static let longestFile = 1 << 30

    /// Reads a sound file, which must be a regular one, or a link to one.
    ///
    /// - Throws: ``VoicePackError`` that names the file.
    public init(
        file path: String, decoder: any SoundDecoder, atMost longest: Int = longestFile
    ) throws(VoicePackError) {
        let bytes = try VoicePack.bytes(ofFile: path, atMost: longest)
        do {
            self = try decoder.decode(bytes)
        } catch {
            throw VoicePackError(.value, source: path, problem: "is not a sound file that can be read: \(error)")
        }
    }
}

extension VoicePack {
    /// The pack said in a voice that somebody has lent.
    ///
    /// What the voice leaves to the engine is said by a speaker of its gender.
    ///
    /// - Returns: nil where the voice speaks another locale.
    public func spoken(by recordings: RecordedVoice) -> VoicePack? {
        guard recordings.locale == locale else { return nil }
        var pack = recordings.gender.flatMap { spoken(by: $0) } ?? self
        if let old = pack.recordings { pack.revision ^= old.revision }
        pack.recordings = recordings
        pack.revision ^= recordings.revision
        return pack
    }

    /// The pack said by its own voice.
    var spokenByEngine: VoicePack {
        guard let recordings else { return self }
        var pack = self
        pack.recordings = nil
        pack.revision ^= recordings.revision
        return pack
    }

    /// Whether the engine says anything of it, and so at what rate.
    var needsEngine: Bool { recordings?.fill != RecordedVoice.Fill.nobody }
}
