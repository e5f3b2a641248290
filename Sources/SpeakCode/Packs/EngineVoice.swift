// SPDX-License-Identifier: GPL-3.0-or-later

/// How a speech engine is to sound: which of its voices, how fast, how high, how lively.
///
/// The numbers are eSpeak NG's own (`espeak_PARAMETER` in `speak_lib.h`).
public struct EngineVoice: Hashable, Sendable, Codable {
    /// The rates that the engine takes, in words a minute.
    public static let rates = 80...450
    /// The pitches and pitch ranges that the engine takes.
    public static let pitches = 0...99
    /// The speeds that the engine takes, in per cent.
    public static let speeds = 50...200

    /// The voice's name or its file below the engine's data, such as `gmw/en-US` or `ja`.
    public var name: String
    /// The variant that changes the voice's sound and not its language, such as `m3`, or one of SpeakCode's own, such as
    /// `speakcode-male`; nil for none.
    public var variant: String?
    /// Speaking rate in words a minute, 80 to 450.
    public var rate: Int
    /// Base pitch, 0 to 99; 50 is the engine's default.
    public var pitch: Int
    /// Pitch range, 0 (monotone) to 99; 50 is the engine's default.
    public var range: Int
    /// How fast the voice is at its rate, 50 to 200 per cent; nil is as fast as its language's own file has it, which differs
    /// between versions of the engine.
    public var speed: Int?

    /// The calm male voice of the built-in packs, for a language of the engine.
    package static func telephone(_ name: String) -> EngineVoice {
        EngineVoice(name: name, variant: "speakcode-male", rate: 136, pitch: 44, range: 72)
    }

    /// Describes a voice.
    public init(
        name: String, variant: String? = nil, rate: Int = 175, pitch: Int = 50, range: Int = 50, speed: Int? = nil
    ) {
        self.name = name
        self.variant = variant
        self.rate = rate
        self.pitch = pitch
        self.range = range
        self.speed = speed
    }

    /// A voice's gender, as SSML 1.1 has it in `<voice gender="female">` (section 3.2.1).
    public enum Gender: String, CaseIterable, Sendable {
        case female, male
    }

    /// The same voice as a woman or a man has it.
    ///
    /// - Returns: nil for a voice that has no counterpart.
    func spoken(by gender: Gender) -> EngineVoice? {
        guard let pair = Self.pairs.first(where: { $0.female == variant || $0.male == variant }) else { return nil }
        var voice = self
        voice.variant = gender == .female ? pair.female : pair.male
        return voice
    }

    /// The variants that packs speak in; the last pair, eSpeak NG's own, in languages with tones.
    private static let pairs = [
        (male: "speakcode-male", female: "speakcode-female"), (male: "speakcode-male-en", female: "speakcode-female"),
        (male: "m3", female: "f2"),
    ]

    /// The voice spoken faster or slower, within the rates that the engine takes.
    ///
    /// - Parameter factor: 1 leaves the rate as it is, 0.9 is a tenth slower.
    public func rate(times factor: Double) -> EngineVoice {
        var voice = self
        guard factor.isFinite else { return voice }
        let rate = (Double(rate) * factor).rounded()
        voice.rate = Int(min(max(rate, Double(Self.rates.lowerBound)), Double(Self.rates.upperBound)))
        return voice
    }
}
