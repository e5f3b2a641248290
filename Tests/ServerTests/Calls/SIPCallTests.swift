// SPDX-License-Identifier: GPL-3.0-or-later

import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import SpeakCode
import SpeakCodeSndfile
import SpeakCodeTesting
import TestSupport
import Testing

/// The built service, and telephones that are other programs: baresip and sipp.
@Suite("A call that the service places over SIP", .timeLimit(.minutes(10)))
struct SIPCallTests {
    /// The service, and how it is asked.
    private struct Caller {
        let service: ServeProcess

        init(_ flags: [String] = [], environment: [String: String] = [:]) async throws {
            service = try await ServeProcess(
                [
                    "--sip-from", "sip:codes@127.0.0.1", "--call-prefixes", "sip:127.0.0.1", "--call-waits", "0",
                    "--calls-per-number", "1000", "--calls-per-range", "0",
                ] + flags, environment: environment)
        }

        func send(_ method: HTTPMethod, _ url: String, _ body: String? = nil) async throws -> (
            Int, [String: Any], [UInt8]
        ) {
            var request = HTTPClientRequest(url: url.hasPrefix("http") ? url : service.base + url)
            request.method = method
            if let body { request.body = .bytes(ByteBuffer(string: body)) }
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
            let bytes = Array(try await response.body.collect(upTo: 1 << 24).readableBytesView)
            let object = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
            return (Int(response.status.code), object ?? [:], bytes)
        }

