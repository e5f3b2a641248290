// SPDX-License-Identifier: GPL-3.0-or-later

internal import Synchronization

/// The units of one pack in one voice: spoken once, trimmed, levelled, resampled, coded, kept.
///
/// A bank holds phrases, digits and letters, never a code. Callers that want the same unit at the same time wait for
/// the same engine; each unit is spoken once in a bank's life.
package actor Bank {
    private let pack: VoicePack
    private let voice: EngineVoice
    private let engine: any SpeechEngine
    private let conditioner: UnitConditioner
    private let encoder: any SoundEncoder
    private let prefetch: PrefetchPolicy
    private let retry: RetryPolicy
    private let clock: any Clock<Duration>
    private let grew: @Sendable (Bank, Int) -> Void

    private var spoken: [SpeechUnit: Sound] = [:]
    private var speaking: [SpeechUnit: Task<BankError?, Never>] = [:]
    /// What the engine says wrong, and will again: it is not asked a second time.
    private var misspoken: [SpeechUnit: Misspeaking] = [:]
    /// The phonemes of symbols, bare of stress.
    private var words: [SpeechUnit: String] = [:]
    /// Made by the bank alone, and read by callers who do not wait.
    private let made = Mutex<[ClipFormat: Made]>([:])
    private var failure: Failure?

    /// A unit as it was said or recorded.
    private struct Sound {
        let audio: PCM
        let origin: UnitConditioner.Origin
    }

    private struct Made {
        var clips: [SpeechUnit: Clip] = [:]
        /// Of the alphabets whose clips are all there.
        var slots: [Alphabet: TimeSlots] = [:]
    }

    private struct Failure {
        let error: EngineError
        let rest: Duration
        let left: @Sendable () -> Duration
    }

    /// Opens an empty bank.
    ///
    /// - Parameters:
    ///   - pack: the words.
    ///   - voice: how they sound; nil is the pack's own voice.
    ///   - engine: what speaks.
    ///   - resampler: what changes the engine's rate.
    ///   - encoder: what codes samples.
    ///   - prefetch: how much is spoken when a unit is missing.
    ///   - retry: when a failed engine is asked again.
    ///   - clock: what `retry` waits by.
    package init(
        pack: VoicePack, voice: EngineVoice? = nil, engine: any SpeechEngine, resampler: any Resampler,
        encoder: any SoundEncoder, prefetch: PrefetchPolicy = .section, retry: RetryPolicy = .usual,
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.init(
            pack: pack, voice: voice, engine: engine, resampler: resampler, encoder: encoder, prefetch: prefetch,
            retry: retry, clock: clock
        ) { _, _ in }
    }

    /// - Parameter grew: told how many bytes of sound have come to it.
    init(
        pack: VoicePack, voice: EngineVoice?, engine: any SpeechEngine, resampler: any Resampler,
        encoder: any SoundEncoder, prefetch: PrefetchPolicy, retry: RetryPolicy, clock: any Clock<Duration>,
        grew: @escaping @Sendable (Bank, Int) -> Void
    ) {
        self.grew = grew
        self.pack = pack
        self.voice = voice ?? pack.voice
        self.engine = engine
        self.encoder = encoder
        self.prefetch = prefetch
        self.retry = retry
        self.clock = clock
        conditioner = UnitConditioner(resampler: resampler)
    }

    /// The clips of some units.
    ///
    /// - Throws: ``BankError``. A failure of the engine is this bank's alone. What the engine says wrong is never a clip.
    ///   A caller whose task is cancelled does not wait for the engine; what it has been asked goes on for the others.
    package func clips(of units: [SpeechUnit], in format: ClipFormat) async throws(BankError) -> [SpeechUnit: Clip] {
        if let made = made.withLock({ $0[format]?.clips }), units.allSatisfy({ made[$0] != nil }) {
            // Each was good for itself.
            try refuseMisspoken(units)
            return made
        }
        try await speak(units)
        return try makeClips(of: units, in: format)
    }

    /// Lets the clips of a format go; they are made again when they are wanted.
    ///
    /// - Returns: how many bytes they had.
    nonisolated func letGo(_ format: ClipFormat) -> Int {
        let gone = made.withLock { $0.removeValue(forKey: format)?.clips } ?? [:]
        return gone.values.reduce(0) { $0 + $1.bytes.count }
    }

    /// The clips that a part of a script needs, and its slots.
    ///
    /// Later it throws ``BankError``, as ``clips(of:in:)`` does.
    nonisolated func voicing(of need: Script.Need, in format: ClipFormat) -> Eventual<Voicing, BankError> {
        if let made = made.withLock({ $0[format] }), need.units.allSatisfy({ made.clips[$0] != nil }) {
            guard let alphabet = need.alphabet else { return .now(Voicing(clips: made.clips)) }
            if let slots = made.slots[alphabet] { return .now(Voicing(clips: made.clips, slots: slots)) }
        }
        return .later { () async throws(BankError) in try await self.makeVoicing(of: need, in: format) }
    }

    private func makeVoicing(of need: Script.Need, in format: ClipFormat) async throws(BankError) -> Voicing {
        let clips = try await clips(of: need.units + (need.alphabet.map(pack.units(of:)) ?? []), in: format)
        guard let alphabet = need.alphabet else { return Voicing(clips: clips) }
        let slots = TimeSlots(of: alphabet, in: pack) { clips[$0]?.sampleCount }
        made.withLock { $0[format]?.slots[alphabet] = slots }
        return Voicing(clips: clips, slots: slots)
    }

    // MARK: Speaking

    private func speak(_ units: [SpeechUnit]) async throws(BankError) {
        let missing = units.filter { isUnspoken($0) && speaking[$0] == nil }
        if !missing.isEmpty {
            guard !Task.isCancelled else { throw BankError(.cancelled) }
            try start(missing)
        }
        for task in Set(units.compactMap { speaking[$0] }) {
            guard let outcome = await task.valueUnlessCancelled() else { throw BankError(.cancelled) }
            if let error = outcome { throw error }
        }
        try refuseMisspoken(units)
    }

    private func isUnspoken(_ unit: SpeechUnit) -> Bool { spoken[unit] == nil && misspoken[unit] == nil }

    /// Refuses what the engine has said wrong, and two symbols for which it has said the same.
    private func refuseMisspoken(_ units: [SpeechUnit]) throws(BankError) {
        var owners: [String: CodeSymbol] = [:]
        // In the pack's order: which symbol is found first tells nothing of the code, beside which its alphabet is asked for.
        for unit in units.sorted(by: { $0.place < $1.place }) {
            if let misspeaking = misspoken[unit] { throw error(misspeaking, of: unit) }
            guard case .symbol(let symbol, _, _) = unit, let said = words[unit] else { continue }
            let owner = owners[said] ?? symbol
            guard owner == symbol else { throw error(.alike(owner.character), of: unit) }
            owners[said] = symbol
        }
    }

    private func error(_ misspeaking: Misspeaking, of unit: SpeechUnit) -> BankError {
        BankError(
            .misspoken(
                pack.locale, path: unit.path, line: pack.line(ofPath: unit.path), problem: "\(misspeaking)"))
    }

    private func start(_ missing: [SpeechUnit]) throws(BankError) {
        let asked = Set(missing)
        var wanted: [SpeechUnit] = []
        var seen: Set<SpeechUnit> = []
        for unit in missing {
            let company = prefetch == .section ? pack.section(of: unit) : []
            for unit in [unit] + company where isUnspoken(unit) && speaking[unit] == nil {
                if seen.insert(unit).inserted { wanted.append(unit) }
            }
        }
        // In the pack's order: the order of a code's symbols stands in no request, which others may see.
        wanted.sort { $0.place < $1.place }
        let (recorded, said) = try Self.sources(of: wanted, asked: asked, in: pack)
        if !recorded.isEmpty {
            let task = Task { [recordings = pack.recordings] () -> BankError? in
                do throws(BankError) {
                    let sounds = try await Self.play(recorded.map(\.name), recordings)
                    settle(recorded.map(\.unit), sounds.map { Sound(audio: $0, origin: .recording) })
                    return nil
                } catch {
                    for (unit, _) in recorded { speaking[unit] = nil }
                    return error
                }
            }
            for (unit, _) in recorded { speaking[unit] = task }
        }
        if !said.isEmpty { try startEngine(said) }
    }

    /// Which units are recorded, and which are for the engine.
    ///
    /// - Parameter asked: the units without which a caller cannot be served; others may be missing.
    /// - Throws: ``BankError``, with the names of what is not recorded.
    private static func sources(
        of wanted: [SpeechUnit], asked: Set<SpeechUnit>, in pack: VoicePack
    ) throws(BankError) -> (recorded: [(unit: SpeechUnit, name: RecordingName)], said: [SpeechUnit]) {
        guard let recordings = pack.recordings else { return ([], wanted) }
        var recorded: [(unit: SpeechUnit, name: RecordingName)] = []
        var rest: [SpeechUnit] = []
        for unit in wanted {
            if let name = recordings.recording(of: unit, in: pack) {
                recorded.append((unit, name))
            } else {
                rest.append(unit)
            }
        }
        // What nobody has asked for starts no engine.
        let missing = rest.filter(asked.contains)
        guard !missing.isEmpty else { return (recorded, []) }
        guard recordings.fill == .engine else {
            throw BankError(.notRecorded(voice: recordings.name, pack.locale, missing.map(RecordingName.init(of:))))
        }
        return (recorded, rest)
    }

    /// Reads recordings, elsewhere than on the bank.
    private static func play(
        _ names: [RecordingName], _ recordings: RecordedVoice?
    ) async throws(BankError) -> [PCM] {
        try names.map { (name) throws(BankError) in
            guard let recordings else { throw BankError(.recording("\(name): there is no voice that has it")) }
            do throws(VoicePackError) { return try recordings.sound(name) } catch {
                throw BankError(.recording("\(error)"))
            }
        }
    }

    private func startEngine(_ wanted: [SpeechUnit]) throws(BankError) {
        if let failure, case let left = failure.left(), left > .zero {
            throw BankError(.resting(failure.error, for: left))
        }
        var utterances: [Utterance] = []
        for unit in wanted {
            guard let utterance = pack.utterance(for: unit) else { throw BankError(.noSuchUnit(pack.locale)) }
            utterances.append(utterance)
        }
        // It settles what comes of it by itself, since all who wait for it may be cancelled.
        let task = Task { [wanted, utterances] () -> BankError? in
            do throws(EngineError) {
                let speech = try await Self.speak(utterances, voice, engine, retry, clock)
                take(zip(wanted, speech))
                failure = nil
                return nil
            } catch {
                settle(wanted, error)
                return BankError(.engine(error))
            }
        }
        for unit in wanted { speaking[unit] = task }
    }

    private static func speak(
        _ utterances: [Utterance], _ voice: EngineVoice, _ engine: any SpeechEngine, _ retry: RetryPolicy,
        _ clock: any Clock<Duration>
    ) async throws(EngineError) -> [Speech] {
        for wait in retry.retries {
            do throws(EngineError) {
                return try await engine.speakAll(utterances, voice: voice)
            } catch {
                // A hung engine has taken all the time that somebody who waits for it has.
                guard error.isTransient, error.reason != .hung else { throw error }
                // Only a cancelled task's sleep fails, and nobody cancels this one.
                try? await clock.sleep(for: min(wait, .seconds(3600)))
            }
        }
        return try await engine.speakAll(utterances, voice: voice)
    }

    /// Keeps what the engine has said, and notes what it has said wrong.
    private func take(_ answers: some Sequence<(SpeechUnit, Speech)>) {
        var good: [(unit: SpeechUnit, sound: Sound)] = []
        for (unit, speech) in answers {
            let phonemes = Phonemes(speech.phonemes)
            if let misspeaking = pack.misspeaking(of: unit, saying: phonemes) {
                speaking[unit] = nil
                misspoken[unit] = misspeaking
                continue
            }
            if case .symbol = unit, phonemes.isSpeech { words[unit] = phonemes.words.joined(separator: " ") }
            good.append((unit, Sound(audio: speech.audio, origin: origin(of: unit))))
        }
        settle(good.map(\.unit), good.map(\.sound))
    }

    private func origin(of unit: SpeechUnit) -> UnitConditioner.Origin {
        .engine(voiceless: pack.line(for: unit)?.voiceless ?? 0)
    }

    private func settle(_ wanted: [SpeechUnit], _ heard: [Sound]) {
        var bytes = 0
        for (unit, sound) in zip(wanted, heard) {
            speaking[unit] = nil
            guard spoken[unit] == nil else { continue }
            spoken[unit] = sound
            bytes += sound.audio.samples.count * MemoryLayout<Int16>.size
        }
        grew(self, bytes)
    }

    /// Sets the rest that follows a failure.
    private func settle(_ wanted: [SpeechUnit], _ error: EngineError) {
        for unit in wanted { speaking[unit] = nil }
        let doubled = failure.map { min($0.rest * 2, retry.rest.upperBound) }
        let rest = doubled ?? retry.rest.lowerBound
        failure = Failure(error: error, rest: rest, left: Self.countdown(of: rest, on: clock))
    }

    /// Tells how much is left of some time, on a clock of any kind.
    private static func countdown(of time: Duration, on clock: some Clock<Duration>) -> @Sendable () -> Duration {
        let end = clock.now.advanced(by: time)
        return { clock.now.duration(to: end) }
    }

    // MARK: Making clips

    /// - Returns: clips of these units at least; the bank itself may have let them go by then.
    private func makeClips(of units: [SpeechUnit], in format: ClipFormat) throws(BankError) -> [SpeechUnit: Clip] {
        let old = made.withLock { $0[format]?.clips } ?? [:]
        var all = old
        var missing: [UnitConditioner.Origin: [(unit: SpeechUnit, audio: PCM)]] = [:]
        for unit in units where old[unit] == nil {
            guard let spoken = spoken[unit] else { throw BankError(.noSuchUnit(pack.locale)) }
            missing[spoken.origin, default: []].append((unit, spoken.audio))
        }
        var bytes = 0
        defer { grew(self, bytes) }
        do {
            for (origin, sounds) in missing {
                let conditioned = try conditioner.condition(sounds.map(\.audio), from: origin, to: format.sampleRate)
                for ((unit, _), samples) in zip(sounds, conditioned) {
                    guard let samples else {
                        throw BankError(.silent(pack.locale, caption: pack.line(for: unit)?.caption ?? ""))
                    }
                    let clip = Clip(bytes: try encoder.encode(samples, as: format.coding), coding: format.coding)
                    // The same unit may be asked for twice.
                    if all.updateValue(clip, forKey: unit) == nil { bytes += clip.bytes.count }
                    made.withLock { $0[format, default: Made()].clips[unit] = clip }
                }
            }
            return all
        } catch let error as BankError {
            throw error
        } catch {
            throw BankError(.audio("\(error)"))
        }
    }
}
