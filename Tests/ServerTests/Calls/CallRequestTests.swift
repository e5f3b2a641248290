// SPDX-License-Identifier: GPL-3.0-or-later

import HTTPTypes
import SpeakCode
import SpeakCodeGateways
import SpeakCodeLinks
import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

@Suite("A request for a call")
struct CallRequestTests {
    private static func request(_ fields: String) throws(Problem) -> CallRequest {
        try CallRequest(json: Array("{\"code\":\"735198\",\(fields)}".utf8))
    }

    @Test("rings a number as it is dialled, and reads in its language")
    func number() throws {
        let request = try Self.request(#""to":"+81 (0)90-1234-5678""#)
        #expect(request.callee.callee == .number("+819012345678") && request.callee.key == "+819012345678")
        #expect(request.announcement.phoneNumber?.locale.description == "ja-JP")
        #expect(request.timeout == 30 && request.gate == .always && request.announcement.gate)
    }

    @Test(
        "rings an address of SIP",
        arguments: [
            ("sip:anna@pbx.example.net", "pbx.example.net", nil),
            ("SIP:7@127.0.0.1:5070;transport=tcp", "127.0.0.1", nil),
            ("sip:anna@[::1]:5060", "[::1]", nil),
            ("sip:+49301234567@Trunk.example.net", "trunk.example.net", "+49301234567"),
            ("sip:0049301234567@trunk.example.net", "trunk.example.net", "+49301234567"),
            ("sip:+49301234567;phone-context=x@trunk.example.net", "trunk.example.net", "+49301234567"),
        ])
    func address(text: String, host: String, number: String?) throws {
        let party = try Self.request(#""to":"\#(text)""#).callee
        #expect(party.host == host && party.number?.e164 == number)
        guard case .sip(let address) = party.callee else { return #expect(Bool(false), "it is an address") }
        #expect(address == "sip:" + text.dropFirst(4))
    }

    @Test(
        "names the field that cannot be taken, and no number",
        arguments: [
            (#""locale":"de""#, "to"), (#""to":"030 1234567""#, "to"), (#""to":"004930123456""#, "to"),
            (#""to":"sip:""#, "to"), (#""to":"sip:a b@x""#, "to"), (#""to":"sip:anna:secret@x.example""#, "to"),
            (#""to":"sip:anna@x.example?Subject=1""#, "to"), (#""to":"sip:anna@x.example\r\nX: 1""#, "to"),
            (#""to":"sip:00123@x.example""#, "to"), (#""to":"sips:anna@x.example""#, "to"),
            (#""to":"+49301234567","timeout":4"#, "timeout"), (#""to":"+49301234567","timeout":121"#, "timeout"),
            (#""to":"+49301234567","gate":"sometimes""#, "gate"), (#""to":"+49301234567","gate":true"#, "gate"),
            (#""to":49301234567"#, "to"),
        ])
    func refuses(fields: String, field: String) throws {
        let problem = #expect(throws: Problem.self) { try Self.request(fields) }
        #expect(problem?.field == field)
        #expect(problem?.detail.contains("1234567") == false)
    }

    @Test(
        "takes the fields of an announcement, and none that it cannot have",
        arguments: ["phoneNumber", "format", "audioSocket"])
    func fields(name: String) throws {
        #expect(throws: Problem.self) { try Self.request(#""to":"+49301234567","\#(name)":"wav""#) }
        let request = try Self.request(#""to":"+49301234567","pacing":"slow","gate":"never","keys":["again"]"#)
        #expect(request.announcement.pacing.preset == .slow && !request.announcement.gate)
        #expect(Set(CallRequest.known).isSuperset(of: ["code", "locale", "keys"]))
    }

    @Test("shows neither number nor code")
    func silent() throws {
        let request = try Self.request(#""to":"+49301234567""#)
        for text in [
            "\(request)", String(reflecting: request), "\(request.callee)", String(reflecting: request.callee),
        ] {
            #expect(!text.contains("49301234567") && !text.contains("735198"))
        }
    }

    @Test(
        "has a key of visible characters, or none",
        arguments: [
            ([], nil), (["a"], "a"), ([String(repeating: "k", count: 255)], String(repeating: "k", count: 255)),
        ])
    func keys(values: [String], key: String?) throws {
        #expect(try IdempotencyKey.of(Self.headers(values))?.text == key)
    }

    @Test(
        "has no other key",
        arguments: [[""], ["a b"], ["é"], ["a", "b"], [String(repeating: "k", count: 256)]])
    func badKeys(values: [String]) {
        let problem = #expect(throws: Problem.self) { try IdempotencyKey.of(Self.headers(values)) }
        #expect(problem?.kind == "bad-idempotency-key")
    }

    private static func headers(_ values: [String]) -> HTTPFields {
        var headers = HTTPFields()
        headers[values: IdempotencyKey.header] = values
        return headers
    }
}
