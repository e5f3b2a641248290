// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCode
import Testing

/// A small voice pack, one key a line, so that tests can break a line and ask for its number.
enum TestPack {
    static let json5 = """
        // A pack for tests.
        {
          locale: "en-US",
          name: "English (tests)",
          checkedBy: "nobody",
          engine: {
            voice: "gmw/en-US",
            variant: "m3",
            rate: 150,
            pitch: 40,
            range: 40,
          },
          pauses: {
            lead: 0.2,
            phrase: 0.4,
            symbol: 0.5,
            group: 1.0,
            reading: 1.2,
            tail: 0.8,
          },
          phrases: {
            opening: { engine: "Your code is:", caption: "Your code is:" },
            bridge: "I repeat:",
            closing: {
              engine: "Goodbye.",
              caption: "Goodbye & <thanks>",
            },
          },
          templates: {
            standard: {
              first: ["opening", "{code}"],
              again: ["bridge", "{code}"],
            },
            polite: {
              first: ["{code}", "opening"],
              again: ["{code}"],
              end: ["closing"],
            },
          },
          digits: {
            standard: {
              "0": "zero",
              "1": "one",
              "2": "two",
              "3": "three",
              "4": "four",
              "5": "five",
              "6": "six",
              "7": "seven",
              "8": "eight",
              "9": { engine: "nine", caption: "nine" },
            },
            radio: {
              "9": { phonemes: "n'aIn3", caption: "niner" },
            },
          },
          letters: {
            standard: {
              A: "A", B: "B", C: "C", D: "D", E: "E", F: "F", G: "G", H: "H", I: "I", J: "J", K: "K", L: "L", M: "M",
              N: "N", O: "O", P: "P", Q: "Q", R: "R", S: "S", T: "T", U: "U", V: "V", W: "W", X: "X", Y: "Y", Z: "Z",
            },
          },
        }
        """

    /// The pack itself.
    static func pack() throws -> VoicePack {
        try VoicePack(json5: json5, source: "en-US.json5")
    }

    /// The same pack with another text somewhere.
    static func pack(replacing text: String, with other: String) throws -> VoicePack {
        try VoicePack(json5: json5.replacing(text, with: other), source: "en-US.json5")
    }

    /// The same pack without letters, for another locale.
    static func digitsOnly(_ locale: String = "de-DE") throws -> VoicePack {
        let head = json5.prefix(upTo: try #require(json5.firstRange(of: "  letters:")).lowerBound)
        return try VoicePack(
            json5: head.replacing("en-US\",\n", with: "\(locale)\",\n") + "}\n", source: "\(locale).json5")
    }
}
