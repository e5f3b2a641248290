// SPDX-License-Identifier: GPL-3.0-or-later

import FoundationEssentials

/// What is heard when, to the sample, for those who test lines, recognisers and other listeners.
///
/// Unlike captions it has the true end of each symbol, and so shows the code in its numbers as well as in its words.
public struct Alignment: Sendable {
    /// The formats.
    public enum Format: String, CaseIterable, Sendable {
        /// Praat's TextGrid, with a tier each for readings, groups, symbols, words and pauses.
        case textGrid = "TextGrid"
        /// NIST's CTM: a line for each symbol.
        case ctm
        /// NIST's STM: a line for the code of each reading, with the other ways in which its symbols could be said.
        case stm
        /// Audacity's labels: a line for each word.
        case labels = "txt"
        /// A manifest as NeMo and ESPnet read it: an object of JSON in a line for each reading.
        case manifest = "jsonl"

        /// The format that a file's name asks for by its extension; nil where none does.
        public init?(fileName: some StringProtocol) {
            guard let dot = fileName.lastIndex(of: ".") else { return nil }
            let name = fileName[fileName.index(after: dot)...].lowercased()
            guard let format = Self.allCases.first(where: { $0.rawValue.lowercased() == name }) else { return nil }
            self = format
        }
    }

    /// A stretch in which one thing is heard, in samples.
    package struct Stretch: Hashable {
        package let start: Int
        package let end: Int
        package let text: String
        /// The reading that it belongs to, from 0.
        package let reading: Int
        /// The part of the script that says it.
        var part = 0
        /// The symbol's place in the code, from 0; nil of a phrase.
        package var position: Int?
        /// All that could be said for it, itself first.
        var ways: [String] = []
    }

    private let timeline: Timeline
    /// What is said, in order: phrases, and symbols with all that is said for each.
    package let words: [Stretch]

    /// Reads an alignment off the timeline that the audio was made from.
    public init(of timeline: Timeline) {
        self.timeline = timeline
        words = Self.words(of: timeline)
    }

    private static func words(of timeline: Timeline) -> [Stretch] {
        let script = timeline.script
        var words: [Stretch] = []
        for segment in timeline.segments {
            switch segment.content {
            case .silence: break
            case .typed:
                words.append(
                    Stretch(
                        start: segment.start, end: segment.end, text: script.burst?.text ?? "", reading: segment.reading
                    ))
            case .speech(_, let unit, let part, let position):
                let pack = script.packs[part]
                let caption = pack.line(for: unit)?.caption ?? ""
                var word = Stretch(
                    start: segment.start, end: segment.end, text: caption, reading: segment.reading, part: part,
                    position: position, ways: pack.ways(ofSaying: unit, first: caption))
                // What says that a letter is a capital one belongs to the letter.
                if position != nil, let last = words.last, last.position == position, last.reading == word.reading,
                    last.part == part, last.end == word.start
                {
                    let text = last.text + " " + caption
                    word = Stretch(
                        start: last.start, end: word.end, text: text, reading: word.reading, part: part,
                        position: position, ways: [text])
                    words.removeLast()
                }
                words.append(word)
            }
        }
        return words
    }

    /// The alignment as a UTF-8 text that ends in a line feed.
    ///
    /// - Parameters:
    ///   - format: the format.
    ///   - audio: the name of the audio's file.
    public func text(as format: Format, of audio: String) -> String {
        switch format {
        case .textGrid: textGrid()
        case .ctm: ctm(audio)
        case .stm: stm(audio)
        case .labels: labels()
        case .manifest: manifest(audio)
        }
    }

    // MARK: Tiers

    /// Each reading with the pause behind it, end to end.
    private var readings: [Stretch] {
        var readings: [Stretch] = []
        for segment in timeline.segments {
            if let last = readings.last, last.reading == segment.reading {
                readings[readings.count - 1] = Stretch(
                    start: last.start, end: segment.end, text: last.text, reading: last.reading)
            } else {
                readings.append(
                    Stretch(
                        start: segment.start, end: segment.end, text: "reading \(segment.reading + 1)",
                        reading: segment.reading))
            }
        }
        return readings
    }

    /// Each symbol, as it is typed.
    private var symbols: [Stretch] {
        let written = timeline.script.written
        return words.compactMap { word in
            guard let position = word.position, position < written.count else { return nil }
            return Stretch(
                start: word.start, end: word.end, text: String(written[position]), reading: word.reading,
                part: word.part, position: position)
        }
    }

