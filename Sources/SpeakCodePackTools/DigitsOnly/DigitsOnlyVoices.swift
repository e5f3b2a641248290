// SPDX-License-Identifier: GPL-3.0-or-later

public import SpeakCode

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
    /// - Throws: `EngineError`.
    public func voices(beside locales: [LanguageTag]) async throws(EngineError) -> [ListedVoice] {
        let covered = Set(locales.map(\.language))
        let all = try await listedVoices()
        return all.filter {
            !covered.contains($0.locale.canonical.language)
        }
    }

    /// The voice that speaks a language, after it was tried; nil where there is none.
    ///
    /// - Throws: `EngineError` where voices cannot be listed.
    public func outcome(
        for wanted: LanguageTag, beside locales: [LanguageTag]
    ) async throws(EngineError) -> Outcome? {
        let voices = try await voices(beside: locales)
        guard let locale = wanted.lookup(in: voices.map(\.locale), allowingFallback: false),
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
