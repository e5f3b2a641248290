// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCode
internal import SpeakCodeEspeak

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// What a command line means, all of it checked before anything is spoken.
struct SpeakPlan {
    /// How long it goes on.
    enum Length {
        /// So many readings, or as many as fit.
        case finite(CodeReader.Length)
        /// Until the listener hangs up.
        case endless
    }

    /// Where the audio goes.
    enum Destination {
        case player
        case standardOutput
        case file(OutputFile)
    }

    let script: Script
    let voice: EngineVoice
    let length: Length
    let format: AudioFormat
    let destination: Destination
    let captions: (file: OutputFile, format: Captions.Format, style: Captions.Style)?
    let wantsSummary: Bool
    let isQuiet: Bool
    /// What a person may want to know, and no error.
    let warnings: [String]

    private static let mixedCase =
        "the code has capital and small letters, and they are read alike; --case spoken says which are capital"

    /// The most readings that can be asked for.
    private static let mostReadings = 1000

    /// Reads the code and checks the options.
    ///
    /// - Throws: ``Failure`` or an error of the library, in words for a person.
    init(_ options: SpeakOptions) async throws {
        length = try Self.length(options)
        for (option, path) in [("-o", options.output), ("--captions", options.captions), ("--voices", options.voices)]
        where path?.isEmpty == true {
            throw Failure.usage("\(option) is empty; name a \(option == "--voices" ? "folder" : "file")")
        }
        destination = Self.destination(options)
        format = try Self.format(options, destination)
        captions = try Self.captions(options, length)
        wantsSummary = options.json
        isQuiet = options.quiet
        if options.json, case .standardOutput = destination {
            throw Failure.usage("--json prints to standard output, where the audio goes; name a file with -o")
        }
        if options.json, case .endless = length {
            throw Failure.usage(
                "--json tells what was made when it is made, and --repeat has no end; use --times or --for")
        }
        try Self.refuseEndlessFile(length, destination, format)

        let catalog = try options.voices.map(VoicePackCatalog.init(overlaidBy:)) ?? .builtIn
        let recorded = try Self.recordedVoice(options)
        let search = PackSearch(catalog: catalog, recorded: recorded, isQuiet: options.quiet)
        let pack = try Self.pack(await search.pack(for: Self.locale(options, recorded)), of: options)
        voice = try await recorded == nil ? Self.voice(options, pack) : pack.voice
        let written = try CodeInput.code(from: options.code)
        let code = options.letterCase == .spoken ? written : written.ignoringCase
        warnings = written.isMixedCase && !code.keepsCase ? [Self.mixedCase] : []
        if !isQuiet, Terminal.isWatched { warnings.forEach(Terminal.say) }
        let wording = try Self.wording(options)
        let script = try Script(code: code, pack: pack, pacing: Self.pacing(options, pack), wording: wording)
        guard let locale = options.secondLocale, !LanguageTag.isNone(locale) else {
            try Self.check(recorded, speaks: [pack])
            self.script = script
            return
        }
        let second = try Self.pack(await search.pack(for: locale), of: options)
        try Self.check(recorded, speaks: [pack, second])
        self.script = script.inTurn(
            with: try Script(code: code, pack: second, pacing: Self.pacing(options, second), wording: wording))
    }

    /// What is heard of a pack by whoever writes it.
    init(hearing script: Script, output: String?) {
        self.script = script
        voice = script.pack.voice
        length = .finite(CodeReader.Length(readings: 1))
        format = .wav(output == nil ? .hz22050 : .hz8000)
        destination = output.map { .file(OutputFile(path: $0)) } ?? .player
        captions = nil
        wantsSummary = false
        isQuiet = false
        warnings = []
    }

    /// The voice that somebody has lent, where one of that name was asked for.
    private static func recordedVoice(_ options: SpeakOptions) throws -> RecordedVoice? {
        guard let name = options.voice, EngineVoice.Gender(rawValue: name) == nil,
            let voice = try RecordedVoices.usual.voice(named: name)
        else { return nil }
        for (option, isGiven) in [("--rate", options.rate != nil), ("--pitch", options.pitch != nil)] where isGiven {
            throw Failure.usage(
                "\(option) changes eSpeak NG's voice, and \(voice.name) is a recorded one; leave it out")
        }
        return voice
    }

