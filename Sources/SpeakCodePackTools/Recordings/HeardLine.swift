// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCode

/// What a recogniser heard of one line of a script.
public struct HeardLine: Sendable {
    private let heard: String
    private let plain: [Character]

    /// Takes a recogniser's text.
    public init(_ text: String) {
        heard = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        plain = Self.plain(text)
    }

    /// What is wrong where another line, or nothing, was heard; nil where the line itself is the nearest.
    ///
    /// A recogniser writes words as it likes: all that it must do is to come nearer to the line than to any other.
    public func fault(of line: RecordingScript.Line, among script: RecordingScript) -> String? {
        guard !plain.isEmpty else { return "the recogniser hears nothing; say \"\(line.caption)\" again" }
        let own = distance(to: line)
        let others = script.lines.filter { $0.unit.isPhrase == line.unit.isPhrase && $0.caption != line.caption }
        guard let nearest = others.min(by: { distance(to: $0) < distance(to: $1) }), distance(to: nearest) < own else {
            return nil
        }
        return "the recogniser hears \"\(heard.prefix(60))\", which is nearer to \"\(nearest.caption)\" than to "
            + "\"\(line.caption)\"; say it again"
    }

    /// The share of a line that was not heard, 0 to 1 and above, for the way of writing it that is the nearest.
    private func distance(to line: RecordingScript.Line) -> Double {
        var ways = [line.caption]
        if line.utterance.notation == .words { ways.append(line.utterance.text) }
        if case .symbol(let symbol, _, _) = line.unit { ways.append(String(symbol.character)) }
        return ways.map { Self.distance(plain, Self.plain($0)) }.min() ?? 1
    }

    /// Letters and digits, without case and accents.
    private static func plain(_ text: String) -> [Character] {
        text.lowercased().filter { $0.isLetter || $0.isNumber }.map { $0 }
    }

    /// Levenshtein's distance by the longer length.
    private static func distance(_ a: [Character], _ b: [Character]) -> Double {
        guard !a.isEmpty, !b.isEmpty else { return 1 }
        var row = Array(0...b.count)
        for i in a.indices {
            var diagonal = row[0]
            row[0] += 1
            for j in b.indices {
                let cost = a[i] == b[j] ? 0 : 1
                (diagonal, row[j + 1]) = (row[j + 1], min(diagonal + cost, row[j + 1] + 1, row[j] + 1))
            }
        }
        return Double(row[b.count]) / Double(max(a.count, b.count))
    }
}
