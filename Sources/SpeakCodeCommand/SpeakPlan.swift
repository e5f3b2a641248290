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
        /// While they are heard, so many readings; nil until the listener hangs up.
        case live(readings: Int?)

        /// Whether nobody knows when it ends before it has.
        var isLive: Bool {
            if case .live = self { true } else { false }
        }
    }

    /// Where the audio goes.
    enum Destination {
        case player
        case standardOutput
        case file(OutputFile)
    }

    let script: Script
    let voice: EngineVoice
    /// The code of each reading where it changes, by how much later it is heard than it is laid out.
    let codes: (_ ahead: Duration) -> NextCode.Source?
    let length: Length
    let format: AudioFormat
    let destination: Destination
    let captions: (file: OutputFile, format: Captions.Format, style: Captions.Style)?
    let alignments: [(file: OutputFile, format: Alignment.Format)]
    /// Whether the audio's own file has cue points in it.
    let hasCuePoints: Bool
    let wantsSummary: Bool
    let isQuiet: Bool
    /// What a person may want to know, and no error.
    let warnings: [String]

    private static let forEars =
        "the format is made for voices: the tones of a text telephone belong in wav, ulaw, alaw, sln or au"

    /// The most readings that can be asked for.
    private static let mostReadings = 1000

    /// Reads the code and checks the options.
    ///
    /// - Throws: ``Failure`` or an error of the library, in words for a person.
    init(_ options: SpeakCommand) async throws {
        length = try Self.length(options)
        let paths = [("-o", options.output), ("--captions", options.captions)] + options.align.map { ("--align", $0) }
        for (option, path) in paths where path?.isEmpty == true {
            throw Failure.usage("\(option) is empty; name a file")
        }
        try SpokenCode.check(options.reading)
        destination = Self.destination(options)
        format = try Self.format(options, destination)
        captions = try Self.captions(options, length)
        (alignments, hasCuePoints) = try Self.alignments(options, length, format, destination)
        wantsSummary = options.json
        isQuiet = options.quiet
        if options.json, case .standardOutput = destination {
            throw Failure.usage("--json prints to standard output, where the audio goes; name a file with -o")
        }
        if options.json, length.isLive {
            throw Failure.usage(
                "--json tells what was made when it is made, and --repeat has no end; use "
                    + (options.reading.totpURI == nil ? "--times or --for" : "--once"))
        }
        try Self.refuseEndlessFile(length, destination, format, changes: options.reading.totpURI != nil)

        let code = try await SpokenCode(options.code, options.reading, isQuiet: options.quiet)
        (script, voice, codes) = (code.script, code.voice, code.codes)
        warnings = code.warnings + (script.delivery != .spoken && format.kind.isForEars ? [Self.forEars] : [])
        if !isQuiet, Terminal.isWatched { warnings.forEach(Terminal.say) }
    }

    /// What is heard of a pack by whoever writes it.
    init(hearing script: Script, output: String?) {
        self.script = script
        voice = script.pack.voice
        codes = { _ in nil }
        length = .finite(CodeReader.Length(readings: 1))
        format = .wav(output == nil ? .hz22050 : .hz8000)
        destination = output.map { .file(OutputFile(path: $0)) } ?? .player
        captions = nil
        (alignments, hasCuePoints) = ([], false)
        wantsSummary = false
        isQuiet = false
        warnings = []
    }

    private static func length(_ options: SpeakCommand) throws(Failure) -> Length {
        let given = [options.repeat, options.once, options.times != nil, options.limit != nil].count { $0 }
        guard given <= 1 else {
            throw .usage("--repeat, --once, --times and --for exclude each other; give one of them")
        }
        if options.repeat { return .live(readings: nil) }
        if let times = options.once ? 1 : options.times {
            guard (1...mostReadings).contains(times) else { throw .usage("--times must be 1 to \(mostReadings)") }
            // What changes between readings is made while it is heard.
            if options.reading.totpURI != nil, times > 1 { return .live(readings: times) }
            return .finite(CodeReader.Length(readings: times))
        }
        if let limit = options.limit?.duration {
            guard options.reading.totpURI == nil else {
                throw .usage("--for cannot tell how many readings fit where the code changes; use --times")
            }
            guard limit > .zero else { throw .usage("--for must be longer than nothing, such as 60s") }
            return .finite(CodeReader.Length(readings: .max, within: limit))
        }
        return options.reading.totpURI == nil ? .finite(.usual) : .live(readings: nil)
    }

    private static func destination(_ options: SpeakCommand) -> Destination {
        if options.play { return .player }
        if let output = options.output { return output == "-" ? .standardOutput : .file(OutputFile(path: output)) }
        return isatty(STDOUT_FILENO) == 1 ? .player : .standardOutput
    }

    private static func format(_ options: SpeakCommand, _ destination: Destination) throws -> AudioFormat {
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
        _ options: SpeakCommand, _ length: Length
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
        if length.isLive {
            throw .usage(
                options.reading.totpURI == nil
                    ? "captions of an endless reading have no end; use --times or --for in place of --repeat"
                    : "captions cannot change with the app's code; --once has those of one reading")
        }
        return (OutputFile(path: path), format, options.captionStyle)
    }

    private static func alignments(
        _ options: SpeakCommand, _ length: Length, _ format: AudioFormat, _ destination: Destination
    ) throws(Failure) -> ([(file: OutputFile, format: Alignment.Format)], hasCuePoints: Bool) {
        guard !options.align.isEmpty else { return ([], false) }
        if length.isLive {
            throw .usage("--align is of audio with an end; use --times, --for or --once")
        }
        var alignments: [(file: OutputFile, format: Alignment.Format)] = []
        var hasCuePoints = false
        for path in options.align {
            if case .file(let file) = destination, file.path == path {
                guard [.wav, .wavMuLaw, .wavALaw].contains(format.kind) else {
                    throw .usage(
                        "--align writes cue points into a WAV file alone; name another file for what is heard when")
                }
                hasCuePoints = true
                continue
            }
            guard let format = Alignment.Format(fileName: path) else {
                let known = Alignment.Format.allCases.map { ".\($0.rawValue)" }.joined(separator: ", ")
                throw .usage("\(path) must end in \(known), or be the WAV file of -o")
            }
            alignments.append((OutputFile(path: path), format))
        }
        return (alignments, hasCuePoints)
    }

    private static func refuseEndlessFile(
        _ length: Length, _ destination: Destination, _ format: AudioFormat, changes: Bool
    ) throws(Failure) {
        guard length.isLive else { return }
        var isRegularFile = false
        switch destination {
        case .player: return
        case .file(let file): isRegularFile = !file.isStream
        case .standardOutput:
            var status = stat()
            isRegularFile = fstat(STDOUT_FILENO, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        }
        if isRegularFile {
            throw .usage(
                changes
                    ? "a file cannot change with the app's code; --once writes that of one reading"
                    : "--repeat into a file never ends; use --times 3 or --for 60s, or pipe it to a player")
        }
        if format.sampleCoding == nil {
            throw .usage("\(format.kind.rawValue) cannot be endless; use wav, ulaw, alaw, sln or au, or --times")
        }
    }
}
