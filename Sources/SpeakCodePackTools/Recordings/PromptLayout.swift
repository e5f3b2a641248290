// SPDX-License-Identifier: GPL-3.0-or-later

public import SpeakCode

/// Where a telephone switch keeps the prompts that somebody has recorded for it.
public enum PromptLayout: String, CaseIterable, Sendable {
    /// `digits/7`, `letters/q`, `phonetic/q_p` and `phonetic/9_p` (niner), as in Debian's `asterisk-core-sounds-*`.
    case asterisk
    /// `digits/8000/7`, `ascii/8000/113`, `phonetic-ascii/8000/113`, as in FreeSWITCH's archives of sounds, a folder for each
    /// rate, or `digits/flac/7`, as in its Debian packages; the numbers are the small letters' in ASCII (`mod_say_en.c`).
    case freeswitch

    /// A prompt that is of use: which sound it is, and where it may lie, the best place first.
    public struct Prompt: Hashable, Sendable {
        /// The line that it says.
        public let line: RecordingScript.Line
        /// Its name in a voice folder; it serves for both endings.
        public let name: RecordingName
        /// Where it may lie, the best place first.
        public let paths: [String]
    }

    /// The prompts that say something of a pack.
    public func prompts(for pack: VoicePack) -> [Prompt] {
        let lines = (try? RecordingScript(of: pack, places: RecordingScript.allPlaces))?.lines ?? []
        return lines.compactMap { line in
            guard case .symbol(let symbol, let style, .continuing) = line.unit else { return nil }
            let paths = paths(of: symbol, style: style, in: pack.locale)
            guard !paths.isEmpty else { return nil }
            return Prompt(line: line, name: RecordingName(sharedBy: line.unit), paths: paths)
        }
    }

    private func paths(of symbol: CodeSymbol, style: String, in locale: LanguageTag) -> [String] {
        let character = symbol.character.lowercased()
        let ascii = symbol.character.asciiValue.map { Int($0) + (symbol.isDigit ? 0 : 32) } ?? 0
        switch (self, style, symbol.isDigit) {
        case (.asterisk, VoicePack.standard, true): return ["digits/\(character).wav"]
        case (.asterisk, "radio", true): return ["phonetic/\(character)_p.wav"]
        case (.asterisk, VoicePack.standard, false):
            let isZed = character == "z" && locale.language == "en" && locale.region != "US"
            return (isZed ? ["letters/zed.wav"] : []) + ["letters/\(character).wav"]
        case (.asterisk, "icao", false): return ["phonetic/\(character)_p.wav"]
        case (.freeswitch, VoicePack.standard, true): return Self.freeswitch("digits", "\(character)")
        case (.freeswitch, VoicePack.standard, false): return Self.freeswitch("ascii", "\(ascii)")
        case (.freeswitch, "icao", false): return Self.freeswitch("phonetic-ascii", "\(ascii)")
        default: return []
        }
    }

    /// The files of one of FreeSWITCH's prompts, the best first.
    private static func freeswitch(_ kind: String, _ name: String) -> [String] {
        [48_000, 32_000, 16_000, 8000].map { "\(kind)/\($0)/\(name).wav" } + ["\(kind)/flac/\(name).flac"]
    }

    /// What a prompt folder's name tells of it: `fr_CA_f_June` is French of Canada, a woman, June; `en/us/callie` is English.
    public struct Origin: Hashable, Sendable {
        /// The locale; nil where the name does not tell.
        public let locale: LanguageTag?
        /// The speaker's gender.
        public let gender: EngineVoice.Gender?
        /// The speaker's name.
        public let speaker: String?

        /// Reads a folder's path.
        public init(path: String) {
            let parts = path.split(separator: "/").map(String.init)
            let words = (parts.last ?? "").split(separator: "_").map(String.init)
            if words.count >= 4, let tag = LanguageTag("\(words[0])-\(words[1])") {
                locale = tag
                gender = words[2] == "f" ? .female : words[2] == "m" ? .male : nil
                speaker = words[3...].joined(separator: " ")
            } else if parts.count >= 3, parts[parts.count - 3].utf8.count == 2, parts[parts.count - 2].utf8.count == 2 {
                locale = LanguageTag("\(parts[parts.count - 3])-\(parts[parts.count - 2])")
                gender = nil
                speaker = parts.last.map { $0.prefix(1).uppercased() + $0.dropFirst() }
            } else {
                locale = LanguageTag(parts.last ?? "")
                gender = nil
                speaker = nil
            }
        }
    }
}
