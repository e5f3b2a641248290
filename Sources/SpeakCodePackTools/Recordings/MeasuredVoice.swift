// SPDX-License-Identifier: GPL-3.0-or-later

public import SpeakCode

/// How well a voice's codes are heard: `scripts/intelligibility recorded`, and docs/intelligibility.md, which a test holds to it.
public struct MeasuredVoice: Hashable, Sendable {
    /// The locale in which it was heard.
    public let locale: String
    /// A folder of `voices/recorded`, or of Asterisk's prompts; nil for the engine's own voice.
    public let name: String?
    /// Of ``codes`` random codes, those that were written down whole on a line that loses nothing.
    public let clean: Int
    /// The same on a line that loses a tenth of its packets.
    public let lossy: Int

    /// Who listened.
    public static let ear = "whisper base"
    /// The codes of each voice on each line.
    public static let codes = 100

    /// All that was measured, the engine's own voice first in each locale.
    public static let all: [MeasuredVoice] = [
        .init("de-DE", nil, 23, 15), .init("de-DE", "de-pico", 92, 73),
        .init("en-US", nil, 99, 98), .init("en-US", "en_US_f_Allison", 100, 100),
        .init("es-ES", nil, 83, 52), .init("es-ES", "es-pico", 100, 96), .init("es-ES", "es_MX_f_Allison", 96, 92),
        .init("fr-FR", nil, 0, 0), .init("fr-FR", "fr-pico", 83, 80), .init("fr-FR", "fr_CA_f_June", 97, 90),
        .init("it-IT", nil, 88, 74), .init("it-IT", "it-pico", 90, 87), .init("it-IT", "it_IT_m_Carlo", 100, 100),
        .init("ja-JP", nil, 12, 11), .init("ja-JP", "ja-kumo", 80, 81),
        .init("ru-RU", nil, 0, 1), .init("ru-RU", "ru-nsh", 94, 84), .init("ru-RU", "ru_RU_f_IvrvoiceRU", 97, 98),
    ]

    private init(_ locale: String, _ name: String?, _ clean: Int, _ lossy: Int) {
        (self.locale, self.name, self.clean, self.lossy) = (locale, name, clean, lossy)
    }

    /// The engine's own voice in the same locale.
    public var engine: MeasuredVoice? { Self.all.first { $0.locale == locale && $0.name == nil } }

    /// Whether it is heard better than the engine's voice: on the line that loses nothing their intervals part.
    public var isBetter: Bool { engine.map { interval.lowerBound > $0.interval.upperBound } ?? false }

    /// What was measured of a recorded voice, by its own name or by that of the prompts that it was adopted from.
    public static func of(_ voice: RecordedVoice) -> MeasuredVoice? {
        let prompts = voice.source?.split(separator: "/").last.map(String.init)
        return all.first { row in
            guard let name = row.name else { return false }
            return name == prompts || name == voice.name && row.locale == voice.locale.description
        }
    }

    /// Wilson's interval of the share of codes that were right, at 95 %.
    private var interval: ClosedRange<Double> {
        let (n, z) = (Double(Self.codes), 1.96)
        let share = Double(clean) / n
        let middle = (share + z * z / (2 * n)) / (1 + z * z / n)
        let half = z * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot() / (1 + z * z / n)
        return middle - half...middle + half
    }
}
