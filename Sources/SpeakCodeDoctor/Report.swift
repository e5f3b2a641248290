// SPDX-License-Identifier: GPL-3.0-or-later

/// What one check of one gateway found.
public struct Finding: Sendable, Hashable, Encodable {
    /// How a check ended.
    public enum Outcome: String, Sendable, Encodable {
        /// The gateway gets what it needs.
        case pass
        /// It plays, but not as well as it could.
        case warning
        /// It does not play, or not what it should.
        case fail
        /// There was nothing to look at.
        case notApplicable = "not-applicable"
    }

    /// The gateway's ``Gateway/id``.
    public let gateway: String
    /// The check's name, which stays as it is.
    public let check: String
    /// How it ended.
    public let outcome: Outcome
    /// What was seen; never a part of the audio, or of the URL but its scheme, host and extension.
    public let observed: String
    /// What the gateway needs.
    public let needs: String
    /// Why, and how that is known.
    public let why: String
    /// What to do where it fails.
    public let remedy: String

    init(_ rule: Rule, _ verdict: Verdict, _ gateway: Gateway) {
        self.gateway = gateway.id
        check = rule.id.rawValue
        let seen: String
        (outcome, seen) =
            switch verdict {
            case .pass(let seen): (.pass, seen)
            case .warning(let seen): (.warning, seen)
            case .fail(let seen): (.fail, seen)
            case .notApplicable(let seen): (.notApplicable, seen)
            }
        observed = seen
        needs = rule.need
        why = rule.why
        remedy = rule.remedy
    }
}

/// What was found at a URL.
public struct Report: Sendable {
    /// The URL, of which scheme, host and extension are shown.
    public let url: AudioURL
    /// Why nothing could be fetched; nil where something was.
    public let failure: FetchError?
    /// What each check found, in the order of ``Gateway/all``.
    public let findings: [Finding]

    /// The findings that ended so.
    public func findings(_ outcome: Finding.Outcome) -> [Finding] { findings.filter { $0.outcome == outcome } }

    /// Whether it was fetched, and nothing fails; warnings may be.
    public var isGood: Bool { failure == nil && findings(.fail).isEmpty }
}

extension Report: Encodable {
    private enum Key: String, CodingKey { case url, failure, good, counts, findings }

    /// Encodes it, the URL as its scheme, host and port only.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode("\(url)", forKey: .url)
        try container.encodeIfPresent(failure.map { "\($0)" }, forKey: .failure)
        try container.encode(isGood, forKey: .good)
        let outcomes: [Finding.Outcome] = [.fail, .warning, .pass, .notApplicable]
        let counts = outcomes.map { ($0.rawValue, findings($0).count) }
        try container.encode(Dictionary(uniqueKeysWithValues: counts), forKey: .counts)
        try container.encode(findings, forKey: .findings)
    }
}

extension Report {
    /// The report as a table of at most 120 columns.
    ///
    /// - Parameter showsAll: whether what passed or does not apply is shown too, and why each thing is needed.
    public func table(showsAll: Bool = false) -> String {
        if let failure { return "\(url): not fetched: \(failure)\n" }
        let counts: [(Finding.Outcome, String)] = [
            (.fail, "failed"), (.warning, "warned"), (.pass, "passed"), (.notApplicable, "not applicable"),
        ]
        let summary = counts.map { "\(findings($0.0).count) \($0.1)" }.joined(separator: ", ")
        let title = "\(url): \(findings.count) checks: \(summary)\n"
        let shown = showsAll ? findings : findings(.fail) + findings(.warning)
        guard !shown.isEmpty else { return title }
        let head = Self.row("GATEWAY", "CHECK", "RESULT", "REMEDY")
        return title + "\n" + head + shown.map { Self.row($0, showsReason: showsAll) }.joined()
    }

    private static func row(_ finding: Finding, showsReason: Bool) -> String {
        let word = finding.outcome.word
        let isTrouble = finding.outcome == .fail || finding.outcome == .warning
        let remedy =
            switch (isTrouble, showsReason) {
            case (true, true): "\(finding.remedy) Needed: \(finding.needs). Why: \(finding.why)."
            case (true, false): finding.remedy
            case (false, _): ""
            }
        return row(finding.gateway, finding.check, "\(word): \(finding.observed)", remedy)
    }

    private static func row(_ cells: String...) -> String { Table.row(cells, [14, 22, 30, 48]) }
}
