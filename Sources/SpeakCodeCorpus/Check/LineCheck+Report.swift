// SPDX-License-Identifier: GPL-3.0-or-later

internal import FoundationEssentials
internal import SpeakCode

extension LineCheck {
    /// What was found, in lines for a person; over a line that changes nothing, the same for all codes of one shape.
    public var text: String {
        guard findings.first?.kind != .absent else { return "\(findings[0].says)\n" }
        var lines = [
            ("begins", "\((offset * 1000).tenths) ms into the recording"),
            (
                "readings",
                wholeReadings.isEmpty
                    ? "none of \(readings.count) is whole"
                    : "\(wholeReadings.count) of \(readings.count) whole: \(wholeReadings.map(String.init).joined(separator: ", "))"
            ),
            ("level", "\(Self.signed(gain)) dB of what was sent"),
        ]
        // Each code has a level of its own, so what is compared with it is told where it matters.
        if let snr {
            lines.append(("pauses", snr < 50 ? "\(snr.tenths) dB below speech" : "more than 50 dB below speech"))
        }
        if let drift { lines.append(("clock", "\(Self.signed(drift)) parts in a million")) }
        let table = lines.map { name, says in
            name + String(repeating: " ", count: 10 - name.count) + says + "\n"
        }
        let found = findings.map { finding in
            let at = finding.seconds.map { "\(Self.hundredths($0)) s: " } ?? ""
            return "  \(finding.kind.rawValue): \(at)\(finding.says)\n"
        }
        return table.joined() + (found.isEmpty ? "nothing is wrong\n" : "found:\n" + found.joined())
    }

    private static func signed(_ value: Double) -> String {
        let text = value.tenths
        return text.hasPrefix("-") ? text : "+\(text)"
    }

    static func hundredths(_ value: Double) -> String {
        let hundredths = Int((abs(value) * 100).rounded())
        let rest = hundredths % 100
        return "\(value < 0 ? "-" : "")\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }

    /// The same for programs: one object of JSON, with levels that are the code's own and measures of each word, which a codec
    /// makes depend on the symbol.
    public var json: String {
        let report = Report(
            findings: findings.map {
                Report.Finding(kind: $0.kind.rawValue, seconds: $0.seconds.map(Self.thousandths), says: $0.says)
            },
            offset: Self.thousandths(offset), drift: drift.map(Self.thousandths), gain: Self.thousandths(gain),
            level: Self.thousandths(level), noise: noise.map(Self.thousandths), snr: snr.map(Self.thousandths),
            clipped: Self.thousandths(clipped), readings: readings.count, wholeReadings: wholeReadings,
            words: words.map { word in
                Report.Word(
                    reading: word.word.reading, position: word.word.position, state: word.state.rawValue,
                    start: Self.thousandths((Double(word.word.start) + word.lag) / Double(hertz)),
                    likeness: Self.thousandths(word.likeness), gain: word.gain.map(Self.thousandths))
            })
        return CorpusRecord.text(of: report)
    }

    private static func thousandths(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }

    /// Seconds, dB, dBov, and parts in a million of the drift.
    private struct Report: Encodable {
        let findings: [Finding]
        let offset: Double
        let drift: Double?
        let gain, level: Double
        let noise, snr: Double?
        let clipped: Double
        let readings: Int
        let wholeReadings: [Int]
        let words: [Word]

        struct Finding: Encodable {
            let kind: String
            let seconds: Double?
            let says: String
        }

        struct Word: Encodable {
            let reading: Int
            let position: Int?
            let state: String
            let start, likeness: Double
            let gain: Double?
        }
    }
}
