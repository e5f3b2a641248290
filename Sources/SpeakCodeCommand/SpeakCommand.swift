// SPDX-License-Identifier: GPL-3.0-or-later

public import ArgumentParser
public import SpeakCode
internal import SpeakCodeEspeak
internal import SpeakCodeSndfile
internal import SpeakCodeSoxr

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// `speakcode <code>`: speaks.
struct SpeakCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "speak",
        abstract: "Reads a verification code aloud, again and again, until you hang up.",
        usage: """
            speakcode <code> [--repeat] [--locale <tag>] [-o <file>] …
            speakcode - < file-with-the-code
            speakcode --totp-uri - < file-with-the-app's-uri
            speakcode voices [list | check]
            """,
        discussion: """
            Plays on the sound device at a terminal, writes WAV into a pipe, or with -o makes a file whose format its \
            name's extension tells. Ctrl-C hangs up. `speakcode help voices` tells of the voice packs.
            """)

    @Argument(
        help: ArgumentHelp(
            "The code: 1 to 32 digits and letters, whose case is not read; spaces and hyphens group it. - reads it from standard input.",
            valueName: "code"))
    var code: [String] = []

    @Flag(name: .long, help: "Read it again and again until Ctrl-C.")
    var `repeat` = false

    @Flag(name: .long, help: "Read it once.")
    var once = false

    @Option(
        name: .long, help: ArgumentHelp("How often it is read. (default: 3, or what fits into 60 s)", valueName: "n"))
    var times: Int?

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("As many whole readings as fit into a time, such as 60s, 2m or 1h.", valueName: "time"))
    var limit: Time?

    @OptionGroup var reading: ReadingOptions

    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: ArgumentHelp("Write a file; its extension tells the format.", valueName: "file"),
        completion: .file())
    var output: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The format, where the file's extension does not tell. (default: wav)", valueName: "name"))
    var format: AudioFormat.Kind?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Samples a second. (default: 8000; 22050 when played)",
            valueName: "hz"))
    var sampleRate: SampleRate?

    @Option(
        name: .long,
        help: ArgumentHelp("Write captions as well: .vtt, .srt or .json. They show the code.", valueName: "file"),
        completion: .file(extensions: Captions.Format.allCases.map(\.rawValue)))
    var captions: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "words: each symbol as it is said; cumulative: the code as far as it is read, whole at its end.",
            valueName: "name"))
    var captionStyle: Captions.Style = .words

    @Option(
        name: .long, parsing: .singleValue,
        help: ArgumentHelp(
            "Write what is heard when, to the sample: .TextGrid, .ctm, .stm, .txt (Audacity's labels) or .jsonl; the name of the .wav file of -o writes cue points into it. They show the code. Can be repeated.",
            valueName: "file"),
        completion: .file(extensions: Alignment.Format.allCases.map(\.rawValue)))
    var align: [String] = []

    @Flag(name: .long, help: "Play on the sound device even where standard output is no terminal.")
    var play = false

    @Flag(name: .long, help: "Print what was made as JSON: duration, level, engine … and never the code.")
    var json = false

    @Flag(name: .shortAndLong, help: "Say nothing but errors.")
    var quiet = false

    func run() async throws {
        HangUp.shared.listen()
        let plan = try await SpeakPlan(self)
        // This process speaks with one voice.
        let engine: any SpeechEngine = plan.script.packs.count == 1 ? EspeakEngine() : EngineProcess.ofThisProgram
        let reader = CodeReader(
            engine: engine, resampler: SoxrResampler(), encoder: SoundFileEncoder(), prefetch: .none,
            retry: .none)
        switch plan.length {
        case .finite(let length):
            var rendition = try await reader.render(plan.script, length: length, voice: plan.voice, as: plan.format)
            if plan.hasCuePoints { rendition = rendition.withCuePoints ?? rendition }
            // All of them appear, or none.
            let texts = try prepareTexts(of: rendition, plan)
            do {
                try await send(rendition, plan, reader)
            } catch {
                texts.forEach { $0.vanish() }
                throw error
            }
            for text in texts { try text.appear() }
            if plan.wantsSummary {
                let summary = try await Summary(of: rendition, plan, reader: reader)
                print(summary.json)
            }
        case .live(let readings):
            try await sendLive(plan, reader, readings: readings)
        }
    }

    /// Writes captions and alignments beside their places.
    private func prepareTexts(of rendition: Rendition, _ plan: SpeakPlan) throws(Failure) -> [OutputFile.Prepared] {
        var texts: [(file: OutputFile, text: String)] = []
        if let captions = plan.captions {
            texts.append(
                (captions.file, Captions(of: rendition.timeline, style: captions.style).text(as: captions.format)))
        }
        let audio = if case .file(let file) = plan.destination { file.path } else { "-" }
        for (file, format) in plan.alignments {
            texts.append((file, Alignment(of: rendition.timeline).text(as: format, of: audio)))
        }
        var prepared: [OutputFile.Prepared] = []
        for (file, text) in texts {
            do throws(Failure) {
                let one = try file.prepare { sink throws(ByteSink.Fault) in try sink.write(Array(text.utf8)[...]) }
                prepared += one.map { [$0] } ?? []
            } catch {
                prepared.forEach { $0.vanish() }
                throw error
            }
        }
        return prepared
    }

    private func send(_ rendition: Rendition, _ plan: SpeakPlan, _ reader: CodeReader) async throws {
        switch plan.destination {
        case .player:
            try await Playback(plan, reader).play(readings: rendition.readings)
        case .file(let file):
            try file.write { sink throws(ByteSink.Fault) in try sink.write(rendition.slices) }
            if !plan.isQuiet, !plan.wantsSummary, Terminal.isWatched {
                Terminal.say(
                    "wrote \(file.path), \(rendition.readings) readings in \(Self.seconds(rendition.duration)) s")
            }
        case .standardOutput:
            do throws(ByteSink.Fault) {
                try ByteSink.standardOutput.write(rendition.slices)
            } catch {
                try Self.endUnlessClosed(error)
            }
        }
    }

    /// How far frames are ahead of their time in a pipe.
    private static let lead: Duration = .seconds(1)

    /// Frames into a pipe or device, on the clock, until the readings are over or the reader closes it.
    private func sendLive(_ plan: SpeakPlan, _ reader: CodeReader, readings: Int?) async throws {
        switch plan.destination {
        case .player:
            try await Playback(plan, reader).play(readings: readings)
        case .file, .standardOutput:
            guard
                let stream = try await reader.stream(
                    plan.script, readings: readings, voice: plan.voice, as: plan.format,
                    frameLength: .milliseconds(100), lead: Self.lead, codes: plan.codes(Self.lead))
            else { throw Failure.usage("\(plan.format.kind.rawValue) cannot be endless") }
            var sink = ByteSink.standardOutput
            if case .file(let file) = plan.destination { sink = try file.openStream() }
            do throws(ByteSink.Fault) {
                var header = stream.header
                for await frame in stream {
                    try sink.write([header[...], frame.bytes])
                    header = []
                    if frame.endsReading { HangUp.shared.readingEnded() }
                }
            } catch {
                try Self.endUnlessClosed(error)
            }
        }
    }

    /// A reader who has closed the pipe has hung up, and that is an end like any other.
    private static func endUnlessClosed(_ fault: ByteSink.Fault) throws(Failure) {
        guard case .system(let reason) = fault else { return }
        throw Failure(EX_IOERR, "standard output could not be written: \(reason)")
    }

    private static func seconds(_ duration: Duration) -> String {
        let tenths = Int((duration / .milliseconds(100)).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}

extension AudioFormat.Kind: ExpressibleByArgument {}
extension Captions.Style: ExpressibleByArgument {}

extension SampleRate: ExpressibleByArgument {
    /// A rate as it is typed, in Hz.
    public init?(argument: String) {
        guard let hertz = Int(argument) else { return nil }
        self.init(rawValue: hertz)
    }

    /// The rates as they are typed.
    public static var allValueStrings: [String] { allCases.map { "\($0.hertz)" } }
}
