// SPDX-License-Identifier: GPL-3.0-or-later

public import SpeakCode

/// The text of a pack that nobody has filled in yet.
public struct NewPack: Sendable {
    private let locale: LanguageTag
    private let voice: ListedVoice

    /// A pack for a locale and the engine's voice that speaks it.
    public init(locale: LanguageTag, voice: ListedVoice) {
        self.locale = locale
        self.voice = voice
    }

    private static let icao = [
        "Alfa", "Bravo", "Charlie", "Delta", "Echo", "Foxtrot", "Golf", "Hotel", "India", "Juliett", "Kilo", "Lima",
        "Mike",
        "November", "Oscar", "Papa", "Quebec", "Romeo", "Sierra", "Tango", "Uniform", "Victor", "Whiskey", "X-ray",
        "Yankee",
        "Zulu",
    ]

    /// The pack's file, with what is known of the language and places to fill in.
    public var json5: String {
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

              // What stands in the slots, in the form that the sentences above need.
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
