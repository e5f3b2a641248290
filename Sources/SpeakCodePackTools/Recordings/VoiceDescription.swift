// SPDX-License-Identifier: GPL-3.0-or-later

internal import FoundationEssentials
public import SpeakCode

/// What a voice folder says of itself, as it is written when recordings are adopted.
public struct VoiceDescription: Hashable, Sendable {
    /// The locale that it speaks.
    public var locale: LanguageTag
    /// Who spoke.
    public var speaker: String
    /// The speaker's gender, where it is known.
    public var gender: EngineVoice.Gender?
    /// Under which licence the recordings may be used.
    public var licence: String
    /// When it was adopted, such as `2026-11-30`.
    public var date: String
    /// Where it comes from, where that is known.
    public var source: String?
    /// Who says what is not recorded.
    public var fill: RecordedVoice.Fill

    /// Describes a voice.
    public init(
        locale: LanguageTag, speaker: String, gender: EngineVoice.Gender? = nil, licence: String, date: String,
        source: String? = nil, fill: RecordedVoice.Fill = .nobody
    ) {
        self.locale = locale
        self.speaker = speaker
        self.gender = gender
        self.licence = licence
        self.date = date
        self.source = source
        self.fill = fill
    }

    /// The text of `RecordedVoice.fileName` for some sounds.
    public func json5(of sounds: [Adoption.Sound]) -> String {
        var lines = [
            "// A voice for speakcode, written by `speakcode voices adopt`; docs/voices.md explains it.", "{",
            "  locale: \(Self.quoted(locale.description)),", "  speaker: \(Self.quoted(speaker)),",
        ]
        if let gender { lines.append("  gender: \(Self.quoted(gender.rawValue)),") }
        lines += ["  licence: \(Self.quoted(licence)),", "  date: \(Self.quoted(date)),"]
        if let source { lines.append("  source: \(Self.quoted(source)),") }
        if fill != .nobody {
            lines += ["  // What is not recorded is said by eSpeak NG.", "  fill: \(Self.quoted(fill.rawValue)),"]
        }
        lines += [
            "  // `says` is what is heard: where a voice pack has other words by now, the recording is not used.",
            "  sounds: {",
        ]
        for sound in sounds.sorted(by: { $0.name.text < $1.name.text }) {
            lines.append(
                "    \(Self.quoted(sound.name.text)): { says: \(Self.quoted(sound.caption)), digest: "
                    + "\(Self.quoted(RecordedVoice.digest(of: sound.audio))) },")
        }
        return (lines + ["  },", "}", ""]).joined(separator: "\n")
    }

    private static func quoted(_ text: String) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        // A text always encodes.
        return String(decoding: (try? encoder.encode(text)) ?? Data(), as: UTF8.self)
    }
}
