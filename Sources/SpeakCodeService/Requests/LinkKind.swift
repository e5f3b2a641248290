// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCode
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

    /// Audio that has no end, and is made while it is heard.
    static let live = LinkKind("live.wav") ?? .media(.webSocket)

    /// Whether what is heard is made while it is heard, and no file is fetched for it.
    var isLive: Bool {
        switch self {
        case .audio(let representation): representation.isLive
        case .media(.webSocket), .media(.audioSocket): true
        case .media(.fastAGI), .document: false
        }
    }

    /// Whether it is of a codec that leaves out what ears do not miss, and tones may.
    var isForEars: Bool {
        guard case .audio(let representation) = self else { return false }
        return switch representation.kind {
        case .finite(let format), .live(let format): format.kind.isForEars
        case .captions: false
        }
    }

    /// The names of those kinds.
    static let liveNames = names.filter { LinkKind($0)?.isLive == true }

    /// The names of all kinds.
    static let names =
        Representation.all.map(\.name) + Gateways.documents.map(\.name)
        + CallMedia.allCases.map(\.rawValue)
}
