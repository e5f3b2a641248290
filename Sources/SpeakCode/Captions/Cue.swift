// SPDX-License-Identifier: GPL-3.0-or-later

/// One caption: what is said from when to when.
///
/// Cues show the code, as the audio says it: they are as secret as the audio.
public struct Cue: Hashable, Sendable {
    /// The first sample.
    public let start: Int
    /// The sample behind the last one.
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
}

extension Timeline {
    /// What is said when, in order; pauses have no cue.
    public var cues: [Cue] {
        segments.compactMap { segment in
            guard case .speech(_, let unit, let part, let position) = segment.content else { return nil }
            var symbol: Character?
            if case .symbol(let said, _, _) = unit { symbol = said.character }
            return Cue(
                start: segment.start, end: segment.end, text: packs[part].line(for: unit)?.caption ?? "",
                locale: packs[part].locale, symbol: symbol, position: position.map { $0 + 1 },
                reading: segment.reading + 1)
        }
    }
}
