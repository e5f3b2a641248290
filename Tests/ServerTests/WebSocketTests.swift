// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import NIOCore
import SpeakCode
import SpeakCodeLinks
import SpeakCodeTesting
import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

extension TestService {
    /// What a test needs of a new announcement to be heard in a call.
    struct CallLinksOfTest {
        /// The address of WebSocket media.
        let webSocket: String
        /// The links to the same audio.
        let links: [String: String]
    }

    func call(_ json: String = #"{"code":"735198"}"#) async throws -> CallLinksOfTest {
        let answer = try await post(json)
        try #require(answer.status == 201, "\(answer.text)")
        let calls: [String: Any] = try answer.field("calls")
        return CallLinksOfTest(
            webSocket: try #require(calls["websocket"] as? String), links: try answer.field("links"))
    }

    /// Waits for the line of a call in the log.
    func callLine(_ count: Int = 1) async throws -> String {
        let began = ContinuousClock.now
        while began.duration(to: .now) < .seconds(20) {
            let lines = log.all.filter { $0.contains(": call ") }
            if lines.count >= count { return lines[count - 1] }
            try await Task.sleep(for: .milliseconds(5))
        }
        Issue.record("no call was logged")
        return ""
    }
}

@Suite("A WebSocket's handshake", .serialized)
struct WebSocketHandshakeTests {
    @Test("may have the link in the query, which is all that a dialplan of Asterisk can add to")
    func query() async throws {
        try await TestService.run { service in
            let call = try await service.call()
            let address = call.webSocket.replacing("/m/", with: "/m?link=")
            try await WebSocketPeer.connect(to: address, subprotocol: "media") { peer in
                #expect(peer.head.hasPrefix("HTTP/1.1 101 "))
            }
            #expect(service.log.all.contains { $0.contains("route=/m/*") && $0.contains("status=101") })
            for path in ["/m", "/m?link=", "/m?link=x", "/m?x=" + call.webSocket.suffix(100)] {
                #expect(try await service.get(path).status == 404)
            }
        }
    }

    @Test("is answered as RFC 6455 says", arguments: [nil, "media", "audio.jambonz.org", "chat, media", "chat"])
    func good(offered: String?) async throws {
        try await TestService.run { service in
            let call = try await service.call()
            try await WebSocketPeer.connect(to: call.webSocket, subprotocol: offered) { peer in
                let head = peer.head.lowercased()
                #expect(head.hasPrefix("http/1.1 101 "))
                // The answer to the key of RFC 6455, section 1.3.
                #expect(peer.head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))
                #expect(head.contains("\r\nupgrade: websocket\r\n") && head.contains("\r\nconnection: upgrade\r\n"))
                #expect(!head.contains("content-length") && !head.contains("transfer-encoding"))
                let agreed = head.firstMatch(of: /sec-websocket-protocol: (\S+)/).map { String($0.1) }
                #expect(agreed == (offered == "chat" ? nil : offered?.split(separator: " ").last.map(String.init)))
                try await peer.send(8, [3, 232])
                #expect(try await peer.closed() == 1000)
                #expect(try await peer.next() == nil)
            }
            #expect(try await service.callLine().contains("end=hungUp"))
            #expect(service.log.all.contains { $0.contains("route=/m/*") && $0.contains("status=101") })
        }
    }

    @Test("may be followed at once by what is said")
    func early() async throws {
        try await TestService.run { service in
            let call = try await service.call()
            let start = WebSocketPeer.frame(1, Array("MEDIA_START connection_id:x format:slin".utf8))
            try await WebSocketPeer.connect(to: call.webSocket, subprotocol: "media", early: start) { peer in
                let first = try await peer.next()
                #expect(first == .text("ANSWER"))
            }
        }
    }

    @Test("is made over TLS as well")
    func tls() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tls-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let (certificate, key) = (folder.appending(path: "c.pem").path, folder.appending(path: "k.pem").path)
        try ProcessTests.makeCertificate("one.example", certificate, key)
        try await TestService.run(["certificate": certificate, "privateKey": key]) { service in
            let call = try await service.call()
            #expect(call.webSocket.hasPrefix("wss://"))
            try await WebSocketPeer.connect(to: call.webSocket, subprotocol: "media") { peer in
                try await peer.send("MEDIA_START connection_id:x format:slin optimal_frame_size:320")
                #expect(try await peer.next() == .text("ANSWER"))
            }
            // HTTP/2 has no Upgrade, in either direction.
            let answer = try await service.get(call.webSocket.replacing("wss://", with: "https://"))
            #expect(answer.status == 426 && answer["upgrade"] == nil)
        }
    }

