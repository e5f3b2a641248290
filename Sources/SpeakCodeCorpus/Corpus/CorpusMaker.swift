// SPDX-License-Identifier: GPL-3.0-or-later

internal import Crypto
public import SpeakCode

/// A file of a corpus.
public struct CorpusFile: Sendable {
    /// Where it belongs, from the corpus' folder.
    public let path: String
    /// What is in it.
    public let bytes: [UInt8]

    init(_ path: String, _ bytes: [UInt8]) { (self.path, self.bytes) = (path, bytes) }

    init(_ path: String, _ text: String) { self.init(path, Array(text.utf8)) }
}

/// Makes a corpus, each code by itself, so that they can be made in any order and side by side.
public struct CorpusMaker: Sendable {
    /// The name of the file that has the plan.
    public static let planFile = "corpus.json"
    /// The name of the file that has the check sums, the last one to come.
    public static let sumsFile = "SHA256SUMS"

    /// What it is made from.
    public let plan: CorpusPlan
    private let speakers: [CorpusSpeaker]
    private let lines: [Line]
    private let materials: [LineMaterial]
    private let reader: CodeReader
    private let coder: any TelephoneCoder
    private let occurrences: [[Int]]

    /// Has the voices speak what the lines' noises are made of.
    ///
    /// - Parameters:
    ///   - plan: what is made; its speakers are the names of those that are given.
    ///   - speakers: who reads.
    ///   - lines: those of the plan.
    ///   - reader: what renders.
    ///   - coder: what knows the codecs.
    /// - Throws: `BankError`, or `ScriptError` for a voice without letters where there are to be some.
    public init(
        _ plan: CorpusPlan, speakers: [CorpusSpeaker], lines: [Line], reader: CodeReader, coder: any TelephoneCoder
    ) async throws {
        precondition(plan.speakers == speakers.map(\.name) && plan.lines == lines.map(\.name))
        (self.plan, self.speakers, self.lines) = (plan, speakers, lines)
        (self.reader, self.coder) = (reader, coder)
        occurrences = plan.layout == .fsdd ? plan.occurrences() : []
        let hasBabble = lines.contains(where: \.hasBabble)
        var materials: [LineMaterial] = []
        for speaker in speakers {
            materials.append(try await Self.material(of: speaker, hasBabble, plan, reader))
        }
        self.materials = materials
    }

    private static func material(
        of speaker: CorpusSpeaker, _ hasBabble: Bool, _ plan: CorpusPlan, _ reader: CodeReader
    ) async throws -> LineMaterial {
        let all = try await samples(of: CodeSymbol.digits, in: speaker.pack, nil, isHurried: true, reader).samples
        var talkers: [[Int16]] = []
        for (number, talker) in (hasBabble ? speaker.talkers : []).enumerated() {
            var draws = Draws(seed: plan.seed, "talker", speaker.name, "\(number)")
            let said = (0..<VerificationCode.maximumLength).map { _ in CodeSymbol.digits[draws.number(below: 10)] }
            talkers.append(
                try await samples(of: said, in: talker.pack, talker.voice, isHurried: true, reader).samples)
        }
        return LineMaterial(of: all, among: talkers, seed: Draws(seed: plan.seed, speaker.name).first)
    }

    /// A code, without a sentence.
    private static func samples(
        of symbols: [CodeSymbol], in pack: VoicePack, _ voice: EngineVoice?, isHurried: Bool = false,
        _ reader: CodeReader
    ) async throws -> (samples: [Int16], timeline: Timeline) {
        // Those who talk leave no gap in which it is quiet.
        var pauses = pack.pauses
        pauses.symbol = .milliseconds(80)
        let pacing = isHurried ? Pacing(.normal, pauses: pauses) : nil
        let script = try Script(
            code: VerificationCode(String(symbols.map(\.character))), pack: pack, pacing: pacing,
            wording: Wording(template: "code-only"))
        let rendition = try await reader.render(
            script, length: CodeReader.Length(readings: 1), voice: voice, as: AudioFormat(.sln))
        return (SampleCoding.linearSamples(of: Array(rendition.slices.joined())[...]), rendition.timeline)
    }

    /// What is made of a code: its files, and what the manifest says of them, in lines of JSON.
    ///
    /// - Throws: `BankError`, or what the coder throws.
    public func files(of index: Int) async throws -> (files: [CorpusFile], records: String) {
        let number = plan.speaker(of: index)
        let symbols = plan.symbols(of: index)
        let (samples, timeline) = try await Self.samples(of: symbols, in: speakers[number].pack, nil, reader)
        let reading = CorpusReading(
            plan: plan, index: index, symbols: symbols, speaker: speakers[number],
            alignment: Alignment(of: timeline), occurrences: plan.layout == .fsdd ? occurrences[index] : [])
        var files: [CorpusFile] = []
        var records: [CorpusRecord] = []
        for line in lines {
            var draws = Draws(seed: plan.seed, "line", "\(index)", line.name)
            let heard = try line.heard(samples, in: materials[number], by: coder, &draws)
            let made = reading.files(of: heard, behind: line)
            files += made.files
            records += made.records
        }
        return (files, records.map { $0.json + "\n" }.joined())
    }

    /// What is made of the whole behind all codes.
    ///
    /// - Parameter records: what ``files(of:)`` has told of each code, in their order.
    /// - Returns: the manifest, the layout's own files, the licence and the check sums, in the order in which they are to appear;
    ///   nil for records that are none.
    public func last(behind records: [String]) -> [CorpusFile]? {
        let parts = records.compactMap(CorpusRecord.records)
        guard parts.count == records.count, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
        let all = parts.flatMap(\.self)
        var files = [
            CorpusFile(Self.planFile, plan.file), CorpusFile("manifest.jsonl", records.joined()),
            CorpusFile("LICENCE", licence),
        ]
        if plan.layout == .kaldi { files += KaldiFolder.files(of: all) }
        let sums =
            files.map { CorpusRecord.Sum(file: $0.path, sha256: Self.sum(of: $0.bytes)) }
            + all.flatMap { [CorpusRecord.Sum(file: $0.audio, sha256: $0.sha256)] + ($0.alignments ?? []) }
        let lines = sums.map { "\($0.sha256)  \($0.file)\n" }.sorted { $0.dropFirst(66) < $1.dropFirst(66) }
        files.append(CorpusFile(Self.sumsFile, lines.joined()))
        return files
    }

    private var licence: String {
        let recorded = speakers.compactMap { speaker in
            speaker.pack.recordings.map { "\(speaker.name) was spoken by \($0.speaker), under \($0.licence).\n" }
        }
        return """
            The codes were drawn by a program from the seed \(plan.seed), for tests alone. Made by \(plan.maker).
            SPDX-License-Identifier: \(plan.licence)

            """ + recorded.joined()
    }

    /// The SHA-256 digest of bytes, in hexadecimal digits.
    public static func sum(of bytes: [UInt8]) -> String {
        SHA256.hash(data: bytes).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}

extension Draws {
    /// A seed for what draws by itself.
    fileprivate var first: UInt64 {
        var draws = self
        return draws.next()
    }
}
