// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCode

/// Hours of the day in which nobody is called, or nobody whose number begins in a way.
struct QuietHours: Hashable, Sendable {
    /// The beginning of the numbers that they are for, with its plus; empty for all, and for addresses of SIP.
    let prefix: String
    /// Minutes of the day; they may lie around midnight.
    let start: Int
    let end: Int
    let zone: TimeZoneRules

    /// Reads `+49=21:00-08:00@Europe/Berlin`, `21:00-08:00@+01:00`.
    ///
    /// - Returns: nil for what is none, or for a time zone that is not known.
    init?(_ text: String, zone: (Substring) -> TimeZoneRules?) {
        let parts = text.split(separator: "=", omittingEmptySubsequences: false)
        guard parts.count <= 2, let hours = parts.last else { return nil }
        let prefix = parts.count == 2 ? parts[0] : ""
        let halves = hours.split(separator: "@", omittingEmptySubsequences: false)
        guard halves.count == 2, let found = zone(halves[1]) else { return nil }
        let times = halves[0].split(separator: "-", omittingEmptySubsequences: false).map(Self.minutes)
        guard times.count == 2, let start = times[0], let end = times[1], start != end else { return nil }
        guard prefix.isEmpty || prefix.first == "+" && prefix.dropFirst().allSatisfy(\.isWholeNumber) else {
            return nil
        }
        (self.prefix, self.start, self.end, self.zone) = (String(prefix), start, end, found)
    }

    private static func minutes(_ text: Substring) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].utf8.count == 2, let hour = Int(parts[0]), let minute = Int(parts[1]),
            (0...24).contains(hour), (0...59).contains(minute), hour * 60 + minute <= 24 * 60
        else { return nil }
        return (hour * 60 + minute) % (24 * 60)
    }

    /// Seconds until somebody may be called; nil where that is now.
    func wait(for party: CalledParty, at now: Int) -> Int? {
        guard prefix.isEmpty || party.number?.e164.hasPrefix(prefix) == true else { return nil }
        let day = 86_400
        let local = now + zone.offset(at: now)
        let second = (local % day + day) % day
        let (start, end) = (start * 60, end * 60)
        let isQuiet = start < end ? (start..<end).contains(second) : second >= start || second < end
        guard isQuiet else { return nil }
        return (end - second + day) % day
    }
}
