// SPDX-License-Identifier: GPL-3.0-or-later

internal import FoundationEssentials
public import SpeakCode

/// What an announcement says when, as captions in JSON tell it: its words, and the code.
public struct Announced: Sendable {
    /// The language.
    public let locale: String
    /// Samples a second, by which words are counted.
    public let sampleRate: SampleRate
    /// The number of samples.
    public let sampleCount: Int
    /// The words, in order.
    public let words: [AnnouncedWord]
    /// The symbols of the first reading, which are a secret, with a blank where a longer pause is: it was written in groups.
    package let code: String

    /// The number of readings.
    public var readings: Int { words.last?.reading ?? 0 }

    /// Reads captions.
    ///
    /// - Throws: ``AnnouncedError``, which names the field that is wrong.
    public init(captions text: [UInt8]) throws(AnnouncedError) {
        guard let file = try? JSONDecoder().decode(File.self, from: Data(text)) else {
            throw AnnouncedError(message: "it has no captions in JSON; `speakcode … --captions code.json` writes them")
        }
        guard LanguageTag(file.locale) != nil else { throw AnnouncedError(message: "locale is no language tag") }
        guard let rate = SampleRate(rawValue: file.sampleRate) else {
            throw AnnouncedError(message: "sampleRate is none at which SpeakCode renders")
        }
        guard (1...(Self.longest * rate.hertz)).contains(file.sampleCount) else {
            throw AnnouncedError(message: "sampleCount is 0, or more than ten minutes; have it read less often")
        }
        guard !file.cues.isEmpty else { throw AnnouncedError(message: "cues is empty") }
        var (end, reading) = (0, 1)
        for (number, cue) in file.cues.enumerated() {
            guard cue.startSample >= end, cue.startSample < cue.endSample, cue.endSample <= file.sampleCount else {
                throw AnnouncedError(
                    message: "cues[\(number)] begins before the one before ends, or lies outside of the audio")
            }
            let isNext = number > 0 && cue.reading == reading + 1
            guard cue.reading == reading || isNext, (cue.position ?? 1) >= 1 else {
                throw AnnouncedError(message: "cues[\(number)] has a reading or a position that cannot be")
            }
            (end, reading) = (cue.endSample, cue.reading)
        }
        (locale, sampleRate, sampleCount) = (file.locale, rate, file.sampleCount)
        words = file.cues.map {
            AnnouncedWord(start: $0.startSample, end: $0.endSample, reading: $0.reading, position: $0.position)
        }
        code = Self.code(of: file.cues.filter { $0.reading == 1 && $0.symbol != nil })
    }

    /// Seconds: a check compares everything with everything.
    private static let longest = 600

    /// Symbols come to a beat, and groups to a longer one.
    private static func code(of cues: [File.Cue]) -> String {
        let beats = zip(cues, cues.dropFirst()).map { $1.startSample - $0.startSample }
        let shortest = beats.min() ?? 0
        return cues.enumerated().map { number, cue in
            let isNew = number > 0 && beats[number - 1] > shortest + shortest / 5
            return (isNew ? " " : "") + (cue.symbol ?? "")
        }.joined()
    }

    /// Whether a rendition has its words where these are.
    package func isOf(_ timeline: Timeline) -> Bool {
        timeline.sampleCount == sampleCount && timeline.cues.map(\.start) == words.map(\.start)
            && timeline.cues.map(\.position) == words.map(\.position)
    }

    private struct File: Decodable {
        let locale: String
        let sampleRate: Int
        let sampleCount: Int
        let cues: [Cue]

        struct Cue: Decodable {
            let startSample: Int
            let endSample: Int
            let symbol: String?
            let position: Int?
            let reading: Int
        }
    }
}

extension Announced: CustomStringConvertible, CustomReflectable {
    /// The number of readings, never what is said.
    public var description: String { "Announced(\(readings) readings)" }

    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// What is wrong with a file that should say what was announced.
public struct AnnouncedError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What it is.
    public let message: String

    /// What it is.
    public var description: String { message }
}