    /// A request that is wrong in one point, the status that it is answered with, and what the answer says.
    struct Bad: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var method = "GET"
        var headers: [String: String?] = [:]
        var body = ""
        let status: Int
        var says = "problem"
    }

    static let faults: [Bad] = [
        Bad(testDescription: "no upgrade", headers: ["Upgrade": nil], status: 426, says: "upgrade: websocket"),
        Bad(testDescription: "another upgrade", headers: ["Upgrade": "h2c"], status: 426, says: "upgrade: websocket"),
        Bad(testDescription: "no connection", headers: ["Connection": "keep-alive"], status: 426),
        Bad(
            testDescription: "an old version", headers: ["Sec-WebSocket-Version": "8"], status: 426,
            says: "sec-websocket-version: 13"),
        Bad(testDescription: "no key", headers: ["Sec-WebSocket-Key": nil], status: 400),
        Bad(testDescription: "a short key", headers: ["Sec-WebSocket-Key": "c2hvcnQ="], status: 400),
        Bad(testDescription: "no base64", headers: ["Sec-WebSocket-Key": "????????????????????=="], status: 400),
        Bad(testDescription: "a body", headers: ["Content-Length": "4"], body: "4071", status: 400),
        Bad(testDescription: "another method", method: "POST", status: 405, says: "allow: get"),
    ]

    @Test("that is wrong is answered with problem details", arguments: faults)
    func refused(_ bad: Bad) async throws {
        try await TestService.run { service in
            let call = try await service.call()
            var headers: [String: String?] = [
                "Host": "x", "Upgrade": "websocket", "Connection": "Upgrade",
                "Sec-WebSocket-Key": WebSocketPeer.key, "Sec-WebSocket-Version": "13",
            ]
            headers.merge(bad.headers) { $1 }
            let path = try #require(call.webSocket.firstRange(of: "/m/")).lowerBound
            var request = "\(bad.method) \(call.webSocket[path...]) HTTP/1.1\r\n"
            for (name, value) in headers { if let value { request += "\(name): \(value)\r\n" } }
            let answer = try await Wire.exchange(
                request + "\r\n" + bad.body, with: service.base, patience: .seconds(1))
            #expect(answer.hasPrefix("HTTP/1.1 \(bad.status) "), "\(answer.prefix(100))")
            #expect(answer.contains("urn:speakcode:problem:") && answer.lowercased().contains(bad.says))
            #expect(try await service.metric("speakcode_live_calls") == 0)
        }
    }

    @Test("needs a link to a call that is valid")
    func links() async throws {
        try await TestService.run { service in
            let call = try await service.call()
            func status(_ address: String) async throws -> Substring {
                var status: Substring = ""
                try await WebSocketPeer.connect(to: address) { status = $0.head.split(separator: " ")[1] }
                return status
            }
            let base = service.base.replacing("http", with: "ws")
            #expect(try await status(base + "/m/" + String(repeating: "A", count: 140)) == "404")
            let audio = try #require(call.links["wav"]?.firstMatch(of: /\/a\/([^.]+)\.wav/)?.1)
            #expect(try await status("\(base)/m/\(audio)") == "404")
            let sealed = try #require(call.webSocket.split(separator: "/").last)
            let opened = try #require(LinkKeyring([TestService.linkKey]).open(sealed)).announcement
            let old = Announcement(
                content: opened.content, locale: opened.locale, pacing: opened.pacing, readings: 3, longest: 50,
                issued: 1000, expires: 2000, call: CallState(carrier: .webSocket))
            #expect(try await status("\(base)/m/\(LinkKeyring([TestService.linkKey]).seal(old))") == "410")
            #expect(try await status(call.webSocket) == "101")
        }
    }

    @Test("is refused while as many listen as may")
    func bound() async throws {
        try await TestService.run(["liveCalls": "1"]) { service in
            let call = try await service.call()
            try await WebSocketPeer.connect(to: call.webSocket) { first in
                #expect(first.head.contains(" 101 "))
                try await WebSocketPeer.connect(to: call.webSocket) { second in
                    #expect(second.head.contains(" 503 ") && second.head.lowercased().contains("retry-after"))
                }
            }
        }
    }
}

