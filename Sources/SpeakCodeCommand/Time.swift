// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser

/// A time on the command line: `60s`, `500ms`, `2m`, `1h`, or seconds without a unit; a day at most.
struct Time: ExpressibleByArgument {
    let duration: Duration

    /// What it is, for a message.
    static let words = "a number with ms, s, m or h behind it, such as 60s, and a day at most"

    init?(argument: String) {
        let units: [(suffix: String, seconds: Double)] = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("", 1)]
        guard let unit = units.first(where: { argument.hasSuffix($0.suffix) }),
            let value = Double(argument.dropLast(unit.suffix.count)), value.isFinite, value >= 0,
            value * unit.seconds <= 86400
        else { return nil }
        duration = .seconds(value * unit.seconds)
    }
}
