// SPDX-License-Identifier: GPL-3.0-or-later

internal import Glibc

/// A call over a WebSocket as Twilio's Media Streams: JSON with µ-law in base64.
struct WebSocketWire: CallWire {
    static let format = "websocket"
    static let lead = 10
    static let callersFrame: [UInt8] = {
        // 160 bytes in base64, of which none is silence.
        let payload = String(repeating: "AbCd", count: 53) + "AA=="
        return frame(#"{"event":"media","streamSid":"\#(name)","media":{"track":"inbound","payload":"\#(payload)"}}"#)
    }()
    private static let name = "MZ0123456789abcdef0123456789abcdef"
    private static let sound = Array(#"{"event":"media","media":{"payload":""#.utf8)
    private static let mark = Array(#"{"event":"mark""#.utf8)
    private static let quotation = UInt8(ascii: "\"")

    let port: UInt16
    private let path: String

    /// From `ws://host:port/path`.
    init?(_ answer: String) {
        let parts = answer.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 4, let port = parts[2].split(separator: ":").last.flatMap({ UInt16($0) }) else {
            return nil
        }
        self.port = port
        path = "/" + parts[3]
    }

    func begin(over descriptor: CInt) {
        say(
            Array(
                """
                GET \(path) HTTP/1.1\r
                Host: bench\r
                Connection: Upgrade\r
                Upgrade: websocket\r
                Sec-WebSocket-Version: 13\r
                Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r
                \r

                """.utf8), over: descriptor)
        var head: [UInt8] = []
        var byte: UInt8 = 0
        // Byte by byte, since what lies behind the head is the call's.
        while !head.suffix(4).elementsEqual([13, 10, 13, 10]) {
            guard recv(descriptor, &byte, 1, 0) == 1 else { fail("the service closed the WebSocket") }
            head.append(byte)
        }
        guard head.starts(with: Array("HTTP/1.1 101".utf8)) else { fail("the service opens no WebSocket") }
        say(Self.frame(#"{"event":"connected","protocol":"Call","version":"1.0.0"}"#), over: descriptor)
        say(
            Self.frame(
                """
                {"event":"start","streamSid":"\(Self.name)","start":{"streamSid":"\(Self.name)","mediaFormat":\
                {"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1}}}
                """), over: descriptor)
    }

    /// A text message as a client sends it (RFC 6455, section 5.3), under a mask that changes nothing.
    private static func frame(_ text: String) -> [UInt8] { frame(Array(text.utf8)) }

    private static func frame(_ text: [UInt8]) -> [UInt8] {
        let length: [UInt8] =
            text.count < 126
            ? [0x80 | UInt8(text.count)] : [0x80 | 126, UInt8(text.count >> 8), UInt8(text.count & 0xFF)]
        return [0x81] + length + [0, 0, 0, 0] + text
    }

    /// How long a message's head is, and how long what is behind it.
    private static func lengths(of bytes: Slice<UnsafeBufferPointer<UInt8>>) -> (head: Int, payload: Int)? {
        let start = bytes.startIndex
        guard bytes.count >= 2 else { return nil }
        let short = Int(bytes[start + 1])
        guard short == 126 else { return (2, short) }
        guard bytes.count >= 4 else { return nil }
        return (4, Int(bytes[start + 2]) << 8 | Int(bytes[start + 3]))
    }

    static func length(ofFirst bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Int? {
        guard let (head, payload) = lengths(of: bytes), bytes.count >= head + payload else { return nil }
        return head + payload
    }

    static func kind(of message: Slice<UnsafeBufferPointer<UInt8>>) -> MessageKind {
        guard message.first == 0x81, let (head, _) = lengths(of: message) else { return .strange }
        let text = message.dropFirst(head)
        if text.starts(with: mark) { return .answered(frame(Array(text))) }
        guard text.starts(with: sound) else { return .strange }
        // µ-law's silence is 0xFF, in base64 a slash, and "/w==" where a byte is left.
        let payload = text.dropFirst(sound.count).prefix { $0 != quotation }
        return .frame(isSilent: payload.dropLast(3).allSatisfy { $0 == UInt8(ascii: "/") })
    }
}
