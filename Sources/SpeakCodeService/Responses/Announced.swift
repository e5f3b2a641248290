// SPDX-License-Identifier: GPL-3.0-or-later

public import SpeakCode
internal import SpeakCodeLinks

/// What was made of an ``AnnouncementRequest``: links, each of which is a secret as the code is, and what they give.
public struct Announced: Sendable {
    /// The locale of the voice that reads.
    public let locale: LanguageTag
    /// The links of audio and captions, by the names of their formats, such as `wav`, `live.mp3` and `vtt`.
    public let links: [String: String]
    /// The links of documents by which gateways control a call, by the documents' names, such as `twiml`.
    public let documents: [String: String]
    /// The link of a call's live media, for a WebSocket of yours and ``AnnouncementService/call(_:over:as:frameLength:client:onSound:)``.
    public let media: String
    /// How often the code is read where there is an end; 0, like the next two, where it changes and no file has it.
    public let readings: Int
    /// How long that takes.
    public let duration: Duration
    /// The bytes of its WAVE file.
    public let byteCount: Int
    /// When the links end, in seconds since 1970.
    public let expires: Int

    init(_ made: AnnouncementEndpoint.Made) throws {
        locale = made.announcement.locale
        links = made.spoken.all
        documents = try made.calls.documents()
        media = try made.calls.webSocket()
        let rendition = made.spoken.rendition
        readings = rendition?.readings ?? 0
        duration = rendition?.duration ?? .zero
        byteCount = rendition?.byteCount ?? 0
        expires = made.announcement.expires
    }
}

extension Announced: CustomStringConvertible, CustomReflectable {
    /// The locale, and no link.
    public var description: String { "Announced(\(locale))" }

    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
