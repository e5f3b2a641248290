// SPDX-License-Identifier: GPL-3.0-or-later

internal import VoicePackTree

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

extension VoicePack {
    /// Makes a pack of a voice for which nobody has written one: figures, as the voice reads them, and nothing else.
    ///
    /// Whether they are understood is for ``PackChecker`` to say. Every usual template is the code alone.
    ///
    /// - Returns: nil for a voice whose name no engine takes.
    public init?(digitsOnly voice: ListedVoice) {
        let digits = Dictionary(uniqueKeysWithValues: (0...9).map { ("\($0)", PackValue.text("\($0)")) })
        let code = PackValue.object(["first": .list([.text("{code}")]), "again": .list([.text("{code}")])])
        let templates = Self.usualTemplates.map { ($0.name, code) }
        let spoken = EngineVoice.telephone(voice.identifier)
        let value = PackValue.object([
            "locale": .text(voice.locale.description),
            "name": .text(voice.name),
            "checkedBy": .text("no native speaker; the voice's own digits"),
            "engine": .object([
                "voice": .text(spoken.name), "variant": .text(spoken.variant ?? ""),
                "rate": .number(Double(spoken.rate)), "pitch": .number(Double(spoken.pitch)),
                "range": .number(Double(spoken.range)),
            ]),
            "phrases": .object([:]),
            "templates": .object(Dictionary(uniqueKeysWithValues: templates)),
            "digits": .object(["standard": .object(digits)]),
        ])
        guard let pack = try? VoicePack(value, source: "\(voice.locale).json5") else { return nil }
        self = pack
    }

    /// Whether the pack says nothing but digits.
    public var isDigitsOnly: Bool { phrases.isEmpty && letters.isEmpty }
}

/// The voices of an engine for which there is no pack, each tried before it is used: a locale of digits only.
///
/// What a newer engine says better is found without a change here. A voice is asked once in a process's life.
public actor DigitsOnlyVoices {
    private let engine: any SpeechEngine & VoiceListing
    private var listed: [ListedVoice]?
    private var listing: Task<Result<[ListedVoice], EngineError>, Never>?
    private var tried: [LanguageTag: Task<Outcome, Never>] = [:]

    /// What became of a voice.
    public enum Outcome: Sendable {
        /// It says ten digits that can be told apart.
        case pack(VoicePack, PackChecker.Report)
        /// It does not.
        case faults([PackChecker.Finding])
        /// It could not be asked.
        case failed(EngineError)
    }

    /// Knows no voice yet.
    public init(engine: any SpeechEngine & VoiceListing) {
        self.engine = engine
    }

    /// The voices whose language no pack speaks.
    ///
    /// - Parameter locales: the locales of the packs.
    /// - Throws: ``EngineError``.
    public func voices(beside locales: [LanguageTag]) async throws(EngineError) -> [ListedVoice] {
        let covered = Set(locales.map(\.language))
        let all = try await listedVoices()
        return all.filter {
            !covered.contains($0.locale.canonical.language)
        }
    }

    /// The voice that speaks a language, after it was tried; nil where there is none.
    ///
    /// - Throws: ``EngineError`` where voices cannot be listed.
    public func outcome(
        for wanted: LanguageTag, beside locales: [LanguageTag]
    ) async throws(EngineError) -> Outcome? {
        let voices = try await voices(beside: locales)
        guard let locale = wanted.lookup(in: voices.map(\.locale), orAmongKin: false),
            let voice = voices.first(where: { $0.locale == locale })
        else { return nil }
        return await outcome(of: voice)
    }

    /// Tries a voice.
    public func outcome(of voice: ListedVoice) async -> Outcome {
        if let task = tried[voice.locale] { return await task.valueUnlessCancelled() ?? Self.cancelled }
        let task = Task { [engine] () -> Outcome in
            guard let pack = VoicePack(digitsOnly: voice) else { return .faults([]) }
            do throws(EngineError) {
                let report = try await PackChecker(engine: engine).report(on: pack)
                return report.faults.isEmpty ? .pack(pack, report) : .faults(report.faults)
            } catch {
                return .failed(error)
            }
        }
        tried[voice.locale] = task
        Task {
            // Who asked may be gone by then.
            if case .failed = await task.value { tried[voice.locale] = nil }
        }
        return await task.valueUnlessCancelled() ?? Self.cancelled
    }

    private static let cancelled = Outcome.failed(EngineError(.failed, "nobody waited for the engine any more"))

    /// The engine's voices, for which it is asked once for all who want them at the same time.
    private func listedVoices() async throws(EngineError) -> [ListedVoice] {
        if let listed { return listed }
        let task =
            listing
            ?? Task {
                do throws(EngineError) {
                    let voices = try await engine.voices()
                    (listed, listing) = (voices, nil)
                    return .success(voices)
                } catch {
                    listing = nil
                    return .failure(error)
                }
            }
        listing = task
        guard let outcome = await task.valueUnlessCancelled() else {
            throw EngineError(.failed, "nobody waited for the engine any more")
        }
        return try outcome.get()
    }
}
