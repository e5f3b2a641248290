// SPDX-License-Identifier: GPL-3.0-or-later

import HTTPTypes
import SpeakCodeTesting
import Testing

@testable import SpeakCodeGateways

/// How each course of a call is told, by whatever gateway.
@Suite("A call through a fake gateway")
struct CourseTests {
    static let kinds: [(kind: FakeGateway.Kind, fixture: DialingFixture)] = [
        (.twilio, .twilio), (.signalwire, .signalwire), (.telnyxTeXML, .texml), (.telnyxCallControl, .callControl),
        (.plivo, .plivo), (.vonage, .vonage), (.jambonz, .jambonz),
    ]

    /// A call that is made as the sender would, without its waiting.
    struct Phone {
        let dialing: any Dialing
        var gateway: FakeGateway

        init(_ kind: FakeGateway.Kind, _ fixture: DialingFixture, _ course: FakeCallCourse) throws {
            (dialing, gateway) = (try fixture.dialing(), FakeGateway(kind, course))
        }

        mutating func send(_ request: GatewayRequest) -> GatewayAnswer? {
            // Behind the scheme and the host.
            let path = "/" + (request.url.split(separator: "/", maxSplits: 2).last ?? "")
            let query = path.drop { $0 != "?" }.dropFirst()
            var headers: [String: String] = [:]
            for field in request.headers { headers[field.name.rawName] = field.value }
            let answer = gateway.take(
                FakeGateway.Request(
                    method: request.method.rawValue, path: String(path.prefix { $0 != "?" }), query: String(query),
                    headers: headers, body: request.body))
            return answer.map { answer in
                var fields: HTTPFields = [:]
                for (name, value) in answer.headers {
                    if let name = HTTPField.Name(name) { fields[name] = value }
                }
                return GatewayAnswer(status: answer.status, headers: fields, body: answer.body)
            }
        }

        mutating func dial(_ order: CallOrder) throws -> PlacedCall {
            try send(dialing.create(order)).map { dialing.placed($0) } ?? .unknown
        }

        mutating func told(twice: Bool = false, reversed: Bool = false) -> [CallReport] {
            gateway.nextReports(twice: twice, reversed: reversed).compactMap {
                dialing.report(query: "", body: $0.body)
            }
        }
    }

    private static func outcome(_ course: FakeCallCourse, _ kind: FakeGateway.Kind) -> CallOutcome? {
        switch course {
        case .heard, .lost, .toldFirst, .machine: .completed
        case .busy: .busy
        case .noAnswer: .noAnswer
        case .declined: .rejected
        case .badNumber: .invalidNumber
        case .ringing, .answered, .tooMany, .broken, .down: nil
        }
    }

