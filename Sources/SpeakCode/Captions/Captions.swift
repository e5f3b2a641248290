// SPDX-License-Identifier: GPL-3.0-or-later

import FoundationEssentials

/// The captions of an announcement, in the formats that players and testers read.
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

    private let timeline: Timeline

    /// Reads captions off the timeline that the audio was made from.
    public init(of timeline: Timeline) {
        self.timeline = timeline
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
    private func webVTT() -> String {
        // The metadata header `Language` is what HLS and players read; the text itself carries no markup.
        var text = "WEBVTT\nLanguage: \(timeline.packs[0].locale)\n"
        for (index, cue) in timeline.cues.enumerated() {
            text += "\n\(index + 1)\n\(time(cue.start, ".")) --> \(time(cue.end, "."))\n\(tagged(cue))\n"
        }
        return text
    }

    /// The text of a cue; in a second language with its tag, so that a screen reader changes its voice.
    private func tagged(_ cue: Cue) -> String {
        let text = Self.escaped(cue.text)
        return cue.locale == timeline.packs[0].locale ? text : "<lang \(cue.locale)>\(text)</lang>"
    }

    private func subRip() -> String {
        timeline.cues.enumerated().map { index, cue in
            "\(index + 1)\n\(time(cue.start, ",")) --> \(time(cue.end, ","))\n\(cue.text)\n"
        }.joined(separator: "\n")
    }

    private func json() -> String {
        let document = CaptionDocument(
            locale: timeline.packs[0].locale.description, sampleRate: timeline.sampleRate.hertz,
            sampleCount: timeline.sampleCount, duration: seconds(timeline.sampleCount),
            cues: timeline.cues.map { cue in
                CaptionDocument.Cue(
                    start: seconds(cue.start), end: seconds(cue.end), startSample: cue.start, endSample: cue.end,
                    text: cue.text, locale: cue.locale == timeline.packs[0].locale ? nil : cue.locale.description,
                    symbol: cue.symbol.map(String.init), position: cue.position,
                    reading: cue.reading)
            })
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        // Numbers, texts and lists always encode.
        let data = (try? encoder.encode(document)) ?? Data()
        return String(decoding: data, as: UTF8.self) + "\n"
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