    private static func check(_ recorded: RecordedVoice?, speaks packs: [VoicePack]) throws(Failure) {
        guard let recorded, packs.allSatisfy({ $0.recordings == nil }) else { return }
        let asked = packs.map { "\($0.locale)" }.joined(separator: " and ")
        throw .usage(
            "the voice \(recorded.name) speaks \(recorded.locale) and not \(asked); leave --voice out, or take another locale"
        )
    }

    private static func locale(_ options: SpeakOptions, _ recorded: RecordedVoice?) throws(Failure) -> String {
        guard let number = options.phoneNumber else {
            return options.locale ?? recorded?.locale.description ?? "en-US"
        }
        guard options.locale == nil else { throw .usage("--locale and --phone-number exclude each other") }
        do {
            return try PhoneNumber(number).locale.description
        } catch {
            throw .usage("--phone-number \(error)")
        }
    }

    private static func wording(_ options: SpeakOptions) throws(Failure) -> Wording {
        var values: [String: String] = [:]
        for slot in options.slot where values.updateValue(slot.value, forKey: slot.place) != nil {
            throw .usage("--slot gives the place \(slot.place) twice")
        }
        return Wording(
            style: options.style, letterStyle: options.letters, template: options.template, register: options.register,
            values: values)
    }

    private static func length(_ options: SpeakOptions) throws(Failure) -> Length {
        let given = [options.repeat, options.times != nil, options.limit != nil].count { $0 }
        guard given <= 1 else { throw .usage("--repeat, --times and --for exclude each other; give one of them") }
        if options.repeat { return .endless }
        if let times = options.times {
            guard (1...mostReadings).contains(times) else { throw .usage("--times must be 1 to \(mostReadings)") }
            return .finite(CodeReader.Length(readings: times))
        }
        if let limit = options.limit?.duration {
            guard limit > .zero else { throw .usage("--for must be longer than nothing, such as 60s") }
            return .finite(CodeReader.Length(readings: .max, within: limit))
        }
        return .finite(.usual)
    }

    private static func destination(_ options: SpeakOptions) -> Destination {
        if options.play { return .player }
        if let output = options.output { return output == "-" ? .standardOutput : .file(OutputFile(path: output)) }
        return isatty(STDOUT_FILENO) == 1 ? .player : .standardOutput
    }

    private static func format(_ options: SpeakOptions, _ destination: Destination) throws -> AudioFormat {
        switch destination {
        case .player:
            for (option, isGiven) in [("-o", options.output != nil), ("--format", options.format != nil)] where isGiven
            {
                throw Failure.usage(
                    options.play
                        ? "\(option) is for a file or a pipe, and --play plays; leave one of them out"
                        : "\(option) is for a file or a pipe, and a terminal is played to; name a file with -o")
            }
            return .wav(options.sampleRate ?? .hz22050)
        case .standardOutput:
            guard isatty(STDOUT_FILENO) != 1 else { throw audioForTerminal }
            return try AudioFormat(options.format ?? .wav, sampleRate: options.sampleRate)
        case .file(let file):
            guard !file.isTerminal else { throw audioForTerminal }
            guard let kind = options.format ?? AudioFormat.Kind(fileName: file.path) ?? (file.isStream ? .wav : nil)
            else {
                throw Failure.usage(
                    "\(file.path) does not end in a known format; add --format, such as --format wav")
            }
            return try AudioFormat(kind, sampleRate: options.sampleRate)
        }
    }

    private static let audioForTerminal = Failure.usage(
        "audio is not written to a terminal; name a file with -o, or pipe it to a program")

    private static func captions(
        _ options: SpeakOptions, _ length: Length
    ) throws(Failure) -> (file: OutputFile, format: Captions.Format, style: Captions.Style)? {
        guard let path = options.captions else {
            guard options.captionStyle == .words else {
                throw .usage("--caption-style is of captions; name a file with --captions")
            }
            return nil
        }
        guard let format = Captions.Format(fileName: path) else {
            throw .usage("\(path) must end in .vtt, .srt or .json")
        }
        if case .endless = length {
            throw .usage("captions of an endless reading have no end; use --times or --for in place of --repeat")
        }
        return (OutputFile(path: path), format, options.captionStyle)
    }

