// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser
internal import SpeakCode
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

    @OptionGroup var options: SpeakOptions

    func run() async throws {
        HangUp.shared.listen()
        let plan = try await SpeakPlan(options)
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
