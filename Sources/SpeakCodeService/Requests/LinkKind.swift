// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCodeGateways

/// What a link is for: audio and captions to fetch, a document that controls a call, or media of a call.
enum LinkKind: Hashable, Sendable {
    case audio(Representation)
    case document(CallDocument)
    case media(CallMedia)

    /// The kind of a name, such as `wav`, `twiml` or `agi`.
    init?(_ name: String) {
        if let representation = Representation.named(name) {
            self = .audio(representation)
        } else if let document = Gateways.document(named: name) {
            self = .document(document)
        } else if let media = CallMedia(rawValue: name) {
            self = .media(media)
        } else {
            return nil
        }
    }

    /// The names of all kinds.
    static let names =
        Representation.all.map(\.name) + Gateways.documents.map(\.name)
        + CallMedia.allCases.map(\.rawValue)
}
