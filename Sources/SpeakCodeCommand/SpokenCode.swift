// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCode
internal import SpeakCodeEspeak
internal import SpeakCodeLinks
internal import SpeakCodeService

/// A code as it is to be read aloud, all of it checked before anything is spoken.
struct SpokenCode {
    let script: Script
    let voice: EngineVoice
    /// What the codes of readings follow from; nil where all have one.
    let totp: TOTP?
    private let time: CalendarTime
    /// What a person may want to know, and no error.
    let warnings: [String]

    private static let mixedCase =
        "the code has capital and small letters, and they are read alike; --case spoken says which are capital"

    /// Reads the code and checks the options.
    ///
    /// - Parameters:
    ///   - words: what stands on the command line for the code.
    ///   - options: how it is read.
    ///   - isQuiet: whether nothing is said but errors.
    ///   - time: by which the codes of an authenticator's app change.
    /// - Throws: ``Failure`` or an error of the library, in words for a person.
    init(
        _ words: [String], _ options: ReadingOptions, isQuiet: Bool, time: CalendarTime = .system
    ) async throws {
        try Self.check(options)
        guard words.isEmpty || options.totpURI == nil else {
            throw Failure.usage("--totp-uri stands in the place of a code; give one of them")
        }
        let catalog = try options.voices.map(VoicePackCatalog.init(overlaidBy:)) ?? .builtIn
        let recorded = try Self.recordedVoice(options)
        let search = PackSearch(catalog: catalog, recorded: recorded, isQuiet: isQuiet)
        let pack = try Self.pack(await search.pack(for: Self.locale(options, recorded)), of: options)
        voice = try await recorded == nil ? Self.voice(options, pack) : pack.voice
        self.time = time
        totp = try options.totpURI.map(CodeInput.totp(from:))
        let written = try totp?.next(at: time.sinceTheEpoch).code ?? CodeInput.code(from: words)
        let code = options.letterCase == .spoken ? written : written.ignoringCase
        warnings = written.isMixedCase && !code.keepsCase ? [Self.mixedCase] : []
        guard options.tty?.delivery.fits(code) ?? true else {
            throw Failure.usage("--tty mixed has no room for so long a code in five seconds of tones; leave mixed out")
        }
        let wording = try Self.wording(options)
        let script = try Script(code: code, pack: pack, pacing: Self.pacing(options, pack), wording: wording)
        guard let locale = options.secondLocale, !LanguageTag.isNone(locale) else {
            try Self.check(recorded, speaks: [pack])
            self.script = script.delivered(options.tty?.delivery ?? .spoken)
            return
        }
        let second = try Self.pack(await search.pack(for: locale), of: options)
        try Self.check(recorded, speaks: [pack, second])
        self.script = script.inTurn(
            with: try Script(code: code, pack: second, pacing: Self.pacing(options, second), wording: wording)
        ).delivered(options.tty?.delivery ?? .spoken)
    }

    /// The code of each reading, where it changes.
    ///
    /// - Parameter ahead: how much later a reading is heard than it is laid out.
    func codes(ahead: Duration = .zero) -> NextCode.Source? {
        guard let totp else { return nil }
        return { [time] in totp.next(at: time.sinceTheEpoch + ahead) }
    }

    /// Refuses what can be refused before anything is read.
    static func check(_ options: ReadingOptions) throws(Failure) {
        if options.voices?.isEmpty == true { throw .usage("--voices is empty; name a folder") }
        if options.totpURI?.isEmpty == true {
            throw .usage("--totp-uri is empty; name a file, or - for standard input")
        }
        if options.tty != nil, options.totpURI != nil {
            throw .usage("--tty cannot write a code that changes; leave one of them out")
        }
        if options.tty != nil, options.letterCase == .spoken {
            throw .usage("--tty has no small letters, so --case spoken cannot be written; leave one of them out")
        }
        if options.totpURI?.prefix(8).lowercased() == "otpauth:" {
            throw .usage("--totp-uri takes a file or -, and no URI: everybody can see the arguments of a program")
        }
    }

    /// The voice that somebody has lent, where one of that name was asked for.
    private static func recordedVoice(_ options: ReadingOptions) throws -> RecordedVoice? {
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

    private static func locale(_ options: ReadingOptions, _ recorded: RecordedVoice?) throws(Failure) -> String {
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

    private static func wording(_ options: ReadingOptions) throws(Failure) -> Wording {
        var values: [String: String] = [:]
        for slot in options.slot where values.updateValue(slot.value, forKey: slot.name) != nil {
            throw .usage("--slot gives \(slot.name) twice")
        }
        return Wording(
            style: options.style, letterStyle: options.letters, template: options.template, register: options.register,
            values: values)
    }

    /// The pack spoken by a woman or a man, where that is what was asked for.
    private static func pack(_ pack: VoicePack, of options: ReadingOptions) throws(Failure) -> VoicePack {
        guard let gender = options.voice.flatMap(EngineVoice.Gender.init) else { return pack }
        guard let spoken = pack.spoken(by: gender) else {
            throw .usage("--voice \(gender) cannot be chosen for \(pack.locale), whose voice is one of your own")
        }
        return spoken
    }

    private static func voice(_ options: ReadingOptions, _ pack: VoicePack) async throws -> EngineVoice {
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
        let locale = voice.locale.lookup(in: VoicePackCatalog.builtIn.locales, allowingFallback: false) ?? voice.locale
        throw Failure.usage(
            locale == pack.locale
                ? "--voice \(name) reads another script than the words of \(pack.locale) are written in"
                : "--voice \(name) speaks \(voice.name), and the words are those of \(pack.locale); "
                    + "`--locale \(locale)` reads them in that language")
    }

    private static func pacing(_ options: ReadingOptions, _ pack: VoicePack) throws(Failure) -> Pacing {
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
