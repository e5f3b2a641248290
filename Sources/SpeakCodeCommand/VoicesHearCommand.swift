// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser
internal import SpeakCode
internal import SpeakCodeEspeak
internal import SpeakCodeSndfile
internal import SpeakCodeSoxr

/// `speakcode voices hear`: the phrases and symbols of a pack, one after another.
struct VoicesHearCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hear",
        abstract: "Play phrases and symbols of a pack or a recorded voice, as they will be heard on the telephone.",
        discussion: """
            speakcode voices hear it-IT.json5 phrases            all sentences
            speakcode voices hear it-IT.json5 digits.telephone   one style
            speakcode voices hear ja-JP letters.icao.Q -o q.wav  one word of a built-in pack, into a file
            speakcode voices hear ~/voices/june digits           what a voice folder has
            """)

    @Argument(
        help: ArgumentHelp("A voice pack's file, the locale of a built-in one, or a voice folder.", valueName: "pack"),
        completion: CompletionScript.packsAndVoices)
    var pack: String

    @Argument(help: ArgumentHelp("What to hear, by its place in the pack. (default: all of it)", valueName: "place"))
    var places: [String] = []

    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: ArgumentHelp("Write a WAV file in place of playing.", valueName: "file"),
        completion: .file(extensions: ["wav"]))
    var output: String?

    func run() async throws {
        HangUp.shared.listen()
        let pack =
            if pack.hasSuffix(".json5") {
                try VoicePack(file: pack)
            } else if let voice = try RecordedVoices.usual.voice(named: pack) {
                try voice.pack(in: .builtIn)
            } else {
                try VoicePackCatalog.builtIn.pack(for: pack)
            }
        let script: Script
        do {
            script = try Script(hearing: places, of: pack)
        } catch {
            throw Failure.usage(error.description)
        }
        let reader = CodeReader(
            engine: EngineProcess.ofThisProgram, resampler: SoxrResampler(),
            encoder: SoundFileEncoder(),
            prefetch: .none, retry: .none)
        let plan = SpeakPlan(hearing: script, output: output)
        guard case .file(let file) = plan.destination else {
            return try await Playback(plan, reader).play(readings: 1)
        }
        let rendition = try await reader.render(script, length: CodeReader.Length(readings: 1), as: plan.format)
        try file.write { sink throws(ByteSink.Fault) in try sink.write(rendition.slices) }
    }
}
