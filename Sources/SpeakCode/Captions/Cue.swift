// SPDX-License-Identifier: GPL-3.0-or-later

/// One caption: what is said from when to when.
///
/// Cues show the code, as the audio says it: they are as secret as the audio.
public struct Cue: Hashable, Sendable {
    /// The first sample.
    public let start: Int
    /// The sample behind the last one; of a symbol the same whichever it is.
    public let end: Int
    /// What is said, as a person reads it.
    public let text: String
    /// The language that it is said in.
    public let locale: LanguageTag
    /// The symbol that is said; nil for a phrase.
    public let symbol: Character?
    /// The symbol's position in the code, from 1; nil for a phrase.
    public let position: Int?
    /// The reading, from 1.
    public let reading: Int
    /// The script's part that says it, and whether it is of its pack's words.
    let part: Int
    let isWord: Bool
}

extension Timeline {
    /// What is said when, in order, each word as it is said.
    ///
    /// Pauses have no cue; a symbol's lasts for as long as the longest that could stand in its place.
    public var cues: [Cue] { cues(.words) }

    /// What is said when, in order.
    public func cues(_ style: Captions.Style) -> [Cue] {
        var cues: [Cue] = []
        let packs = script.packs
        for segment in segments {
            if case .typed = segment.content, let burst = script.burst {
                cues.append(
                    Cue(
                        start: segment.start, end: segment.end, text: burst.text, locale: script.pack.locale,
                        symbol: nil, position: nil, reading: segment.reading + 1, part: 0, isWord: false))
                continue
            }
            guard case .speech(_, let unit, let part, let position) = segment.content else { continue }
            let caption = packs[part].line(for: unit)?.caption ?? ""
            let symbol = unit.symbol.map { script.written($0, at: position) }
            var cue = Cue(
                start: segment.start, end: segment.slotEnd ?? segment.end,
                // A letter that is its own name is read in its own case.
                text: symbol.map { caption == $0.uppercased() ? String($0) : caption } ?? caption,
                locale: packs[part].locale, symbol: symbol, position: position.map { $0 + 1 },
                reading: segment.reading + 1,
                part: part, isWord: true)
            // One position has one cue, however many units say it.
            if position != nil, let last = cues.last, last.position == cue.position, last.reading == cue.reading,
                last.part == part, last.symbol == nil || symbol == nil
            {
                cue = cue.following(last)
                cues.removeLast()
            }
            cues.append(cue)
        }
        return style == .words ? cues : cumulated(cues)
    }

    /// The code in place of its words: what has been read of it, until something else is said.
    private func cumulated(_ cues: [Cue]) -> [Cue] {
        var text = ""
        var groupStarts: Set<Int> = []
        return cues.indices.map { index in
            let cue = cues[index]
            guard let position = cue.position, let symbol = cue.symbol else { return cue }
            if position == 1 {
                text = ""
                groupStarts = script.groupStarts(ofReading: cue.reading - 1, part: cue.part)
            } else if groupStarts.contains(position - 1) {
                text.append(" ")
            }
            text.append(symbol)
            let next = index + 1 < cues.count ? cues[index + 1].start : sampleCount
            return cue.showing(text, until: next)
        }
    }
}

extension Cue {
    /// The same behind what was said before it for the same symbol.
    fileprivate func following(_ other: Cue) -> Cue {
        Cue(
            start: other.start, end: end, text: other.text + " " + text, locale: locale, symbol: symbol ?? other.symbol,
            position: position, reading: reading, part: part, isWord: isWord)
    }

    /// The same with a text that is of no language.
    fileprivate func showing(_ text: String, until end: Int) -> Cue {
        Cue(
            start: start, end: end, text: text, locale: locale, symbol: symbol, position: position, reading: reading,
            part: part, isWord: false)
    }
}

extension SpeechUnit {
    /// The symbol; nil of a phrase.
    fileprivate var symbol: CodeSymbol? {
        if case .symbol(let symbol, _, _) = self { symbol } else { nil }
    }
}
