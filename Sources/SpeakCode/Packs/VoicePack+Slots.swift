// SPDX-License-Identifier: GPL-3.0-or-later

extension VoicePack.Line {
    /// The most bytes of a slot's name.
    static let longestSlot = 15

    /// A line whose slots are found in its texts.
    init(utterance: Utterance, caption: String) {
        self.init(utterance: utterance, caption: caption, slots: Self.slots(in: caption))
    }

    /// The names in curly brackets, in alphabetical order, each once.
    static func slots(in text: String) -> [String] {
        var names: Set<String> = []
        var rest = text[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            names.insert(String(rest[rest.index(after: open)..<close]))
            rest = rest[rest.index(after: close)...]
        }
        return names.sorted()
    }

    /// The line with words in its slots.
    ///
    /// - Parameter words: a line for each of ``slots``.
    func filled(with words: [String: VoicePack.Line]) -> VoicePack.Line {
        var (text, caption) = (utterance.text, caption)
        let around = slots.reduce(caption) { $0.replacing("{\($1)}", with: "") }
        for (slot, word) in words {
            text = text.replacing("{\(slot)}", with: word.utterance.text)
            caption = caption.replacing("{\(slot)}", with: Self.isolated(word.caption, in: around))
        }
        return VoicePack.Line(utterance: utterance.with(text: text), caption: caption, slots: [])
    }

    /// A word that runs in the other direction than the text around it, set apart by Unicode's isolates (UAX #9, 2.4.2):
    /// else a brand's full stop or figure jumps to the wrong end in Arabic or Hebrew captions.
    private static func isolated(_ word: String, in text: String) -> String {
        guard let around = isRightToLeft(text), isRightToLeft(word).map({ $0 != around }) ?? around else { return word }
        return "\u{2068}\(word)\u{2069}"
    }

    /// Whether a text's first letter is of a script that is written from right to left; nil for a text without letters.
    static func isRightToLeft(_ text: String) -> Bool? {
        guard let letter = text.unicodeScalars.first(where: \.properties.isAlphabetic)?.value else { return nil }
        // Hebrew, Arabic, Syriac, Thaana, N'Ko … and their presentation forms (Unicode's blocks with Bidi_Class R and AL).
        return (0x0590...0x08FF).contains(letter) || (0xFB1D...0xFDFF).contains(letter)
            || (0xFE70...0xFEFF).contains(letter) || (0x1_0800...0x1_0FFF).contains(letter)
            || (0x1_E800...0x1_EFFF).contains(letter)
    }
}

extension VoicePack {
    /// Whether the pack's language is written from right to left.
    var isRightToLeft: Bool {
        guard let zero = digits[Self.standard]?.first(where: { $0.key.index == 0 })?.value else { return false }
        return Line.isRightToLeft(zero.caption) ?? phrases.values.contains { Line.isRightToLeft($0.caption) == true }
    }
}
