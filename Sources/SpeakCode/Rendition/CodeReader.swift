// SPDX-License-Identifier: GPL-3.0-or-later

/// Reads codes aloud: scripts in, audio out.
///
/// It holds the banks, so that the second script in a voice costs no synthesis at all.
public struct CodeReader: Sendable {
    private let store: BankStore
    private let encoder: any SoundEncoder

    /// The most bytes of spoken sound that are kept by default: about 250 voices with digits alone.
    public static let usualBytes = 256 << 20
    /// The most readings that an announcement has by default.
    public static let usualReadings = 3
    /// The longest that an announcement lasts by default, unless one reading is longer: the cloud players' limit.
    public static let usualDuration: Duration = .seconds(60)

    /// The most readings of a finite announcement: more than a day of the shortest codes.
    public static let mostReadings = 100_000

    /// The longest announcement in a format whose file is made whole, in memory (FLAC, Ogg Opus, MP3).
    public static let longestWhole: Duration = .seconds(7200)

    /// Opens a reader that has not spoken yet.
    ///
    /// - Parameters:
    ///   - engine: what speaks.
    ///   - resampler: what changes the engine's sample rate.
    ///   - encoder: what codes samples.
    ///   - prefetch: how much a bank has spoken when a unit is missing.
    ///   - retry: when a failed engine is asked again.
    ///   - mostBytes: the most bytes of spoken sound that are kept; what was unused the longest is let go.
    ///   - onLetGo: told when something was let go; who has renditions still has their clips.
    public init(
        engine: any SpeechEngine, resampler: any Resampler, encoder: any SoundEncoder,
        prefetch: PrefetchPolicy = .section, retry: RetryPolicy = .usual, mostBytes: Int = usualBytes,
        onLetGo: @escaping @Sendable () -> Void = {}
    ) {
        self.encoder = encoder
        store = BankStore(
            engine: engine, resampler: resampler, encoder: encoder, prefetch: prefetch, retry: retry,
            mostBytes: mostBytes, onLetGo: onLetGo)
    }

    /// How long a finite announcement is to be: as many readings as fit, at least one.
    public struct Length: Hashable, Sendable {
        /// The most readings; fewer than 1 are 1, more than ``CodeReader/mostReadings`` are so many.
        public var readings: Int
        /// The longest duration; nil for any.
        public var limit: Duration?

        /// Describes a length.
        public init(readings: Int, within limit: Duration? = nil) {
            self.readings = readings
            self.limit = limit
        }

        /// Three readings, or as many as fit into a minute.
        public static let usual = Length(readings: usualReadings, within: usualDuration)
    }

    /// Renders a finite announcement.
    ///
    /// - Parameters:
    ///   - script: what is said.
    ///   - length: how often it is read.
    ///   - voice: how it sounds; nil is the pack's own voice, as is that of a second language. The script's pacing sets its rate.
    ///   - format: how it is written.
    /// - Throws: ``BankError``.
    public func render(
        _ script: Script, length: Length = .usual, voice: EngineVoice? = nil, as format: AudioFormat = .wav()
    ) async throws(BankError) -> Rendition {
        try encode(try await layOut(script, length: length, voice: voice, as: format).get(), as: format)
    }

    /// Lays out a finite announcement: what takes time for each unit once, and not for each announcement.
    ///
    /// - Returns: at once where all clips are at hand; later it throws ``BankError``.
    package func layOut(
        _ script: Script, length: Length, voice: EngineVoice? = nil, as format: AudioFormat
    ) -> Eventual<Timeline, BankError> {
        let rate = format.sampleRate
        return voicings(for: script, voice: voice, rate: rate, coding: format.sampleCoding ?? .linear16LittleEndian)
            .map { Self.timeline(of: script, length: length, rate: rate, $0) }
    }

