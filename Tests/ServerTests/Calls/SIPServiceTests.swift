// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import NIOCore
import SpeakCode
import SpeakCodeGateways
import SpeakCodeTesting
import TestSupport
import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

/// Calls of the service whose signalling is a fake, and whose sound is real: it goes to a port of the test's own.
@Suite("A call over SIP by POST /v1/calls", .timeLimit(.minutes(2)))
struct SIPServiceTests {
    private static let flags = [
        "callPrefixes": "+49,sip:pbx.example.net,sip:127.0.0.1", "callsPerNumber": "1000", "callWaits": "0",
        "callsPerRange": "0", "sipFrom": "+4930999,sip:codes@127.0.0.1", "sipProxy": "sip:127.0.0.1:9",
    ]
    private static let body = #"{"code":"40","to":"+49301234567"}"#

    /// A telephone that was rung.
    private final class Telephone {
        let peer: UDPPeer
        let mediaPort: Int
        private var sequence: UInt16?
        private var count: UInt32 = 0

        init(_ signalling: FakeSignalling, keys: UInt8? = 96, text: SIPMedia.Text? = nil) throws {
            peer = try UDPPeer()
            mediaPort = signalling.invitations.last?.mediaPort ?? 0
            signalling.tell(
                .ringing,
                .answered(
                    SIPMedia(
                        host: "127.0.0.1", port: peer.port, rtcpPort: nil, coding: .ulaw, keys: keys, text: text)))
        }

        /// The sound of the next packets, none of which is missing.
        func hear(_ packets: Int) throws -> [UInt8] {
            var sound: [UInt8] = []
            for _ in 0..<packets {
                let packet = try #require(RTPPacket(ByteBuffer(bytes: try peer.receive())))
                if let sequence { #expect(packet.sequence == sequence &+ 1) }
                sequence = packet.sequence
                sound += packet.payload.readableBytesView
            }
            return sound
        }

        /// Hears on until some sound has come.
        func hear(until sound: [UInt8], within packets: Int) throws -> Bool {
            var heard: [UInt8] = []
            for _ in 0..<packets {
                heard += try hear(1)
                if heard.count > 2 * sound.count { heard.removeFirst(heard.count - 2 * sound.count) }
                if !heard.ranges(of: sound).isEmpty { return true }
            }
            return false
        }

        func press(_ event: UInt8) {
            count += 1000
            peer.send(
                [0x80, 96, 0, 1] + withUnsafeBytes(of: count.bigEndian, Array.init) + [
                    0, 0, 0, 9, event, 0x8A, 0, 160,
                ],
                to: mediaPort)
        }
    }

    private func run(
        _ signalling: FakeSignalling, flags: [String: String] = [:], clock: any Clock<Duration> = ContinuousClock(),
        _ body: (TestService) async throws -> Void
    ) async throws {
        try await TestService.run(Self.flags.merging(flags) { $1 }, clock: clock, signalling: signalling, body)
    }

    private func link(_ answer: TestService.Answer) throws -> String {
        try #require(answer.status == 202, "\(answer.text)")
        let links: [String: String] = try answer.field("links")
        return try #require(links["call"])
    }

    /// Waits until a call is as far as it should be; what it waits for is another task, and the test's time limit ends it.
    private func call(
        _ service: TestService, _ url: String, until isThere: (TestService.Answer) throws -> Bool
    ) async throws -> TestService.Answer {
        while true {
            let answer = try await service.get(url)
            if try isThere(answer) { return answer }
            await Task.yield()
        }
    }

    private func ended(_ service: TestService, _ url: String) async throws -> TestService.Answer {
        try await call(service, url) { try $0.field("status", as: String.self) == "ended" }
    }

