// SPDX-License-Identifier: GPL-3.0-or-later

internal import FoundationEssentials
internal import SpeakCode

/// Twilio's Media Streams, of `<Connect><Stream>`: JSON with µ-law in base64.
///
/// Twilio gives a mark back when all before it was heard, and also when it was thrown away.
/// Its own software only tells keys, and only takes audio, in a stream of both directions.
struct TwilioDialect: MediaStreamDialect {
    static func begins(with opening: MediaOpening) -> Bool {
        guard case .object(let event?, _) = opening else { return false }
        return ["connected", "start"].contains(event)
    }

    let hearing = MediaHearing.marked
    let transport = "twilioMediaStream"
    /// A fifth of a second for the way through the network.
    let pace = MediaPace.clock(lead: 10)
    private var stream = ""
    private var media = MediaTemplate(stream: "")

    private struct Event: Decodable {
        let event: String
        let streamSid: String?
        let start: Start?
        let dtmf: Key?
        let mark: Mark?

        struct Start: Decodable {
            let streamSid: String?
            let mediaFormat: MediaFormat
        }

        struct MediaFormat: Decodable {
            let encoding: String
            let sampleRate: Int
        }

        struct Key: Decodable { let digit: String }
        struct Mark: Decodable { let name: String }
    }

    mutating func read(_ text: [UInt8]) throws(MediaStreamViolation) -> MediaStreamEvent? {
        // What the person says, 50 times a second: known by its first bytes, as Twilio writes them.
        if text.starts(with: Self.heard) { return nil }
        guard let event = try? JSONDecoder().decode(Event.self, from: Data(text)) else {
            throw MediaStreamViolation()
        }
        switch event.event {
        case "start":
            guard let start = event.start, let name = start.streamSid ?? event.streamSid else {
                throw MediaStreamViolation()
            }
            stream = name
            media = MediaTemplate(stream: name)
            let isMuLaw = start.mediaFormat.encoding == "audio/x-mulaw" && start.mediaFormat.sampleRate == 8000
            return .start(isMuLaw ? try? AudioFormat(.muLaw) : nil)
        case "dtmf":
            guard let digit = event.dtmf?.digit, digit.count == 1, let key = digit.first else {
                throw MediaStreamViolation()
            }
            return .key(key)
        case "mark": return event.mark.map { .mark($0.name) }
        case "stop": return .stop
        default: return nil
        }
    }

    private static let heard = Array(#"{"event":"media","#.utf8)

    private struct Message: Encodable {
        let event: String
        let streamSid: String
        var media: Media?
        var mark: Mark?

        struct Media: Encodable { let payload: String }
        struct Mark: Encodable { let name: String }
    }

    let beginning: [WebSocketMessage] = []

    func audio(_ frames: ArraySlice<UInt8>) -> WebSocketMessage { media.message(frames) }

    /// The messages of audio, which differ in their payload alone: encoded once, with a gap for it.
    private struct MediaTemplate {
        private static let gap = Array("====".utf8)
        private let head: ArraySlice<UInt8>
        private let tail: ArraySlice<UInt8>

        init(stream: String) {
            let gap = String(decoding: Self.gap, as: UTF8.self)
            let message = Message(event: "media", streamSid: stream, media: Message.Media(payload: gap))
            guard case .text(let whole) = WebSocketMessage.json(message),
                // The keys are sorted, so that nothing of Twilio's stands before the payload.
                let range = whole.firstRange(of: Self.gap)
            else { preconditionFailure("texts always encode") }
            head = whole[..<range.lowerBound]
            tail = whole[range.upperBound...]
        }

        func message(_ audio: ArraySlice<UInt8>) -> WebSocketMessage {
            var text: [UInt8] = []
            text.reserveCapacity(head.count + audio.count * 4 / 3 + 4 + tail.count)
            text += head
            text += Data(audio).base64EncodedData()
            text += tail
            return .text(text)
        }
    }

    func mark(_ name: String) -> WebSocketMessage? {
        .json(Message(event: "mark", streamSid: stream, mark: Message.Mark(name: name)))
    }

    var flush: [WebSocketMessage] { [.json(Message(event: "clear", streamSid: stream))] }

    /// The TwiML goes on behind a stream that is closed.
    let ending: [WebSocketMessage] = []
}
