// SPDX-License-Identifier: GPL-3.0-or-later

/// A voice that an engine has, as the engine names it.
public struct ListedVoice: Hashable, Sendable {
    /// The voice's file, such as `poz/mi`.
    public let identifier: String
    /// The voice's name in English, such as `Māori`.
    public let name: String
    /// Its language.
    public let locale: LanguageTag

    /// Describes a voice.
    public init(identifier: String, name: String, locale: LanguageTag) {
        self.identifier = identifier
        self.name = name
        self.locale = locale
    }
}

/// Something that can say which voices it has.
public protocol VoiceListing: Sendable {
    /// The voices, one for each language, in the order of their locales.
    ///
    /// - Throws: ``EngineError``.
    func voices() async throws(EngineError) -> [ListedVoice]
}
