// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCode

/// A code as one speaker has read it, before any line.
struct CorpusReading {
    let plan: CorpusPlan
    let index: Int
    let symbols: [CodeSymbol]
    let speaker: CorpusSpeaker
    let alignment: Alignment
    /// How often the speaker has read each of the symbols before, where it matters.
    let occurrences: [Int]

    /// What is made of it behind a line.
    func files(of heard: [Int16], behind line: Line) -> (files: [CorpusFile], records: [CorpusRecord]) {
        plan.layout == .fsdd ? digits(of: heard, line) : whole(of: heard, line)
    }

    private func whole(of heard: [Int16], _ line: Line) -> (files: [CorpusFile], records: [CorpusRecord]) {
        let number = String(index)
        let name =
            "\(speaker.name)_\(String(repeating: "0", count: max(0, 6 - number.count)))\(number)_\(line.name)"
        let path = "audio/\(name).wav"
        let said = alignment.words.filter { $0.position != nil }
        var (file, record) = file(path, heard[...], line, said)
        guard plan.layout == .plain else { return ([file], [record]) }
        let aligned = [Alignment.Format.textGrid, .ctm].map {
            CorpusFile("align/\(name).\($0.rawValue)", alignment.text(as: $0, of: path))
        }
        record.alignments = aligned.map { CorpusRecord.Sum(file: $0.path, sha256: CorpusMaker.sum(of: $0.bytes)) }
        return ([file] + aligned, [record])
    }

    /// Each symbol in a file of its own, as short as it is said.
    private func digits(of heard: [Int16], _ line: Line) -> (files: [CorpusFile], records: [CorpusRecord]) {
        var made: (files: [CorpusFile], records: [CorpusRecord]) = ([], [])
        for word in alignment.words {
            guard let position = word.position, symbols.indices.contains(position) else { continue }
            let name = "\(symbols[position].character)_\(speaker.name)-\(line.name)_\(occurrences[position])"
            let (file, record) = file(
                "recordings/\(name).wav", heard[word.start..<min(word.end, heard.count)], line, [word])
            made.files.append(file)
            made.records.append(record)
        }
        return made
    }

    private func file(
        _ path: String, _ samples: ArraySlice<Int16>, _ line: Line, _ said: [Alignment.Stretch]
    ) -> (CorpusFile, CorpusRecord) {
        let signal = Signal(samples: samples.map { Float($0) / 32768 }, hertz: SampleRate.hz8000.hertz)
        let bytes = signal.wave(at: .hz8000)
        let record = CorpusRecord(
            audio: path, offset: 0, duration: Double(samples.count) / Double(signal.hertz),
            text: said.flatMap { Alignment.plain($0.text) }.joined(separator: " "), lang: "\(speaker.pack.locale)",
            code: String(said.compactMap { $0.position.map { symbols[$0].character } }), speaker: speaker.name,
            line: line.name, index: index,
            level: (ActiveSpeechLevel(of: signal.samples, hertz: signal.hertz).dBov * 100).rounded() / 100,
            byteCount: bytes.count, sha256: CorpusMaker.sum(of: bytes),
            symbols: said.map { word in
                CorpusRecord.Symbol(
                    symbol: word.position.map { String(symbols[$0].character) } ?? "", text: word.text,
                    startSample: word.start - samples.startIndex, endSample: word.end - samples.startIndex)
            })
        return (CorpusFile(path, bytes), record)
    }
}
