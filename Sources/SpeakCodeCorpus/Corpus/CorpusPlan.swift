// SPDX-License-Identifier: GPL-3.0-or-later

package import SpeakCode

/// What a corpus is made from: the same plan is the same bytes.
public struct CorpusPlan: Codable, Hashable, Sendable {
    /// How it is laid out.
    public enum Layout: String, CaseIterable, Codable, Sendable {
        /// A file for each reading, and a TextGrid and a CTM beside it.
        case plain
        /// A file for each digit, named as in the Free Spoken Digit Dataset: `7_speaker_12.wav`.
        case fsdd
        /// `wav.scp`, `text`, `segments`, `utt2spk`, `spk2utt` and `utt2lang` for Kaldi.
        case kaldi
        /// A file for each reading, and the manifest alone, which NeMo and ESPnet read.
        case nemo

        /// The folders that files are put into.
        public var folders: [String] {
            switch self {
            case .plain: ["audio", "align"]
            case .fsdd: ["recordings"]
            case .kaldi, .nemo: ["audio"]
            }
        }
    }

    /// How many codes are drawn; each is read once, in a locale and by a voice that take turns, and goes over each line.
    public var codes: Int
    /// The symbols of a code.
    public var length: Int
    /// Whether letters are among them.
    public var hasLetters: Bool
    /// The speakers, who take turns.
    public var speakers: [String]
    /// The lines, by their names.
    public var lines: [String]
    /// How it is laid out.
    public var layout: Layout
    /// What all that is left to chance follows from.
    public var seed: UInt64
    /// What makes it: SpeakCode and eSpeak NG, with their versions.
    public var maker: String
    /// Under which licence whoever makes it gives it away.
    public var licence: String

    /// Describes a corpus.
    public init(
        codes: Int, length: Int = 6, hasLetters: Bool = false, speakers: [String], lines: [String], layout: Layout,
        seed: UInt64, maker: String, licence: String
    ) {
        (self.codes, self.length, self.hasLetters) = (codes, length, hasLetters)
        (self.speakers, self.lines, self.layout) = (speakers, lines, layout)
        (self.seed, self.maker, self.licence) = (seed, maker, licence)
    }

    /// The plan as it stands in the corpus.
    public var file: [UInt8] { Array((CorpusRecord.text(of: self) + "\n").utf8) }

    /// The number of the speaker who reads a code.
    package func speaker(of index: Int) -> Int { index % max(1, speakers.count) }

    /// The symbols of a code: drawn for this corpus, and nobody's secret.
    package func symbols(of index: Int) -> [CodeSymbol] {
        var draws = Draws(seed: seed, "code", "\(index)")
        let alphabet = CodeSymbol.digits + (hasLetters ? CodeSymbol.letters : [])
        return (0..<length).map { _ in alphabet[draws.number(below: alphabet.count)] }
    }

    /// For each code and each of its symbols, how often its speaker has read the symbol before.
    func occurrences() -> [[Int]] {
        var counts: [Int: [CodeSymbol: Int]] = [:]
        return (0..<codes).map { index in
            symbols(of: index).map { symbol in
                let count = counts[speaker(of: index), default: [:]][symbol, default: 0]
                counts[speaker(of: index), default: [:]][symbol] = count + 1
                return count
            }
        }
    }
}
