// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCode
internal import SpeakCodePackTools

extension VoiceShelf {
    /// Reads packs and voices as an operator has set them up; every recording is read, so that a caller never meets one that
    /// is not there.
    ///
    /// - Parameters:
    ///   - decoder: what reads recordings; nil where there are none.
    ///   - time: what tells when they are read.
    /// - Throws: `VoicePackError` or ``SettingsError``.
    init(
        _ settings: ServiceSettings, _ catalog: VoicePackCatalog, decoder: (any SoundDecoder)?, time: CalendarTime
    ) throws {
        var voices: [RecordedVoice] = []
        for entry in settings.recordedVoices {
            let (name, folder) = try Self.pair(entry, "recordedVoices", "name=folder, such as june=/srv/voices/june")
            guard Self.isName(name) else {
                throw SettingsError(
                    "recordedVoices",
                    "names a voice neither female nor male, and with 1 to \(AnnouncementRequest.longestWord) small letters, "
                        + "digits, hyphens")
            }
            guard let decoder else { throw SettingsError("recordedVoices", "needs something that reads recordings") }
            let voice = try RecordedVoice(folder: folder, name: name, decoder: decoder)
            guard let pack = try catalog.pack(for: "\(voice.locale)").spoken(by: voice) else {
                throw SettingsError(
                    "recordedVoices", "has a voice for \(voice.locale), of which there is no voice pack")
            }
            if let finding = voice.report(in: pack).findings.first {
                throw SettingsError("recordedVoices", "has a voice with a fault: \(folder): \(finding)")
            }
            guard !voices.contains(where: { $0.name == name && $0.locale == voice.locale }) else {
                throw SettingsError("recordedVoices", "gives \(name) two voices for \(voice.locale)")
            }
            do throws(VoicePackError) {
                voices.append(try voice.loaded())
            } catch {
                throw SettingsError("recordedVoices", "has a voice that cannot be read: \(error)")
            }
        }
        var chosen: [LanguageTag: String] = [:]
        for entry in settings.localeVoices {
            let (locale, name) = try Self.pair(entry, "localeVoices", "locale=name, such as fr-FR=june")
            guard let tag = LanguageTag(locale), voices.contains(where: { $0.name == name && $0.locale == tag }) else {
                throw SettingsError(
                    "localeVoices", "must name, for each locale, a voice of recordedVoices that speaks it")
            }
            chosen[tag] = name
        }
        try self.init(catalog, usual: settings.locale, recorded: voices, chosen: chosen, time: time)
    }

    private static func pair(
        _ entry: String, _ key: String, _ shape: String
    ) throws(SettingsError) -> (String, String) {
        let parts = entry.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { throw SettingsError(key, "must be a list of \(shape)") }
        return (parts[0], parts[1])
    }

    private static func isName(_ name: String) -> Bool {
        EngineVoice.Gender(rawValue: name) == nil && (1...AnnouncementRequest.longestWord).contains(name.utf8.count)
            && name.utf8.allSatisfy { "abcdefghijklmnopqrstuvwxyz0123456789-".utf8.contains($0) }
    }
}
