// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCode

/// What a link carries: all that is needed to say the same again, on any replica.
///
/// It does not show itself, since the code is in it.
struct Announcement: Hashable, Sendable {
    /// What is said.
    enum Content: Hashable, Sendable {
        /// The code.
        case code(VerificationCode, Wording)
        /// The sentence that asks for a key press, without any code.
        case gate(Register?)
    }

    var content: Content
    /// The locale of the pack that it was made with.
    var locale: LanguageTag
    /// The locale of a second pack, which is read in turn with the first.
    var second: LanguageTag?
    /// Nil for the packs' own.
    var gender: EngineVoice.Gender?
    /// The operator's name of a voice that somebody has lent; nil for the packs' own.
    var voice: String?
    var pacing: RequestedPacing
    /// The most readings of a finite representation.
    var readings: Int
    /// The longest duration of a finite representation, in seconds.
    let longest: Int
    /// When it was made and when it ends, in seconds since 1970.
    let issued: Int
    var expires: Int
    /// Of the link to a call; nil of a link to audio.
    var call: CallTerms?
}

extension Announcement: CustomStringConvertible, CustomReflectable {
    var description: String { "Announcement(\(locale))" }
    var customMirror: Mirror { Mirror(self, children: []) }
}

/// A pacing as it is asked for: a name, and what differs from it.
struct RequestedPacing: Hashable, Sendable {
    var preset: Pacing.Preset = .normal
    /// Silences in milliseconds, where they are not the preset's: between symbols, groups, readings.
    var symbol: Int?
    var group: Int?
    var reading: Int?
    /// The voice's rate in per cent of the pacing's own.
    var rate: Int?

    /// The numbers that may be asked for.
    static let silences = 0...10_000
    static let rates = 50...150

    /// The pacing in a pack's terms.
    func pacing(of pack: VoicePack) -> Pacing {
        var pacing = Pacing(preset, pauses: pack.pauses).mapPaces { pace in
            if let symbol { pace.pauses.symbol = .milliseconds(symbol) }
            if let group { pace.pauses.group = .milliseconds(group) }
            if let reading { pace.pauses.reading = .milliseconds(reading) }
        }
        if let rate { pacing.rate *= Double(rate) / 100 }
        return pacing
    }
}
