// SPDX-License-Identifier: GPL-3.0-or-later

/// How hurried or patient an announcement is, reading by reading.
///
/// Patience is longer pauses first and a slower voice second: slowed synthetic speech is understood no better, and by
/// old listeners worse, while pauses help everybody (README names the studies).
public struct Pacing: Hashable, Sendable {
    /// How one reading is paced.
    public struct Pace: Hashable, Sendable {
        /// The silences.
        public var pauses: Pauses
        /// How symbols are put into groups.
        public var grouping: Grouping

        /// Describes a pace.
        public init(pauses: Pauses, grouping: Grouping = .asWritten) {
            self.pauses = pauses
            self.grouping = grouping
        }
    }

    /// How symbols are put into groups.
    public enum Grouping: Hashable, Sendable {
        /// In the groups in which the code was written; in one if it was written without.
        case asWritten
        /// As written where it was written in groups, else in groups of two to four of nearly one length.
        case always
    }

    /// The paces of the first, second … reading; the last one holds for all that follow.
    ///
    /// Never empty.
    public private(set) var paces: [Pace]
    /// The voice's rate relative to its pack's: 0.9 is a tenth slower.
    public var rate: Double

    /// Paces each reading by itself.
    ///
    /// - Parameters:
    ///   - first: the first reading.
    ///   - later: the second, third …; the last one holds for all that follow.
    ///   - rate: the voice's rate relative to its pack's.
    public init(first: Pace, later: [Pace] = [], rate: Double = 1) {
        paces = [first] + later
        self.rate = rate
    }

    /// The pace of a reading, counted from 0.
    public func pace(ofReading reading: Int) -> Pace {
        paces[min(max(reading, 0), paces.count - 1)]
    }

    /// The same pacing with every pace changed.
    public func mapPaces(_ change: (inout Pace) -> Void) -> Pacing {
        var pacing = self
        for index in pacing.paces.indices { change(&pacing.paces[index]) }
        return pacing
    }
}

extension Pacing {
    /// The pacings that have a name.
    public enum Preset: String, CaseIterable, Sendable {
        /// Calm: the pack's own pauses.
        case normal
        /// Patient: pauses nearly twice as long, the voice a tenth slower.
        case slow
        /// The first reading normal, the second with longer pauses, later ones in groups as well.
        case adaptive
    }

    /// A named pacing.
    ///
    /// - Parameters:
    ///   - preset: its name.
    ///   - pauses: the calm pauses that it is made from, normally a pack's.
    public init(_ preset: Preset, pauses: Pauses = .calm) {
        let pauses = pauses.bounded
        let longer = pauses.stretched(symbol: 1.6, other: 1.3)
        switch preset {
        case .normal:
            self.init(first: Pace(pauses: pauses))
        case .slow:
            self.init(first: Pace(pauses: pauses.stretched(symbol: 1.8, other: 1.5)), rate: 0.9)
        case .adaptive:
            self.init(
                first: Pace(pauses: pauses), later: [Pace(pauses: longer), Pace(pauses: longer, grouping: .always)])
        }
    }
}

extension Pauses {
    /// The same pauses, longer; the lead, which nobody listens to, stays.
    fileprivate func stretched(symbol factor: Double, other: Double) -> Pauses {
        Pauses(
            lead: lead, phrase: phrase * other, symbol: symbol * factor, group: group * other,
            reading: reading * other, tail: tail)
    }
}
