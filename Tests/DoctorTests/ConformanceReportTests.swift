// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import Testing

@testable import SpeakCodeDoctor

@Suite("The conformance report")
struct ConformanceReportTests {
    @Test("stands in docs/accessibility.md as `speakcode doctor --acr` prints it")
    func document() throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/accessibility.md")
        let text = try String(contentsOf: page.standardized, encoding: .utf8)
        #expect(text.hasSuffix("\n\n" + ConformanceReport().markdown), "print it anew: speakcode doctor --acr")
    }

    @Test("names each criterion once, and says of each that is met how that is seen")
    func rows() {
        for standard in Criterion.Standard.allCases {
            let numbers = Criterion.all.filter { $0.standard == standard }.map(\.number)
            #expect(!numbers.isEmpty && Set(numbers).count == numbers.count)
        }
        #expect(Set(Criterion.all.flatMap(\.measures)) == Set(Criterion.Measure.allCases))
        for criterion in Criterion.all {
            #expect(criterion.remark.hasSuffix("."), "\(criterion.number)")
            #expect(criterion.level != .supports || !criterion.evidence.isEmpty, "\(criterion.number)")
            // A table has another meaning for it, and whoever copies the command has one more sign.
            #expect(!criterion.evidence.contains("|"), "\(criterion.number)")
        }
    }

    @Test("does not support what a measure misses, whatever it says of itself")
    func missed() {
        let report = ConformanceReport(of: "http://h", [.background: .missed("3.0 dB"), .captions: .met("9 cues")])
        let rows = report.markdown.split(separator: "\n")
        #expect(report.missed == 1)
        let loud = rows.first { $0.contains("1.4.7") }
        #expect(loud?.contains("| Does Not Support |") == true && loud?.contains("**missed** 3.0 dB") == true)
        let captioned = rows.first { $0.contains("1.2.1") }
        #expect(captioned?.contains("| Supports |") == true && captioned?.contains("captions: 9 cues") == true)
        #expect(rows.contains { $0.contains("3.1.2") && $0.contains("second-language: not measured") })
    }
}
