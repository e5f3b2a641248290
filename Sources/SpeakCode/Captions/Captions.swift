// SPDX-License-Identifier: GPL-3.0-or-later

import FoundationEssentials

/// The captions of an announcement, in the formats that players and testers read.
///
/// Those of all codes of one shape have as many bytes: they are filled up to what the longest words would take, with what
/// the format does not show.
public struct Captions: Sendable {
    /// The formats.
    public enum Format: String, CaseIterable, Sendable {
        /// WebVTT (W3C).
        case webVTT = "vtt"
        /// SubRip.
        case subRip = "srt"
        /// Cues with sample positions, for programs.
        case json

        /// The format that a file's name asks for by its extension; nil where none does.
        public init?(fileName: some StringProtocol) {
            guard let dot = fileName.lastIndex(of: ".") else { return nil }
            self.init(rawValue: fileName[fileName.index(after: dot)...].lowercased())
        }
    }

    /// What is shown of the code.
    public enum Style: String, CaseIterable, Sendable {
        /// Each symbol as it is said, in the language's words, for as long as it is said.
        case words
        /// The symbols read so far, as they are typed, until something else is said: at its end the whole code.
        case cumulative
    }

    private let timeline: Timeline
    private let cues: [Cue]

    /// Reads captions off the timeline that the audio was made from.
    public init(of timeline: Timeline, style: Style = .words) {
        self.timeline = timeline
        cues = timeline.cues(style)
    }

    /// The captions as a UTF-8 text that ends in a line feed.
    public func text(as format: Format) -> String {
        switch format {
        case .webVTT: webVTT()
        case .subRip: subRip()
        case .json: json()
        }
    }

    /// <https://www.w3.org/TR/webvtt1/>: a header, then cues with hours, a full stop and milliseconds.
    ///
    /// Empty lines at the end fill it up; comments would as well, if every reader knew them.
    private func webVTT() -> String {
        // The metadata header `Language` is what HLS and players read; the text itself carries no markup.
        var text = "WEBVTT\nLanguage: \(timeline.script.pack.locale)\n"
        for (index, cue) in cues.enumerated() {
            text += "\n\(index + 1)\n\(time(cue.start, ".")) --> \(time(cue.end, "."))\n\(tagged(cue))\n"
        }
        return text + String(repeating: "\n", count: spares { Self.escaped($0).utf8.count }.reduce(0, +))
    }

    /// The text of a cue; in a second language with its tag, so that a screen reader changes its voice.
    private func tagged(_ cue: Cue) -> String {
        let text = Self.escaped(directed(cue, as: .webVTT))
        return cue.locale == timeline.script.pack.locale ? text : "<lang \(cue.locale)>\(text)</lang>"
    }

    /// Spaces behind the times fill it up, where readers look for a position or for nothing; some take empty lines at the end
    /// for the last cue's.
    private func subRip() -> String {
        zip(cues, spares(\.utf8.count)).enumerated().map { index, line in
            let (cue, spare) = line
            let times = "\(time(cue.start, ",")) --> \(time(cue.end, ","))" + String(repeating: " ", count: spare)
            return "\(index + 1)\n\(times)\n\(directed(cue, as: .subRip))\n"
        }.joined(separator: "\n")
    }

    /// By how many bytes each cue's word is shorter than the longest that could be said in its place.
    ///
    /// - Parameter length: the bytes of a text as the format has it.
    private func spares(_ length: (String) -> Int) -> [Int] {
        let script = timeline.script
        let longest = zip(script.needs, script.packs).map { need, pack in
            need.alphabet.map { alphabet in
                pack.ways(of: alphabet, .falling).map { units in
                    length(units.map { pack.line(for: $0)?.caption ?? "" }.joined(separator: " "))
                }
            }?.max() ?? 0
        }
        return cues.map { $0.isWord && $0.position != nil ? longest[$0.part] - length($0.text) : 0 }
    }

    /// A cue's text, in right-to-left languages with the marks by which players that lay out lines from left to right put
    /// punctuation where it belongs (UAX #9).
    ///
    /// SubRip says nothing of direction, and its players take left to right, so that a full stop goes to the wrong end, and
    /// words on the two sides of a foreign one change places: an embedding (U+202B … U+202C) is what subtitle editors put
    /// there, and what older players know, unlike isolates. A line of WebVTT takes the direction of its first letter, as which
    /// U+200F counts. A code runs from left to right, also where it has no letter: U+200E.
    private func directed(_ cue: Cue, as format: Format) -> String {
        guard timeline.script.packs[cue.part].isRightToLeft else { return cue.text }
        guard cue.isWord else { return "\u{200E}" + cue.text }
        return format == .subRip ? "\u{202B}\(cue.text)\u{202C}" : "\u{200F}\(cue.text)\u{200F}"
    }

    private func json() -> String {
        let document = CaptionDocument(
            locale: timeline.script.pack.locale.description, sampleRate: timeline.sampleRate.hertz,
            sampleCount: timeline.sampleCount, duration: seconds(timeline.sampleCount),
            cues: cues.map { cue in
                CaptionDocument.Cue(
                    start: seconds(cue.start), end: seconds(cue.end), startSample: cue.start, endSample: cue.end,
                    text: cue.text, locale: cue.locale == timeline.script.pack.locale ? nil : cue.locale.description,
                    symbol: cue.symbol.map(String.init), position: cue.position,
                    reading: cue.reading)
            })
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        // Numbers, texts and lists always encode.
        func text(_ value: some Encodable) -> String {
            String(decoding: (try? encoder.encode(value)) ?? Data(), as: UTF8.self)
        }
        let spare = spares { text($0).utf8.count }.reduce(0, +)
        return text(document) + String(repeating: " ", count: spare) + "\n"
    }

    private func seconds(_ sample: Int) -> Double {
        Double(sample) / Double(timeline.sampleRate.hertz)
    }

    /// `hh:mm:ss.mmm`, to the nearest millisecond.
    private func time(_ sample: Int, _ point: String) -> String {
        let hertz = timeline.sampleRate.hertz
        let milliseconds = (sample * 1000 + hertz / 2) / hertz
        func padded(_ value: Int, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return padded(milliseconds / 3_600_000, 2) + ":" + padded(milliseconds / 60000 % 60, 2) + ":"
            + padded(milliseconds / 1000 % 60, 2) + point + padded(milliseconds % 1000, 3)
    }

    /// WebVTT's cue text has markup; these three signs begin or end it.
    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            default: result.append(character)
            }
        }
    }
}

/// Captions for programs.
private struct CaptionDocument: Encodable {
    let locale: String
    let sampleRate: Int
    let sampleCount: Int
    let duration: Double
    let cues: [Cue]

    struct Cue: Encodable {
        let start: Double
        let end: Double
        let startSample: Int
        let endSample: Int
        let text: String
        /// Where it is not the document's own.
        let locale: String?
        let symbol: String?
        let position: Int?
        let reading: Int
    }
}
