// SPDX-License-Identifier: GPL-3.0-or-later

internal import JSON5

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
        guard let fields = JSON5Value.object(in: text) else { return nil }
        self = .object(event: fields["event"]?.text, fields: Set(fields.keys))
    }
}
