// SPDX-License-Identifier: GPL-3.0-or-later

import HTTPTypes
import SpeakCode
import SpeakCodeLinks
import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

@Suite("A request for an announcement")
struct AnnouncementRequestTests {
    @Test("needs a code and nothing else")
    func least() throws {
        let request = try AnnouncementRequest(json: #"{"code":"735198"}"#.utf8)
        #expect(request.code == (try VerificationCode("735198")))
        #expect(request.readings == 3 && request.longest == 60 && request.format == LinkKind("wav") && !request.gate)
        #expect(request.pacing == RequestedPacing())
    }

    @Test("takes every field")
    func most() throws {
        let request = try AnnouncementRequest(
            json: #"""
                {"code": "735 198", "locale": "ja", "pacing": {"preset": "slow", "symbolPause": 800, "groupPause": 900,
                 "readingPause": 1500, "rate": 90}, "readings": 5, "maxDuration": 120, "style": "telephone",
                 "template": "goodbye", "slots": {"minutes": 10, "brand": "acme"},
                 "letters": "icao", "register": "informal", "secondLocale": "en", "voice": "female", "format": "live.mp3", "expiresIn": 300, "gate": true}
                """#.utf8)
        #expect(request.locale == "ja" && request.readings == 5 && request.longest == 120 && request.expiresIn == 300)
        #expect(request.pacing == RequestedPacing(preset: .slow, symbol: 800, group: 900, reading: 1500, rate: 90))
        #expect(
            request.wording
                == Wording(
                    style: "telephone", letterStyle: "icao", template: "goodbye", register: .informal,
                    values: ["minutes": "10", "brand": "acme"]))
        #expect(request.gender == .female)
        #expect(request.second == "en" && request.format == LinkKind("live.mp3"))
        #expect(request.gate)
    }

    @Test("takes null for a field that is not there")
    func nulls() throws {
        let request = try AnnouncementRequest(json: #"{"code":"735198","locale":null,"pacing":null,"slots":null}"#.utf8)
        #expect(request.locale == nil)
    }

    @Test(
        "names the field that is wrong",
        arguments: [
            (#"{}"#, "code"), (#"{"code":735198}"#, "code"), (#"{"code":null}"#, "code"), (#"{"code":""}"#, "code"),
            (#"{"code":["735198"]}"#, "code"), (#"{"code":"7351985e\u0000"}"#, "code"),
            (#"{"code":"735198","readings":0}"#, "readings"), (#"{"code":"735198","readings":101}"#, "readings"),
            (#"{"code":"735198","readings":2.5}"#, "readings"), (#"{"code":"735198","readings":"3"}"#, "readings"),
            (#"{"code":"735198","readings":1e300}"#, "readings"), (#"{"code":"735198","locale":5}"#, "locale"),
            (#"{"code":"735198","locale":""}"#, "locale"), (#"{"code":"735198","pacing":"quick"}"#, "pacing"),
            (#"{"code":"735198","pacing":[]}"#, "pacing"),
            (#"{"code":"735198","voice":"a-name-of-21-letters-x"}"#, "voice"),
            (#"{"code":"735198","voice":true}"#, "voice"),
            (#"{"code":"735198","pacing":{"preset":"quick"}}"#, "pacing.preset"),
            (#"{"code":"735198","pacing":{"rate":10}}"#, "pacing.rate"),
            (#"{"code":"735198","pacing":{"symbolPause":-1}}"#, "pacing.symbolPause"),
            (#"{"code":"735198","maxDuration":601}"#, "maxDuration"), (#"{"code":"735198","format":"aiff"}"#, "format"),
            (#"{"code":"735198","expiresIn":1}"#, "expiresIn"), (#"{"code":"735198","gate":"yes"}"#, "gate"),
            (#"{"code":"735198","slots":"x"}"#, "slots"), (#"{"code":"735198","slots":{"minutes":1.5}}"#, "slots"),
            (#"{"code":"735198","slots":{"brand":"sixteen letters."}}"#, "slots"),
            (#"{"code":"735198","slots":{"a":1,"b":2,"c":3,"d":4}}"#, "slots"),
            (#"{"code":"735198","register":"rude"}"#, "register"), (#"{"code":"735198","style":7}"#, "style"),
        ])
    func field(json: String, field: String) throws {
        let problem = try #require(throws: Problem.self) { try AnnouncementRequest(json: json.utf8) }
        #expect(problem.field == field)
        #expect(problem.status == .unprocessableContent)
        #expect(!problem.detail.contains("735198"))
    }

    @Test(
        "is refused where it is no JSON object",
        arguments: [
            "", "735198", "\"735198\"", "[]", "null", "{", #"{"code":"735198"}}"#, #"{"code":"735198",}"#,
            #"{"code":"735198","code":"735198"}"#,
            #"{"code":"735198","\u0063ode":"735198"}"#, #"{"code":"735198","slots":{"a":[1 , ]}}"#, "code=735198",
            "{code:1}",
        ])
    func notJSON(body: String) throws {
        let problem = try #require(throws: Problem.self) { try AnnouncementRequest(json: body.utf8) }
        #expect(problem.status == .badRequest && !problem.detail.contains("735198"))
    }

    private static let totp = "otpauth://totp/Bank:anna?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&digits=8"

    @Test(
        "takes an app's secret in the place of a code, for what is heard live",
        arguments: [
            ("", "live.wav"), (#","format":"live.mp3""#, "live.mp3"), (#","format":"websocket""#, "websocket"),
            (#","format":"audiosocket""#, "audiosocket"),
        ])
    func totp(more: String, format: String) throws {
        let request = try AnnouncementRequest(json: "{\"totp\":\"\(Self.totp)\"\(more)}".utf8)
        #expect(request.totp == (try TOTP(Self.totp)))
        #expect(request.code.length == 8 && request.format == LinkKind(format))
    }

    @Test(
        "refuses an app's secret where a file is wanted, a code stands beside it, or it is none, and shows nothing of it",
        arguments: [
            (#""format":"wav""#, "format"), (#""format":"vtt""#, "format"), (#""format":"twiml""#, "format"),
            (#""format":"agi""#, "format"), (#""code":"735198""#, "totp"), (#""locale":7"#, "locale"),
        ])
    func noTOTP(more: String, field: String) throws {
        let problem = try #require(throws: Problem.self) {
            try AnnouncementRequest(json: "{\"totp\":\"\(Self.totp)\",\(more)}".utf8)
        }
        #expect(problem.field == field && !"\(problem)".contains("GEZD"))
        let other = try #require(throws: Problem.self) {
            try AnnouncementRequest(json: #"{"totp":"otpauth://totp/a?secret=GEZDGNB1"}"#.utf8)
        }
        #expect(other.field == "totp" && other.detail.contains("secret") && !other.detail.contains("GEZD"))
    }

    @Test("takes how the code is brought", arguments: Delivery.all)
    func rendition(delivery: Delivery) throws {
        let request = try AnnouncementRequest(json: "{\"code\":\"735198\",\"rendition\":\"\(delivery.name)\"}".utf8)
        #expect(request.delivery == delivery && request.warnings.isEmpty)
        let other = try AnnouncementRequest(
            json: "{\"code\":\"735198\",\"rendition\":\"\(delivery.name)\",\"format\":\"mp3\"}".utf8)
        #expect(other.warnings.isEmpty == (delivery == .spoken))
    }

    @Test(
        "refuses to write what cannot be written as tones",
        arguments: [
            #"{"code":"735198","rendition":"morse"}"#, #"{"code":"aB5","case":"spoken","rendition":"tty"}"#,
            #"{"totp":"GEZDGNBVGY3TQOJQ","rendition":"mixed"}"#,
            #"{"code":"12345678901234567890123","rendition":"mixed"}"#, #"{"code":"ABCDEFGHIJKL","rendition":"mixed"}"#,
        ])
    func noRendition(json: String) throws {
        let problem = try #require(throws: Problem.self) { try AnnouncementRequest(json: json.utf8) }
        #expect(problem.field == "rendition" && !"\(problem)".contains("GEZD"))
    }

    @Test("may have brackets and commas in its texts", arguments: [",}", "[[[[[[[[[[[[[[[[[[[[", #"\",}"#])
    func brackets(text: String) throws {
        let problem = try #require(throws: Problem.self) {
            try AnnouncementRequest(json: "{\"code\":\"\(text)\"}".utf8)
        }
        #expect(problem.field == "code")
    }

    @Test("is refused in anything but UTF-8, and however deep it is nested")
    func bytes() throws {
        for body in [
            [0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D],
            Array("{\"code\":\"\u{D7FF}".utf8) + [0xED, 0xA0, 0x80, 0x22, 0x7D],
            Array((String(repeating: "[", count: 4000)).utf8), Array((String(repeating: "{\"a\":", count: 600)).utf8),
            Array(#"{"code":"\ud800"}"#.utf8),
        ] as [[UInt8]] {
            #expect(throws: Problem.self) { try AnnouncementRequest(json: body) }
        }
    }

    @Test("does not repeat the name of a field that it does not know, which may be the code")
    func unknown() throws {
        for json in [
            #"{"code":"1","735198":1}"#, #"{"code":"1","pacing":{"735198":1}}"#,
        ] {
            let problem = try #require(throws: Problem.self) { try AnnouncementRequest(json: json.utf8) }
            #expect(problem.kind == "unknown-field" && !problem.detail.contains("735198"))
        }
    }

    @Test(
        "is answered in plain text when that is preferred",
        arguments: [
            ("text/plain", true), ("text/*", true), ("text/plain, */*;q=0.1", true), ("*/*", false), ("", false),
            ("application/json", false), ("text/plain;q=0.5, application/json", false),
            ("application/json;q=0.5, text/plain", true), ("TEXT/PLAIN", true), ("text/plain;q=0", false),
        ])
    func accept(header: String, isText: Bool) {
        #expect(AnnouncementEndpoint.wantsText(header) == isText)
    }
}
