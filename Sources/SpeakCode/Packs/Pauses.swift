// SPDX-License-Identifier: GPL-3.0-or-later

/// The silences of an announcement.
///
/// One stands at each joint; they are never added to each other. Behind symbols they are means: what follows a symbol begins a
/// fixed time behind its beginning, so the pause is longer behind a short one, and at least 0.3 s, or as long as is
/// asked for, behind the longest.
public struct Pauses: Hashable, Sendable {
    /// The longest pause that is heard; a longer one that is asked for becomes this, and one below zero none.
    public static let longest: Duration = .seconds(30)

    /// Before the first word, while a telephone's audio path opens.
    public var lead: Duration
    /// Between two phrases, and between a phrase and the code.
    public var phrase: Duration
    /// Between two symbols, by the mean.
    public var symbol: Duration
    /// Between two groups of symbols, by the mean.
    public var group: Duration
    /// Behind the last symbol of a reading, before anything that follows.
    public var reading: Duration
    /// At the end of a finite announcement; at least 100 ms, since Asterisk never plays the last 44 bytes of a WAV.
    public var tail: Duration

    /// Half a second between digits, as in Login.gov's A/B-tested readings; twice that between groups.
    public static let calm = Pauses(
        lead: .milliseconds(200), phrase: .milliseconds(500), symbol: .milliseconds(500), group: .milliseconds(1000),
        reading: .milliseconds(1200), tail: .milliseconds(1000))

    /// The shortest tail; a shorter one that is asked for becomes this.
    public static let shortestTail: Duration = .milliseconds(100)

    /// The same pauses, none below zero or above ``longest``.
    var bounded: Pauses {
        func bounded(_ pause: Duration) -> Duration { min(max(pause, .zero), Self.longest) }
        return Pauses(
            lead: bounded(lead), phrase: bounded(phrase), symbol: bounded(symbol), group: bounded(group),
            reading: bounded(reading), tail: bounded(tail))
    }
}