    /// Each group of symbols, from the first to the last of them.
    private var groups: [Stretch] {
        var groups: [Stretch] = []
        for symbol in symbols {
            let starts = timeline.script.groupStarts(ofReading: symbol.reading, part: symbol.part)
            if let last = groups.last, let position = symbol.position, !starts.contains(position),
                last.reading == symbol.reading, last.part == symbol.part
            {
                groups[groups.count - 1] = Stretch(
                    start: last.start, end: symbol.end, text: last.text + symbol.text, reading: last.reading,
                    part: last.part)
            } else {
                groups.append(
                    Stretch(
                        start: symbol.start, end: symbol.end, text: symbol.text, reading: symbol.reading,
                        part: symbol.part))
            }
        }
        return groups
    }

    /// What lies between the words.
    private var pauses: [Stretch] {
        filled(words).filter(\.text.isEmpty).map {
            Stretch(start: $0.start, end: $0.end, text: "pause", reading: $0.reading)
        }
    }

    /// Stretches with empty ones between them, which cover the audio from its first sample to its last.
    private func filled(_ stretches: [Stretch]) -> [Stretch] {
        var filled: [Stretch] = []
        var end = 0
        for stretch in stretches {
            if stretch.start > end {
                filled.append(Stretch(start: end, end: stretch.start, text: "", reading: stretch.reading))
            }
            filled.append(stretch)
            end = stretch.end
        }
        if end < timeline.sampleCount {
            filled.append(
                Stretch(start: end, end: timeline.sampleCount, text: "", reading: stretches.last?.reading ?? 0))
        }
        return filled
    }

    // MARK: Formats

    /// The long form of Praat's TextGrid: intervals that cover the whole, quotation marks doubled.
    private func textGrid() -> String {
        let tiers = [
            ("readings", readings), ("groups", groups), ("symbols", symbols), ("words", words), ("pauses", pauses),
        ]
        let end = seconds(timeline.sampleCount)
        var text = "File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\nxmin = 0\nxmax = \(end)\n"
        text += "tiers? <exists>\nsize = \(tiers.count)\nitem []:\n"
        for (number, tier) in tiers.enumerated() {
            let intervals = filled(tier.1)
            text += "    item [\(number + 1)]:\n        class = \"IntervalTier\"\n        name = \"\(tier.0)\"\n"
            text += "        xmin = 0\n        xmax = \(end)\n        intervals: size = \(intervals.count)\n"
            for (place, interval) in intervals.enumerated() {
                text += "        intervals [\(place + 1)]:\n"
                text += "            xmin = \(seconds(interval.start))\n            xmax = \(seconds(interval.end))\n"
                text += "            text = \"\(interval.text.replacing("\"", with: "\"\""))\"\n"
            }
        }
        return text
    }

    /// `file channel start duration word`: symbols alone, since where within a phrase its words are, nobody knows.
    private func ctm(_ audio: String) -> String {
        let name = Self.stem(of: audio)
        let lines = words.filter { $0.position != nil }.map { word in
            "\(name) 1 \(seconds(word.start)) \(seconds(word.end - word.start)) "
                + Self.plain(word.text).joined(separator: "_")
        }
        return ";; from the samples at which each symbol begins and ends\n"
            + lines.map { $0 + "\n" }.joined()
    }

    /// `file channel speaker begin end words`: the code of each reading, `{ zero / oh }` where it could be said otherwise.
    private func stm(_ audio: String) -> String {
        let name = Self.stem(of: audio)
        return runs.map { run in
            let words = run.map { word in
                var ways: [String] = []
                for way in word.ways.map({ Self.plain($0).joined(separator: " ") }) where !ways.contains(way) {
                    ways.append(way)
                }
                return ways.count > 1 ? "{ \(ways.joined(separator: " / ")) }" : ways.first ?? ""
            }
            return "\(name) 1 speakcode \(seconds(run[0].start)) \(seconds(run[run.count - 1].end)) "
                + words.joined(separator: " ") + "\n"
        }.joined()
    }

    /// `start`, `end` and text with tabs between them.
    private func labels() -> String {
        words.map { "\(seconds($0.start))\t\(seconds($0.end))\t\($0.text)\n" }.joined()
    }

    private struct Utterance: Encodable {
        let audio: String
        let offset: Double
        let duration: Double
        let text: String
        let lang: String
        let code: String

        private enum CodingKeys: String, CodingKey {
            case audio = "audio_filepath"
            case offset, duration, text, lang, code
        }
    }

    private func manifest(_ audio: String) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let script = timeline.script
        return readings.map { reading in
            let said = words.filter { $0.reading == reading.reading }
            let line = Utterance(
                audio: audio, offset: Double(reading.start) / Double(timeline.sampleRate.hertz),
                duration: Double(reading.end - reading.start) / Double(timeline.sampleRate.hertz),
                text: said.flatMap { Self.plain($0.text) }.joined(separator: " "), lang: "\(script.pack.locale)",
                code: String(script.written))
            // Numbers and texts always encode.
            return String(decoding: (try? encoder.encode(line)) ?? Data(), as: UTF8.self) + "\n"
        }.joined()
    }

    /// The symbols of each reading in each language, none of which is empty.
    private var runs: [[Stretch]] {
        words.filter { $0.position != nil }.reduce(into: [[Stretch]]()) { runs, word in
            if let last = runs.last?.last, last.reading == word.reading, last.part == word.part {
                runs[runs.count - 1].append(word)
            } else {
                runs.append([word])
            }
        }
    }

    /// Words in small letters and without punctuation, as recognisers write them.
    package static func plain(_ text: String) -> [String] {
        text.lowercased().split(separator: " ").map { $0.filter { $0.isLetter || $0.isNumber || "'’-".contains($0) } }
            .filter { !$0.isEmpty }
    }

    /// A file's name without folders and extension, in which no blank would end a column.
    private static func stem(of audio: String) -> String {
        let name = audio.split(separator: "/").last ?? "audio"
        let stem = name.lastIndex(of: ".").map { name[..<$0] } ?? name
        return stem.isEmpty ? "audio" : String(stem).replacing(" ", with: "_")
    }

    /// Seconds with nine decimals, by which each rate's samples are found again.
    private func seconds(_ sample: Int) -> String {
        let (whole, rest) = sample.quotientAndRemainder(dividingBy: timeline.sampleRate.hertz)
        let hertz = timeline.sampleRate.hertz
        // Half a sample's thousandth is never reached, so that to round carries nothing over.
        let decimals = String((rest * 1_000_000_000 + hertz / 2) / hertz)
        return "\(whole)." + String(repeating: "0", count: 9 - decimals.count) + decimals
    }
}

