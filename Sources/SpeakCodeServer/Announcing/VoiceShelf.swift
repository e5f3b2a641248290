// SPDX-License-Identifier: GPL-3.0-or-later

internal import FoundationEssentials
public import SpeakCode

/// The packs of a service, all of them read and found sound before the first request.
public struct VoiceShelf: Sendable {
    private let packs: [LanguageTag: VoicePack]
    /// The locales of the packs.
    let locales: [LanguageTag]
    /// The pack for callers who name no locale.
    public let usual: VoicePack
    /// When the packs were read, in seconds since 1970.
    let read = Int(Date().timeIntervalSince1970)

    /// Reads the packs of a catalogue.
    ///
    /// - Parameters:
    ///   - catalog: where they are.
    ///   - locale: the locale for callers who name none.
    /// - Throws: `VoicePackError` for the first pack that is broken, or for a locale without one.
    public init(_ catalog: VoicePackCatalog, usual locale: String) throws(VoicePackError) {
        let all = try catalog.packs()
        packs = Dictionary(all.map { ($0.locale, $0) }, uniquingKeysWith: { first, _ in first })
        locales = catalog.locales
        usual = try catalog.pack(for: locale)
    }

    /// The pack of just this locale.
    subscript(locale: LanguageTag) -> VoicePack? { packs[locale] }

    /// The pack of the best locale for a wanted one, by BCP 47 lookup; nil where no pack's language is its language.
    ///
    /// - Parameter kin: whether a language that its speakers understand is good enough.
    func pack(for wanted: LanguageTag, orAmongKin kin: Bool) -> VoicePack? {
        packs[wanted] ?? wanted.lookup(in: locales, orAmongKin: kin).flatMap { packs[$0] }
    }
}
