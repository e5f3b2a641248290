// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser
internal import FoundationEssentials
internal import SpeakCode
internal import SpeakCodeCorpus
internal import SpeakCodeEspeak
internal import SpeakCodeSndfile
internal import SpeakCodeSoxr

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// `speakcode check`: what a line has done to an announcement that was recorded at its far end.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract:
            "Say what a line did to an announcement: gaps, lost symbols, noise, level, clocks, clipping, where it was cut.",
        discussion: """
            speakcode 4711 -o sent.wav --captions code.json     what is sent, and when it says what
            speakcode check recorded.wav --against code.json --reference sent.wav

            Without --reference it is rendered again from code.json, with the options of reading that were given then. The \
            report does not show the code; with --json it measures each word, and is to be kept as the code is. --tty and \
            --totp-uri are not for it. The exit status is 0 for a good line, 76 for one that is not.
            """)

    @Argument(
        help: ArgumentHelp("The recording of the far end: WAV, FLAC, MP3, Ogg …", valueName: "audio"),
        completion: .file())
    var audio: String

    @Option(
        name: .long, help: ArgumentHelp("The captions in JSON of what was sent.", valueName: "code.json"),
        completion: .file(extensions: ["json"]))
    var against: String?

    @Option(name: .long, help: ArgumentHelp("The audio that was sent.", valueName: "file"), completion: .file())
    var reference: String?

    @Option(
        name: .long,
        help: ArgumentHelp("Write a picture of it (SVG), with all that can be seen as text.", valueName: "file"),
        completion: .file(extensions: ["svg"]))
    var picture: String?

    @Flag(name: .long, help: "Print JSON, with measures of each word: keep it as you keep the code.")
    var json = false

    @Flag(name: .shortAndLong, help: "Print nothing; the exit status tells.")
    var quiet = false

    @OptionGroup var reading: ReadingOptions

    func run() async throws {
        HangUp.shared.listen()
        if picture?.isEmpty == true { throw Failure.usage("--picture is empty; name a file") }
        // What checks packs is another verb.
        if audio.hasSuffix(".json5") { throw Failure.usage("a voice pack is checked by `speakcode voices check`") }
        guard let against else {
            throw Failure.usage("--against is missing; name the captions in JSON of what was sent")
        }
        let captions = try Self.bytes(of: against, "--against")
        let announced: Announced
        do throws(AnnouncedError) {
            announced = try Announced(captions: captions)
        } catch {
            throw Failure(EX_DATAERR, "\(against): \(error)")
        }
        let heard = try Self.samples(of: audio, at: announced.sampleRate)
        let sent = try await sent(announced, against)
        let check = LineCheck(
            of: sent, saying: announced.words, heardAs: heard, hertz: announced.sampleRate.hertz)
        if let picture {
            try OutputFile(path: picture).write { sink throws(ByteSink.Fault) in
                try sink.write(Array(check.picture.utf8)[...])
            }
        }
        if !quiet { print(json ? check.json + "\n" : check.text, terminator: "") }
        guard check.findings.isEmpty else {
            let count = check.findings.count
            throw Failure(EX_PROTOCOL, "the line did \(count) \(count == 1 ? "thing" : "things") that it should not")
        }
    }

    /// What was sent: the file of --reference, else rendered again.
    private func sent(_ announced: Announced, _ against: String) async throws -> [Float] {
        guard let reference else { return try await rendered(announced, against) }
        let samples = try Self.samples(of: reference, at: announced.sampleRate)
        // Of compressed formats some end a packet later, and resampling rounds.
        guard abs(samples.count - announced.sampleCount) <= announced.sampleRate.hertz / 10 else {
            throw Failure(EX_DATAERR, "\(reference) is not as long as \(against) says; are they of one rendering?")
        }
        return samples
    }

    private func rendered(_ announced: Announced, _ against: String) async throws -> [Float] {
        var options = reading
        if options.locale == nil, options.phoneNumber == nil {
            let isKnown = (try? await PackSearch(catalog: .builtIn, isQuiet: true).pack(for: announced.locale)) != nil
            guard isKnown else {
                throw Failure(
                    EX_DATAERR, "\(against): locale is no language that is spoken; give --locale or --reference")
            }
            options.locale = announced.locale
        }
        // Without a phrase it is the code alone.
        if options.template == VoicePack.standard, announced.words.allSatisfy({ $0.position != nil }) {
            options.template = "code-only"
        }
        guard options.tty == nil, options.totpURI == nil else {
            throw Failure.usage("check reads what is spoken and of one code; --tty and --totp-uri are not for it")
        }
        let reader = CodeReader(
            engine: EngineProcess.ofThisProgram, resampler: SoxrResampler(), encoder: SoundFileEncoder(),
            prefetch: .none, retry: .none)
        for words in [announced.code, announced.code.filter { $0 != " " }] {
            let code = try await SpokenCode([words], options, isQuiet: true)
            let rendition = try await reader.render(
                code.script, length: CodeReader.Length(readings: announced.readings), voice: code.voice,
                as: .wav(announced.sampleRate))
            guard announced.isOf(rendition.timeline) else { continue }
            let bytes = Array(rendition.slices.joined())
            return try MutedDecoder().decode(bytes).samples
        }
        throw Failure(
            EX_DATAERR,
            "\(against) is of another rendering; give the options of reading that it was made with, or its audio with --reference"
        )
    }

    private static func bytes(of path: String, _ what: String) throws(Failure) -> [UInt8] {
        guard !path.isEmpty else { throw .usage("\(what) is empty; name a file") }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Failure(EX_NOINPUT, "\(path) cannot be read: \(String(cString: strerror(errno)))")
        }
        return Array(data)
    }

    /// An hour at 16,000 Hz.
    private static let mostSamples = 3600 * 16_000

    private static func samples(of path: String, at rate: SampleRate) throws(Failure) -> [Float] {
        let bytes = try bytes(of: path, "the audio's name")
        do {
            let signal = try MutedDecoder(mostSamples: mostSamples).decode(bytes)
            guard signal.hertz != rate.hertz else { return signal.samples }
            // Resampled to a higher rate it is longer.
            if signal.samples.count / signal.hertz * rate.hertz <= mostSamples {
                return try SoxrResampler().resample([signal.samples], from: signal.hertz, to: rate)[0]
            }
        } catch {
            throw Failure(EX_DATAERR, "\(path) is no audio that can be read: \(error)")
        }
        throw Failure(EX_DATAERR, "\(path) is too long at \(rate.hertz) Hz; cut it to the call")
    }
}
