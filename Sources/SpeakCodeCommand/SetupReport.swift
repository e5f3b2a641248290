// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCodeDoctor
internal import SpeakCodeGateways
internal import SpeakCodeService

/// What was found of the settings by which calls are placed, as the doctor tells it.
struct SetupReport: Encodable {
    private let good: Bool
    private let findings: [Row]

    private struct Row: Encodable {
        let part: String
        let setting: String
        let outcome: Finding.Outcome
        let observed: String
        let remedy: String
    }

    init(_ findings: [CallSetup.Finding]) {
        self.findings = findings.map { finding in
            let outcome: Finding.Outcome =
                switch finding.verdict.outcome {
                case .pass: .pass
                case .warning: .warning
                case .fail: .fail
                case .notApplicable: .notApplicable
                }
            return Row(
                part: finding.part, setting: finding.verdict.setting, outcome: outcome, observed: finding.verdict.seen,
                remedy: finding.verdict.remedy)
        }
        good = !self.findings.contains { $0.outcome == .fail }
    }

    func count(_ outcome: Finding.Outcome) -> Int { findings.count { $0.outcome == outcome } }

    /// - Parameter showsAll: whether what passed is shown too.
    func table(showsAll: Bool) -> String {
        let counts: [(Finding.Outcome, String)] = [
            (.fail, "failed"), (.warning, "warned"), (.pass, "passed"), (.notApplicable, "not applicable"),
        ]
        let summary = counts.map { "\(count($0.0)) \($0.1)" }.joined(separator: ", ")
        let title = "settings of calls: \(findings.count) checks: \(summary)\n"
        let shown = showsAll ? findings : findings.filter { $0.outcome != .pass }
        guard !shown.isEmpty else { return title }
        return title + "\n" + Self.row("PART", "SETTING", "RESULT", "REMEDY")
            + shown.map { Self.row($0.part, $0.setting, "\($0.outcome.word): \($0.observed)", $0.remedy) }.joined()
    }

    private static func row(_ cells: String...) -> String { Table.row(cells, [10, 22, 34, 48]) }
}
