// SPDX-License-Identifier: GPL-3.0-or-later

/// Rows of wrapped cells, as the doctor's tables have them.
package enum Table {
    /// A row.
    ///
    /// - Parameters:
    ///   - cells: the texts.
    ///   - widths: of the columns, in characters.
    package static func row(_ cells: [String], _ widths: [Int]) -> String {
        let columns = zip(cells, widths).map { (lines: wrap($0, $1), width: $1) }
        let height = columns.map(\.lines.count).max() ?? 0
        return (0..<height).map { index in
            let line = columns.map { column in
                let cell = column.lines.indices.contains(index) ? column.lines[index] : ""
                return cell + String(repeating: " ", count: max(0, column.width - cell.count))
            }.joined(separator: "  ")
            return String(line[...].trimmingEnd) + "\n"
        }.joined()
    }

    private static func wrap(_ text: String, _ width: Int) -> [String] {
        text.split(separator: " ").reduce(into: [String]()) { lines, word in
            if let last = lines.last, last.count + 1 + word.count <= width {
                lines[lines.count - 1] = last + " " + word
            } else {
                lines.append(String(word))
            }
        }
    }
}

extension Finding.Outcome {
    /// As tables have it.
    package var word: String {
        switch self {
        case .pass: "pass"
        case .warning: "warning"
        case .fail: "FAIL"
        case .notApplicable: "–"
        }
    }
}

extension Substring {
    fileprivate var trimmingEnd: Substring {
        lastIndex { $0 != " " }.map { self[...$0] } ?? ""
    }
}
