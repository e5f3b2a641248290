// SPDX-License-Identifier: GPL-3.0-or-later

import HTTPTypes
import SpeakCodeTesting
import Testing

@testable import SpeakCodeGateways

/// What gateways are asked about settings, before anybody is called.
@Suite("The settings of a gateway")
struct SetupCheckTests {
    /// The verdict of each check: its questions in turn, until all is well.
    private static func verdicts(_ phone: inout CourseTests.Phone) -> [SetupVerdict] {
        phone.dialing.checks.map { check in
            var last = check.unreachable
            for question in check.questions {
                #expect(question.request.method == .get && question.request.body.isEmpty)
                guard let answer = phone.send(question.request) else { return check.unreachable }
                last = question.verdict(answer)
                if last.outcome != .fail { break }
            }
            return last
        }
    }

    private static func phone(_ index: Int) throws -> CourseTests.Phone {
        let (kind, fixture) = CourseTests.kinds[index]
        var phone = try CourseTests.Phone(kind, fixture, .heard)
        phone.gateway.numbers = phone.dialing.numbers
        return phone
    }

    /// Those gateways whose numbers can be asked for.
    private static func asksForNumbers(_ kind: FakeGateway.Kind) -> Bool { ![.vonage, .jambonz].contains(kind) }

    @Test("are right where it knows the account and its numbers", arguments: CourseTests.kinds.indices)
    func right(index: Int) throws {
        let (kind, fixture) = CourseTests.kinds[index]
        var phone = try Self.phone(index)
        let verdicts = Self.verdicts(&phone)
        #expect(verdicts.allSatisfy { $0.outcome == .pass && $0.remedy.isEmpty }, "\(verdicts)")
        #expect(phone.gateway.calls.isEmpty)
        let places = Set(verdicts.map(\.setting))
        #expect(places.isSubset(of: Set(Gateways.dialingSettings.map(\.key) + Gateways.signings.map(\.setting))))
        let numbers = verdicts.count { $0.setting.hasSuffix("Numbers") }
        #expect(numbers == (Self.asksForNumbers(kind) ? phone.dialing.numbers.count : 0))
        #expect(phone.dialing.unchecked.map(\.outcome) == (Self.asksForNumbers(kind) ? [] : [.notApplicable]))
        #expect(!fixture.settings.isEmpty)
    }

    @Test("name the credential that it does not take", arguments: CourseTests.kinds.indices)
    func wrongCredentials(index: Int) throws {
        var phone = try Self.phone(index)
        phone.gateway.refusesCredentials = true
        let first = try #require(Self.verdicts(&phone).first)
        #expect(first.outcome == .fail && !first.remedy.isEmpty)
        let setting = Gateways.dialingSettings.first { $0.key == first.setting }
        let isSigned = Gateways.signings.contains { $0.setting == first.setting && $0.isSecret }
        #expect(setting?.kind == .secret || isSigned, "\(first.setting)")
    }

