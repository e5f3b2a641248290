// SPDX-License-Identifier: GPL-3.0-or-later

/// Something that a line has done to an announcement and should not.
public struct Finding: Hashable, Sendable {
    /// What can be found.
    public enum Kind: String, CaseIterable, Sendable {
        /// The recording has something else in it, or nothing.
        case absent
        /// It begins in the middle.
        case cutAtStart = "cut-at-start"
        /// It ends before the announcement does.
        case cutAtEnd = "cut-at-end"
        /// Symbols of which more than half is missing.
        case lost
        /// Words with stretches missing.
        case gap
        /// Words that are something else.
        case distorted
        /// A stretch that was put in or left out, so that all behind it comes later or sooner.
        case slip
        /// One clock is faster than the other.
        case drift
        /// Much louder or softer than it was sent.
        case level
        /// Some words much louder than others, as they were not sent.
        case unevenLevel = "uneven-level"
        /// Noise in the pauses.
        case noise
        /// Peaks are cut off.
        case clipping
    }

    /// What it is.
    public let kind: Kind
    /// Where, in seconds of the recording; nil of what is everywhere.
    public let seconds: Double?
    /// One sentence, which does not show the code.
    public let says: String
}

/// From which amount on something is a finding.
///
/// What codecs, a telephone and its clock do by themselves is none: docs/testing-material.md says where each comes from.
public enum CheckLimits {
    /// The level by which an announcement may become louder or softer, in dB.
    public static let level = 6.0
    /// How far words may differ from each other in that, in dB.
    public static let evenness = 8.0
    /// Speech above noise, in dB: WCAG 2.2, success criterion 1.4.7.
    public static let noise = 20.0
    /// Parts in a million by which clocks may differ over a call.
    public static let drift = 150.0
    /// How long a stretch must be missing, put in or left out, in seconds: half a packet.
    public static let gap = 0.01
    /// How like a word must be, of how like words of the recording are: other words of the voice are less so.
    public static let likeness = 0.45
    /// How like it must be where it becomes louder and softer otherwise than it was sent.
    public static let doubtfulLikeness = 0.7
    /// How like it must then become louder and softer in five bands.
    public static let likenessOfLoudness = 0.8
    /// How like words of any recording should be: AMR at 4.75 kbit/s leaves 0.89 on the median.
    static let leastTypicalLikeness = 0.75
    /// How many of the samples of speech may be at its highest level, of 1.
    public static let clipping = 0.004
}
