// SPDX-License-Identifier: GPL-3.0-or-later

public import ArgumentParser
public import SpeakCode

/// How a code is read aloud, wherever it is heard.
struct ReadingOptions: ParsableArguments {
    @Option(
        name: .customLong("totp-uri"),
        help: ArgumentHelp(
            "Read an authenticator app's code, the new one when it changes: a file with the otpauth URI or the secret in base32; - is standard input.",
            valueName: "file"),
        completion: .file())
    var totpURI: String?

    @Option(
        name: .long,
        help: ArgumentHelp("The language, a BCP 47 tag such as ja-JP or de. (default: en-US)", valueName: "tag"),
        completion: CompletionScript.locales)
    var locale: String?

    @Option(
        name: .long,
        help: ArgumentHelp("Take the language of a telephone number, such as +81….", valueName: "number"))
    var phoneNumber: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Write it as the tones of a text telephone, at 45.45 or 50 bit/s; mixed: behind every second spoken reading. (default without a value: 45)",
            valueName: "45|50|mixed|mixed-50"))
    var tty: TextTelephoneOption?

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
            "A value for a slot of the template, such as minutes=10; can be repeated.", valueName: "slot=value"))
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
}

/// A value for a slot on the command line: `minutes=10`.
struct Slot: ExpressibleByArgument {
    let name: String
    let value: String

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
        (name, value) = (parts[0], parts[1])
    }
}

extension Register: ExpressibleByArgument {}
extension LetterCase: ExpressibleByArgument {}
extension Pacing.Preset: ExpressibleByArgument {}
