// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import HTTPTypes
import SpeakCodeLinks
import SpeakCodeTesting
import Synchronization
import TestSupport
import Testing

@testable import SpeakCodeGateways
@testable import SpeakCodeServer
@testable import SpeakCodeService

@Suite("What the doctor sees of calls")
struct CallSetupTests {
    /// A configuration in which all is well.
    private static let good = [
        "callPrefixes": "+49,+43", "publicURL": "https://codes.example.net", "twilioAccount": "AC1",
        "twilioNumbers": "+4930987654", "callEvents": "https://shop.example.net/calls",
    ]
    private static let secrets = [
        "SPEAKCODE_TWILIO_AUTH_TOKEN": "t0kent0ken", "SPEAKCODE_API_KEYS": "shop:0123456789abcdef",
        "SPEAKCODE_LINK_KEYS": LinkKey().text,
        "SPEAKCODE_CALL_EVENTS_KEY": "whsec_" + String(repeating: "AAAA", count: 8),
    ]

    /// Sends to a fake of Twilio and to a back end; no address is fetched that is not configured.
    private static func findings(
        _ flags: [String: String?] = [:], without variables: Set<String> = [],
        reached: CallSetup.Reached = .answered(status: 200, body: Array("alive\n".utf8)), backEnd: Int? = 405
    ) async throws -> [CallSetup.Finding] {
        try await withTemporaryFolder { folder in
            var given = good.merging(["callsFile": folder.appending(path: "calls").path]) { $1 }
            for (key, value) in flags { given[key] = value }
            let settings = try await ServiceSettings(
                flags: given, environment: secrets.filter { !variables.contains($0.key) }, file: nil)
            let sender = FakeHTTPSender { request, _ in
                let url = request.url
                if url.hasPrefix("https://shop.example.net/") {
                    #expect(request.method == .head && request.body.isEmpty && request.headers.isEmpty)
                    return backEnd.map { .success(GatewayAnswer(status: $0)) } ?? .failure(.notSent)
                }
                #expect(url.hasPrefix("https://api.twilio.com/") && request.method == .get)
                var fake = FakeGateway(.twilio)
                fake.numbers = ["+4930987654"]
                let path = "/" + (url.split(separator: "/", maxSplits: 2).last ?? "")
                let answer = fake.take(
                    FakeGateway.Request(
                        method: "GET", path: String(path.prefix { $0 != "?" }),
                        query: String(path.drop { $0 != "?" }.dropFirst()),
                        headers: ["authorization": request.headers[.authorization] ?? ""], body: []))
                return answer.map { .success(GatewayAnswer(status: $0.status, body: $0.body)) } ?? .failure(.noAnswer)
            }
            let means = CallSetup.Means(
                sender: sender, converse: { _, _, check in [check.unreachable] },
                fetch: { url in
                    #expect(url.hasSuffix("/healthz"))
                    return reached
                })
            let findings = await CallSetup(settings, means: means).examine()
            let text = "\(findings)"
            for secret in ["t0kent0ken", "0123456789abcdef", "AAAAAAAA", "30987654", "AC1"] {
                #expect(!text.contains(secret))
            }
            return findings
        }
    }

    @Test("is nothing where all is well of SIP, which needs no address and no gateway")
    func sip() async throws {
        let account = [
            "twilioAccount": nil, "publicURL": nil, "sipFrom": "+4930987654", "sipProxy": "sip:pbx.example.net",
        ]
        let findings = try await Self.findings(account)
        let ofSIP = findings.filter { $0.part == "sip" }.map(\.verdict)
        #expect(ofSIP.map(\.setting) == ["sipFrom", "sipProxy", "sipUser"])
        #expect(findings.allSatisfy { [.pass, .notApplicable].contains($0.verdict.outcome) }, "\(findings)")
        let broken = try await Self.findings(account.merging(["sipProxy": "sips:pbx"]) { $1 })
        #expect(broken.contains { $0.part == "sip" && $0.verdict.outcome == .fail && $0.verdict.setting == "sipProxy" })
    }

    @Test("is nothing where all is well")
    func right() async throws {
        let findings = try await Self.findings()
        #expect(findings.allSatisfy { $0.verdict.outcome == .pass }, "\(findings)")
        #expect(Set(findings.map(\.part)) == ["service", "twilio"])
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var flags: [String: String?] = [:]
        var without: Set<String> = []
        var reached = CallSetup.Reached.answered(status: 200, body: Array("alive\n".utf8))
        var backEnd: Int? = 405
        var outcome = SetupVerdict.Outcome.fail
        let setting: String
    }

