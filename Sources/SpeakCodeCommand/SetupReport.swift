// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCodeDoctor
internal import SpeakCodeGateways
internal import SpeakCodeService

/// What was found of settings, or of what a service answers an identity server, as the doctor tells it.
struct SetupReport: Encodable {
    private let good: Bool
    private let findings: [Row]
    private let title: String
    private let heading: String

    private enum CodingKeys: CodingKey { case good, findings }

    private struct Row: Encodable {
        let part: String
        let setting: String
        let outcome: Finding.Outcome
        let observed: String
        let remedy: String
    }

    /// What was found of the settings by which calls are placed.
    init(_ findings: [CallSetup.Finding]) {
        self.init("settings of calls", of: "SETTING", findings.map { ($0.part, $0.verdict) })
    }

    /// - Parameters:
    ///   - title: what was looked at.
    ///   - heading: what a verdict's setting is in the table.
    ///   - findings: the verdicts, and what each is of.
    init(_ title: String, of heading: String, _ findings: [(part: String, verdict: SetupVerdict)]) {
        (self.title, self.heading) = (title, heading)
        self.findings = findings.map { part, verdict in
            let outcome: Finding.Outcome =
                switch verdict.outcome {
                case .pass: .pass
                case .warning: .warning
                case .fail: .fail
                case .notApplicable: .notApplicable
                }
            return Row(
                part: part, setting: verdict.setting, outcome: outcome, observed: verdict.seen, remedy: verdict.remedy)
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
        let title = "\(title): \(findings.count) checks: \(summary)\n"
        let shown = showsAll ? findings : findings.filter { $0.outcome != .pass }
        guard !shown.isEmpty else { return title }
        return title + "\n" + Self.row("PART", heading, "RESULT", "REMEDY")
            + shown.map { Self.row($0.part, $0.setting, "\($0.outcome.word): \($0.observed)", $0.remedy) }.joined()
    }

    private static func row(_ cells: String...) -> String { Table.row(cells, [10, 22, 34, 48]) }
}
