// SPDX-License-Identifier: GPL-3.0-or-later

import Crypto
import Foundation
import SpeakCode
import SpeakCodeGateways
import SpeakCodeLinks
import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

@Suite("A document that controls a call")
struct CallDocumentTests {
    private static func documents(_ names: [String]) -> [CallDocument] {
        names.compactMap { Gateways.document(named: $0) }
    }

    private func links(_ service: TestService, _ json: String) async throws -> [String: String] {
        let answer = try await service.post(json)
        try #require(answer.status == 201, "\(answer.text)")
        let calls: [String: Any] = try answer.field("calls")
        return try #require(calls["documents"] as? [String: String])
    }

    /// All addresses in a document, by the first letter of their paths: `a` audio, `c` the next document.
    private func addresses(_ text: String, _ kind: Character) -> [String] {
        let pattern = /https?:\/\/[^"<>\\ ]+\/(a|c)\/[A-Za-z0-9_-]+\.[a-z]+/
        return text.matches(of: pattern).map { String($0.output.0) }.filter { $0.contains("/\(kind)/") }
    }

    /// What a gateway reports when a key is pressed, in its own terms.
    private func press(_ key: String, _ url: String, _ service: TestService) async throws -> TestService.Answer {
        switch url.split(separator: ".").last {
        case "ncco":
            try await service.send(
                "POST", url, headers: ["Content-Type": "application/json"],
                body: Array(#"{"uuid":"x","dtmf":{"digits":"\#(key)","timed_out":\#(key.isEmpty)}}"#.utf8))
        case "jambonz":
            try await service.send(
                "POST", url, headers: ["Content-Type": "application/json"],
                body: Array(
                    (key.isEmpty
                        ? #"{"call_sid":"x","reason":"timeout"}"#
                        : #"{"call_sid":"x","reason":"dtmfDetected","digits":"\#(key)"}"#).utf8))
        case "httapi":
            try await service.send(
                "POST", url, headers: ["Content-Type": "application/x-www-form-urlencoded"],
                body: Array(
                    (key.isEmpty
                        ? "session_id=x&hostname=pbx&asked=1"
                        : "session_id=x&hostname=pbx&asked=1&digits=\(key)&input_type=dtmf").utf8))
        default:
            try await service.send(
                "POST", url, headers: ["Content-Type": "application/x-www-form-urlencoded"],
                body: Array("CallSid=x&Digits=\(key)".utf8))
        }
    }

    @Test("reads the code until the caller hangs up", arguments: Gateways.documents)
    func reads(_ document: CallDocument) async throws {
        try await TestService.run { service in
            let url = try #require(try await links(service, #"{"code":"735198"}"#)[document.name])
            for method in ["GET", "POST"] {
                let answer = try await service.send(method, url)
                #expect(answer.status == 200 && answer["content-type"] == document.contentType)
                #expect(answer["cache-control"] == "no-store")
                let audio = try #require(addresses(answer.text, "a").first)
                let wav = try await service.get(audio)
                #expect(wav.status == 200 && wav["content-type"] == "audio/wav")
                // The gateway keeps what it has fetched, and plays it again.
                #expect(try await addresses(service.send(method, url).text, "a") == [audio])
                let loops = ["loop=\"0\"", "\"loop\":0", "\"loop\":\"forever\"", "loops=\"1000000\""]
                #expect(loops.contains { answer.text.contains($0) })
            }
            // Without keys nothing is listened to, but where FreeSWITCH needs a binding to go round by itself: to one that does nothing.
            let plain = try #require(try await links(service, #"{"code":"735198","keys":[]}"#)[document.name])
            let text = try await service.get(plain).text
            if document.name == "httapi" {
                #expect(text.ranges(of: "<bind>").count == 1 && text.contains("<bind>#</bind>"))
            } else {
                #expect(!["Gather", "GetInput", "input", "gather", "bind"].contains { text.contains($0) })
            }
            #expect(addresses(text, "a").count == 1)
        }
    }

    @Test("begins again, reads slower and in the other language by key", arguments: Gateways.documents)
    func keys(_ document: CallDocument) async throws {
        try await TestService.run { service in
            let url = try #require(
                try await links(service, #"{"code":"735198","secondLocale":"de-DE","readings":1}"#)[document.name])
            let first = try await service.get(url).text
            let audio = try #require(addresses(first, "a").first)
            // 1: the same again.
            let again = try await press("1", url, service).text
            #expect(addresses(again, "a") == [audio])
            // 2: another link, longer; and pressed once more, no longer.
            let slower = try await press("2", url, service).text
            let slow = try #require(addresses(slower, "a").first)
            let lengths = (try await service.get(audio).body.count, try await service.get(slow).body.count)
            #expect(lengths.1 > lengths.0 * 11 / 10)
            let next = try #require(addresses(slower, "c").first)
            #expect(next != url)
            #expect(try await addresses(press("2", next, service).text, "a").count == 1)
            // 3: one language alone, the other first, still slow; and back.
            let other = try await press("3", next, service).text
            let german = try await service.get(try #require(addresses(other, "a").first)).body
            #expect(german.count < lengths.1)
            let back = try await press("3", try #require(addresses(other, "c").first), service).text
            let english = try await service.get(try #require(addresses(back, "a").first)).body
            #expect(english != german && english.count < lengths.1)
            // Any other key, and none: as before.
            for key in ["9", "#", "*", ""] {
                let encoded = ["ncco", "jambonz"].contains(document.name) ? key : key.replacing("#", with: "%23")
                #expect(try await addresses(press(encoded, url, service).text, "a") == [audio], "\(key)")
            }
        }
    }

    @Test("has no link to the code before the gate's key is pressed", arguments: Gateways.documents)
    func gate(_ document: CallDocument) async throws {
        try await TestService.run { service in
            let answer = try await service.post(#"{"code":"735198","gate":true}"#)
            let calls: [String: Any] = try answer.field("calls")
            let url = try #require((calls["documents"] as? [String: String])?[document.name])
            let first = try await service.get(url).text
            let gate = try await service.get(try #require(addresses(first, "a").first)).body
            // Whatever can be fetched from what the first document names is the gate.
            for address in addresses(first, "a") + addresses(first, "c") {
                let sealed = address.split(separator: "/").last?.split(separator: ".").first ?? ""
                let audio = try await service.get("/a/\(sealed).wav")
                #expect(audio.status == 404 || audio.body == gate)
            }
            // FreeSWITCH ends a document for a key that it does not have.
            if document.name == "httapi" { #expect(first.ranges(of: "<bind>").count == 12) }
            // Another key: the gate again. None: the end, without the code.
            #expect(try await addresses(press("5", url, service).text, "a") == addresses(first, "a"))
            let silent = try await press("", url, service).text
            #expect(addresses(silent, "a").isEmpty)
            #expect(silent.lowercased().contains("hangup") || silent == "[]")
            // The key: the code, which is that of an announcement without a gate.
            let opened = try await press("1", url, service).text
            let code = try await service.get(try #require(addresses(opened, "a").first)).body
            let links: [String: String] = try answer.field("links")
            #expect(code == (try await service.get(try #require(links["wav"])).body))
        }
    }

    @Test("is asked for with a key in the query as well", arguments: documents(["twiml", "texml", "plivo", "httapi"]))
    func query(_ document: CallDocument) async throws {
        try await TestService.run { service in
            let url = try #require(try await links(service, #"{"code":"735198","gate":true}"#)[document.name])
            let name = document.name == "httapi" ? "digits" : "Digits"
            #expect(
                try await addresses(service.get(url + "?CallSid=x&\(name)=1").text, "a")
                    == addresses(press("1", url, service).text, "a"))
        }
    }

    @Test("that is altered, of audio, of another kind or expired is refused as links are")
    func refused() async throws {
        try await TestService.run { service in
            let answer = try await service.post(#"{"code":"735198"}"#)
            let audio: [String: String] = try answer.field("links")
            let sealed = try #require(audio["wav"]).split(separator: "/").last?.split(separator: ".").first ?? ""
            let calls: [String: Any] = try answer.field("calls")
            let url = try #require((calls["documents"] as? [String: String])?["twiml"])
            for path in ["/c/\(sealed).twiml", "/c/x.twiml", url.dropLast(6) + ".exe", url.dropLast() + "", url + ".x"]
            {
                let answer = try await service.get(String(path))
                #expect(answer.status == 404 && answer["content-type"] == "application/problem+json", "\(path)")
            }
            // A call's link is no audio.
            let call = url.split(separator: "/").last?.split(separator: ".").first ?? ""
            #expect(try await service.get("/a/\(call).wav").status == 404)
            let now = Int(Date().timeIntervalSince1970)
            let old = try LinkKeyring([TestService.linkKey]).seal(
                Announcement(
                    content: .code(try VerificationCode("735198"), .usual),
                    locale: try #require(LanguageTag("en-US")), pacing: RequestedPacing(), readings: 3, longest: 60,
                    issued: now - 600, expires: now, call: CallState(carrier: Gateways.document(named: "ncco")!.carrier)
                ))
            #expect(try await service.get("/c/\(old).ncco").status == 410)
            #expect(try await service.metric(#"speakcode_documents_total{document="ncco",status="410"}"#) == 1)
            #expect(try await service.send("PUT", url).status == 405)
            #expect(try await service.send("POST", url, body: [UInt8](repeating: 65, count: 70_000)).status == 413)
        }
    }

    @Test("survives whatever a gateway reports", arguments: Gateways.documents)
    func nonsense(_ document: CallDocument) async throws {
        try await TestService.run { service in
            let url = try #require(try await links(service, #"{"code":"735198","gate":true}"#)[document.name])
            let gate = addresses(try await service.get(url).text, "a")
            let bodies: [[UInt8]] = [
                [], [0xFF, 0xFE], Array("{".utf8), Array("[1]".utf8), Array(#"{"dtmf":7}"#.utf8),
                Array(#"{"dtmf":{"digits":null}}"#.utf8), Array("Digits".utf8), Array("Digits=%".utf8),
                Array("&&==&".utf8), Array("Digits=22&Digits=1".utf8), Array(#"{"digits":["1"]}"#.utf8),
            ]
            for body in bodies {
                let answer = try await service.send("POST", url, body: body)
                #expect(answer.status == 200)
                // None of it opens the gate.
                #expect([gate, []].contains(addresses(answer.text, "a")))
            }
        }
    }

    // MARK: Signatures

    @Test("of a gateway whose secret is set is given to that gateway alone")
    func signed() async throws {
        let secret = "not-the-real-token"
        let base = "https://codes.example.net"
        try await TestService.run(
            ["publicURL": base], environment: ["SPEAKCODE_TWILIO_AUTH_TOKEN": secret]
        ) { service in
            let documents = try await links(service, #"{"code":"735198"}"#)
            let url = try #require(documents["twiml"])
            let path = String(url.dropFirst(base.count))
            let form = [("CallSid", "CA1"), ("Digits", "2")]
            // Twilio: HMAC-SHA1 over the address and the sorted parameters.
            let text = url + form.map { $0.0 + $0.1 }.joined()
            let mac = HMAC<Insecure.SHA1>.authenticationCode(
                for: Data(text.utf8), using: SymmetricKey(data: Data(secret.utf8)))
            let signature = Data(mac).base64EncodedString()
            let body = Array(form.map { "\($0.0)=\($0.1)" }.joined(separator: "&").utf8)
            let type = ["Content-Type": "application/x-www-form-urlencoded"]
            let good = type.merging(["X-Twilio-Signature": signature]) { $1 }
            #expect(try await service.send("POST", path, headers: good, body: body).status == 200)
            #expect(try await service.send("POST", path, headers: type, body: body).status == 403)
            #expect(try await service.send("POST", path, headers: good, body: body + [0x31]).status == 403)
            #expect(try await service.send("POST", path + "?x=1", headers: good, body: body).status == 403)
            #expect(try await service.get(path).status == 403)
            // The others have no secret here.
            let ncco = try #require(documents["ncco"]).dropFirst(base.count)
            #expect(try await service.get(String(ncco)).status == 200)
        }
    }

    @Test("cannot be had by the link of another, whose requests need no signature", arguments: Gateways.documents)
    func otherKind(document: CallDocument) async throws {
        try await TestService.run { service in
            let url = try #require(try await links(service, #"{"code":"735198"}"#)[document.name])
            let sealed = try #require(url.split(separator: "/").last?.split(separator: ".").first)
            for other in Gateways.documents {
                let answer = try await service.get(CallEndpoint.prefix + sealed + "." + other.name)
                #expect(answer.status == (other == document ? 200 : 404))
            }
            let handshake = [
                "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": WebSocketPeer.key,
                "Sec-WebSocket-Version": "13",
            ]
            #expect(try await service.send("GET", "/m/\(sealed)", headers: handshake).status == 404)
        }
    }

    @Test("is refused at the start where Telnyx's key is none")
    func badKey() async throws {
        await #expect(throws: SettingsError.self) {
            try await TestService.run(["telnyxPublicKey": "nonsense"]) { _ in }
        }
    }
}
