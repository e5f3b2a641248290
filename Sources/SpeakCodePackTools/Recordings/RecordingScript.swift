// SPDX-License-Identifier: GPL-3.0-or-later

public import SpeakCode

/// What somebody who lends a voice reads aloud: a line for each sound of a pack, in the order in which it is read.
public struct RecordingScript: Sendable {
    /// One line: what is said, and the file that it goes into.
    public struct Line: Hashable, Sendable {
        /// The unit that it is the sound of.
        public let unit: SpeechUnit
        /// The file's name in a folder, without its ending.
        public let name: RecordingName
        /// What is said, as a person reads it.
        public let caption: String
        /// What eSpeak NG is given to say the same: words, unless a pack has its phonemes; often respelt for it.
        public let utterance: Utterance
        /// How it ends.
        public let ending: Ending
    }

    /// How a line ends.
    public enum Ending: String, Hashable, Sendable, CaseIterable {
        /// More follows: the voice stays up.
        case continuing
        /// Nothing follows: the voice falls.
        case falling
        /// As its punctuation says.
        case sentence
    }

    /// The pack whose words are read.
    public let pack: VoicePack
    /// The lines: phrases, then digits, then letters; of each style first those that continue.
    public let lines: [Line]

    /// The places that are read where none is asked for: every code of digits can be said with them.
    public static let usualPlaces = ["phrases", "registers", "digits"]
    /// The places of all that a pack says.
    public static let allPlaces = usualPlaces + ["letters"]

    /// The script of a pack.
    ///
    /// - Parameters:
    ///   - pack: the words.
    ///   - places: where they stand in the pack, such as `phrases`, `digits.standard` or `letters`.
    /// - Throws: `ScriptError` where the pack has nothing there.
    public init(of pack: VoicePack, places: [String] = usualPlaces) throws(ScriptError) {
        self.pack = pack
        let units = pack.units.filter { unit in
            // Few record the sentences that count characters; who wants them names `characters` as well.
            guard places.contains(Wording.characters) || !VoicePack.countsCharacters(unit) else { return false }
            let path = unit.path
            return places.contains { path == $0 || path.hasPrefix($0 + ".") }
        }
        var seen: Set<RecordingName> = []
        let lines = units.compactMap { unit -> Line? in
            guard let line = pack.line(for: unit), let utterance = pack.utterance(for: unit),
                seen.insert(RecordingName(of: unit)).inserted
            else { return nil }
            let ending: Ending =
                switch unit {
                case .phrase: .sentence
                case .symbol(_, _, .continuing), .capital(.continuing): .continuing
                case .symbol(_, _, .falling), .capital(.falling): .falling
                }
            return Line(
                unit: unit, name: RecordingName(of: unit), caption: line.caption, utterance: utterance, ending: ending)
        }
        guard !lines.isEmpty else { throw ScriptError(.nothingThere(pack.locale)) }
        // A list is said in one breath: ten digits that go on, then ten that end.
        self.lines = lines.enumerated().sorted { Self.place($0) < Self.place($1) }.map(\.element)
    }

    /// The line that a recording is of, by its name; a name without an ending is that of the line that continues.
    public func line(named name: String) -> (line: Line, name: RecordingName)? {
        for line in lines {
            if let match = RecordingName.candidates(for: line.unit).prefix(2).first(where: { $0.text == name }) {
                return (line, match)
            }
        }
        return nil
    }

    private static func place(_ line: EnumeratedSequence<[Line]>.Element) -> (String, Int, Int) {
        switch line.element.unit {
        case .phrase: ("", 0, line.offset)
        case .capital(let intonation): ("a", intonation == .continuing ? 0 : 1, line.offset)
        case .symbol(let symbol, let style, let intonation):
            (
                (symbol.isDigit ? "0 " : "A ") + (style == VoicePack.standard ? "" : style),
                intonation == .continuing ? 0 : 1, line.offset
            )
        }
    }
}