    private static let cases: [Case] = [
        Case(testDescription: "nobody may be called", flags: ["callPrefixes": nil], setting: "callPrefixes"),
        Case(testDescription: "a prefix that is none", flags: ["callPrefixes": "49"], setting: "callPrefixes"),
        Case(testDescription: "no gateway", flags: ["twilioAccount": nil], setting: "callThrough"),
        Case(testDescription: "another gateway", flags: ["callThrough": "plivo"], setting: "callThrough"),
        Case(testDescription: "a route elsewhere", flags: ["callRoutes": "+49=plivo"], setting: "callRoutes"),
        Case(testDescription: "a setting that is missing", flags: ["twilioNumbers": nil], setting: "twilioNumbers"),
        Case(
            testDescription: "a number of somebody else", flags: ["twilioNumbers": "+4930987654,+43123456"],
            setting: "twilioNumbers"),
        Case(testDescription: "no address", flags: ["publicURL": nil], setting: "publicURL"),
        Case(
            testDescription: "an address of this machine", flags: ["publicURL": "https://127.0.0.1"],
            setting: "publicURL"),
        Case(
            testDescription: "an address of a home", flags: ["publicURL": "https://10.1.2.3:8443"], setting: "publicURL"
        ),
        Case(testDescription: "a name of a home", flags: ["publicURL": "https://codes.local"], setting: "publicURL"),
        Case(
            testDescription: "an address in clear", flags: ["publicURL": "http://codes.example.net"], outcome: .warning,
            setting: "publicURL"),
        Case(
            testDescription: "another service there", reached: .answered(status: 200, body: Array("hello".utf8)),
            setting: "publicURL"),
        Case(
            testDescription: "a certificate that does not hold",
            reached: .failed("the certificate is for another host"),
            setting: "publicURL"),
        Case(testDescription: "nowhere to count", flags: ["callsFile": nil], outcome: .warning, setting: "callsFile"),
        Case(testDescription: "no folder", flags: ["callsFile": "/nonexistent/calls"], setting: "callsFile"),
        Case(testDescription: "no link keys", without: ["SPEAKCODE_LINK_KEYS"], setting: "linkKeysFile"),
        Case(testDescription: "no API keys", without: ["SPEAKCODE_API_KEYS"], setting: "apiKeysFile"),
        Case(testDescription: "no back end", backEnd: nil, setting: "callEvents"),
        Case(testDescription: "a back end that fails", backEnd: 502, outcome: .warning, setting: "callEvents"),
        Case(
            testDescription: "events that are not signed", without: ["SPEAKCODE_CALL_EVENTS_KEY"],
            setting: "callEventsKey"),
    ]

    @Test("names the setting", arguments: cases)
    func wrong(one: Case) async throws {
        let findings = try await Self.findings(
            one.flags, without: one.without, reached: one.reached, backEnd: one.backEnd)
        let wrong = findings.map(\.verdict).filter { $0.outcome == one.outcome }
        #expect(wrong.contains { $0.setting == one.setting && !$0.remedy.isEmpty }, "\(findings)")
    }

    @Test(
        "asks Asterisk who it is, where calls are asked for over HTTP",
        arguments: [
            (200, #"{"system":{"version":"18.26.4"}}"#, SetupVerdict.Outcome.pass, "asteriskURL"),
            (200, "{}", .fail, "asteriskURL"), (401, "", .fail, "asteriskPassword"), (404, "", .fail, "asteriskURL"),
        ])
    func asterisk(status: Int, body: String, outcome: SetupVerdict.Outcome, setting: String) async throws {
        let flags = [
            "asteriskURL": "http://127.0.0.1:8088/ari", "asteriskDial": "PJSIP/{number}@trunk", "asteriskUser": "u",
            "asteriskPassword": "s3cretPassword", "asteriskNumbers": "+4930987654", "audioSocketPort": "9092",
        ]
        let settings = try await ServiceSettings(flags: flags, environment: Self.secrets, file: nil)
        let sender = FakeHTTPSender { request, _ in
            #expect(request.method == .get && request.url == "http://127.0.0.1:8088/ari/asterisk/info")
            return .success(GatewayAnswer(status: status, body: Array(body.utf8)))
        }
        let means = CallSetup.Means(
            sender: sender, converse: { _, _, check in [check.unreachable] }, fetch: { _ in .failed("-") })
        let findings = await CallSetup(settings, means: means).examine().filter { $0.part == "asterisk" }
        #expect(findings.map(\.verdict.setting) == ["audioSocketPort", setting])
        #expect(findings.last?.verdict.outcome == outcome)
    }

    @Test("asks nothing more of a gateway that does not know the account")
    func stops() async throws {
        let settings = try await ServiceSettings(flags: Self.good, environment: Self.secrets, file: nil)
        let sender = FakeHTTPSender { request, _ in
            .success(GatewayAnswer(status: request.method == .head ? 200 : 401))
        }
        let means = CallSetup.Means(
            sender: sender, converse: { _, _, check in [check.unreachable] }, fetch: { _ in .failed("-") })
        let findings = await CallSetup(settings, means: means).examine()
        #expect(sender.requests.count { $0.method == .get } == 1)
        #expect(findings.contains { $0.verdict.setting == "twilioAuthToken" && $0.verdict.outcome == .fail })
    }
}

/// `speakcode doctor --call` as a script meets it, with the service and its gateways on the loopback.
@Suite("speakcode doctor --call")
struct DoctorCallTests {
    private static let password = "s3cretPassword"

