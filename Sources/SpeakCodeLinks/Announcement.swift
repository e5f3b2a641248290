// SPDX-License-Identifier: GPL-3.0-or-later

package import SpeakCode

/// What a link carries: all that is needed to say the same again, on any replica.
///
/// It does not show itself, since the code is in it.
package struct Announcement: Hashable, Sendable {
    /// What is said.
    package enum Content: Hashable, Sendable {
        /// The code.
        case code(VerificationCode, Wording)
        /// The code of an authenticator's app, whichever it is at the time of each reading.
        case totp(TOTP, Wording)
        /// The sentence that asks for a key press, without any code.
        case gate(Register?)

        /// Which words are said; nil of a gate.
        package var wording: Wording? {
            switch self {
            case .code(_, let wording), .totp(_, let wording): wording
            case .gate: nil
            }
        }
    }

    package var content: Content
    /// The locale of the pack that it was made with.
    package var locale: LanguageTag
    /// The locale of a second pack, which is read in turn with the first.
    package var second: LanguageTag?
    /// Nil for the packs' own.
    package var gender: EngineVoice.Gender?
    /// The operator's name of a voice that somebody has lent; nil for the packs' own.
    package var voice: String?
    package var pacing: RequestedPacing
    /// Whether it is read aloud, or written as the tones of a text telephone.
    package var delivery: Delivery
    /// The most readings of a finite representation.
    package var readings: Int
    /// The longest duration of a finite representation, in seconds.
    package let longest: Int
    /// When it was made and when it ends, in seconds since 1970.
    package let issued: Int
    package var expires: Int
    /// Of the link to a call; nil of a link to audio.
    package var call: CallState?

    package init(
        content: Content, locale: LanguageTag, second: LanguageTag? = nil, gender: EngineVoice.Gender? = nil,
        voice: String? = nil, pacing: RequestedPacing, delivery: Delivery = .spoken, readings: Int, longest: Int,
        issued: Int, expires: Int,
        call: CallState? = nil
    ) {
        (self.content, self.locale, self.second) = (content, locale, second)
        (self.gender, self.voice, self.pacing, self.delivery) = (gender, voice, pacing, delivery)
        (self.readings, self.longest) = (readings, longest)
        (self.issued, self.expires, self.call) = (issued, expires, call)
    }
}

extension Announcement {
    /// The code of each reading, where it changes.
    ///
    /// - Parameters:
    ///   - time: since 1970 by UTC, whenever it is asked.
    ///   - ahead: how much later a reading is heard than it is laid out.
    package func codes(
        at time: @escaping @Sendable () -> Duration, ahead: Duration = .zero
    ) -> NextCode.Source? {
        guard case .totp(let totp, _) = content else { return nil }
        return { totp.next(at: time() + ahead) }
    }

    /// Whether what is said depends on when it is heard, so that no file can have it.
    package var changes: Bool {
        if case .totp = content { true } else { false }
    }
}

extension Announcement: CustomStringConvertible, CustomReflectable {
    package var description: String { "Announcement(\(locale))" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// A pacing as it is asked for: a name, and what differs from it.
package struct RequestedPacing: Hashable, Sendable {
    package var preset: Pacing.Preset
    /// Silences in milliseconds, where they are not the preset's: between symbols, groups, readings.
    package var symbol: Int?
    package var group: Int?
    package var reading: Int?
    /// The voice's rate in per cent of the pacing's own.
    package var rate: Int?

    package init(
        preset: Pacing.Preset = .normal, symbol: Int? = nil, group: Int? = nil, reading: Int? = nil, rate: Int? = nil
    ) {
        (self.preset, self.symbol, self.group, self.reading, self.rate) = (preset, symbol, group, reading, rate)
    }

    /// The numbers that may be asked for.
    package static let silences = 0...10_000
    package static let rates = 50...150

    /// The pacing in a pack's terms.
    package func pacing(of pack: VoicePack) -> Pacing {
        var pacing = Pacing(preset, pauses: pack.pauses).mapPaces { pace in
            if let symbol { pace.pauses.symbol = .milliseconds(symbol) }
            if let group { pace.pauses.group = .milliseconds(group) }
            if let reading { pace.pauses.reading = .milliseconds(reading) }
        }
        if let rate { pacing.rate *= Double(rate) / 100 }
        return pacing
    }
}
