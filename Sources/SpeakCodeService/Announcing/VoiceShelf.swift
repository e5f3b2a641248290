// SPDX-License-Identifier: GPL-3.0-or-later

package import SpeakCode

/// The packs of a service, all of them read and found sound before the first request, and the voices that people have lent.
package struct VoiceShelf: Sendable {
    private let packs: [LanguageTag: VoicePack]
    /// The voices that somebody has lent, by the operator's names and their locales.
    private let recorded: [String: [LanguageTag: RecordedVoice]]
    /// The locales of the packs.
    let locales: [LanguageTag]
    /// The pack for callers who name no locale.
    package let usual: VoicePack
    /// When the packs were read, in seconds since 1970.
    let read: Int

    /// Reads the packs of a catalogue.
    ///
    /// - Parameters:
    ///   - catalog: where they are.
    ///   - locale: the locale for callers who name none.
    ///   - recorded: voices that somebody has lent.
    ///   - chosen: which of them, by name, speaks a locale where nobody chooses.
    ///   - time: what tells when they are read.
    /// - Throws: `VoicePackError` for the first pack that is broken, or for a locale without one.
    package init(
        _ catalog: VoicePackCatalog, usual locale: String, recorded: [RecordedVoice] = [],
        chosen: [LanguageTag: String] = [:], time: CalendarTime
    ) throws(VoicePackError) {
        read = time.now
        self.recorded = Dictionary(grouping: recorded, by: \.name).mapValues { voices in
            Dictionary(voices.map { ($0.locale, $0) }, uniquingKeysWith: { first, _ in first })
        }
        let voices = self.recorded
        let all = try catalog.packs().map { pack in
            chosen[pack.locale].flatMap { voices[$0]?[pack.locale] }.flatMap(pack.spoken(by:)) ?? pack
        }
        packs = Dictionary(all.map { ($0.locale, $0) }, uniquingKeysWith: { first, _ in first })
        locales = catalog.locales
        let usual = try catalog.pack(for: locale)
        self.usual = packs[usual.locale] ?? usual
    }

    /// The pack of just this locale.
    subscript(locale: LanguageTag) -> VoicePack? { packs[locale] }

    /// The pack of the best locale for a wanted one, by BCP 47 lookup; nil where no pack's language is its language.
    ///
    /// - Parameter fallback: whether a language that its speakers understand is good enough.
    func pack(for wanted: LanguageTag, allowingFallback fallback: Bool) -> VoicePack? {
        packs[wanted] ?? wanted.lookup(in: locales, allowingFallback: fallback).flatMap { packs[$0] }
    }

    /// The operator's names of voices that somebody has lent.
    var names: [String] { recorded.keys.sorted() }

    /// The locales that a voice of the operator's speaks, in alphabetical order; nil for a name that is none.
    func locales(of name: String) -> [LanguageTag]? {
        recorded[name].map { $0.keys.sorted { $0.description < $1.description } }
    }

    /// A pack spoken by a voice of the operator's; nil where it speaks another language.
    func pack(_ pack: VoicePack, spokenBy name: String) -> VoicePack? {
        recorded[name]?[pack.locale].flatMap(pack.spoken(by:))
    }
}
