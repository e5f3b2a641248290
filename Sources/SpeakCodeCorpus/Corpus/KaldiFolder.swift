// SPDX-License-Identifier: GPL-3.0-or-later

/// What Kaldi reads of a data folder, each file sorted by its first column as bytes (`utils/validate_data_dir.sh`).
enum KaldiFolder {
    static func files(of records: [CorpusRecord]) -> [CorpusFile] {
        func file(_ name: String, _ lines: [String]) -> CorpusFile {
            CorpusFile(name, lines.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map { $0 + "\n" }.joined())
        }
        let speakers = Dictionary(grouping: records, by: \.speaker)
        return [
            file("wav.scp", records.map { "\($0.utterance) \($0.audio)" }),
            file("text", records.map { "\($0.utterance) \($0.text)" }),
            file("segments", records.map(segment)),
            file("utt2spk", records.map { "\($0.utterance) \($0.speaker)" }),
            file("utt2lang", records.map { "\($0.utterance) \($0.lang)" }),
            file(
                "spk2utt",
                speakers.map { speaker, records in
                    let names = records.map(\.utterance).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
                    return "\(speaker) \(names.joined(separator: " "))"
                }),
        ]
    }

    /// From the first symbol to the last; the recording has the utterance's own name.
    private static func segment(of record: CorpusRecord) -> String {
        let start = Double(record.symbols.first?.startSample ?? 0) / 8000
        let end = Double(record.symbols.last?.endSample ?? 0) / 8000
        return "\(record.utterance) \(record.utterance) \(start) \(end)"
    }
}
