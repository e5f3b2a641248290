// SPDX-License-Identifier: GPL-3.0-or-later

/// How far a place's clocks are ahead of UTC, as its file in the time zone database says (RFC 9636), or by a fixed number.
///
/// Foundation's time zones with names need ICU, which is 40 MB.
struct TimeZoneRules: Hashable, Sendable {
    /// When the offset changed, in seconds since 1970, and what it was from then on.
    private let changes: [Change]
    /// Before the first of them.
    private let first: Int
    /// Behind the last of them; nil where that stays.
    private let later: Rule?

    private struct Change: Hashable, Sendable {
        let at: Int
        let offset: Int
    }

    /// Always the same.
    init(offset: Int) {
        (changes, first, later) = ([], offset, nil)
    }

    /// Reads `+01:00`, `-03:30` or `Z`.
    init?(fixed text: some StringProtocol) {
        if text == "Z" || text == "UTC" {
            self.init(offset: 0)
            return
        }
        let parts = text.dropFirst().split(separator: ":", omittingEmptySubsequences: false)
        guard let sign = text.first, sign == "+" || sign == "-", parts.count == 2,
            parts.allSatisfy({ $0.utf8.count == 2 }),
            let hours = Int(parts[0]), let minutes = Int(parts[1]), (0...14).contains(hours), (0...59).contains(minutes)
        else { return nil }
        self.init(offset: (hours * 3600 + minutes * 60) * (sign == "-" ? -1 : 1))
    }

    /// Reads a file of the time zone database.
    ///
    /// - Returns: nil for what is none, of version 2 or later.
    init?(file bytes: [UInt8]) {
        guard let old = Header(bytes, at: 0), old.version >= UInt8(ascii: "2") else { return nil }
        let start = Header.length + old.dataLength(ofTimes: 4)
        guard let header = Header(bytes, at: start) else { return nil }
        let times = start + Header.length
        let kinds = times + header.times * 8
        let types = kinds + header.times
        let end = start + Header.length + header.dataLength(ofTimes: 8)
        guard end < bytes.count, header.types > 0 else { return nil }
        let offsets = (0..<header.types).map { Self.number(bytes, types + $0 * 6, 4) }
        var changes: [Change] = []
        for index in 0..<header.times {
            let kind = Int(bytes[kinds + index])
            guard offsets.indices.contains(kind) else { return nil }
            changes.append(Change(at: Self.number(bytes, times + index * 8, 8), offset: offsets[kind]))
        }
        let footer = bytes[(end + 1)...].prefix { $0 != UInt8(ascii: "\n") }
        let text = String(decoding: footer, as: UTF8.self)
        let later = text.isEmpty ? nil : Rule(text)
        guard text.isEmpty || later != nil else { return nil }
        (self.changes, first, self.later) = (changes, offsets[0], later)
    }

    /// Seconds that clocks are ahead of UTC.
    ///
    /// - Parameter time: in seconds since 1970.
    func offset(at time: Int) -> Int {
        if let later, time >= changes.last?.at ?? .min { return later.offset(at: time) }
        return changes.last { $0.at <= time }?.offset ?? first
    }

    /// A signed number, its greatest byte first.
    private static func number(_ bytes: [UInt8], _ place: Int, _ size: Int) -> Int {
        let number = bytes[place..<(place + size)].reduce(0) { $0 << 8 | UInt64($1) }
        return size == 8 ? Int(Int64(bitPattern: number)) : Int(Int32(truncatingIfNeeded: number))
    }

    private struct Header {
        static let length = 44
        let version: UInt8
        let times: Int
        let types: Int
        private let rest: (utc: Int, standard: Int, leaps: Int, characters: Int)

        init?(_ bytes: [UInt8], at place: Int) {
            guard place + Self.length <= bytes.count, bytes[place..<(place + 4)].elementsEqual("TZif".utf8) else {
                return nil
            }
            version = bytes[place + 4]
            let counts = (0..<6).map { number(bytes, place + 20 + $0 * 4, 4) }
            guard counts.allSatisfy({ (0...100_000).contains($0) }) else { return nil }
            (times, types) = (counts[3], counts[4])
            rest = (counts[0], counts[1], counts[2], counts[5])
        }

        func dataLength(ofTimes size: Int) -> Int {
            times * (size + 1) + types * 6 + rest.characters + rest.leaps * (size + 4) + rest.standard + rest.utc
        }
    }

    // MARK: The years to come

    /// What goes on for ever, as POSIX's variable `TZ` says it: `CET-1CEST,M3.5.0,M10.5.0/3`.
    private struct Rule: Hashable, Sendable {
        private let standard: Int
        private let summer: Summer?

        private struct Summer: Hashable, Sendable {
            let offset: Int
            let begins: Day
            let ends: Day
        }

        init?(_ text: String) {
            var rest = text[...]
            guard Self.skipName(&rest), let standard = Self.offset(&rest) else { return nil }
            guard !rest.isEmpty else {
                (self.standard, summer) = (standard, nil)
                return
            }
            guard Self.skipName(&rest) else { return nil }
            let offset = rest.first == "," ? standard + 3600 : Self.offset(&rest)
            let days = rest.split(separator: ",")
            guard let offset, days.count == 2, let begins = Day(days[0]), let ends = Day(days[1]) else { return nil }
            (self.standard, summer) = (standard, Summer(offset: offset, begins: begins, ends: ends))
        }

