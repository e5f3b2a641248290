// SPDX-License-Identifier: GPL-3.0-or-later

internal import FoundationEssentials

extension LineCheck {
    /// What was found, in lines for a person; the code is not in them.
    public var text: String {
        guard findings.first?.kind != .absent else { return "\(findings[0].says)\n" }
        var lines = [
            ("begins", "\(Self.tenths(offset * 1000)) ms into the recording"),
            (
                "readings",
                wholeReadings.isEmpty
                    ? "none of \(readings.count) is whole"
                    : "\(wholeReadings.count) of \(readings.count) whole: \(wholeReadings.map(String.init).joined(separator: ", "))"
            ),
            ("level", "\(Self.tenths(level)) dBov, \(gain < 0 ? "" : "+")\(Self.tenths(gain)) dB of what was sent"),
        ]
        if let noise, let snr {
            lines.append(("pauses", "\(Self.tenths(noise)) dBov, \(Self.tenths(snr)) dB below speech"))
        }
        if let drift { lines.append(("clock", "\(drift < 0 ? "" : "+")\(Self.tenths(drift)) parts in a million")) }
        let table = lines.map { name, says in
            name + String(repeating: " ", count: 10 - name.count) + says + "\n"
        }
        let found = findings.map { finding in
            let at = finding.seconds.map { "\(Self.hundredths($0)) s: " } ?? ""
            return "  \(finding.kind.rawValue): \(at)\(finding.says)\n"
        }
        return table.joined() + (found.isEmpty ? "nothing is wrong\n" : "found:\n" + found.joined())
    }

    static func hundredths(_ value: Double) -> String {
        let hundredths = Int((abs(value) * 100).rounded())
        let rest = hundredths % 100
        return "\(value < 0 ? "-" : "")\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }

    /// The same for programs: one object of JSON.
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
