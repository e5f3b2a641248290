// SPDX-License-Identifier: GPL-3.0-or-later

public import ArgumentParser
public import SpeakCode

/// What can be typed behind `speakcode`.
struct SpeakOptions: ParsableArguments {
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
}

/// A time on the command line: `60s`, `500ms`, `2m`, `1h`, or seconds without a unit; a day at most.
struct Time: ExpressibleByArgument {
    let duration: Duration

    /// What it is, for a message.
    static let words = "a number with ms, s, m or h behind it, such as 60s, and a day at most"

    init?(argument: String) {
        let units: [(suffix: String, seconds: Double)] = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("", 1)]
        guard let unit = units.first(where: { argument.hasSuffix($0.suffix) }),
            let value = Double(argument.dropLast(unit.suffix.count)), value.isFinite, value >= 0,
            value * unit.seconds <= 86400
        else { return nil }
        duration = .seconds(value * unit.seconds)
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