    @Test("is told as it goes, to its end", arguments: kinds.indices, FakeCallCourse.allCases)
    func courses(index: Int, course: FakeCallCourse) throws {
        let (kind, fixture) = Self.kinds[index]
        var phone = try Phone(kind, fixture, course)
        let placed = try phone.dial(fixture.order(detectsMachine: true))
        let told = phone.told().flatMap(\.progress)
        switch course {
        case .tooMany: #expect(placed == .busy(after: 7))
        case .broken, .down, .lost: #expect(placed == .unknown)
        case .badNumber where phone.gateway.calls.isEmpty:
            guard case .refused(let end) = placed else { return #expect(Bool(false), "\(placed)") }
            return #expect(end.outcome == .invalidNumber)
        default: #expect(placed == .placed(try #require(phone.gateway.calls.first).id))
        }
        let end = told.compactMap { if case .ended(let end) = $0 { end } else { nil } }
        #expect(end.map(\.outcome) == (Self.outcome(course, kind).map { [$0] } ?? []))
        if end.first?.outcome == .completed, kind != .telnyxCallControl { #expect(end.first?.answeredSeconds == 41) }
        // That it was answered is told by the request for the document, at Plivo.
        var expected = course.moments.compactMap { moment -> CallProgress? in
            switch moment {
            case .ringing: .ringing
            case .answered: kind == .plivo ? nil : .answered
            case .human: .party(.human)
            case .machine: .party(.machine)
            case .ended: nil
            }
        }
        if kind == .telnyxCallControl, course == .badNumber { expected = [] }
        #expect(told.filter { !$0.isEnd } == expected)
        #expect(phone.gateway.calls.count == (course.moments.isEmpty ? 0 : 1))
    }

    @Test("is taken back while it rings, and ended once it is answered", arguments: kinds.indices)
    func hungUp(index: Int) throws {
        let (kind, fixture) = Self.kinds[index]
        for (course, outcome) in [(FakeCallCourse.ringing, CallOutcome.canceled), (.answered, .completed)] {
            var phone = try Phone(kind, fixture, course)
            guard case .placed(let id) = try phone.dial(fixture.order()) else { return #expect(Bool(false)) }
            _ = phone.told()
            let answer = phone.send(phone.dialing.hangUp(id, isAnswered: course == .answered))
            #expect(answer?.isSuccess == true)
            let end = phone.told().flatMap(\.progress).compactMap { if case .ended(let end) = $0 { end } else { nil } }
            // jambonz calls both unanswered.
            #expect(end.map(\.outcome) == [kind == .jambonz && outcome == .canceled ? .noAnswer : outcome])
            #expect(phone.send(phone.dialing.hangUp(id, isAnswered: true))?.isSuccess == false, "it is over")
        }
    }

    @Test("is ended by a second request where the first came too late", arguments: kinds.indices)
    func tooLate(index: Int) throws {
        let (kind, fixture) = Self.kinds[index]
        var phone = try Phone(kind, fixture, .answered)
        guard case .placed(let id) = try phone.dial(fixture.order()) else { return #expect(Bool(false)) }
        // It was answered, and nobody has told us.
        let first = phone.send(phone.dialing.hangUp(id, isAnswered: false))
        if first?.isSuccess != true { _ = phone.send(phone.dialing.hangUp(id, isAnswered: true)) }
        let end = phone.told().flatMap(\.progress).compactMap { if case .ended(let end) = $0 { end } else { nil } }
        #expect(end.map(\.outcome) == [.completed])
        #expect((first?.isSuccess != true) == [.plivo, .jambonz].contains(kind))
    }

    @Test("that had no answer is found, or told of, and never placed twice", arguments: kinds.indices)
    func lost(index: Int) throws {
        let (kind, fixture) = Self.kinds[index]
        var phone = try Phone(kind, fixture, .lost)
        #expect(try phone.dial(fixture.order()) == .unknown)
        if phone.dialing.repeatableFor != nil {
            phone.gateway.course = .heard
            #expect(try phone.dial(fixture.order()) == .placed(#require(phone.gateway.calls.first).id))
        } else if let request = phone.dialing.lookUp(fixture.order()), let answer = phone.send(request) {
            #expect(phone.dialing.found(answer, fixture.order()) == phone.gateway.calls.first?.id)
        }
        #expect(phone.gateway.calls.count == 1)
        #expect(phone.told().allSatisfy { $0.call == phone.gateway.calls.first?.id })
        #expect((phone.dialing.repeatableFor != nil) == (kind == .telnyxCallControl))
    }

    @Test("is told before the request is answered", arguments: kinds.indices)
    func first(index: Int) throws {
        let (kind, fixture) = Self.kinds[index]
        var phone = try Phone(kind, fixture, .toldFirst)
        _ = try phone.send(phone.dialing.create(fixture.order()))
        let early = phone.gateway.early.compactMap { phone.dialing.report(query: "", body: $0.body) }
        #expect(early.flatMap(\.progress) == [.ringing])
    }

    /// What comes late is told by its count, where the gateway counts, and by an end that stays one.
    @Test("is told twice and backwards in reports that say which they are", arguments: kinds.indices)
    func disturbed(index: Int) throws {
        let (kind, fixture) = Self.kinds[index]
        var phone = try Phone(kind, fixture, .heard)
        _ = try phone.dial(fixture.order())
        let reports = phone.told(twice: true, reversed: true)
        #expect(reports.first?.progress.last?.isEnd == true && reports.count.isMultiple(of: 2))
        for pair in stride(from: 0, to: reports.count, by: 2) { #expect(reports[pair] == reports[pair + 1]) }
        let counts = reports.compactMap(\.sequence)
        #expect(counts == counts.sorted(by: >))
        #expect(counts.isEmpty == [.plivo, .jambonz].contains(kind))
    }
}