    /// Writes a timeline; a format whose file is made whole takes long, and ends early where the task is cancelled.
    package func encode(_ timeline: Timeline, as format: AudioFormat) throws(BankError) -> Rendition {
        if let coding = format.sampleCoding { return Rendition(timeline: timeline, format: format, coding: coding) }
        guard timeline.duration <= Self.longestWhole else {
            throw BankError(.tooLong(format.kind, limit: Self.longestWhole))
        }
        do {
            let file = try encoder.file(of: timeline.linearSamples(), as: format)
            return Rendition(timeline: timeline, format: format, file: file)
        } catch {
            if Task.isCancelled { throw BankError(.cancelled) }
            throw BankError(.audio("\(error)"))
        }
    }

    /// Prepares an announcement for somebody who listens now.
    ///
    /// - Parameters:
    ///   - script: what is said.
    ///   - readings: how often, at least once; nil until the listener hangs up.
    ///   - voice: how it sounds; nil is the pack's own voice.
    ///   - format: how it is written; its samples must be coded one by one.
    ///   - frameLength: the length of a frame, from one sample to two minutes; what lies outside becomes the nearest.
    ///   - lead: how far frames run ahead of real time, for a listener who buffers; at most a day.
    ///   - clock: what frames are due by.
    ///   - codes: tells the code of each reading, where it changes; all are of the shape of the script's. A reading runs ahead of
    ///     its time by the lead.
    /// - Returns: nil for a format whose samples hang together (FLAC, Ogg Opus, MP3).
    /// - Throws: ``BankError``.
    public func stream<LiveClock: Clock>(
        _ script: Script, readings: Int? = nil, voice: EngineVoice? = nil, as format: AudioFormat = .wav(),
        frameLength: Duration = .milliseconds(20), lead: Duration = .zero, clock: LiveClock = ContinuousClock(),
        codes: NextCode.Source? = nil
    ) async throws(BankError) -> LiveRendition<LiveClock>? where LiveClock.Duration == Duration {
        guard let coding = format.sampleCoding else { return nil }
        let script = codes == nil ? script : script.changing()
        var voicings = try await voicings(
            for: script, voice: voice, rate: format.sampleRate, coding: coding
        ).get()
        // A listener may stay for long, and must not keep the sound of a whole voice that the store has let go.
        for (index, units) in script.units.enumerated() {
            let wanted = Set(units)
            voicings[index].clips = voicings[index].clips.filter { wanted.contains($0.key) }
        }
        return LiveRendition(
            script: script, voicings: voicings, format: format, coding: coding, readings: readings,
            frameLength: frameLength, lead: lead, clock: clock, codes: codes)
    }

    /// How loud everything is that a script like this one may say, its phrases and all symbols that could stand in the code.
    ///
    /// What holds for the voice holds for the code, and tells nothing of it.
    ///
    /// - Returns: the active speech level, and the highest sample of 1.
    /// - Throws: ``BankError``.
    public func level(
        of script: Script, voice: EngineVoice? = nil, at rate: SampleRate
    ) async throws(BankError) -> (active: ActiveSpeechLevel, peak: Float) {
        let voicings = try await voicings(
            for: script, voice: voice, rate: rate, coding: .linear16LittleEndian
        ).get()
        var samples: [Float] = []
        for (number, (units, voicing)) in zip(script.units, voicings).enumerated() {
            let pauses = script.parts[number].pacing.pace(ofReading: 0).pauses.bounded
            for unit in units {
                guard let clip = voicing.clips[unit] else { continue }
                samples += clip.linearSamples.map { Float($0) / 32768 }
                samples += repeatElement(0, count: rate.samples(in: pauses.symbol))
            }
        }
        for clip in voicings.compactMap(\.typed) { samples += clip.linearSamples.map { Float($0) / 32768 } }
        return (ActiveSpeechLevel(of: samples, hertz: rate.hertz), samples.reduce(0) { max($0, abs($1)) })
    }

