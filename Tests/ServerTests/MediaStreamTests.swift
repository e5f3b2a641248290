// SPDX-License-Identifier: GPL-3.0-or-later

import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import SpeakCode
import SpeakCodeTesting
import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

/// Asterisk's `chan_websocket`, as its source says that it is: a queue of frames and marks, which it plays.
private struct AsteriskGateway {
    let isJSON: Bool
    /// What it was told, but marks.
    var commands: [String] = []
    /// What is queued and not played.
    var queue: [Entry] = []
    /// All audio that has come.
    var audio: [UInt8] = []
    /// What was played.
    var played: [UInt8] = []
    var isMarking = true

    enum Entry: Equatable {
        case audio([UInt8])
        case mark(String)
    }

    func start(_ format: String = "slin") -> String {
        guard isJSON else {
            return "MEDIA_START connection_id:gw channel:WebSocket/gw/0x1 channel_id:1.5 format:\(format) "
                + "optimal_frame_size:320 ptime:20"
        }
        return #"{"event":"MEDIA_START","connection_id":"gw","channel":"WebSocket/gw/0x1","channel_id":"1.5","#
            + #""format":"\#(format)","optimal_frame_size":320,"ptime":20,"channel_variables":{"A":"b"}}"#
    }

    func event(_ name: String, id: String? = nil) -> String {
        guard isJSON else { return id.map { "\(name) \($0)" } ?? name }
        return #"{"event":"\#(name)","channel_id":"1.5"\#(id.map { #","correlation_id":"\#($0)""# } ?? "")}"#
    }

    func key(_ digit: Character) -> String {
        isJSON
            ? #"{"event":"DTMF_END","channel_id":"1.5","digit":"\#(digit)"}"# : "DTMF_END digit:\(digit) channel_id:1.5"
    }

