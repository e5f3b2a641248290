// SPDX-License-Identifier: GPL-3.0-or-later

/// Phonemes as eSpeak NG writes them: mnemonics, stress marks, pauses, and the language it goes over into in brackets.
package struct Phonemes: CustomStringConvertible {
    private let text: String

    package var description: String { text }

    package init(_ text: String) {
        self.text = text
    }

    /// The words without stress and pause marks, which differ with a word's place and not with its sound.
    package var words: [Substring] {
        var bare = ""
        var depth = 0
        var last: Character = " "
        for character in text {
            switch character {
            case "(": depth += 1
            case ")": depth -= 1
            case _ where depth > 0: break
            case "'", ",", "%", "=", "|", "_", "!": break
            // Behind a pause, a colon makes the pause longer; elsewhere it makes the sound longer.
            case ":" where last == "_": break
            case "\n": bare.append(" ")
            default: bare.append(character)
            }
            last = character
        }
        return bare.split(separator: " ")
    }

    /// The number of signs that are sounds.
    ///
    /// Of a string with a mnemonic that the voice does not know, eSpeak NG says what stands before it, and no error. Some
    /// voices write more than they were given: a palatal `;`, or `@-` between consonants, which make up for nothing lost. Some
    /// say a shade of a sound otherwise, `0` for `O2`: what stands behind a sound and shades it is none, nor is a tone.
    var soundCount: Int {
        words.reduce(0) { count, word in
            count + word.replacing("@-", with: "").count { !";:-#^[]\"~.12456789".contains($0) }
        }
    }

    /// Whether anything is said at all.
    package var isSpeech: Bool { !words.isEmpty }

    /// The language that the voice goes over into, where it does: `(en)` in `(en)w'0n(ja)`.
    package var otherLanguage: String? {
        guard let open = text.firstIndex(of: "("), let close = text[open...].firstIndex(of: ")") else { return nil }
        let language = text[text.index(after: open)..<close]
        return language.isEmpty ? nil : String(language)
    }
}
