// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser
internal import SpeakCode
internal import SpeakCodeEspeak

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// `speakcode voices new`: a pack to fill in.
struct VoicesNewCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new", abstract: "Write a voice pack to fill in, with what is known of the language.")

    @Argument(help: ArgumentHelp("The locale, a BCP 47 tag with a region such as mi-NZ.", valueName: "locale"))
    var locale: String

    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: ArgumentHelp("The folder to write it into. (default: this one)", valueName: "folder"),
        completion: .directory)
    var folder = "."

    func run() async throws {
        guard let tag = LanguageTag(locale), tag.description == locale, tag.region != nil else {
            throw Failure.usage(
                "\(LanguageTag(locale).map { "\($0)" } ?? "the locale") must be a language and a region, such as mi-NZ")
        }
        let voices = try await EngineProcess.ofThisProgram.voices()
        let found = tag.lookup(in: voices.map(\.locale), orAmongKin: false)
        guard let voice = voices.first(where: { $0.locale == found }) else {
            throw Failure(
                EX_DATAERR,
                "eSpeak NG has no voice for \(tag); a pack can name the voice of a language that sounds like it, see "
                    + "docs/adding-a-language.md")
        }
        let path = folder == "." ? "\(tag).json5" : "\(folder)/\(tag).json5"
        let text = Array(NewPack(locale: tag, voice: voice).json5.utf8)
        // Nobody's work is written over.
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard file >= 0 else {
            throw Failure(
                errno == EEXIST ? EX_USAGE : EX_CANTCREAT,
                errno == EEXIST ? "\(path) is there already" : "\(path): \(String(cString: strerror(errno)))")
        }
        defer { close(file) }
        guard write(file, text, text.count) == text.count else {
            unlink(path)
            throw Failure(EX_IOERR, "\(path) could not be written: \(String(cString: strerror(errno)))")
        }
        print(
            """
            wrote \(path)
            1. Fill in what stands between empty quotation marks; docs/adding-a-language.md explains every key.
            2. Hear it:   speakcode voices hear \(path) phrases digits
            3. Check it:  speakcode voices check \(path)
            """)
    }
}

/// The text of a pack that nobody has filled in yet.
private struct NewPack {
    let locale: LanguageTag
    let voice: ListedVoice

    private static let icao = [
        "Alfa", "Bravo", "Charlie", "Delta", "Echo", "Foxtrot", "Golf", "Hotel", "India", "Juliett", "Kilo", "Lima",
        "Mike",
        "November", "Oscar", "Papa", "Quebec", "Romeo", "Sierra", "Tango", "Uniform", "Victor", "Whiskey", "X-ray",
        "Yankee",
        "Zulu",
    ]

    var json5: String {
        let words = CLDRDigits.words(of: locale.language, script: locale.script)
        let digits = (0...9).map { "      \"\($0)\": \"\(words?[$0] ?? "")\"," }.joined(separator: "\n")
        let source =
            words == nil
            ? "Unicode's CLDR has no words of this language; write them as one says them one by one."
            : "These are CLDR's words: check that one says them so one by one, on the telephone."
        let letters = (0..<26).map { UnicodeScalar(UInt8(0x41 + $0)) }
        let names = letters.map { "      \($0): \"\($0)\"," }.joined(separator: "\n")
        let spelling = zip(letters, Self.icao).map { letter, word in
            "      \(letter): { engine: \"\(word == "X-ray" ? "Xray" : word)\", caption: \"\(word)\" },"
        }.joined(separator: "\n")
        let spoken = EngineVoice.telephone(voice.identifier)
        return """
            // \(voice.name).
            //
            // `engine` is what the voice is given to say, `caption` is what a person reads; a single text is both.
            // docs/adding-a-language.md explains every key. Listen:  speakcode voices hear \(locale).json5 phrases.opening
            {
              locale: "\(locale)",
              name: "\(voice.name)",
              checkedBy: "no native speaker yet",

              // The same calm male voice in every pack.
              engine: { voice: "\(spoken.name)", variant: "\(spoken.variant ?? "")", rate: \(spoken.rate), \
            pitch: \(spoken.pitch), range: \(spoken.range) },

              // Leave `register` and `registers` out where the language does not tell formal from informal.
              register: "formal",

              phrases: {
                // Your verification code is:
                opening: "",
                // Your {digits} verification code is: (Your six-digit verification code is:)
                counted: "",
                // Your {brand} verification code is: (put {brand} where its form does not change)
                branded: "",
                // It is valid for {minutes}.
                validity: "",
                // I repeat:
                bridge: "",
                // Goodbye, as one says on the telephone.
                closing: "",
                // Press one to hear your code.
                gate: "",
              },
              registers: {
                informal: { opening: "", counted: "", branded: "", gate: "" },
              },

              // What stands in the places, in the form that the sentences above need.
              values: {
                digits: { "4": "", "5": "", "6": "", "7": "", "8": "", "9": "", "10": "" },
                minutes: { "1": "", "2": "", "3": "", "5": "", "10": "", "15": "", "30": "" },
              },

              digits: {
                // \(source)
                standard: {
            \(digits)
                },
                // A way of saying some digits that people have on the telephone; leave it out where there is none.
                // telephone: { "2": "" },
              },

              letters: {
                // The names of the Latin letters. Leave all of `letters` out, and the pack reads digits only.
                standard: {
            \(names)
                },
                // Respell `engine` until the voice says these words as people of the country do.
                icao: {
            \(spelling)
                },
              },
            }

            """
    }
}
