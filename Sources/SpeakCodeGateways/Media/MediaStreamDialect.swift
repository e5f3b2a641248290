// SPDX-License-Identifier: GPL-3.0-or-later

package import SpeakCode

/// What a gateway says over a WebSocket, and is told: one protocol of media.
package protocol MediaStreamDialect: SendableMetatype {
    /// The WebSocket's subprotocols by which a gateway names it, the names that their own software has.
    static var subprotocols: [String] { get }
    /// Whether a gateway with these first words speaks it.
    static func begins(with opening: MediaOpening) -> Bool
    init()

    /// Its name in log lines and metrics.
    var transport: String { get }
    var pace: MediaPace { get }
    var hearing: MediaHearing { get }

    /// What a text message of the gateway says; nil for one that says nothing of interest.
    mutating func read(_ text: [UInt8]) throws(MediaStreamViolation) -> MediaStreamEvent?

    /// What is said before the first audio.
    var beginning: [WebSocketMessage] { get }
    /// Some frames of audio.
    func audio(_ frames: ArraySlice<UInt8>) -> WebSocketMessage
    /// Asks to be told when all audio before it was heard; nil where the gateway cannot tell.
    func mark(_ name: String) -> WebSocketMessage?
    /// Tells what begins to be said with the audio behind it; nil for who has no use for it.
    func caption(_ caption: MediaCaption) -> WebSocketMessage?
    /// Has all audio thrown away that was not heard yet.
    var flush: [WebSocketMessage] { get }
    /// What is said before the WebSocket is closed, since the call is over on our side.
    var ending: [WebSocketMessage] { get }
    /// What a gateway is sure to answer that has been silent; nil for a ping.
    var probe: WebSocketMessage? { get }
}

extension MediaStreamDialect {
    package static var subprotocols: [String] { [] }
    package var probe: WebSocketMessage? { nil }
    package func caption(_ caption: MediaCaption) -> WebSocketMessage? { nil }
}

/// Who decides when audio is due.
package enum MediaPace: Hashable, Sendable {
    /// Our clock; so many frames are sent ahead of it.
    case clock(lead: Int)
    /// The gateway, which has so many frames at most that it has not marked as heard, in pieces of so many.
    case gateway(ahead: Int, piece: Int)
}

/// Who knows that a reading was heard.
package enum MediaHearing: Sendable {
    /// We do: what was sent has been heard.
    case sent
    /// The gateway, which gives a mark back that was sent behind a reading.
    case marked
}

/// What a gateway has said.
package enum MediaStreamEvent: Hashable, Sendable {
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
package struct MediaStreamViolation: Error {
    package init() {}
}

/// A message over a WebSocket.
package enum WebSocketMessage: Hashable, Sendable {
    case text([UInt8])
    case binary(ArraySlice<UInt8>)

    static func json(_ value: some Encodable) -> WebSocketMessage {
        // Texts and numbers always encode.
        .text((try? JSONDocument.encode(value)) ?? [])
    }
}
