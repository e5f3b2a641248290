// SPDX-License-Identifier: GPL-3.0-or-later

/// A `Cache-Control` in which `{age}` stands for the seconds that are left of a link.
struct CachePolicy: Hashable, Sendable {
    private let parts: [String]

    init(_ text: String) {
        var parts = [""]
        var rest = text[...]
        while let place = rest.firstRange(of: "{age}") {
            parts[parts.count - 1] += rest[..<place.lowerBound]
            parts.append("")
            rest = rest[place.upperBound...]
        }
        parts[parts.count - 1] += rest
        self.parts = parts
    }

    func text(age: Int) -> String {
        parts.count == 1 ? parts[0] : parts.joined(separator: String(max(0, age)))
    }
}
