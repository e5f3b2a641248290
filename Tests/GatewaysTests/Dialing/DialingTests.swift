// SPDX-License-Identifier: GPL-3.0-or-later

import HTTPTypes
import SpeakCodeTesting
import Testing

@testable import SpeakCodeGateways

@Suite("Each gateway that dials by requests")
struct DialingTests {
    @Test("has a fixture")
    func fixtures() {
        #expect(
            Set(DialingFixture.all.map(\.gateway)) == Set(Gateways.all.filter { $0.dialing != nil }.map(\.name)))
    }

    // MARK: Requests

    @Test("is asked for a call byte for byte so", arguments: DialingFixture.all)
    func creates(_ fixture: DialingFixture) throws {
        let dialing = try fixture.dialing()
        for (detects, expected) in zip([false, true], fixture.created) {
            expect(try dialing.create(fixture.order(detectsMachine: detects)), expected)
        }
        #expect(fixture.created.count == 2 && dialing.hears == fixture.hears)
    }

    @Test("is asked to end it so, and whether it knows of it", arguments: DialingFixture.all)
    func ends(_ fixture: DialingFixture) throws {
        let dialing = try fixture.dialing()
        expect(dialing.hangUp("CA1", isAnswered: false), fixture.hungUp.ringing)
        expect(dialing.hangUp("CA1", isAnswered: true), fixture.hungUp.answered)
        let lookedUp = dialing.lookUp(fixture.order())
        #expect((lookedUp == nil) == (fixture.lookedUp == nil))
        if let lookedUp, let expected = fixture.lookedUp { expect(lookedUp, expected) }
        for (body, id) in fixture.found {
            let answer = GatewayAnswer(status: 200, body: Array(body.utf8))
            #expect(dialing.found(answer, fixture.order()) == id, "\(body)")
            #expect(dialing.found(GatewayAnswer(status: 500, body: answer.body), fixture.order()) == nil)
        }
    }

    @Test("keeps a name of a call inside its address", arguments: DialingFixture.all)
    func names(_ fixture: DialingFixture) throws {
        for name in ["../../Accounts", "a/b?c#d", "\r\nX: y", "é"] {
            let url = try fixture.dialing().hangUp(name, isAnswered: true).url
            #expect(!url.contains(name) && url.utf8.allSatisfy { (0x21...0x7E).contains($0) })
        }
    }

    @Test("calls from one of its numbers, the first where none is asked for", arguments: DialingFixture.all)
    func callers(_ fixture: DialingFixture) throws {
        let dialing = try fixture.dialing()
        #expect(dialing.numbers == ["+4930987654", "+4930987655"])
        let usual = try dialing.create(fixture.order())
        #expect(try dialing.create(fixture.order(from: "+4930987654")) == usual)
        #expect(try dialing.create(fixture.order(from: "+4930987655")) != usual)
        let error = #expect(throws: DialingError.self) { try dialing.create(fixture.order(from: "+4930111111")) }
        #expect(error?.field == "from" && error?.description.contains("4930111111") == false)
    }

    /// Several are rung where certain marks stand in an address: Plivo's `<`, Asterisk's `&`, FreeSWITCH's `,` and `|`.
    @Test("rings one telephone, and nothing that is none", arguments: DialingFixture.all)
    func callees(_ fixture: DialingFixture) throws {
        let dialing = try fixture.dialing()
        let numbers = [
            "", "+", "4930123456", "+0", "+49 30 123456", "+4930123456<+4930123457", "+4930123456&x",
            "+12345678901234567",
            "+4930123456\r\n", "+٤٩٣٠١٢٣٤٥٦", "+49e5",
        ]
        let addresses = [
            "anna", "http://x", "sip:a<sip:b", "sip:a&b", "sip:a,b", "sip:a|b", "sip:a b", "sip:a\"b", "sip:a;b=c",
            "sip:é", "sip:" + String(repeating: "a", count: 300),
        ]
        for callee in numbers.map({ CallOrder.Callee.number($0) }) + addresses.map({ .sip($0) }) {
            let error = #expect(throws: DialingError.self) { try dialing.create(fixture.order(to: callee)) }
            #expect(error?.field == "to")
        }
        let request = try dialing.create(fixture.order(to: .sip("sip:anna@example.net")))
        #expect(String(decoding: request.body, as: UTF8.self).contains("anna"))
    }

    @Test("is not asked for what it cannot let be heard", arguments: DialingFixture.all)
    func heard(_ fixture: DialingFixture) throws {
        for heard in [CallOrder.Heard.local, .fastAGI("agi://x"), .audioSocket(uuid: "u", address: "h:1")] {
            let order = CallOrder(id: "1", to: .number(DialingFixture.number), heard: heard)
            let error = #expect(throws: DialingError.self) { try fixture.dialing().create(order) }
            #expect(error?.field == "heard")
        }
    }

    // MARK: Settings

    @Test(
        "dials once its first setting is set, and then says what is missing, by its name", arguments: DialingFixture.all
    )
    func settings(_ fixture: DialingFixture) throws {
        let gateway = try #require(Gateways.all.first { $0.name == fixture.gateway }?.dialing)
        #expect(try gateway.dialing(with: [:], now: { 0 }) == nil)
        let first = try #require(gateway.settings.first)
        #expect(try gateway.dialing(with: fixture.settings.filter { $0.key != first.key }, now: { 0 }) == nil)
        for setting in gateway.settings where setting.isNeeded {
            let error = #expect(throws: DialingError.self) { try fixture.dialing([setting.key: ""]) }
            #expect(error?.field == setting.key)
        }
        let known = Set(gateway.settings.map(\.key))
        #expect(fixture.settings.keys.allSatisfy { known.contains($0) })
    }

    @Test("refuses a setting that it cannot take, and does not repeat it", arguments: DialingFixture.all)
    func unusable(_ fixture: DialingFixture) throws {
        let gateway = try #require(Gateways.all.first { $0.name == fixture.gateway }?.dialing)
        for setting in gateway.settings {
            let values =
                switch setting.kind {
                case .url: ["example.net", "ftp://example.net", "https://example.net/?a", "https://x\r\nX: y"]
                case .list: ["7", "anna", "+49 30", "++4930123456", "+4930123456;+4930123457"]
                case .text, .secret: fixture.settings[setting.key] == nil ? [] : ["a\r\nX: y", "ä b"]
                }
            for value in values {
                let error = #expect(throws: DialingError.self, "\(setting.key)") {
                    try fixture.dialing([setting.key: value])
                }
                #expect(error?.field == setting.key && error?.description.contains(value) == false)
            }
        }
    }

    @Test("shows no secret and no number", arguments: DialingFixture.all)
    func secrets(_ fixture: DialingFixture) throws {
        let dialing = try fixture.dialing()
        let order = fixture.order(from: DialingFixture.from)
        let things: [Any] = [
            dialing, order, order.callee, try dialing.create(order), dialing.hangUp("CA1", isAnswered: true),
            dialing.lookUp(order) as Any, GatewayAnswer(status: 200, body: Array(DialingFixture.number.utf8)),
        ]
        for thing in things {
            var dumped = "\(thing) \(String(reflecting: thing))"
            dump(thing, to: &dumped)
            for secret in fixture.secrets + ["30123456", "30987654"] {
                #expect(!dumped.contains(secret), "\(type(of: thing))")
            }
        }
    }

    /// Secrets are sent there.
    @Test(
        "is spoken to in clear on this machine alone, or in one's own network where it may stand there",
        arguments: DialingFixture.all)
    func clear(_ fixture: DialingFixture) throws {
        let gateway = try #require(Gateways.all.first { $0.name == fixture.gateway }?.dialing)
        let url = try #require(gateway.settings.first { $0.kind == .url }).key
        for base in ["http://127.0.0.1:8099", "http://localhost/x/", "http://[::1]:80", "https://eu.example.net"] {
            let request = try fixture.dialing([url: base]).create(fixture.order())
            #expect(request.url.hasPrefix(base))
        }
        for base in ["http://example.net", "http://127.0.0.1.example.net", "http://localhost@example.net"] {
            let dialing = try? fixture.dialing([url: base])
            #expect((dialing != nil) == (fixture.gateway == "jambonz"), "\(base)")
        }
    }

    // MARK: Answers

    @Test("is understood in what it answers", arguments: DialingFixture.all)
    func answers(_ fixture: DialingFixture) throws {
        let dialing = try fixture.dialing()
        for answer in fixture.answers {
            let read = dialing.placed(
                GatewayAnswer(status: answer.status, headers: answer.headers, body: Array(answer.body.utf8)))
            #expect(read == answer.means, "\(answer.status) \(answer.body)")
        }
        #expect(fixture.answers.contains { if case .placed = $0.means { true } else { false } })
    }

    /// A server's error may come behind the call that it placed.
    @Test(
        "is never taken to have placed nothing where it may have",
        arguments: DialingFixture.all, [200, 201, 202, 204, 408, 500, 502, 503, 504])
    func unsure(_ fixture: DialingFixture, status: Int) throws {
        for body in ["", "{", "[]", "{}", "<html>", #"{"sid":7,"uuid":null,"request_uuid":[],"data":{}}"#] {
            let read = try fixture.dialing().placed(GatewayAnswer(status: status, body: Array(body.utf8)))
            #expect(read == .unknown, "\(body)")
        }
    }

    @Test("waits when it is told to, and has a bound", arguments: DialingFixture.all)
    func busy(_ fixture: DialingFixture) throws {
        let dialing = try fixture.dialing()
        for (text, seconds) in [
            (nil, 1), ("0", 1), ("7", 7), ("-4", 1), ("99999999", 3600), ("Mon, 30 Nov 2026 08:00:00 GMT", 1),
        ] as [(String?, Int)] {
            var headers: HTTPFields = [:]
            headers[.retryAfter] = text
            #expect(dialing.placed(GatewayAnswer(status: 429, headers: headers)) == .busy(after: seconds))
        }
    }

    @Test("is refused in words that have no number", arguments: DialingFixture.all, [400, 401, 403, 404, 422])
    func refused(_ fixture: DialingFixture, status: Int) throws {
        let dialing = try fixture.dialing()
        for body in ["", "{}", #"{"code":4930123456,"error":"+4930123456","type":"4930123456","title":"+4930123456"}"#]
        {
            let read = dialing.placed(GatewayAnswer(status: status, body: Array(body.utf8)))
            guard case .refused(let end) = read else { return #expect(Bool(false), "\(read)") }
            #expect(end.cause?.contains("30123456") == false)
        }
    }

    // MARK: Reports

    @Test("is understood in what it reports", arguments: DialingFixture.all)
    func reports(_ fixture: DialingFixture) throws {
        let dialing = try fixture.dialing()
        for report in fixture.reports {
            let read = dialing.report(query: report.query, body: Array(report.body.utf8))
            #expect(read == report.means, "\(report.query) \(report.body)")
        }
        let told = fixture.reports.flatMap { $0.means?.progress ?? [] }
        for progress in [CallProgress.ringing, .answered, .party(.human), .party(.machine)] {
            #expect(told.contains(progress), "\(progress)")
        }
        let outcomes = Set(told.compactMap { if case .ended(let end) = $0 { end.outcome } else { nil } })
        #expect(outcomes.isSuperset(of: [.completed, .busy, .noAnswer, .rejected, .failed]))
    }

    @Test("says nothing behind an end, whatever it reports", arguments: DialingFixture.all)
    func ended(_ fixture: DialingFixture) {
        for report in fixture.reports {
            let progress = report.means?.progress ?? []
            #expect(!progress.dropLast().contains { $0.isEnd })
        }
    }

    /// Whole reports and answers with bytes that were changed, cut out and put in; and bytes alone.
    @Test("survives whatever comes", arguments: DialingFixture.all)
    func nonsense(_ fixture: DialingFixture) throws {
        let dialing = try fixture.dialing()
        var random = SeededGenerator(seed: 17)
        let bodies = fixture.reports.map { Array($0.body.utf8) } + fixture.answers.map { Array($0.body.utf8) } + [[]]
        for body in bodies {
            for _ in 0..<60 {
                let bytes = random.disturbed(body)
                _ = dialing.report(query: String(decoding: bytes, as: UTF8.self), body: bytes)
                let answer = GatewayAnswer(status: Int.random(in: 100...599, using: &random), body: bytes)
                _ = dialing.placed(answer)
                _ = dialing.found(answer, fixture.order())
            }
        }
    }

    private func expect(
        _ request: GatewayRequest, _ expected: DialingFixture.Expected,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(request.method == expected.method, sourceLocation: sourceLocation)
        #expect(request.url == expected.url, sourceLocation: sourceLocation)
        #expect(request.headers == expected.headers, sourceLocation: sourceLocation)
        #expect(String(decoding: request.body, as: UTF8.self) == expected.body, sourceLocation: sourceLocation)
    }
}

extension SeededGenerator {
    /// Bytes with some of them changed, left out, repeated or put in.
    mutating func disturbed(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...8, using: &self) {
            let place = Int.random(in: 0...bytes.count, using: &self)
            switch Int.random(in: 0..<4, using: &self) {
            case 0: bytes.insert(UInt8.random(in: 0...255, using: &self), at: place)
            case 1 where place < bytes.count: bytes[place] = UInt8.random(in: 0...255, using: &self)
            case 2: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 0...20, using: &self)))
            default: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 20)], at: place)
            }
        }
        return bytes
    }
}