    private func doctor(_ json: [String: String], _ arguments: [String] = []) async throws -> TestSupport.Outcome {
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "settings.json")
            let all = json.merging(["callsFile": folder.appending(path: "calls").path]) { $1 }
            try JSONSerialization.data(withJSONObject: all).write(to: file)
            return try await TestSupport.run(
                BuiltProduct.path(of: "speakcode"), ["doctor", "--call", "--config", file.path] + arguments)
        }
    }

    @Test("rings nobody, and tells neither secrets nor numbers", .timeLimit(.minutes(2)))
    func examines() async throws {
        let fakes = LoopbackGateway(.twilio, password: Self.password)
        fakes.gateway.withLock { $0.numbers = ["+4930987654"] }
        try await TestService.run { service in
            try await fakes.run { http, events in
                var settings = [
                    "callPrefixes": "+49", "publicURL": service.base, "linkKeys": LinkKey().text,
                    "apiKeys": "shop:0123456789abcdef", "twilioAccount": "AC1", "twilioAuthToken": "t0kent0ken",
                    "twilioNumbers": "+4930987654", "twilioURL": "http://127.0.0.1:\(http)",
                    "callEvents": "http://127.0.0.1:\(http)/events",
                    "callEventsKey": "whsec_" + String(repeating: "AAAA", count: 8),
                    "freeswitchEventSocket": "127.0.0.1:\(events)", "freeswitchPassword": Self.password,
                    "freeswitchDial": "sofia/gateway/trunk/{number}", "freeswitchNumbers": "+4930987655",
                ]
                let good = try await doctor(settings, ["--json"])
                #expect(good.status == 0, "\(good.text)\(good.errors)")
                let report = try #require(try JSONSerialization.jsonObject(with: good.output) as? [String: Any])
                let rows = try #require(report["findings"] as? [[String: String]])
                #expect(report["good"] as? Bool == true && rows.allSatisfy { $0["outcome"] == "pass" }, "\(rows)")
                #expect(Set(rows.compactMap { $0["part"] }) == ["service", "twilio", "freeswitch"])
                settings["freeswitchPassword"] = "another"
                settings["twilioNumbers"] = "+4930987654,+4930111222"
                let bad = try await doctor(settings)
                #expect(bad.status == 76 && bad.errors.hasSuffix("speakcode: 2 checks fail\n"))
                #expect(bad.text.contains("freeswitchPassword") && bad.text.contains("the second of 2"))
                for secret in ["t0kent0ken", Self.password, "0123456789abcdef", "AAAAAAAA", "30987654", "30111222"] {
                    #expect(!(good.text + good.errors + bad.text + bad.errors).contains(secret))
                }
            }
        }
        #expect(fakes.gateway.withLock { $0.calls.isEmpty } && fakes.eventSocket.withLock { $0.placed.isEmpty })
        let asked = fakes.asked.withLock { $0 }
        #expect(asked.allSatisfy { $0.hasPrefix("GET /2010-04-01/Accounts/AC1") || $0 == "HEAD /events" }, "\(asked)")
    }

    @Test("refuses what it cannot look at", arguments: [["http://127.0.0.1/a.wav"], ["--config", "/nonexistent"]])
    func refuses(arguments: [String]) async throws {
        let outcome = try await TestSupport.run(
            BuiltProduct.path(of: "speakcode"), ["doctor", "--call"] + arguments)
        #expect([64, 78].contains(outcome.status) && outcome.errorLines.count == 1)
    }
}