        /// Has a telephone called.
        ///
        /// - Returns: the call's address.
        func call(_ telephone: Telephone, _ fields: String = "", transport: String? = nil) async throws -> String {
            let place = telephone.port + (transport == "tls" ? 1 : 0)
            let to = "sip:anna@127.0.0.1:\(place)" + (transport.map { ";transport=\($0)" } ?? "")
            let spoken = fields.contains("pacing") ? SIPCallTests.said : SIPCallTests.spoken
            let (status, answer, bytes) = try await send(
                .POST, "/v1/calls", #"{"to":"\#(to)",\#(spoken)\#(fields)}"#)
            try #require(status == 202, "\(String(decoding: bytes, as: UTF8.self))")
            return try #require((answer["links"] as? [String: String])?["call"])
        }

        /// Waits until a call is as far as it should be; the test's time limit ends that.
        func until(_ url: String, _ isThere: ([String: Any]) -> Bool) async throws -> [String: Any] {
            while true {
                let (_, answer, _) = try await send(.GET, url)
                if isThere(answer) { return answer }
                // Nothing tells of it but the service.
                try await Task.sleep(for: .milliseconds(20))
            }
        }

        func ended(_ url: String) async throws -> [String: Any] {
            try await until(url) { $0["status"] as? String == "ended" }
        }

        /// The file of an announcement, or of its gate.
        func file(ofGate isGate: Bool = false) async throws -> [UInt8] {
            let (_, answer, _) = try await send(
                .POST, "/v1/announcements", #"{"readings":5,"gate":\#(isGate),\#(SIPCallTests.spoken)}"#)
            let links = (isGate ? answer["gate"] as? [String: Any] : answer)?["links"] as? [String: String]
            return try await send(.GET, try #require(links?["ulaw"])).2
        }
    }

    /// A short reading.
    private static let spoken = said + #","pacing":{"symbolPause":100,"readingPause":200}"#
    private static let said = #""code":"12","template":"code-only""#

    // MARK: What is heard

    @Test("is heard as its file is, from one reading into the next", arguments: ["udp", "tcp", "tls"])
    func heard(transport: String) async throws {
        let telephone = try await Telephone(Telephone.recorder)
        let caller = try await Caller(
            environment: ["SSL_CERT_FILE": telephone.folder.appending(path: "cert.pem").path])
        let file = Telephone.samples(ofMuLaw: try await caller.file())
        let url = try await caller.call(telephone, #","gate":"never""#, transport: transport)
        _ = try await caller.until(url) { $0["readings"] as? Int ?? 0 >= 2 || $0["status"] as? String == "ended" }
        _ = try await caller.send(.DELETE, url)
        let answer = try await caller.ended(url)
        #expect(answer["outcome"] as? String == "completed" && answer["readings"] as? Int ?? 0 >= 2)
        let heard = try await telephone.recording()
        // More than one reading of five.
        #expect(heard.count > file.count / 5, "\(heard.count) of \(file.count)")
        #expect(Telephone.difference(file, heard) == nil)
        await caller.service.end()
    }

    @Test("is heard by a person behind a key, and never by who presses none")
    func gate() async throws {
        let telephone = try await Telephone(Telephone.recorder)
        let caller = try await Caller()
        let gate = Telephone.samples(ofMuLaw: try await caller.file(ofGate: true))
        let url = try await caller.call(telephone)
        _ = try await caller.until(url) { $0["status"] as? String == "answered" }
        // Two readings of the gate, and the code in none.
        try await telephone.hears(gate.count * 2 / 5)
        #expect(try await caller.until(url) { _ in true }["readings"] as? Int == 0)
        try await telephone.press("1")
        let answer = try await caller.until(url) { $0["readings"] as? Int ?? 0 >= 1 }
        #expect(answer["keys"] as? Int == 1)
        _ = try await caller.send(.DELETE, url)
        _ = try await caller.ended(url)
        let heard = try await telephone.recording()
        // The key came behind a reading of it.
        let different = try #require(Telephone.difference(gate, heard), "the code was heard")
        #expect(different >= gate.count / 5)
        let code = Telephone.samples(ofMuLaw: try await caller.file())
        // A beginning as loud as what was read there is part of it.
        let starts = max(0, different - 800)..<max(different, heard.count - 4000)
        let begins = starts.contains { start in
            (0..<4000).allSatisfy { abs(Int(code[$0]) - Int(heard[start + $0])) <= 2 }
        }
        #expect(begins, "the code was heard from its beginning")
        await caller.service.end()
    }

    // MARK: What is read

    @Test(
        "is read by a text telephone at the other end, as ours and as minimodem reads",
        arguments: [("tty", 45.45), ("tty-50", 50), ("mixed", 45.45), ("mixed-50", 50)])
    func textTelephone(rendition: String, bitsPerSecond: Double) async throws {
        let telephone = try await Telephone(Telephone.recorder)
        let caller = try await Caller()
        let url = try await caller.call(telephone, #","gate":"never","rendition":"\#(rendition)""#)
        // A mixed one is written behind the second reading.
        let readings = rendition.hasPrefix("tty") ? 1 : 2
        _ = try await caller.until(url) { $0["readings"] as? Int ?? 0 >= readings }
        _ = try await caller.send(.DELETE, url)
        let heard = try await telephone.recording()
        let text = TTYReceiver(heard, hertz: 8000, bitsPerSecond: bitsPerSecond).read().text
        #expect(text.contains("CODE 12 12 12"), "\(text)")
        let file = telephone.folder.appending(path: "tty.flac")
        try Data(SoundFileEncoder().file(of: heard, as: AudioFormat(.flac, sampleRate: .hz8000))).write(to: file)
        let mode =
            bitsPerSecond == 50 ? ["--baudot", "--stopbits", "2", "-M", "1400", "-S", "1800", "50"] : ["tdd"]
        let read = try await TestSupport.run("/usr/bin/minimodem", ["--rx", "-q", "-f", file.path] + mode)
        #expect(read.text.contains("CODE 12 12 12"), "\(read.text)")
        await caller.service.end()
    }

    @Test("is read as real-time text by a telephone that has it, though every third packet is lost")
    func realTimeText() async throws {
        let reader = try UDPPeer()
        let sound = "m=audio [media_port] RTP/AVP 8"
        let text = [
            "m=text \(reader.port) RTP/AVP 97 96", "a=rtpmap:96 t140/1000", "a=rtpmap:97 red/1000",
            "a=fmtp:97 96/96/96",
        ]
        let telephone = try await Telephone(
            Telephone.answers(), scenario: Self.taken.replacing(sound, with: ([sound] + text).joined(separator: "\n")))
        let caller = try await Caller()
        let url = try await caller.call(telephone, #","gate":"never""#)
        var (receiver, count) = (RealTimeTextReceiver(text: 96, redundant: 97), 0)
        while receiver.shown.filter({ $0 == "\n" }).count < 2 {
            let packet = try reader.receive()
            count += 1
            if !count.isMultiple(of: 3) { receiver.take(packet) }
        }
        #expect(receiver.shown.hasPrefix("12\n12\n") && receiver.faults == 0, "\(receiver.shown)")
        _ = try await caller.send(.DELETE, url)
        #expect(await telephone.status() == 0, "BYE came")
        #expect(!caller.service.log.contains("12\\n"))
        await caller.service.end()
    }

    // MARK: How it ends

    private static let ringing = Telephones.scenario(
        .wait(request: "INVITE"), .answer(180, to: "INVITE"), .wait(request: "CANCEL"), .answer(200, to: "CANCEL"),
        .answer(487, to: "INVITE"), .wait(request: "ACK"))
    private static let taken = Telephones.scenario(
        .wait(request: "INVITE"), .answer(180, to: "INVITE"), .answer(200, to: "INVITE"), .wait(request: "ACK"),
        .wait(request: "BYE"), .answer(200, to: "BYE"))

    @Test("that is not taken ends with SIP's own status and cause")
    func refused() async throws {
        let caller = try await Caller()
        for (status, outcome, cause) in [
            (486, "busy", "Busy Here"), (600, "busy", "Busy Everywhere"), (603, "rejected", "Decline"),
            (404, "invalid-number", "Not Found"), (480, "no-answer", "Temporarily Unavailable"),
            (503, "failed", "Service Unavailable"),
        ] {
            let telephone = try await Telephone(
                Telephone.answers(),
                scenario: Telephones.scenario(
                    .wait(request: "INVITE"), .answer(180, to: "INVITE"), .answer(status, to: "INVITE"),
                    .wait(request: "ACK")))
            let answer = try await caller.ended(try await caller.call(telephone))
            #expect(answer["outcome"] as? String == outcome)
            #expect(answer["sip"] as? Int == status)
            #expect(answer["cause"] as? String == cause)
            #expect(await telephone.status() == 0, "its ACK came")
        }
        await caller.service.end()
    }

    @Test("that nobody takes is taken back when its time is over")
    func noAnswer() async throws {
        let caller = try await Caller()
        let telephone = try await Telephone(Telephone.answers(), scenario: Self.ringing)
        let answer = try await caller.ended(try await caller.call(telephone, #","timeout":5"#))
        #expect(answer["outcome"] as? String == "no-answer")
        #expect(await telephone.status() == 0)
        await caller.service.end()
    }

    @Test("is over when they hang up in the middle of a reading")
    func hungUp() async throws {
        let caller = try await Caller()
        let telephone = try await Telephone(
            Telephone.answers(),
            scenario: Telephones.scenario(
                .wait(request: "INVITE"), .answer(200, to: "INVITE"), .wait(request: "ACK"),
                .pause(milliseconds: 700), .ask("BYE"), .waitForAnswer(200)))
        let answer = try await caller.ended(try await caller.call(telephone, #","gate":"never""#))
        #expect(answer["outcome"] as? String == "completed")
        #expect(await telephone.status() == 0)
        await caller.service.end()
    }

    @Test("is taken back by DELETE while it rings, and hung up while it is read")
    func deleted() async throws {
        let caller = try await Caller()
        for (scenario, status, outcome) in [
            (Self.ringing, "ringing", "canceled"), (Self.taken, "answered", "completed"),
        ] {
            let telephone = try await Telephone(Telephone.answers(), scenario: scenario)
            let url = try await caller.call(telephone)
            _ = try await caller.until(url) { $0["status"] as? String == status }
            #expect([200, 202].contains(try await caller.send(.DELETE, url).0))
            #expect(try await caller.ended(url)["outcome"] as? String == outcome)
            #expect(await telephone.status() == 0, "CANCEL or BYE came")
        }
        await caller.service.end()
    }

    @Test("ends with the service: what rings is taken back, and what is read is heard to the reading's end")
    func terminated() async throws {
        let caller = try await Caller()
        let (rings, reads) = (
            try await Telephone(Telephone.answers(), scenario: Self.ringing),
            try await Telephone(Telephone.answers(), scenario: Self.taken)
        )
        let urls = (try await caller.call(rings), try await caller.call(reads, #","gate":"never""#))
        _ = try await caller.until(urls.0) { $0["status"] as? String == "ringing" }
        _ = try await caller.until(urls.1) { $0["status"] as? String == "answered" }
        caller.service.signal(SIGTERM)
        #expect(await rings.status() == 0, "CANCEL came")
        #expect(await reads.status() == 0, "BYE came")
        #expect(await caller.service.status() == 0)
        let lines = caller.service.log.split(separator: "\n")
        let ends = lines.filter { $0.contains("call ended") }
        #expect(ends.contains { $0.contains("outcome=canceled") && $0.contains("cause=service-ended") }, "\(ends)")
        #expect(ends.contains { $0.contains("outcome=completed") }, "\(ends)")
        #expect(lines.contains { $0.contains("transport=sip") && $0.contains("readings=1") }, "\(lines.suffix(6))")
        await caller.service.end()
    }

    @Test("ends by BYE when the grace time of the service is over")
    func cut() async throws {
        let caller = try await Caller(["--grace-seconds", "1"])
        let telephone = try await Telephone(Telephone.answers(), scenario: Self.taken)
        // One reading is longer than that.
        let url = try await caller.call(telephone, #","gate":"never","pacing":{"symbolPause":10000}"#)
        _ = try await caller.until(url) { $0["status"] as? String == "answered" }
        caller.service.signal(SIGTERM)
        #expect(await telephone.status() == 0, "BYE came")
        #expect(await caller.service.status() == 0)
        #expect(caller.service.log.contains("end=shutdown"))
        await caller.service.end()
    }
}
