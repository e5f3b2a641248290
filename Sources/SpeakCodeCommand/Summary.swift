// SPDX-License-Identifier: GPL-3.0-or-later

internal import FoundationEssentials
internal import SpeakCode
internal import SpeakCodeEspeak

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// What was made, for programs and testers; never the code.
struct Summary: Encodable {
    let locale: String
    let voice: String
    let engine: String
    let format: String
    let sampleRate: Int
    let rendition: String
    let readings: Int
    let duration: Double
    let byteCount: Int
    let activeLevel: Double
    let peak: Double
    let file: String?
    /// Nil where there is nothing to warn of.
    let warnings: [String]?

    /// Tells of a rendition.
    ///
    /// Levels are those of the linear samples at the rendition's rate, before any lossy coding, of all that the voice could
    /// have said in the code's place: those of the code alone would tell which it is.
    init(
        of rendition: Rendition, _ plan: SpeakPlan, reader: CodeReader
    ) async throws(BankError) {
        let rate = rendition.format.sampleRate
        let level = try await reader.level(of: plan.script, voice: plan.voice, at: rate)
        locale = plan.script.pack.locale.description
        let recordings = plan.script.packs.lazy.compactMap(\.recordings).first
        voice = recordings?.name ?? ([plan.voice.name] + [plan.voice.variant].compactMap(\.self)).joined(separator: "+")
        engine =
            plan.script.packs.allSatisfy { $0.recordings?.fill == RecordedVoice.Fill.nobody }
            ? "recordings" : "eSpeak NG " + ((try? EspeakEngine.version()) ?? "unknown")
        format = rendition.format.kind.rawValue
        sampleRate = rate.hertz
        self.rendition = plan.script.delivery.name
        readings = rendition.readings
        duration = Double(rendition.timeline.sampleCount) / Double(rate.hertz)
        byteCount = rendition.byteCount
        activeLevel = Self.hundredths(level.active.dBov)
        peak = Self.hundredths(Self.decibels(level.peak))
        warnings = plan.warnings.isEmpty ? nil : plan.warnings
        file = if case .file(let file) = plan.destination { file.path } else { nil }
    }

    /// One JSON object in one line, keys in alphabetical order.
    var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Numbers and texts always encode.
        return String(decoding: (try? encoder.encode(self)) ?? Data(), as: UTF8.self)
    }

    private static func decibels(_ amplitude: Float) -> Double {
        guard amplitude > 0 else { return -100 }
        return 20 * log10(Double(amplitude))
    }

    private static func hundredths(_ value: Double) -> Double { (value * 100).rounded() / 100 }
}
