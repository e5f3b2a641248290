// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCodeTesting
import TestSupport
import Testing

@testable import SpeakCodeGateways

/// `samples/vectors/call-outcomes.json` and `provider-bodies.json`: what gateways and identity servers say, and what it means.
@Suite("The vectors of gateways and identity servers")
struct GatewayVectorTests {
    struct Outcome: Codable {
        let gateway: String
        /// The body of the answer to the request for a call, with its status; or of a report, with its query.
        let kind: String
        let status: Int?
        let query: String?
        let body: String
        let means: [String]
    }

    private static func words(_ end: CallEnd) -> String {
        (["ended", end.outcome.rawValue, end.cause] + [end.sipStatus.map { "sip \($0)" }] + [
            end.answeredSeconds.map { "\($0) s" }
        ])
        .compactMap(\.self).joined(separator: ", ")
    }

    private static func words(_ progress: CallProgress) -> String {
        switch progress {
        case .ringing: "ringing"
        case .answered: "answered"
        case .party(let party): "party, \(party.rawValue)"
        case .key(let key): "key, \(key)"
        case .ended(let end): words(end)
        }
    }

    private static func words(_ placed: PlacedCall) -> String {
        switch placed {
        case .placed(let call): "placed, \(call)"
        case .refused(let end): "refused, " + words(end)
        case .busy(let seconds): "busy, \(seconds) s"
        case .unknown: "unknown"
        }
    }

    @Test("of call outcomes are what the code makes")
    func outcomes() throws {
        var vectors: [Outcome] = []
        for fixture in DialingFixture.all {
            for answer in fixture.answers {
                vectors.append(
                    Outcome(
                        gateway: fixture.testDescription, kind: "answer", status: answer.status, query: nil,
                        body: answer.body, means: [Self.words(answer.means)]))
            }
            for report in fixture.reports {
                vectors.append(
                    Outcome(
                        gateway: fixture.testDescription, kind: "report", status: nil, query: report.query,
                        body: report.body, means: report.means?.progress.map(Self.words) ?? []))
            }
        }
        // That the meanings are the code's is held by the tests of DialingFixture.
        #expect(try Vectors.difference(of: "call-outcomes", from: vectors) == nil)
    }

    struct Body: Codable {
        let server: String
        let headers: [String: String]
        let body: String
        let code: String
        let number: String
        let locale: String?
    }

    @Test("of provider bodies are what the code makes")
    func bodies() throws {
        let vectors = try FakeIdentityServer.Kind.allCases.map { kind in
            let request = FakeIdentityServer(kind).request(
                for: "012345", to: "+493012345678", locale: "pt-BR", at: 1_795_000_000)
            let message = try #require(IdentityServers.server(named: kind.rawValue)).message(
                in: IdentityRequest(request))
            return Body(
                server: kind.rawValue, headers: request.headers, body: String(decoding: request.body, as: UTF8.self),
                code: message.code, number: message.number, locale: message.locale)
        }
        #expect(try Vectors.difference(of: "provider-bodies", from: vectors) == nil)
    }
}
