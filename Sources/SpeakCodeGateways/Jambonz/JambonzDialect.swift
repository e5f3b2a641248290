// SPDX-License-Identifier: GPL-3.0-or-later

internal import FoundationEssentials
internal import SpeakCode

/// jambonz's `listen`, with audio streamed both ways: 16-bit linear, low byte first, in binary messages.
///
/// Its marks are not used: between samples they are the value -1, which audio has as well, so jambonz takes a sample
/// for a mark and leaves it out; and where it resamples, marks are lost.
struct JambonzDialect: MediaStreamDialect {
    /// As its servers are set up, and as its FreeSWITCH module is by itself.
    static let subprotocols = ["audio.jambonz.org", "audio.drachtio.org"]

    static func begins(with opening: MediaOpening) -> Bool {
        guard case .object(nil, let fields) = opening else { return false }
        return fields.contains("sampleRate")
    }

    let hearing = MediaHearing.sent
    let transport = "jambonzWebSocket"
    /// jambonz plays once it has 1280 samples, and then in pieces of 640.
    let pace = MediaPace.clock(lead: 12)
    private var hasStarted = false

    /// What is said first, of the call; and later, of its keys.
    private struct Event: Decodable {
        let event: String?
        let dtmf: String?
        let sampleRate: Int?
    }

    mutating func read(_ text: [UInt8]) throws(MediaStreamViolation) -> MediaStreamEvent? {
        guard let event = try? JSONDecoder().decode(Event.self, from: Data(text)) else {
            throw MediaStreamViolation()
        }
        guard hasStarted else {
            guard let rate = event.sampleRate else { throw MediaStreamViolation() }
            hasStarted = true
            return .start(SampleRate(rawValue: rate).map { .linear($0) })
        }
        guard event.event == "dtmf" else { return nil }
        guard let digit = event.dtmf, digit.count == 1, let key = digit.first else { throw MediaStreamViolation() }
        return .key(key)
    }

    private struct Command: Encodable { let type: String }

    let beginning: [WebSocketMessage] = []

    func audio(_ frames: ArraySlice<UInt8>) -> WebSocketMessage { .binary(frames) }

    func mark(_ name: String) -> WebSocketMessage? { nil }

    var flush: [WebSocketMessage] { [.json(Command(type: "killAudio"))] }

    /// The application goes on with the verb behind `listen`.
    var ending: [WebSocketMessage] { [.json(Command(type: "disconnect"))] }
}