        func offset(at time: Int) -> Int {
            guard let summer else { return standard }
            // The year by the clock of winter; at its border it is not the border of summer.
            let year = Self.year(of: (time + standard).quotient(by: 86_400))
            let begins = summer.begins.second(in: year) - standard
            let ends = summer.ends.second(in: year) - summer.offset
            let isSummer = begins < ends ? (begins..<ends).contains(time) : time >= begins || time < ends
            return isSummer ? summer.offset : standard
        }

        private static func skipName(_ rest: inout Substring) -> Bool {
            if rest.first == "<" {
                guard let end = rest.firstIndex(of: ">") else { return false }
                rest = rest[rest.index(after: end)...]
                return true
            }
            let name = rest.prefix(while: \.isLetter)
            rest = rest[name.endIndex...]
            return name.count >= 3
        }

        /// What is added to local time for UTC, turned round.
        private static func offset(_ rest: inout Substring) -> Int? {
            let text = rest.prefix { $0.isWholeNumber || "+-:".contains($0) }
            rest = rest[text.endIndex...]
            return Self.seconds(text).map { -$0 }
        }

        /// Seconds of `[+-]hh[:mm[:ss]]`.
        fileprivate static func seconds(_ text: Substring) -> Int? {
            let sign = text.first == "-" ? -1 : 1
            let parts = (text.first == "-" || text.first == "+" ? text.dropFirst() : text).split(separator: ":")
            let numbers = parts.compactMap { Int($0) }
            guard (1...3).contains(numbers.count), numbers.count == parts.count else { return nil }
            return sign * zip(numbers, [3600, 60, 1]).reduce(0) { $0 + $1.0 * $1.1 }
        }

        /// The year of a day since 1970 (Hinnant, "chrono-Compatible Low-Level Date Algorithms").
        private static func year(of day: Int) -> Int {
            let shifted = day + 719_468
            let era = shifted.quotient(by: 146_097)
            let dayOfEra = shifted - era * 146_097
            let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
            let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
            return yearOfEra + era * 400 + (dayOfYear >= 306 ? 1 : 0)
        }
    }

    /// A day of each year, and the second at which clocks are put forward or back.
    private struct Day: Hashable, Sendable {
        private enum Kind: Hashable, Sendable {
            /// The week of a month, 5 for the last, and the day of it from Sunday.
            case weekday(month: Int, week: Int, day: Int)
            /// From 1, the 29th of February never counted; from 0, counted.
            case julian(Int)
            case ordinal(Int)
        }

        private let kind: Kind
        private let time: Int

        init?(_ text: Substring) {
            let parts = text.split(separator: "/")
            guard let day = parts.first, parts.count <= 2 else { return nil }
            guard let time = parts.count == 2 ? Rule.seconds(parts[1]) : 7200 else { return nil }
            self.time = time
            let numbers = day.drop { !$0.isWholeNumber }.split(separator: ".").compactMap { Int($0) }
            switch day.first {
            case "M" where numbers.count == 3 && (1...12).contains(numbers[0]) && (1...5).contains(numbers[1]):
                kind = .weekday(month: numbers[0], week: numbers[1], day: numbers[2] % 7)
            case "J" where numbers.count == 1: kind = .julian(numbers[0])
            case .some where numbers.count == 1: kind = .ordinal(numbers[0])
            default: return nil
            }
        }

        /// In local seconds since 1970.
        func second(in year: Int) -> Int {
            let january = Self.day(year, 1, 1)
            let isLeap = Self.day(year, 3, 1) - january == 60
            let day =
                switch kind {
                case .ordinal(let ordinal): january + ordinal
                case .julian(let number): january + number - 1 + (isLeap && number >= 60 ? 1 : 0)
                case .weekday(let month, let week, let weekday): Self.day(year, month, week, weekday)
                }
            return day * 86_400 + time
        }

        private static func day(_ year: Int, _ month: Int, _ week: Int, _ weekday: Int) -> Int {
            let first = day(year, month, 1)
            // The first of January 1970 was a Thursday.
            let ahead = (weekday - (first + 4).remainder(by: 7) + 7) % 7
            let found = first + ahead + (week - 1) * 7
            let next = month == 12 ? day(year + 1, 1, 1) : day(year, month + 1, 1)
            return found >= next ? found - 7 : found
        }

        /// The days since 1970 of a date (Hinnant).
        private static func day(_ year: Int, _ month: Int, _ day: Int) -> Int {
            let year = month <= 2 ? year - 1 : year
            let era = year.quotient(by: 400)
            let yearOfEra = year - era * 400
            let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
            return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
        }
    }
}

extension Int {
    /// Rounded down.
    fileprivate func quotient(by divisor: Int) -> Int {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }

    fileprivate func remainder(by divisor: Int) -> Int { self - quotient(by: divisor) * divisor }
}