    @Test("name the number that is somebody else's, by its place", arguments: CourseTests.kinds.indices)
    func foreignNumber(index: Int) throws {
        let kind = CourseTests.kinds[index].kind
        var phone = try Self.phone(index)
        phone.gateway.numbers = Array(phone.gateway.numbers.prefix(1))
        let failed = Self.verdicts(&phone).filter { $0.outcome == .fail }
        guard Self.asksForNumbers(kind), phone.dialing.numbers.count > 1 else { return #expect(failed.isEmpty) }
        #expect(failed.map(\.setting).allSatisfy { $0.hasSuffix("Numbers") })
        let count = phone.dialing.numbers.count
        #expect(failed.count == count - 1 && failed[0].seen.contains("the second of \(count)"), "\(failed)")
    }

    @Test("are told without a secret and without a number", arguments: CourseTests.kinds.indices)
    func discreet(index: Int) throws {
        let (_, fixture) = CourseTests.kinds[index]
        for (refuses, numbers) in [(false, [String]()), (true, []), (false, [DialingFixture.from])] {
            var phone = try Self.phone(index)
            (phone.gateway.refusesCredentials, phone.gateway.numbers) = (refuses, numbers)
            let text = "\(Self.verdicts(&phone)) \(phone.dialing.unchecked) \(phone.dialing.checks.map(\.unreachable))"
            for secret in fixture.secrets + phone.dialing.numbers.map({ String($0.dropFirst()) }) {
                #expect(!text.contains(secret))
            }
        }
    }

    /// What the first question's answer says, whatever gateway it is.
    private static let answers: [(status: Int, body: String, outcome: SetupVerdict.Outcome)] = [
        (401, "{}", .fail), (403, "{}", .fail), (404, "", .fail), (400, "{}", .fail), (302, "", .fail),
        (429, "", .warning), (503, "<html>", .warning), (200, "<html>", .fail), (200, "[]", .fail),
    ]

    @Test("are not right for any other answer", arguments: CourseTests.kinds.indices, answers.indices)
    func answered(index: Int, answer: Int) throws {
        let phone = try Self.phone(index)
        let (status, body, outcome) = Self.answers[answer]
        let question = try #require(phone.dialing.checks.first?.questions.first)
        let verdict = question.verdict(GatewayAnswer(status: status, body: Array(body.utf8)))
        #expect(verdict.outcome == outcome && !verdict.remedy.isEmpty, "\(verdict)")
    }

    /// Source: the values of `status` and `type` of an account in twilio-oai; `active` and `outbound` in telnyx-python.
    private static let states: [(DialingFixture, String, SetupVerdict.Outcome)] = [
        (.twilio, #"{"sid":"AC1","status":"suspended","type":"Full"}"#, .fail),
        (.twilio, #"{"sid":"AC1","status":"active","type":"Trial"}"#, .warning),
        (.twilio, #"{"sid":"AC2","status":"active","type":"Full"}"#, .fail),
        (.texml, #"{"data":{"active":false,"outbound":{"outbound_voice_profile_id":"1"}}}"#, .fail),
        (.texml, #"{"data":{"active":true,"outbound":{}}}"#, .warning),
        (.callControl, #"{"data":{"active":true,"outbound":{"outbound_voice_profile_id":null}}}"#, .warning),
    ]

    @Test("are looked at closely", arguments: states.indices)
    func closely(index: Int) throws {
        let (fixture, body, outcome) = Self.states[index]
        let question = try #require(fixture.dialing().checks.first?.questions.first)
        #expect(question.verdict(GatewayAnswer(status: 200, body: Array(body.utf8))).outcome == outcome)
    }

    @Test("find a caller id that is verified where the number is not the account's own")
    func verified() throws {
        let dialing = try DialingFixture.twilio.dialing()
        let questions = try #require(dialing.checks.dropFirst().first?.questions)
        let answers = [
            #"{"incoming_phone_numbers":[{"phone_number":"+49309876540","capabilities":{"voice":true}}]}"#,
            #"{"outgoing_caller_ids":[{"phone_number":"+4930987654"}]}"#,
        ].map { GatewayAnswer(status: 200, body: Array($0.utf8)) }
        #expect(zip(questions, answers).map { $0.verdict($1).outcome } == [.fail, .pass])
        let mute = #"{"incoming_phone_numbers":[{"phone_number":"+4930987654","capabilities":{"voice":false}}]}"#
        #expect(questions[0].verdict(GatewayAnswer(status: 200, body: Array(mute.utf8))).seen.contains("no voice"))
    }
}

/// What FreeSWITCH is asked over its event socket.
@Suite("The settings of FreeSWITCH")
struct EventSocketCheckTests {
    private static func verdicts(
        _ changed: [String: String] = [:], _ change: (inout FakeEventSocket) -> Void = { _ in }
    ) throws -> [SetupVerdict] {
        let values = [
            "freeswitchEventSocket": "127.0.0.1:8021", "freeswitchPassword": "s3cret",
            "freeswitchDial": "sofia/gateway/trunk/{number}", "freeswitchNumbers": "+4930987654",
        ].merging(changed) { $1 }
        let gateway = Gateways.all.first { $0.name == "freeswitch" }
        let dialing = try #require(try gateway?.socketDialing?.dialing(with: values) { 0 })
        var check = try #require(dialing.check)
        var fake = FakeEventSocket(password: "s3cret")
        change(&fake)
        var heard = fake.greet()
        while !heard.isEmpty, !check.isOver {
            // In pieces, as TCP has them.
            let said = heard.flatMap { check.received([$0]) }
            heard = fake.take(said)
        }
        #expect(check.isOver && fake.placed.isEmpty)
        #expect(!"\(check.verdicts)\(check)".contains("s3cret"))
        return check.verdicts
    }

    @Test("are right where it lets us in, is up, and has the gateway")
    func right() throws {
        let verdicts = try Self.verdicts()
        #expect(verdicts.map(\.setting) == ["freeswitchPassword", "freeswitchEventSocket", "freeswitchDial"])
        #expect(verdicts.allSatisfy { $0.outcome == .pass })
    }

    @Test("name what is wrong")
    func wrong() throws {
        #expect(
            try Self.verdicts(["freeswitchPassword": "other"]).map(\.setting) == ["freeswitchPassword"])
        let trunk = try Self.verdicts { $0.trunk = "another" }
        #expect(trunk.last?.outcome == .fail && trunk.last?.setting == "freeswitchDial")
        let direct = try Self.verdicts(["freeswitchDial": "sofia/internal/{number}@pbx"])
        #expect(direct.last?.outcome == .notApplicable)
    }

    @Test(
        "name an event socket that is none, or lets nobody in",
        arguments: [
            "Content-Type: text/rude-rejection\nContent-Length: 24\n\nAccess Denied, go away.\n",
            "Content-Length: -1\n\n", String(repeating: "SSH-2.0-OpenSSH", count: 2000),
        ])
    func none(said: String) {
        var check = EventSocketCheck(password: "s3cret", trunk: nil)
        _ = check.received(Array(said.utf8))
        #expect(check.isOver && check.verdicts.map(\.setting) == ["freeswitchEventSocket"])
        #expect(check.verdicts.allSatisfy { $0.outcome == .fail })
    }

    @Test(
        "are right for a gateway that registers, or needs not to",
        arguments: [
            ("REGED", "UP", true), ("NOREG", "UP (ping)", true), ("FAIL_WAIT", "DOWN", false), ("REGED", "DOWN", false),
            ("TRYING", "UP", false),
        ])
    func trunks(state: String, status: String, isRight: Bool) {
        var check = EventSocketCheck(password: "x", trunk: "t")
        for text in ["Content-Type: auth/request\n\n", "Content-Type: command/reply\nReply-Text: +OK accepted\n\n"] {
            _ = check.received(Array(text.utf8))
        }
        for body in ["UP 0 years\n", "Name    \tt\nState   \t\(state)\nStatus  \t\(status)\n"] {
            _ = check.received(
                Array("Content-Type: api/response\nContent-Length: \(body.utf8.count)\n\n\(body)".utf8))
        }
        #expect(check.verdicts.last?.outcome == (isRight ? .pass : .fail))
    }
}
