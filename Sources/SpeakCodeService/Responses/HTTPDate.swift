// SPDX-License-Identifier: GPL-3.0-or-later

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The dates of HTTP headers (RFC 9110, section 5.6.7).
enum HTTPDate {
    /// `Sun, 06 Nov 1994 08:49:37 GMT` for so many seconds since 1970.
    static func text(_ seconds: Int) -> String {
        var time = time_t(seconds)
        var parts = tm()
        gmtime_r(&time, &parts)
        func padded(_ value: CInt, _ width: Int = 2) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
        }
        return "\(days[Int(parts.tm_wday)]), \(padded(parts.tm_mday)) \(months[Int(parts.tm_mon)]) "
            + "\(padded(parts.tm_year + 1900, 4)) \(padded(parts.tm_hour)):\(padded(parts.tm_min)):\(padded(parts.tm_sec)) GMT"
    }

    /// The seconds since 1970 of a date in any of the three forms that a recipient must take; nil for other texts.
    static func seconds(_ text: String) -> Int? {
        let words = text.split { " ,-:".contains($0) }
        let (day, month, year, clock): (Substring, Substring, Substring, ArraySlice<Substring>)
        if words.count == 8, words[7] == "GMT" {
            // Sun, 06 Nov 1994 08:49:37 GMT, and Sunday, 06-Nov-94 08:49:37 GMT
            (day, month, year, clock) = (words[1], words[2], words[3], words[4...6])
        } else if words.count == 7 {
            // Sun Nov  6 08:49:37 1994
            (day, month, year, clock) = (words[2], words[1], words[6], words[3...5])
        } else {
            return nil
        }
        let numbers = clock.compactMap { CInt($0) }
        guard let month = months.firstIndex(where: { $0 == month }), let day = CInt(day), let year = CInt(year),
            numbers.count == 3, (1...31).contains(day), (0...9999).contains(year), (0...23).contains(numbers[0]),
            (0...59).contains(numbers[1]), (0...60).contains(numbers[2])
        else { return nil }
        var parts = tm()
        // Two digits mean the century in which the date is not more than 50 years ahead.
        parts.tm_year = (year < 70 ? year + 2000 : year < 100 ? year + 1900 : year) - 1900
        parts.tm_mon = CInt(month)
        parts.tm_mday = day
        (parts.tm_hour, parts.tm_min, parts.tm_sec) = (numbers[0], numbers[1], numbers[2])
        return Int(timegm(&parts))
    }

    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}