    /// The first sound of an announcement: of its gate, or of its code.
    private func sound(_ service: TestService, ofGate isGate: Bool) async throws -> [UInt8] {
        let answer = try await service.post(#"{"code":"40","phoneNumber":"+49301234567","gate":\#(isGate)}"#)
        let links: [String: String] =
            isGate
            ? try #require((try answer.field("gate", as: [String: Any].self))["links"] as? [String: String])
            : try answer.field("links")
        let file = try await service.get(try #require(links["ulaw"])).body
        return Array(file.drop { $0 == 0xFF }.prefix(160 * 20))
    }

    // MARK: What is heard

    @Test(
        "is heard frame by frame as its file is, behind the gate or without one",
        arguments: [("always", true), ("whenMachine", true), ("never", false)])
    func heard(gate: String, isGate: Bool) async throws {
        let signalling = FakeSignalling()
        try await run(signalling) { service in
            let expected = try await sound(service, ofGate: isGate)
            let url = try link(
                try await service.placeCall(#"{"code":"40","to":"+49301234567","gate":"\#(gate)"}"#))
            await signalling.waitForInvitations(1)
            let telephone = try Telephone(signalling)
            #expect(try telephone.hear(until: expected, within: 100))
            signalling.tell(.ended(.hungUp))
            let answer = try await ended(service, url)
            #expect(try answer.field("outcome", as: String.self) == "completed")
            #expect(try answer.field("readings", as: Int.self) == 0)
        }
    }

    @Test(
        "is written to who reads real-time text: first what is asked at the gate, and the code behind a key, however it is heard",
        arguments: ["spoken", "tty", "mixed"])
    func written(rendition: String) async throws {
        let (signalling, reader) = (FakeSignalling(), try UDPPeer())
        try await run(signalling) { service in
            _ = try link(
                try await service.placeCall(
                    #"{"code":"40 71","to":"+49301234567","locale":"en-US","rendition":"\#(rendition)"}"#))
            await signalling.waitForInvitations(1)
            let telephone = try Telephone(
                signalling, text: .init(host: "127.0.0.1", port: reader.port, rtcpPort: 9, format: .init()))
            var receiver = RealTimeTextReceiver()
            while !receiver.shown.contains("\n") { receiver.take(try reader.receive()) }
            #expect(receiver.shown.contains("1") && !receiver.shown.contains("40"), "\(receiver.shown)")
            telephone.press(1)
            let gate = receiver.shown
            while !receiver.shown.hasSuffix("\n40 71\n") { receiver.take(try reader.receive()) }
            #expect(receiver.shown.dropFirst(gate.count).hasPrefix("Your verification code is:\n40 71\n"))
            signalling.tell(.ended(.hungUp))
        }
    }

    @Test("is never read to who presses no key, and to who does from the first word on, and again with the next key")
    func keys() async throws {
        let signalling = FakeSignalling()
        try await run(signalling) { service in
            let (gate, code) = (try await sound(service, ofGate: true), try await sound(service, ofGate: false))
            let url = try link(try await service.placeCall(Self.body))
            await signalling.waitForInvitations(1)
            let telephone = try Telephone(signalling)
            #expect(try telephone.hear(until: gate, within: 100))
            telephone.press(5)
            telephone.press(1)
            #expect(try telephone.hear(until: code, within: 100))
            telephone.press(1)
            #expect(try telephone.hear(until: code, within: 100))
            let answer = try await call(service, url) { try $0.field("keys", as: Int.self) == 3 }
            #expect(try answer.field("status", as: String.self) == "answered")
            signalling.tell(.ended(.hungUp))
            _ = try await ended(service, url)
        }
    }

    @Test(
        "is told of as it goes: ringing, answered, readings, the end; in events, metrics and the log, without number or code"
    )
    func told() async throws {
        let signalling = FakeSignalling()
        try await run(signalling) { service in
            let answer = try await service.placeCall(
                #"{"code":"40","to":"+49301234567","gate":"never","template":"code-only","pacing":{"symbolPause":0,"readingPause":0}}"#
            )
            let url = try link(answer)
            #expect(try answer.field("through", as: String.self) == "sip")
            await signalling.waitForInvitations(1)
            let invitation = try #require(signalling.invitations.first)
            #expect(invitation.to.uri == "sip:+49301234567@127.0.0.1:9;user=phone" && invitation.timeout == 30)
            #expect(invitation.from?.uri == "sip:+4930999@127.0.0.1")
            signalling.tell(.ringing)
            _ = try await call(service, url) { try $0.field("status", as: String.self) == "ringing" }
            let telephone = try Telephone(signalling)
            while try await service.get(url).field("readings", as: Int.self) < 2 { _ = try telephone.hear(10) }
            #expect(try await service.metric("speakcode_live_calls") == 1)
            signalling.tell(.ended(.hungUp))
            let over = try await ended(service, url)
            #expect(try over.field("readings", as: Int.self) >= 2)
            #expect(try over.field("answeredSeconds", as: Int.self) >= 0)
            let events = try await service.get(url + "/events").text
            for name in ["ringing", "answered", "reading", "ended"] { #expect(events.contains("event: \(name)\n")) }
            for (series, count) in [
                (#"speakcode_placed_calls_total{through="sip"}"#, 1.0),
                (#"speakcode_placed_call_ends_total{through="sip",outcome="completed"}"#, 1),
                (#"speakcode_calls_total{transport="sip",end="hungUp"}"#, 1), ("speakcode_live_calls", 0),
            ] { #expect(try await service.metric(series) == count, "\(series)") }
            let log = service.log.all
            #expect(log.contains { $0.contains("transport=sip") && $0.contains("end=hungUp") })
            #expect(!log.contains { $0.contains("1234567") })
        }
    }

    // MARK: How it ends

    @Test(
        "ends as SIP says, with its status and its cause",
        arguments: [
            (.refused(486), "busy", 486, "Busy Here"), (.refused(603), "rejected", 603, "Decline"),
            (.refused(404), "invalid-number", 404, "Not Found"), (.refused(503), "failed", 503, "Service Unavailable"),
            (.notTaken, "no-answer", nil, "no answer in time"),
            (.notReached("Connection refused"), "failed", nil, "Connection refused"),
        ] as [(SIPEnd, String, Int?, String)])
    func outcomes(end: SIPEnd, outcome: String, status: Int?, cause: String) async throws {
        let signalling = FakeSignalling()
        try await run(signalling) { service in
            let url = try link(try await service.placeCall(Self.body))
            await signalling.waitForInvitations(1)
            signalling.tell(.ringing, .ended(end))
            let answer = try await ended(service, url)
            #expect(try answer.field("outcome", as: String.self) == outcome)
            #expect(try answer.field("cause", as: String.self) == cause)
            if let status { #expect(try answer.field("sip", as: Int.self) == status) }
        }
    }

    @Test("is taken back while it rings, and hung up later", arguments: [false, true])
    func deleted(isTaken: Bool) async throws {
        let signalling = FakeSignalling()
        try await run(signalling) { service in
            let url = try link(try await service.placeCall(Self.body))
            await signalling.waitForInvitations(1)
            signalling.tell(.ringing)
            if isTaken { _ = try Telephone(signalling).hear(2) }
            _ = try await call(service, url) {
                try $0.field("status", as: String.self) == (isTaken ? "answered" : "ringing")
            }
            // It may be over before that is answered.
            let answered = try await service.send("DELETE", url).status
            #expect(answered == 202 || answered == 200)
            await signalling.waitForEnds(1)
            let answer = try await ended(service, url)
            #expect(try answer.field("outcome", as: String.self) == (isTaken ? "completed" : "canceled"))
            #expect(try await service.send("DELETE", url).status == 200)
        }
    }

    // MARK: Bounds

    @Test(
        "waits for room where as many are called as may be, and begins when there is",
        arguments: ["sipCalls", "liveCalls"])
    func bound(setting: String) async throws {
        let (signalling, clock) = (FakeSignalling(), ManualClock())
        try await run(signalling, flags: [setting: "1"], clock: clock) { service in
            // The one that forgets codes.
            await clock.waitForSleepers(1)
            let first = try link(try await service.placeCall(Self.body))
            await signalling.waitForInvitations(1)
            let second = try link(try await service.placeCall(#"{"code":"40","to":"+49301234568"}"#))
            await clock.waitForSleepers(2)
            #expect(try await service.get(second).field("status", as: String.self) == "queued")
            signalling.tell(.ended(.refused(486)))
            _ = try await ended(service, first)
            clock.advance(by: .seconds(10))
            await signalling.waitForInvitations(2)
            signalling.tell(.ended(.refused(603)))
            #expect(try await ended(service, second).field("outcome", as: String.self) == "rejected")
        }
    }

    @Test(
        "rings nobody whom it may not ring or cannot",
        arguments: [
            (#"{"code":"40","to":"sip:anna@elsewhere.example"}"#, "to"), (#"{"code":"40","to":"+43301234567"}"#, "to"),
            (#"{"code":"40","to":"sip:+43301234567@pbx.example.net"}"#, "to"),
            (#"{"code":"40","to":"sip:%2B499001234567@pbx.example.net"}"#, "to"),
            (#"{"code":"40","to":"sip:+49-900-1234567@pbx.example.net"}"#, "to"),
            (#"{"code":"40","to":"sip:(00)499001234567@pbx.example.net"}"#, "to"),
            (#"{"code":"40","to":"sip:anna@pbx.example.net;maddr=10.0.0.1"}"#, "to"),
            (#"{"code":"40","to":"sip:anna@pbx.example.net;transport=ws"}"#, "to"),
            (#"{"code":"40","to":"+49301234567","from":"+4930998"}"#, "from"),
        ])
    func refused(body: String, field: String) async throws {
        let signalling = FakeSignalling()
        try await run(signalling) { service in
            let answer = try await service.placeCall(body)
            #expect(answer.status == 422)
            #expect(try answer.field("field", as: String.self) == field)
            #expect(!answer.text.contains("1234567"))
            #expect(signalling.invitations.isEmpty)
        }
    }

    @Test("of a number needs a proxy, and of an address none")
    func proxy() async throws {
        let signalling = FakeSignalling()
        try await run(signalling, flags: ["sipProxy": "", "sipFrom": "sip:codes@127.0.0.1"]) { service in
            #expect(try await service.placeCall(Self.body).status == 422)
            _ = try link(try await service.placeCall(#"{"code":"40","to":"sip:anna@127.0.0.1:9;transport=tcp"}"#))
            await signalling.waitForInvitations(1)
            #expect(signalling.invitations.first?.to.transport == .tcp)
        }
    }

    @Test("is answered for by the node that has it, and no other")
    func node() async throws {
        let signalling = FakeSignalling()
        var path = ""
        try await run(signalling, flags: ["nodeName": "n1"]) { service in
            let answer = try await service.placeCall(Self.body, key: "k")
            path = "/v1/calls/\(try answer.field("id", as: String.self))"
            #expect(path.hasPrefix("/v1/calls/n1."))
            await signalling.waitForInvitations(1)
            #expect(try await service.placeCall(Self.body, key: "k").status == 202)
            #expect(try await service.get(path).status == 200)
        }
        #expect(signalling.invitations.count == 1)
        #expect(signalling.isClosed, "what rings is taken back when the service ends")
        try await run(FakeSignalling(), flags: ["nodeName": "n2"]) { service in
            for method in ["GET", "DELETE"] {
                let answer = try await service.send(method, path)
                #expect(answer.status == 421)
            }
        }
    }

    @Test("goes through SIP where its address or its number leads there, though other gateways dial")
    func routes() async throws {
        let (signalling, dialer) = (FakeSignalling(), FakeDialer())
        let flags = Self.flags.merging(["callRoutes": "+4930=sip,sip:=sip", "callThrough": "trunk"]) { $1 }
        try await TestService.run(flags, routes: [CallService.route(dialer)], signalling: signalling) { service in
            for (to, through) in [
                ("+49301234567", "sip"), ("+49891234567", "trunk"), ("sip:anna@pbx.example.net", "sip"),
            ] {
                let answer = try await service.placeCall(#"{"code":"40","to":"\#(to)"}"#)
                #expect(try answer.field("through", as: String.self) == through)
            }
        }
    }
}
