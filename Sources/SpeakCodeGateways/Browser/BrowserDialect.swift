// SPDX-License-Identifier: GPL-3.0-or-later

internal import FoundationEssentials
internal import SpeakCode

/// What a page says that is a telephone: `{"listen": 16000}` first, `{"key": "1"}` later.
///
/// It gets 16-bit linear samples, low byte first, in binary messages; before the one in which a phrase or a symbol begins a
/// caption of it; and `{"flush": true}` where what it has not played yet is to be thrown away. Hanging up is closing.
struct BrowserDialect: MediaStreamDialect {
    static let subprotocols = ["speakcode.browser"]

    static func begins(with opening: MediaOpening) -> Bool {
        guard case .object(nil, let fields) = opening else { return false }
        return fields == ["listen"]
    }

    let hearing = MediaHearing.sent
    let transport = "browser"
    /// A page plays when its main thread has time: a fifth of a second is in front of it.
    let pace = MediaPace.clock(lead: 10)
    private var hasStarted = false

    private struct Words: Decodable {
        let listen: Int?
        let key: String?
    }

    mutating func read(_ text: [UInt8]) throws(MediaStreamViolation) -> MediaStreamEvent? {
        guard let words = try? JSONDecoder().decode(Words.self, from: Data(text)) else { throw MediaStreamViolation() }
        guard hasStarted else {
            guard let rate = words.listen else { throw MediaStreamViolation() }
            hasStarted = true
            return .start(SampleRate(rawValue: rate).map { .linear($0) })
        }
        guard let key = words.key, key.count == 1, let first = key.first else { throw MediaStreamViolation() }
        return .key(first)
    }

    private struct Flush: Encodable { let flush = true }

    let beginning: [WebSocketMessage] = []

    func audio(_ frames: ArraySlice<UInt8>) -> WebSocketMessage { .binary(frames) }

    func mark(_ name: String) -> WebSocketMessage? { nil }

    func caption(_ caption: MediaCaption) -> WebSocketMessage? { .json(caption) }

    var flush: [WebSocketMessage] { [.json(Flush())] }

    let ending: [WebSocketMessage] = []
}
