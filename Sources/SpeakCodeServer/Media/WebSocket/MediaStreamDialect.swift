// SPDX-License-Identifier: GPL-3.0-or-later

internal import FoundationEssentials
internal import NIOCore
internal import SpeakCode

/// What a gateway says over a WebSocket, and is told: one protocol of media.
protocol MediaStreamDialect {
    var transport: CallSession.Transport { get }
    var pace: MediaPace { get }
    var hearing: CallSession.Hearing { get }

    /// What a text message of the gateway says; nil for one that says nothing of interest.
    mutating func read(_ text: ByteBuffer) throws(MediaStreamViolation) -> MediaStreamEvent?

    /// What is said before the first audio.
    var beginning: [WebSocketMessage] { get }
    /// Some frames of audio.
    func audio(_ frames: ByteBuffer) -> WebSocketMessage
    /// Asks to be told when all audio before it was heard; nil where the gateway cannot tell.
    func mark(_ name: String) -> WebSocketMessage?
    /// Has all audio thrown away that was not heard yet.
    var flush: [WebSocketMessage] { get }
    /// What is said before the WebSocket is closed, since the call is over on our side.
    var ending: [WebSocketMessage] { get }
    /// What a gateway is sure to answer that has been silent; nil for a ping.
    var probe: WebSocketMessage? { get }
}

extension MediaStreamDialect {
    var probe: WebSocketMessage? { nil }
}

/// Who decides when audio is due.
enum MediaPace: Hashable, Sendable {
    /// Our clock; so many frames are sent ahead of it.
    case clock(lead: Int)
    /// The gateway, which has so many frames at most that it has not marked as heard, in pieces of so many.
    case gateway(ahead: Int, piece: Int)
}

/// What a gateway has said.
enum MediaStreamEvent: Hashable, Sendable {
    /// Audio is wanted; nil for a format that is not spoken here.
    case start(AudioFormat?)
    case key(Character)
    /// All before the mark was heard, or thrown away.
    case mark(String)
    case hold
    case resume
    /// The person on the phone is gone.
    case stop
}

extension AudioFormat {
    /// 16-bit linear, low byte first; the header of a format that has one is never sent.
    static func linear(_ rate: SampleRate) -> AudioFormat {
        switch rate {
        case .hz8000: (try? AudioFormat(.sln)) ?? .wav()
        case .hz16000: (try? AudioFormat(.sln16)) ?? .wav(.hz16000)
        default: .wav(rate)
        }
    }
}

/// A gateway that does not speak its protocol.
struct MediaStreamViolation: Error {}

/// A message over a WebSocket.
enum WebSocketMessage: Hashable, Sendable {
    case text(ByteBuffer)
    case binary(ByteBuffer)

    static func json(_ value: some Encodable) -> WebSocketMessage {
        // Texts and numbers always encode.
        .text(ByteBuffer(bytes: (try? JSONDocument.encode(value)) ?? []))
    }
}

/// The protocols that are spoken here.
enum MediaStreamDialects {
    /// The subprotocols by which gateways name them, the names that their own software has.
    static let subprotocols = [AsteriskDialect.subprotocol] + JambonzDialect.subprotocols

    /// The dialect of a subprotocol; nil where it is to be seen from what is said.
    static func dialect(of subprotocol: String?) -> (any MediaStreamDialect)? {
        switch subprotocol {
        case AsteriskDialect.subprotocol?: AsteriskDialect()
        case let name? where JambonzDialect.subprotocols.contains(name): JambonzDialect()
        default: nil
        }
    }

    /// The dialect of a gateway's first words; nil for one that is not spoken here.
    static func dialect(beginning text: ByteBuffer) -> (any MediaStreamDialect)? {
        guard text.readableBytesView.first == UInt8(ascii: "{") else {
            return text.readableBytesView.starts(with: "MEDIA_START ".utf8) ? AsteriskDialect() : nil
        }
        guard let opening = try? JSONDecoder().decode(Opening.self, from: Data(text.readableBytesView)) else {
            return nil
        }
        switch opening.event {
        case "connected"?, "start"?: return TwilioDialect()
        case "MEDIA_START"?: return AsteriskDialect()
        case nil where opening.hasSampleRate: return JambonzDialect()
        default: return nil
        }
    }

    private struct Opening: Decodable {
        let event: String?
        let hasSampleRate: Bool

        enum Keys: CodingKey { case event, sampleRate }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Keys.self)
            event = try? container.decode(String.self, forKey: .event)
            hasSampleRate = container.contains(.sampleRate)
        }
    }
}
