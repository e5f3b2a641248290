// SPDX-License-Identifier: GPL-3.0-or-later

/// A word that stands where a code may stand, and is nearly the name of a verb.
enum MistypedVerb {
    /// What is asked about beside the verbs that stand alone.
    private static let others = [
        "list": "voices list", "hear": "voices hear", "new": "keys new",
        "caller": "keys caller", "version": "--version",
    ]

    /// What somebody meant who typed some words and no verb, such as `voices` for `voice`; nil for a code.
    ///
    /// Codes have a digit, nearly all of them, and those made of letters are in capitals.
    static func meant(by words: [String]) -> String? {
        // A file's name may have digits, and a code no full stop.
        guard let word = words.first,
            !words.contains(where: { $0.contains(where: \.isNumber) && !$0.contains(".") }),
            word.allSatisfy(\.isLetter), !word.dropFirst().contains(where: \.isUppercase)
        else { return nil }
        return nearest(to: word, among: RootCommand.verbs) ?? others[word.lowercased()]
    }

    /// The name that a word was meant to be; nil where none is near: one slip in a short word, two in a long one.
    static func nearest(to word: String, among names: [String]) -> String? {
        let typed = Array(word.lowercased())
        guard typed.count > 2 else { return nil }
        return names.map { (name: $0, slips: slips(typed, Array($0))) }
            .filter { $0.slips <= ($0.name.count > 4 ? 2 : 1) }
            .min { $0.slips < $1.slips }?.name
    }

    /// Letters that were changed, left out, put in, or swapped with their neighbour (optimal string alignment).
    private static func slips(_ a: [Character], _ b: [Character]) -> Int {
        var rows = [Array(0...b.count)]
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                var least = min(rows[i][j] + (a[i] == b[j] ? 0 : 1), rows[i][j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { least = min(least, rows[i - 1][j - 1] + 1) }
                row.append(least)
            }
            rows.append(row)
        }
        return rows[a.count][b.count]
    }
}