@Suite("A WebSocket's frames", .serialized)
struct WebSocketFrameTests {
    private static let start = "MEDIA_START connection_id:x channel:y channel_id:z format:slin optimal_frame_size:320"

    /// What a client must not send, and the code that the WebSocket is closed with.
    @Test(
        "that RFC 6455 forbids end the call",
        arguments: [
            ("unmasked", WebSocketPeer.frame(1, Array("MEDIA_XON".utf8), isMasked: false), 1002),
            ("an opcode that is reserved", WebSocketPeer.frame(3, []), 1002),
            ("a reserved bit", [0xC1] + WebSocketPeer.frame(1, [65]).dropFirst(), 1002),
            ("a ping in two parts", WebSocketPeer.frame(9, [1], isFinal: false), 1002),
            ("a long ping", WebSocketPeer.frame(9, [UInt8](repeating: 1, count: 126)), 1002),
            ("a part of nothing", WebSocketPeer.frame(0, [65]), 1002),
            ("a long text", WebSocketPeer.frame(1, [UInt8](repeating: 65, count: 65_537)), 1009),
            ("a longer frame", WebSocketPeer.frame(2, [UInt8](repeating: 65, count: 262_145)), 1009),
            ("no JSON", WebSocketPeer.frame(1, Array("{nothing".utf8)), 1008),
        ] as [(String, [UInt8], UInt16)])
    func forbidden(name: String, frame: [UInt8], code: UInt16) async throws {
        try await TestService.run { service in
            let call = try await service.call()
            try await WebSocketPeer.connect(to: call.webSocket, subprotocol: "media") { peer in
                try await peer.send(Self.start)
                _ = try await peer.nextText()
                try await peer.send(bytes: frame)
                #expect(try await peer.closed() == code)
            }
            #expect(try await service.callLine().contains("end=protocolError"))
        }
    }

    @Test("may be parts of a message, with a ping between them")
    func parts() async throws {
        try await TestService.run { service in
            let call = try await service.call()
            try await WebSocketPeer.connect(to: call.webSocket) { peer in
                let text = Array(Self.start.utf8)
                try await peer.send(1, Array(text[..<20]), isFinal: false)
                try await peer.send(9, [1, 2, 3])
                try await peer.send(0, Array(text[20...]))
                #expect(try await peer.next() == .pong([1, 2, 3]))
                #expect(try await peer.next() == .text("ANSWER"))
            }
        }
    }

    @Test("of a protocol that nobody knows end the call", arguments: ["hello", #"{"event":"hello"}"#, "[]"])
    func unknown(text: String) async throws {
        try await TestService.run { service in
            let call = try await service.call()
            try await WebSocketPeer.connect(to: call.webSocket) { peer in
                try await peer.send(text)
                #expect(try await peer.closed() == 1008)
            }
            let line = try await service.callLine()
            #expect(line.contains("end=protocolError") && line.contains("transport=webSocket"))
        }
    }

    @Test(
        "keep a silent call alive where pings are answered, and end it where they are not", arguments: [true, false],
        [("media", start), ("audio.jambonz.org", #"{"sampleRate":8000}"#)])
    func pings(answers: Bool, gateway: (subprotocol: String, start: String)) async throws {
        try await TestService.run(["idleSeconds": "1"]) { service in
            let call = try await service.call()
            let began = ContinuousClock.now
            try await WebSocketPeer.connect(to: call.webSocket, subprotocol: gateway.subprotocol) { peer in
                // A gateway that says nothing by itself.
                try await peer.send(gateway.start)
                while began.duration(to: .now) < .seconds(3), let frame = try await peer.next() {
                    switch frame {
                    case .ping(let payload):
                        #expect(gateway.subprotocol != "media", "Asterisk to 22.8 hangs up at a ping")
                        if answers { try await peer.send(10, payload) }
                    case .text("GET_STATUS"): if answers { try await peer.send("STATUS channel_id:z queue_length:0") }
                    default: break
                    }
                }
                #expect((began.duration(to: .now) >= .seconds(3)) == answers)
            }
            #expect(try await service.callLine().contains("end=hungUp"))
            #expect(try await service.metric("speakcode_live_calls") == 0)
        }
    }
}
