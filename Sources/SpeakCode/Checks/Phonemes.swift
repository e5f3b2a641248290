// SPDX-License-Identifier: GPL-3.0-or-later

/// Phonemes as eSpeak NG writes them: mnemonics, stress marks, pauses, and the language it goes over into in brackets.
struct Phonemes {
    private let text: String

    init(_ text: String) {
        self.text = text
    }

    /// The words without stress and pause marks, which differ with a word's place and not with its sound.
    var words: [Substring] {
        let bare = text.filter { !",'_:;=%|".contains($0) || $0 == ":" }
        return bare.split { $0 == " " || $0 == "\n" }.filter { !$0.hasPrefix("(") || !$0.hasSuffix(")") }
    }

    /// Whether anything is said at all.
    var isSpeech: Bool {
        words.contains { word in word.contains(where: \.isLetter) }
    }

    /// The language that the voice goes over into, where it does: `(en)` in `(en)w'0n(ja)`.
    var otherLanguage: String? {
        guard let open = text.firstIndex(of: "("), let close = text[open...].firstIndex(of: ")") else { return nil }
        let language = text[text.index(after: open)..<close]
        return language.isEmpty ? nil : String(language)
    }
}
