// SPDX-License-Identifier: GPL-3.0-or-later

extension CallReport {
    /// A count that goes up with the time of a report, by which gateways that do not count tell what comes late.
    ///
    /// It is the figures of a time such as `2026-11-30T08:00:00.521992Z` (RFC 3339), to the millisecond.
    ///
    /// - Returns: nil for anything but a time in UTC.
    static func sequence(ofTime text: String?) -> Int? {
        guard let text, text.utf8.last == UInt8(ascii: "Z"), (20...35).contains(text.utf8.count) else { return nil }
        let whole = text.utf8.prefix(19)
        guard zip(whole, "0000-00-00T00:00:00".utf8).allSatisfy({ $0 == $1 || CallOrder.isFigure($0) && $1 == 0x30 })
        else { return nil }
        let fraction = text.utf8.dropFirst(19).dropLast()
        guard fraction.isEmpty || fraction.first == UInt8(ascii: "."),
            fraction.dropFirst().allSatisfy(CallOrder.isFigure)
        else { return nil }
        let milliseconds = fraction.dropFirst().prefix(3) + Array(repeating: 0x30, count: 3)
        let figures = whole.filter(CallOrder.isFigure) + milliseconds.prefix(3)
        return Int(String(decoding: figures, as: UTF8.self))
    }
}
