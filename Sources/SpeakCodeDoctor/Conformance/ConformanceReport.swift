// SPDX-License-Identifier: GPL-3.0-or-later

/// The conformance report, in the form of a VPAT: as it is known of the program, or filled in with what was measured on a
/// running service.
package struct ConformanceReport: Sendable {
    /// What was seen of something that can be measured.
    package struct Seen: Hashable, Sendable {
        package let isMet: Bool
        package let words: String

        package static func met(_ words: String) -> Seen { Seen(isMet: true, words: words) }
        package static func missed(_ words: String) -> Seen { Seen(isMet: false, words: words) }
    }

    /// What it was measured on; nil where nothing was.
    private let place: String?
    private let seen: [Criterion.Measure: Seen]

    /// The report without a service.
    package init() { (place, seen) = (nil, [:]) }

    /// - Parameters:
    ///   - place: the service's address, for the title.
    ///   - seen: what was measured.
    package init(of place: String, _ seen: [Criterion.Measure: Seen]) { (self.place, self.seen) = (place, seen) }

    /// The measures that say something else than the report does.
    package var missed: Int { seen.values.count { !$0.isMet } }

    /// How far a criterion is met, where what was measured agrees with it.
    private func level(_ criterion: Criterion) -> Criterion.Level {
        criterion.measures.contains { seen[$0]?.isMet == false } ? .not : criterion.level
    }

    private func measured(_ criterion: Criterion) -> [String] {
        criterion.measures.map { measure in
            guard let seen = seen[measure] else { return "\(measure.rawValue): not measured" }
            return "\(measure.rawValue): \(seen.isMet ? "" : "**missed** ")\(seen.words)"
        }
    }

    /// A table for each standard.
    package var markdown: String {
        let title =
            place.map {
                "Measured on \($0), as far as it can be; a criterion that a measure misses is not supported.\n\n"
            } ?? ""
        return title
            + Criterion.Standard.allCases.map { standard in
                "### \(standard.rawValue)\n\n" + head
                    + Criterion.all.filter { $0.standard == standard }.map(row).joined()
            }.joined(separator: "\n")
    }

    private var head: String {
        place == nil
            ? "| criterion | level | remarks | evidence |\n|---|---|---|---|\n"
            : "| criterion | level | remarks | evidence | measured |\n|---|---|---|---|---|\n"
    }

    private func row(_ criterion: Criterion) -> String {
        let evidence = criterion.evidence.isEmpty ? "" : "`\(criterion.evidence)`"
        var cells = ["\(criterion.number) \(criterion.title)", level(criterion).rawValue, criterion.remark, evidence]
        if place != nil { cells.append(measured(criterion).joined(separator: "; ")) }
        return "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |\n"
    }
}

extension ConformanceReport: Encodable {
    private enum Key: String, CodingKey { case place, good, criteria }

    private struct Row: Encodable {
        let standard, number, title: String
        let level: Criterion.Level
        let remark, evidence: String
        let measured: [String]
    }

    /// Encodes every row.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encodeIfPresent(place, forKey: .place)
        try container.encode(missed == 0, forKey: .good)
        try container.encode(
            Criterion.all.map { criterion in
                Row(
                    standard: criterion.standard.rawValue, number: criterion.number, title: criterion.title,
                    level: level(criterion), remark: criterion.remark, evidence: criterion.evidence,
                    measured: place == nil ? [] : measured(criterion))
            }, forKey: .criteria)
    }
}
