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

    @Option(
        name: .long, help: ArgumentHelp("How often it is read. (default: 3, or what fits into 60 s)", valueName: "n"))
    var times: Int?

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("As many whole readings as fit into a time, such as 60s, 2m or 1h.", valueName: "time"))
    var limit: Time?

    @Option(
        name: .long,
        help: ArgumentHelp("The language, a BCP 47 tag such as ja-JP or de. (default: en-US)", valueName: "tag"),
        completion: CompletionScript.locales)
    var locale: String?

    @Option(
        name: .long,
        help: ArgumentHelp("Take the language of a telephone number, such as +81….", valueName: "number"))
    var phoneNumber: String?

    @Option(name: .long, help: ArgumentHelp("How patiently.", valueName: "name"))
    var pacing: Pacing.Preset = .normal

    @Option(
        name: .long,
        help: ArgumentHelp("The pause between symbols, such as 0.8s or 800ms. (default: 0.5s)", valueName: "time"))
    var gap: Time?

    @Option(name: .long, help: ArgumentHelp("The pause between readings. (default: 1.2s)", valueName: "time"))
    var pause: Time?

    @Option(
        name: .long, help: ArgumentHelp("Words a minute, 80 to 450. (default: the voice's own)", valueName: "wpm"))
    var rate: Int?

    @Option(name: .long, help: ArgumentHelp("Pitch, 0 to 99. (default: the voice's own)", valueName: "0-99"))
    var pitch: Int?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "female, male, a recorded voice's folder or name, or another eSpeak NG voice: its name, a variant behind a +, or +variant alone.",
            valueName: "name"),
        completion: CompletionScript.speakers)
    var voice: String?

    @Option(
        name: .long,
        help: ArgumentHelp("How digits and letters are said; `speakcode voices` lists styles.", valueName: "name"),
        completion: CompletionScript.words(VoicePack.knownStyles))
    var style: String?

    @Option(
        name: .long, help: ArgumentHelp("How letters are said, where it is to be another style.", valueName: "style"),
        completion: CompletionScript.words(VoicePack.knownStyles))
    var letters: String?

    @Option(
        name: .customLong("case"),
        help: ArgumentHelp("What becomes of the case of letters: spoken says which are capital.", valueName: "name"))
    var letterCase: LetterCase = .ignored

    @Option(name: .long, help: "formal or informal, where the language makes a difference. (default: the pack's own)")
    var register: Register?

    @Option(
        name: .long, parsing: .singleValue,
        help: ArgumentHelp(
            "A value for a place of the template, such as minutes=10; can be repeated.", valueName: "place=value"))
    var slot: [Slot] = []

    @Option(
        name: .long, help: ArgumentHelp("A second language, read after the first in each reading.", valueName: "tag"),
        completion: CompletionScript.locales)
    var secondLocale: String?

    @Option(
        name: .long, help: ArgumentHelp("The order of phrases and code.", valueName: "name"),
        completion: CompletionScript.words(VoicePack.knownTemplates))
    var template = VoicePack.standard

    @Option(
        name: .long, help: ArgumentHelp("A folder of voice packs over the built-in ones.", valueName: "folder"),
        completion: .directory)
    var voices: String?

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

/// A value for a place on the command line: `minutes=10`.
struct Slot: ExpressibleByArgument {
    let place: String
    let value: String

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
        (place, value) = (parts[0], parts[1])
    }
}

extension Register: ExpressibleByArgument {}
extension LetterCase: ExpressibleByArgument {}
extension Pacing.Preset: ExpressibleByArgument {}
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
