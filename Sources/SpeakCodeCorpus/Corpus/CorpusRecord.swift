// SPDX-License-Identifier: GPL-3.0-or-later

internal import FoundationEssentials

/// A file of a corpus, as its manifest tells of it.
package struct CorpusRecord: Codable, Hashable, Sendable {
    /// A symbol within the file.
    package struct Symbol: Codable, Hashable, Sendable {
        /// As it is typed, and as it is said.
        package let symbol, text: String
        /// Its first sample, and the one behind its last.
        package let startSample, endSample: Int
    }

    /// Another file, and its digest.
    package struct Sum: Codable, Hashable, Sendable {
        package let file, sha256: String
    }

    /// Where the file is, from the corpus' folder.
    package let audio: String
    /// From the first sample, in seconds; NeMo and ESPnet want it.
    package let offset: Double
    /// Seconds.
    package let duration: Double
    /// What is said, as recognisers write it.
    package let text: String
    package let lang, code, speaker, line: String
    /// The number of the code.
    package let index: Int
    /// The active speech level in dBov (ITU-T P.56), of all that is heard.
    package let level: Double
    package let byteCount: Int
    package let sha256: String
    package let symbols: [Symbol]
    /// What tells of its times, in a layout that has such files.
    package var alignments: [Sum]?

    private enum CodingKeys: String, CodingKey {
        case audio = "audio_filepath"
        case offset, duration, text, lang, code, speaker, line, index, level, byteCount, sha256, symbols, alignments
    }

    /// A line of JSON, keys in alphabetical order.
    package var json: String { Self.text(of: self) }

    /// A line of JSON of anything that always encodes: numbers, texts and lists.
    static func text(of value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: (try? encoder.encode(value)) ?? Data(), as: UTF8.self)
    }

    /// Reads the lines that ``json`` has written.
    ///
    /// - Returns: nil for what is no such text.
    package static func records(of text: String) -> [CorpusRecord]? {
        let lines = text.split(separator: "\n")
        let records = lines.compactMap { try? JSONDecoder().decode(CorpusRecord.self, from: Data($0.utf8)) }
        return records.count == lines.count ? records : nil
    }

    /// What a recogniser's trainer calls the file: its name without folder and extension.
    var utterance: String {
        let name = audio.split(separator: "/").last ?? ""
        return String(name.dropLast(name.hasSuffix(".wav") ? 4 : 0))
    }
}
