// SPDX-License-Identifier: GPL-3.0-or-later

internal import HTTPTypes
internal import SpeakCode
internal import SpeakCodeGateways
internal import SpeakCodeService

/// What the bench knows of voice packs.
enum BenchPacks {
    private struct Pack: Encodable {
        let locale: String
        let name: String
        let styles: [String]
        let templates: [String]
    }

    /// All languages, and in which ways each says digits.
    static func list() -> SiteAnswer {
        let packs = (try? VoicePackCatalog.builtIn.packs()) ?? []
        return .json(
            packs.map { pack in
                Pack(
                    locale: "\(pack.locale)", name: pack.name, styles: Set(pack.digits.keys).sorted(),
                    templates: pack.templates.keys.sorted())
            })
    }

    private struct Line: Encodable {
        let place: String
        let text: String
    }

    /// The sentences and digits of a language, as they stand in captions.
    static func lines(of locale: String?) -> SiteAnswer {
        guard let pack = pack(locale) else { return .text(.notFound, "There is no such language") }
        var known: Set<String> = []
        let lines = pack.units.compactMap { unit -> Line? in
            guard ["phrases.", "digits.", "letters."].contains(where: unit.path.hasPrefix),
                known.insert(unit.path).inserted,
                let line = pack.line(for: unit), line.slots.isEmpty
            else { return nil }
            return Line(place: unit.path, text: line.caption)
        }
        return .json(lines)
    }

    /// One of them, as a WAVE.
    static func hear(_ query: FormFields, _ service: SiteService) async -> SiteAnswer {
        guard let pack = pack(query["locale"]), let place = query["place"], place.utf8.count < 100,
            let rendition = try? await service.hearing([place], of: pack)
        else { return .text(.notFound, "There is no such line") }
        var bytes: [UInt8] = []
        for slice in rendition.slices { bytes += slice }
        return SiteAnswer(.ok, headers: [.contentType: "audio/wav", .cacheControl: "no-store"], body: bytes)
    }

    private static func pack(_ locale: String?) -> VoicePack? {
        guard let locale, VoicePackCatalog.builtIn.locales.contains(where: { "\($0)" == locale }) else { return nil }
        return try? VoicePackCatalog.builtIn.pack(for: locale)
    }
}
