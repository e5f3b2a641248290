// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCode
internal import SpeakCodeEspeak
internal import SpeakCodePackTools

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Finds the pack for a locale: of its language, else the engine's own digits, else a language that is understood there.
struct PackSearch {
    let catalog: VoicePackCatalog
    /// A voice that somebody has lent, for the language that it speaks.
    var recorded: RecordedVoice?
    let isQuiet: Bool

    /// Finds a pack, and tells of one that is not of the language that was asked for.
    ///
    /// - Throws: `VoicePackError` or ``Failure``, with what is wrong with the engine's own voice where there is one.
    func pack(for wanted: String) async throws -> VoicePack {
        if let recorded, LanguageTag(wanted)?.lookup(in: [recorded.locale], allowingFallback: false) != nil {
            return try recorded.pack(in: catalog)
        }
        let unknown: VoicePackError
        do throws(VoicePackError) {
            return try catalog.pack(for: wanted, allowingFallback: false)
        } catch {
            unknown = error
        }
        guard unknown.reason == .unknownLocale, let tag = LanguageTag(wanted) else { throw unknown }
        let voices = DigitsOnlyVoices(engine: EngineProcess.ofThisProgram)
        var faults: [PackChecker.Finding] = []
        switch try await voices.outcome(for: tag, beside: catalog.locales) {
        case .pack(let pack, _):
            say("no voice pack speaks \(tag); eSpeak NG's own digits are read, without a sentence")
            return pack
        case .faults(let found): faults = found
        case .failed(let error): throw error
        case nil: break
        }
        if let pack = try? catalog.pack(for: wanted) {
            say("no voice speaks \(tag); \(pack.locale) is read, which is understood there")
            return pack
        }
        guard let fault = faults.first else { throw unknown }
        throw Failure(
            EX_DATAERR,
            "eSpeak NG's voice for \(tag) is not understood: \(fault)\(faults.count > 1 ? ", and more" : "")")
    }

    private func say(_ text: String) {
        if !isQuiet { Terminal.say(text) }
    }
}

extension RecordedVoice {
    /// The pack whose words the voice says, said by it.
    ///
    /// - Throws: `VoicePackError` or ``Failure`` where no pack has its locale.
    func pack(in catalog: VoicePackCatalog) throws -> VoicePack {
        guard let pack = try catalog.pack(for: locale.description, allowingFallback: false).spoken(by: self) else {
            throw Failure(EX_DATAERR, "\(folder)/\(Self.fileName): there is no voice pack for \(locale)")
        }
        return pack
    }
}