    /// Takes a frame of the server.
    mutating func take(_ frame: WebSocketPeer.Frame) throws {
        switch frame {
        case .binary(let bytes):
            #expect(bytes.count <= 65_535 && bytes.count % 160 == 0)
            queue.append(.audio(bytes))
            audio += bytes
        case .text(let text):
            #expect(text.utf8.count <= 128, "Asterisk reads no longer text")
            var (command, id) = (text, String?.none)
            if isJSON {
                let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: String])
                (command, id) = (try #require(object["command"]), object["correlation_id"])
            } else if let space = text.firstIndex(of: " ") {
                (command, id) = (String(text[..<space]), String(text[text.index(after: space)...]))
            }
            if command == "MARK_MEDIA" { queue.append(.mark(try #require(id))) } else { commands.append(command) }
            if command == "FLUSH_MEDIA" { queue.removeAll() }
        default: break
        }
    }

    /// Plays all that is queued; the events that tell of it.
    mutating func play() -> [String] {
        var events: [String] = []
        for entry in queue {
            switch entry {
            case .audio(let bytes): played += bytes
            case .mark(let id): if isMarking { events.append(event("MEDIA_MARK_PROCESSED", id: id)) }
            }
        }
        queue.removeAll()
        return events
    }

    var queuedBytes: Int {
        queue.reduce(0) { if case .audio(let bytes) = $1 { $0 + bytes.count } else { $0 } }
    }
}

extension WebSocketPeer {
    /// Takes frames until there is nothing more for a moment; false where the connection has ended.
    ///
    /// A ping of ours is answered behind all that was sent before.
    fileprivate mutating func receive(into gateway: inout AsteriskGateway) async throws -> Bool {
        try await send(9, [7])
        while let frame = try await next() {
            if case .pong = frame { return true }
            if case .close = frame { return false }
            try gateway.take(frame)
        }
        return false
    }

    /// Takes frames until some bytes of audio are queued.
    fileprivate mutating func receive(_ bytes: Int, into gateway: inout AsteriskGateway) async throws {
        while gateway.queuedBytes < bytes, let frame = try await next() { try gateway.take(frame) }
    }

    /// Plays all that comes until a condition holds, or the server closes; the code that it gives.
    fileprivate mutating func play(
        _ gateway: inout AsteriskGateway, until isDone: (AsteriskGateway) -> Bool
    ) async throws -> UInt16? {
        for event in gateway.play() { try await send(event) }
        while !isDone(gateway), let frame = try await next() {
            if case .close(let code) = frame { return code }
            try gateway.take(frame)
            for event in gateway.play() { try await send(event) }
        }
        return nil
    }
}

@Suite("Asterisk's WebSocket media", .serialized)
struct AsteriskMediaTests {
    @Test(
        "is the announcement, kept some seconds ahead of what was heard",
        arguments: [("slin", "sln"), ("slin16", "sln16"), ("ulaw", "ulaw"), ("alaw", "alaw")], [false, true])
    func audio(format: (asterisk: String, link: String), isJSON: Bool) async throws {
        try await TestService.run { service in
            let call = try await service.call()
            let file = try await service.get(try #require(call.links[format.link])).body
            var gateway = AsteriskGateway(isJSON: isJSON)
            try await WebSocketPeer.connect(to: call.webSocket, subprotocol: "media") { peer in
                try await peer.send(gateway.start(format.asterisk))
                let second = format.asterisk == "slin16" ? 32_000 : format.asterisk == "slin" ? 16_000 : 8000
                try await peer.receive(3 * second, into: &gateway)
                _ = try await peer.receive(into: &gateway)
                #expect(gateway.commands == ["ANSWER", "START_MEDIA_BUFFERING"])
                #expect(gateway.queuedBytes <= 3 * second, "no more than three seconds ahead")
                // Two of three readings: the last one of a file ends with other silence.
                let two = file.count / 2
                _ = try await peer.play(&gateway) { $0.played.count >= two }
                #expect(Array(gateway.played.prefix(two)) == Array(file.prefix(two)))
            }
            #expect(try await service.callLine().contains("transport=asteriskWebSocket"))
        }
    }

    @Test("tells of the readings that were heard, and not of those that were sent")
    func readings() async throws {
        try await TestService.run { service in
            let call = try await service.call(#"{"code":"7"}"#)
            var gateway = AsteriskGateway(isJSON: false)
            try await WebSocketPeer.connect(to: call.webSocket, subprotocol: "media") { peer in
                try await peer.send(gateway.start())
                while try await service.metric("speakcode_readings_sent_total") ?? 0 < 2 {
                    guard let frame = try await peer.next() else { break }
                    try gateway.take(frame)
                    for event in gateway.play() { try await peer.send(event) }
                }
                // What is sent from here on nobody hears.
                try await peer.receive(40_000, into: &gateway)
                try await peer.send(8, [3, 232])
            }
            let line = try await service.callLine()
            let readings = try #require(line.firstMatch(of: /readings=(\d+)/)?.1)
            #expect((2...3).contains(try #require(Int(readings))) && line.contains("end=hungUp"), "\(line)")
        }
    }

    @Test("waits where Asterisk says so, and goes on when it may", arguments: [false, true])
    func flowControl(isJSON: Bool) async throws {
        try await TestService.run { service in
            let call = try await service.call()
            var gateway = AsteriskGateway(isJSON: isJSON)
            try await WebSocketPeer.connect(to: call.webSocket, subprotocol: "media") { peer in
                try await peer.send(gateway.start())
                try await peer.receive(48_000, into: &gateway)
                #expect(try await peer.receive(into: &gateway))
                try await peer.send(gateway.event("MEDIA_XOFF"))
                for event in gateway.play() { try await peer.send(event) }
                #expect(try await peer.receive(into: &gateway))
                #expect(gateway.queue.isEmpty, "nothing comes while it is held")
                try await peer.send(gateway.event("MEDIA_XON"))
                try await peer.receive(48_000, into: &gateway)
                #expect(gateway.queuedBytes == 48_000)
            }
        }
    }

    @Test("begins anew at a key, and what was sent ahead is thrown away", arguments: [false, true])
    func key(isJSON: Bool) async throws {
        try await TestService.run { service in
            let call = try await service.call()
            let file = try await service.get(try #require(call.links["sln"])).body
            var gateway = AsteriskGateway(isJSON: isJSON)
            try await WebSocketPeer.connect(to: call.webSocket, subprotocol: "media") { peer in
                try await peer.send(gateway.start())
                try await peer.receive(48_000, into: &gateway)
                // A key without a meaning changes nothing.
                try await peer.send(gateway.key("9"))
                #expect(try await peer.receive(into: &gateway))
                #expect(gateway.commands.count == 2 && gateway.queuedBytes == 48_000)
                try await peer.send(gateway.key("1"))
                while gateway.commands.count < 4, let frame = try await peer.next() { try gateway.take(frame) }
                #expect(gateway.commands.suffix(2) == ["FLUSH_MEDIA", "START_MEDIA_BUFFERING"])
                try await peer.receive(48_000, into: &gateway)
                _ = gateway.play()
                #expect(gateway.played == Array(file.prefix(48_000)))
                // With longer pauses the same takes longer.
                try await peer.send(gateway.key("2"))
                gateway.played = []
                while gateway.commands.count < 6, let frame = try await peer.next() { try gateway.take(frame) }
                _ = try await peer.play(&gateway) { $0.played.count >= 96_000 }
                #expect(Array(gateway.played.prefix(96_000)) != Array(file.prefix(96_000)))
            }
            let line = try await service.callLine()
            #expect(line.contains("keys=2"), "those that did something: \(line)")
        }
    }

    @Test("reads nothing but the gate until it is opened")
    func gate() async throws {
        try await TestService.run { service in
            let call = try await service.call(#"{"code":"735198","gate":true}"#)
            let file = try await service.get(try #require(call.links["sln"])).body
            var gateway = AsteriskGateway(isJSON: false)
            try await WebSocketPeer.connect(to: call.webSocket, subprotocol: "media") { peer in
                try await peer.send(gateway.start())
                try await peer.receive(16_000, into: &gateway)
                try await peer.send(gateway.key("1"))
                while !gateway.commands.contains("FLUSH_MEDIA"), let frame = try await peer.next() {
                    try gateway.take(frame)
                }
                try await peer.receive(48_000, into: &gateway)
                _ = gateway.play()
                #expect(gateway.played == Array(file.prefix(48_000)))
            }
            gateway = AsteriskGateway(isJSON: false)
            try await WebSocketPeer.connect(to: call.webSocket, subprotocol: "media") { peer in
                try await peer.send(gateway.start())
                #expect(try await peer.play(&gateway) { _ in false } == 1000)
                #expect(gateway.commands.last == "HANGUP")
            }
            let line = try await service.callLine(2)
            #expect(line.contains("end=noKey") && line.contains("readings=0"), "\(line)")
        }
    }

    @Test("ends behind the last reading that there is time for")
    func time() async throws {
        try await TestService.run(["liveSeconds": "1"]) { service in
            let call = try await service.call(#"{"code":"7"}"#)
            var gateway = AsteriskGateway(isJSON: false)
            try await WebSocketPeer.connect(to: call.webSocket, subprotocol: "media") { peer in
                try await peer.send(gateway.start())
                #expect(try await peer.play(&gateway) { _ in false } == 1000)
                #expect(gateway.commands.last == "HANGUP")
            }
            #expect(try await service.callLine().contains("end=time"))
        }
    }

    @Test("is not begun in a format that is not spoken here", arguments: ["opus", "g722", "slin192", ""])
    func format(_ name: String) async throws {
        try await TestService.run { service in
            let call = try await service.call()
            let gateway = AsteriskGateway(isJSON: false)
            try await WebSocketPeer.connect(to: call.webSocket, subprotocol: "media") { peer in
                try await peer.send(gateway.start(name))
                #expect(try await peer.closed() == 1003)
            }
            #expect(try await service.callLine().contains("end=protocolError"))
        }
    }

    @Test("ends at once where the connection is lost")
    func lost() async throws {
        try await TestService.run { service in
            let call = try await service.call()
            var gateway = AsteriskGateway(isJSON: false)
            try await WebSocketPeer.connect(to: call.webSocket, subprotocol: "media") { peer in
                try await peer.send(gateway.start())
                try await peer.receive(16_000, into: &gateway)
                #expect(try await service.metric("speakcode_live_calls") == 1)
            }
            #expect(try await service.callLine().contains("end=hungUp"))
            while try await service.metric("speakcode_live_calls") != 0 { try await Task.sleep(for: .milliseconds(5)) }
        }
    }

    @Test("ends with its reading when the service is told to end, and the service with it")
    func shutdown() async throws {
        let service = try await ServeProcess()
        var request = HTTPClientRequest(url: service.base + "/v1/announcements")
        request.method = .POST
        request.headers.add(name: "Accept", value: "text/plain")
        request.body = .bytes(ByteBuffer(string: #"{"code":"7","format":"websocket"}"#))
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        let address = String(buffer: try await response.body.collect(upTo: 4096))
        var gateway = AsteriskGateway(isJSON: false)
        try await WebSocketPeer.connect(to: address, subprotocol: "media") { peer in
            try await peer.send(gateway.start())
            try await peer.receive(16_000, into: &gateway)
            service.signal(SIGTERM)
            #expect(try await peer.play(&gateway) { _ in false } == 1001)
            #expect(gateway.commands.last == "HANGUP")
        }
        #expect(await service.status() == 0)
        #expect(service.log.contains("end=shutdown"))
        await service.end()
    }
}

@Suite("Twilio's Media Streams", .serialized)
struct TwilioMediaTests {
    private static let connected = #"{"event":"connected","protocol":"Call","version":"1.0.0"}"#
    private static func start(_ encoding: String = "audio/x-mulaw") -> String {
        #"{"event":"start","sequenceNumber":"1","start":{"accountSid":"AC1","streamSid":"MZ1","callSid":"CA1","#
            + #""tracks":["inbound"],"mediaFormat":{"encoding":"\#(encoding)","sampleRate":8000,"channels":1},"#
            + #""customParameters":{}},"streamSid":"MZ1"}"#
    }
    private static let heard =
        #"{"event":"media","sequenceNumber":"3","media":{"track":"inbound","chunk":"1","timestamp":"5","#
        + #""payload":"\#(Data(repeating: 0xFF, count: 160).base64EncodedString())"},"streamSid":"MZ1"}"#
    private static func key(_ digit: Character) -> String {
        #"{"event":"dtmf","streamSid":"MZ1","sequenceNumber":"5","dtmf":{"track":"inbound_track","digit":"\#(digit)"}}"#
    }
    private static func mark(_ name: String) -> String {
        #"{"event":"mark","sequenceNumber":"4","streamSid":"MZ1","mark":{"name":"\#(name)"}}"#
    }

    private struct Message: Decodable {
        let event: String
        let streamSid: String
        let media: Media?
        let mark: Mark?
        struct Media: Decodable { let payload: Data }
        struct Mark: Decodable { let name: String }
    }

    /// The next message; nil where the server closes.
    private static func next(_ peer: inout WebSocketPeer) async throws -> Message? {
        guard let text = try await peer.nextText() else { return nil }
        let message = try JSONDecoder().decode(Message.self, from: Data(text.utf8))
        #expect(message.streamSid == "MZ1")
        return message
    }

    @Test("is the announcement in frames of 20 ms, in real time and a little ahead")
    func audio() async throws {
        try await TestService.run { service in
            let call = try await service.call()
            let file = try await service.get(try #require(call.links["ulaw"])).body
            try await WebSocketPeer.connect(to: call.webSocket) { peer in
                try await peer.send(Self.connected)
                try await peer.send(Self.start())
                var audio: [UInt8] = []
                var began: ContinuousClock.Instant?
                var latest = 0
                while audio.count < 160 * 150, let message = try await Self.next(&peer) {
                    try await peer.send(Self.heard)
                    guard let media = message.media else { continue }
                    let now = ContinuousClock.now
                    began = began ?? now
                    audio += media.payload
                    #expect(media.payload.count == 160)
                    // How far it is ahead of real time, in frames.
                    let due = (began ?? now).duration(to: now) / .milliseconds(20)
                    latest = max(latest, audio.count / 160 - Int(due))
                }
                #expect(audio == Array(file.prefix(160 * 150)))
                #expect((10...25).contains(latest), "a lead of ten frames, not \(latest)")
                #expect(
                    (began ?? .now).duration(to: .now) > .milliseconds(20 * (150 - 20)), "not faster than real time")
                try await peer.send(
                    #"{"event":"stop","sequenceNumber":"9","streamSid":"MZ1","stop":{"callSid":"CA1"}}"#)
                #expect(try await peer.closed() == 1000)
            }
            let line = try await service.callLine()
            #expect(line.contains("transport=twilioMediaStream") && line.contains("end=hungUp"), "\(line)")
        }
    }

    @Test("counts a reading when its mark comes back, and ends by closing")
    func marks() async throws {
        try await TestService.run(["liveSeconds": "5"]) { service in
            let call = try await service.call(#"{"code":"7"}"#)
            var marks: [String] = []
            try await WebSocketPeer.connect(to: call.webSocket) { peer in
                try await peer.send(Self.connected)
                try await peer.send(Self.start())
                while let message = try await Self.next(&peer) {
                    guard let mark = message.mark else { continue }
                    marks.append(mark.name)
                    try await peer.send(Self.mark(mark.name))
                    // A mark that was never sent is no reading.
                    try await peer.send(Self.mark("else"))
                }
            }
            #expect(Set(marks).count == marks.count && !marks.isEmpty)
            let line = try await service.callLine()
            #expect(line.contains("end=time") && line.contains("readings=\(marks.count) "), "\(line)")
        }
    }

    @Test("ends where more keys come than anybody presses")
    func keyFlood() async throws {
        try await TestService.run { service in
            let call = try await service.call()
            try await WebSocketPeer.connect(to: call.webSocket) { peer in
                try await peer.send(Self.connected)
                try await peer.send(Self.start())
                // The service may close before the last of them.
                for _ in 0..<200 { try? await peer.send(Self.key("1")) }
                while try await Self.next(&peer) != nil {}
            }
            #expect(try await service.callLine().contains("end=protocolError"))
        }
    }

    @Test("throws away at a key what Twilio has, whose marks count no more")
    func key() async throws {
        try await TestService.run { service in
            let call = try await service.call(#"{"code":"7","pacing":{"readingPause":0}}"#)
            let file = try await service.get(try #require(call.links["ulaw"])).body
            try await WebSocketPeer.connect(to: call.webSocket) { peer in
                try await peer.send(Self.connected)
                try await peer.send(Self.start())
                var old: String?
                while old == nil, let message = try await Self.next(&peer) { old = message.mark?.name }
                try await peer.send(Self.key("1"))
                while let message = try await Self.next(&peer), message.event != "clear" {}
                try await peer.send(Self.mark(try #require(old)))
                var audio: [UInt8] = []
                while audio.count < 160 * 30, let message = try await Self.next(&peer) {
                    if let media = message.media { audio += media.payload }
                }
                #expect(audio == Array(file.prefix(160 * 30)))
            }
            let line = try await service.callLine()
            #expect(line.contains("readings=0") && line.contains("keys=1"), "\(line)")
        }
    }

    @Test("is not begun with another coding, and not with nonsense")
    func wrong() async throws {
        try await TestService.run { service in
            let call = try await service.call()
            for (text, code) in [(Self.start("audio/opus"), 1003), (#"{"event":"start"}"#, 1008)] {
                try await WebSocketPeer.connect(to: call.webSocket) { peer in
                    try await peer.send(Self.connected)
                    try await peer.send(text)
                    #expect(try await peer.closed() == UInt16(code))
                }
            }
        }
    }
}

@Suite("jambonz's listen", .serialized)
struct JambonzMediaTests {
    private static func metadata(_ rate: Int) -> String {
        #"{"sampleRate":\#(rate),"mixType":"mono","callSid":"c1","direction":"outbound","from":"1","to":"2"}"#
    }

    @Test(
        "is the announcement at its rate, as samples",
        arguments: [(8000, "sln"), (16_000, "sln16"), (24_000, "24000.wav")], [nil, "audio.jambonz.org"])
    func audio(format: (rate: Int, link: String), subprotocol: String?) async throws {
        try await TestService.run { service in
            let call = try await service.call()
            var file = try await service.get(try #require(call.links[format.link])).body
            if format.link.hasSuffix("wav") { file.removeFirst(44) }
            try await WebSocketPeer.connect(to: call.webSocket, subprotocol: subprotocol) { peer in
                try await peer.send(Self.metadata(format.rate))
                var audio: [UInt8] = []
                let frame = format.rate / 25
                while audio.count < frame * 50, let message = try await peer.next() {
                    guard case .binary(let bytes) = message else { continue }
                    #expect(bytes.count == frame)
                    audio += bytes
                    try await peer.send(2, [UInt8](repeating: 0, count: frame))
                }
                #expect(audio == Array(file.prefix(frame * 50)))
            }
            #expect(try await service.callLine().contains("transport=jambonzWebSocket"))
        }
    }

    @Test("begins anew at a key, and disconnects when it is over")
    func keyAndEnd() async throws {
        try await TestService.run(["liveSeconds": "4"]) { service in
            let call = try await service.call(#"{"code":"7"}"#)
            try await WebSocketPeer.connect(to: call.webSocket, subprotocol: "audio.jambonz.org") { peer in
                try await peer.send(Self.metadata(8000))
                _ = try await peer.next()
                try await peer.send(#"{"event":"dtmf","dtmf":"1","duration":"1600"}"#)
                #expect(try await peer.nextText() == #"{"type":"killAudio"}"#)
                #expect(try await peer.nextText() == #"{"type":"disconnect"}"#)
                #expect(try await peer.closed() == 1000)
            }
            let line = try await service.callLine()
            #expect(line.contains("end=time") && line.contains("keys=1"), "\(line)")
        }
    }

    @Test("is not begun at a rate that is not spoken here", arguments: [64_000, 0])
    func wrong(rate: Int) async throws {
        try await TestService.run { service in
            let call = try await service.call()
            try await WebSocketPeer.connect(to: call.webSocket) { peer in
                try await peer.send(Self.metadata(rate))
                #expect(try await peer.closed() == 1003)
            }
        }
    }
}
