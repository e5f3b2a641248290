// SPDX-License-Identifier: GPL-3.0-or-later

internal import FoundationEssentials
internal import SpeakCode

/// Asterisk's `chan_websocket`: Asterisk keeps a queue of frames, and plays it at its own pace.
///
/// Its control messages are plain text, or JSON where the channel has the option `f(json)`; ours are like its own.
/// A mark is not given back by a queue that was flushed. Marks came with 20.18, 22.8 and 23.2.
struct AsteriskDialect: MediaStreamDialect {
    static let subprotocols = ["media"]

    static func begins(with opening: MediaOpening) -> Bool {
        switch opening {
        case .words(let words): words.starts(with: "MEDIA_START ".utf8)
        case .object(let event, _): event == "MEDIA_START"
        }
    }

    let hearing = MediaHearing.marked
    let transport = "asteriskWebSocket"
    /// Three seconds: a flush empties the queue, and Asterisk's own limits (900 frames) are far.
    let pace = MediaPace.gateway(ahead: 150, piece: 25)
    private var usesJSON = false

    /// What Asterisk tells, in either form.
    private struct Event: Decodable {
        let event: String
        var format: String?
        var digit: String?
        var mark: String?

        enum CodingKeys: String, CodingKey {
            case event, format, digit
            case mark = "correlation_id"
        }
    }

    mutating func read(_ text: [UInt8]) throws(MediaStreamViolation) -> MediaStreamEvent? {
        let event: Event
        if text.first == UInt8(ascii: "{") {
            guard let read = try? JSONDecoder().decode(Event.self, from: Data(text)) else {
                throw MediaStreamViolation()
            }
            (usesJSON, event) = (true, read)
        } else {
            event = Self.event(ofPlain: String(decoding: text, as: UTF8.self))
        }
        switch event.event {
        case "MEDIA_START": return .start(event.format.flatMap(Self.format))
        case "MEDIA_XOFF": return .hold
        case "MEDIA_XON": return .resume
        case "MEDIA_MARK_PROCESSED": return event.mark.map { .mark($0) }
        case "DTMF_END":
            guard let digit = event.digit, digit.count == 1, let key = digit.first else { throw MediaStreamViolation() }
            return .key(key)
        // A channel with the option `p` neither marks nor flushes.
        case "ERROR": throw MediaStreamViolation()
        default: return nil
        }
    }

    /// Reads `NAME key:value …`; the name of a mark stands alone.
    private static func event(ofPlain text: String) -> Event {
        let words = text.split(separator: " ")
        var event = Event(event: String(words.first ?? ""))
        for word in words.dropFirst() {
            guard let colon = word.firstIndex(of: ":") else {
                event.mark = String(word)
                continue
            }
            let value = String(word[word.index(after: colon)...])
            switch word[..<colon] {
            case "format": event.format = value
            case "digit": event.digit = value
            default: break
            }
        }
        return event
    }

    private static func format(_ name: String) -> AudioFormat? {
        switch name {
        case "ulaw": try? AudioFormat(.muLaw)
        case "alaw": try? AudioFormat(.aLaw)
        case "slin": .linear(.hz8000)
        case "slin16": .linear(.hz16000)
        case "slin24": .linear(.hz24000)
        case "slin44": .linear(.hz44100)
        case "slin48": .linear(.hz48000)
        default: nil
        }
    }

    /// The channel may be one that does not answer by itself; to answer twice does nothing.
    var beginning: [WebSocketMessage] { [command("ANSWER"), command("START_MEDIA_BUFFERING")] }

    func audio(_ frames: ArraySlice<UInt8>) -> WebSocketMessage { .binary(frames) }

    func mark(_ name: String) -> WebSocketMessage? { command("MARK_MEDIA", name) }

    // A flush ends the buffering, too.
    var flush: [WebSocketMessage] { [command("FLUSH_MEDIA"), command("START_MEDIA_BUFFERING")] }

    var ending: [WebSocketMessage] { [command("HANGUP")] }

    /// No ping: versions to 22.8 hang up at one (asterisk/asterisk#1722).
    var probe: WebSocketMessage? { command("GET_STATUS") }

    private struct Command: Encodable {
        let command: String
        let mark: String?

        enum CodingKeys: String, CodingKey {
            case command
            case mark = "correlation_id"
        }
    }

    /// At most 128 bytes, which is the longest text that Asterisk reads.
    private func command(_ name: String, _ mark: String? = nil) -> WebSocketMessage {
        guard usesJSON else { return .text(Array((mark.map { "\(name) \($0)" } ?? name).utf8)) }
        return .json(Command(command: name, mark: mark))
    }
}