    private static func refuseEndlessFile(
        _ length: Length, _ destination: Destination, _ format: AudioFormat
    ) throws(Failure) {
        guard case .endless = length else { return }
        var isRegularFile = false
        switch destination {
        case .player: return
        case .file(let file): isRegularFile = !file.isStream
        case .standardOutput:
            var status = stat()
            isRegularFile = fstat(STDOUT_FILENO, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        }
        if isRegularFile {
            throw .usage("--repeat into a file never ends; use --times 3 or --for 60s, or pipe it to a player")
        }
        if format.sampleCoding == nil {
            throw .usage("\(format.kind.rawValue) cannot be endless; use wav, ulaw, alaw, sln or au, or --times")
        }
    }

    /// The pack spoken by a woman or a man, where that is what was asked for.
    private static func pack(_ pack: VoicePack, of options: SpeakOptions) throws(Failure) -> VoicePack {
        guard let gender = options.voice.flatMap(EngineVoice.Gender.init) else { return pack }
        guard let spoken = pack.spoken(by: gender) else {
            throw .usage("--voice \(gender) cannot be chosen for \(pack.locale), whose voice is one of your own")
        }
        return spoken
    }

    private static func voice(_ options: SpeakOptions, _ pack: VoicePack) async throws -> EngineVoice {
        var voice = pack.voice
        if let wanted = options.voice, EngineVoice.Gender(rawValue: wanted) == nil {
            let parts = wanted.split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.allSatisfy({ $0.isEmpty || EngineVoice.isName($0) }), wanted.contains(where: { $0 != "+" })
            else {
                throw Failure.usage(
                    "--voice takes female, male, or a voice's name and a variant, such as en-us+f2; `espeak-ng --voices` lists them"
                )
            }
            if !parts[0].isEmpty {
                try await refuse(voice: parts[0], ofAnotherLanguageThan: pack)
                voice.name = parts[0]
                voice.variant = nil
            }
            if parts.count > 1, !parts[1].isEmpty { voice.variant = parts[1] }
        }
        if let rate = options.rate {
            guard EngineVoice.rates.contains(rate) else {
                throw Failure.usage("--rate must be 80 to 450 words a minute")
            }
            voice.rate = rate
        }
        if let pitch = options.pitch {
            guard EngineVoice.pitches.contains(pitch) else { throw Failure.usage("--pitch must be 0 to 99") }
            voice.pitch = pitch
        }
        return voice
    }

    /// Refuses a voice that would read a pack's words by the rules of another language.
    private static func refuse(voice name: String, ofAnotherLanguageThan pack: VoicePack) async throws {
        guard name != pack.voice.name else { return }
        let engine = EngineProcess.ofThisProgram
        let voice = try await engine.voice(named: name)
        guard !pack.isSpoken(by: voice.locale, asBy: try await engine.voice(named: pack.voice.name).locale) else {
            return
        }
        let locale = voice.locale.lookup(in: VoicePackCatalog.builtIn.locales, orAmongKin: false) ?? voice.locale
        throw Failure.usage(
            locale == pack.locale
                ? "--voice \(name) reads another script than the words of \(pack.locale) are written in"
                : "--voice \(name) speaks \(voice.name), and the words are those of \(pack.locale); "
                    + "`--locale \(locale)` reads them in that language")
    }

    private static func pacing(_ options: SpeakOptions, _ pack: VoicePack) throws(Failure) -> Pacing {
        for (name, time) in [("--gap", options.gap), ("--pause", options.pause)] {
            guard time.map({ $0.duration <= Pauses.longest }) ?? true else {
                throw .usage("\(name) must be at most \(Pauses.longest.components.seconds)s")
            }
        }
        var pauses = pack.pauses
        if let gap = options.gap?.duration {
            // Groups stay apart by as much more as before.
            pauses.group = min(Pauses.longest, max(gap, gap + pauses.group - pauses.symbol))
            pauses.symbol = gap
        }
        if let pause = options.pause?.duration { pauses.reading = pause }
        return Pacing(options.pacing, pauses: pauses)
    }
}
