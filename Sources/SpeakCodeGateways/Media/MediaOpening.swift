// SPDX-License-Identifier: GPL-3.0-or-later

internal import FoundationEssentials

/// A gateway's first words over a WebSocket, by which its dialect is known.
package enum MediaOpening: Sendable {
    /// What is no JSON.
    case words([UInt8])
    /// A JSON object: its `event`, where that is a text, and the names of its fields.
    case object(event: String?, fields: Set<String>)

    /// - Returns: nil for broken JSON.
    init?(_ text: [UInt8]) {
        guard text.first == UInt8(ascii: "{") else {
            self = .words(text)
            return
        }
        guard let outline = try? JSONDecoder().decode(Outline.self, from: Data(text)) else { return nil }
        self = .object(event: outline.event, fields: outline.fields)
    }

    private struct Outline: Decodable {
        let event: String?
        let fields: Set<String>

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Name.self)
            event = try? container.decode(String.self, forKey: Name(stringValue: "event"))
            fields = Set(container.allKeys.map(\.stringValue))
        }
    }

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) {
            self.stringValue = stringValue
        }

        init?(intValue: Int) { nil }
    }
}