    private func voicings(
        for script: Script, voice: EngineVoice?, rate: SampleRate, coding: SampleCoding
    ) -> Eventual<[Voicing], BankError> {
        let format = ClipFormat(sampleRate: rate, coding: coding)
        let parts = zip(banks(for: script, voice: voice, format), script.needs).map { $0.voicing(of: $1, in: format) }
        var voicings: [Voicing] = []
        for case .now(let voicing) in parts { voicings.append(voicing) }
        // Tones take as long as they are, and who asks may be what others wait for.
        guard voicings.count == parts.count, script.burst == nil else {
            return .later { () async throws(BankError) in
                var voicings: [Voicing] = []
                for part in parts { voicings.append(try await part.get()) }
                try self.addTones(of: script, to: &voicings, format)
                return voicings
            }
        }
        return .now(voicings)
    }

    /// Makes what is written; it is of one code, and kept nowhere.
    private func addTones(
        of script: Script, to voicings: inout [Voicing], _ format: ClipFormat
    ) throws(BankError) {
        guard let burst = script.burst else { return }
        do {
            let bytes = try encoder.encode(burst.samples(at: format.sampleRate), as: format.coding)
            voicings[0].typed = Clip(bytes: bytes, coding: format.coding)
        } catch {
            throw BankError(.audio("\(error)"))
        }
    }

    /// The bank of each of a script's packs.
    private func banks(for script: Script, voice: EngineVoice?, _ format: ClipFormat) -> [Bank] {
        script.parts.enumerated().map { number, part in
            // A voice that was asked for speaks one language: it is that of the first.
            let voice = (number == 0 ? voice : nil) ?? part.pack.voice
            // What is recorded has one rate.
            return store.bank(
                for: part.pack, voice: part.pack.needsEngine ? voice.rate(times: part.pacing.rate) : voice,
                clipsIn: format)
        }
    }

    private static func timeline(
        of script: Script, length: Length, rate: SampleRate, _ voicings: [Voicing]
    ) -> Timeline {
        // Most often all of them fit, and are laid out but once.
        let most = min(max(1, length.readings), mostReadings)
        let all = Timeline(of: script, readings: most, sampleRate: rate, voicings)
        guard let limit = length.limit, all.sampleCount > rate.samples(in: limit) else { return all }
        let readings = readings(of: script, length: length, rate: rate, voicings)
        return Timeline(of: script, readings: readings, sampleRate: rate, voicings)
    }

    /// How many readings fit.
    private static func readings(of script: Script, length: Length, rate: SampleRate, _ voicings: [Voicing]) -> Int {
        let most = min(max(1, length.readings), mostReadings)
        guard let limit = length.limit.map(rate.samples(in:)) else { return most }
        func samples(_ index: Int, isLast: Bool) -> Int {
            var timeline = Timeline(of: script, sampleRate: rate)
            timeline.append(readingOf: script, index, isLast: isLast, voicings)
            return timeline.sampleCount
        }
        var before = 0
        for index in 0..<min(script.firstAlike, most) {
            if index > 0, before + samples(index, isLast: true) > limit { return index }
            before += samples(index, isLast: false)
        }
        guard script.firstAlike < most else { return most }
        // From here on each reading takes as long as the one before it.
        let (alike, last) = (samples(script.firstAlike, isLast: false), samples(script.firstAlike, isLast: true))
        guard before + last <= limit else { return min(script.firstAlike, most) }
        return min(script.firstAlike + 1 + (limit - before - last) / max(1, alike), most)
    }
}

extension Timeline {
    /// The samples of a timeline whose clips are 16-bit linear, low byte first.
    func linearSamples() -> [Int16] {
        var samples: [Int16] = []
        samples.reserveCapacity(sampleCount)
        for segment in segments {
            switch segment.content {
            case .silence: samples += repeatElement(0, count: segment.sampleCount)
            case .speech(let clip, _, _, _), .typed(let clip): samples += clip.linearSamples
            }
        }
        return samples
    }
}