extension Alignment: CustomStringConvertible, CustomReflectable {
    /// Nothing of what is said.
    public var description: String { "Alignment" }

    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension VoicePack {
    /// What a symbol's styles say for it, the one that is said first; nothing of a phrase.
    fileprivate func ways(ofSaying unit: SpeechUnit, first caption: String) -> [String] {
        guard case .symbol(let symbol, _, _) = unit else { return [] }
        let styles = symbol.isDigit ? digits : letters
        return [caption] + styles.sorted { $0.key < $1.key }.compactMap { $0.value[symbol]?.caption }
    }
}

// MARK: Within a WAVE file

extension Alignment {
    /// The chunks `cue ` and `LIST` of a RIFF file (RIFF MCI, section 3): where each word begins, what it is, how long it lasts.
    var waveChunks: [UInt8] {
        var cues = Self.bytes(UInt32(words.count))
        var list = Array("adtl".utf8)
        for (number, word) in zip(UInt32(1)..., words) {
            // The name, the place in the order of playing, the chunk, two offsets that are of other files, the sample.
            cues += Self.bytes(number) + Self.bytes(UInt32(clamping: word.start)) + Array("data".utf8)
            cues += Self.bytes(0) + Self.bytes(0) + Self.bytes(UInt32(clamping: word.start))
            list += Self.chunk("labl", Self.bytes(number) + Array(word.text.utf8) + [0])
            list += Self.chunk(
                "ltxt",
                Self.bytes(number) + Self.bytes(UInt32(clamping: word.end - word.start)) + Array("rgn ".utf8)
                    + [UInt8](repeating: 0, count: 8))
        }
        return Self.chunk("cue ", cues) + Self.chunk("LIST", list)
    }

    /// A chunk, filled up to an even length.
    private static func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
        Array(name.utf8) + bytes(UInt32(content.count)) + content + [UInt8](repeating: 0, count: content.count % 2)
    }

    /// Low byte first.
    private static func bytes(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }
}

extension Rendition {
    /// The same WAVE file with cue points in it: where each word begins, what it is, how long it lasts.
    ///
    /// - Returns: nil for a format that is no WAVE file.
    public var withCuePoints: Rendition? {
        guard [.wav, .wavMuLaw, .wavALaw].contains(format.kind), let coding = format.sampleCoding else { return nil }
        return Rendition(
            timeline: timeline, format: format, coding: coding, behind: Alignment(of: timeline).waveChunks)
    }
}
