// SPDX-License-Identifier: GPL-3.0-or-later

/// What begins to be said, for who reads it.
///
/// It shows the code, as the audio says it, and shows itself in nothing that is printed.
package enum MediaCaption: Hashable, Sendable, Encodable {
    /// A sentence.
    case phrase(String)
    /// A symbol of the code, and its position from 0.
    case symbol(Character, position: Int)

    private enum Name: CodingKey { case phrase, symbol, position }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Name.self)
        switch self {
        case .phrase(let text): try container.encode(text, forKey: .phrase)
        case .symbol(let symbol, let position):
            try container.encode(String(symbol), forKey: .symbol)
            try container.encode(position, forKey: .position)
        }
    }
}

extension MediaCaption: CustomStringConvertible, CustomReflectable {
    package var description: String { "MediaCaption" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
