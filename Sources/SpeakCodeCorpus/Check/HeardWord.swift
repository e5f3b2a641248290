// SPDX-License-Identifier: GPL-3.0-or-later

/// A word of an announcement: where it is in what was sent.
public struct AnnouncedWord: Hashable, Sendable {
    /// The first sample, and the one behind the last.
    public let start, end: Int
    /// The reading, from 1.
    public let reading: Int
    /// The symbol's place in the code, from 1; nil for a phrase.
    public let position: Int?

    /// Describes a word.
    public init(start: Int, end: Int, reading: Int, position: Int?) {
        (self.start, self.end, self.reading, self.position) = (start, end, reading, position)
    }

    /// What it is called in a report, which does not show the code.
    public var name: String {
        position.map { "symbol \($0) of reading \(reading)" } ?? "a phrase of reading \(reading)"
    }
}

/// What has become of a word.
public struct HeardWord: Hashable, Sendable {
    /// The ways in which it may have come.
    public enum State: String, Sendable {
        /// As it was sent, but for noise and codecs.
        case heard
        /// With gaps in it.
        case damaged
        /// As something else, as loud.
        case distorted
        /// More than half of it is missing.
        case lost
        /// The recording does not reach so far.
        case beyond
    }

    /// What was sent.
    public let word: AnnouncedWord
    /// What has become of it.
    public internal(set) var state = State.heard
    /// How much later it is in the recording than in what was sent, in samples.
    public let lag: Double
    /// How like it is, from 0 to 1: correlation.
    public let likeness: Double
    /// How much louder it is, in dB; nil where it is not heard.
    public internal(set) var gain: Double?
    /// The stretches of it that are missing, in samples of the recording.
    public internal(set) var gaps: [Range<Int>] = []
}
