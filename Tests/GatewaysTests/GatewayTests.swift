// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCodeLinks
import Testing

@testable import SpeakCodeGateways

@Suite("Each gateway of the list")
struct GatewayTests {
    static let names = Gateways.all.map(\.name)

    private static func gateway(_ name: String) throws -> any Gateway {
        try #require(Gateways.all.first { $0.name == name })
    }

    private static func fixture(_ name: String) throws -> GatewayFixture {
        try #require(GatewayFixture.all[name], "\(name) has no fixture")
    }

    @Test("has a name, a setting and subprotocols of its own")
    func own() {
        #expect(Set(Self.names).count == Self.names.count && Set(Self.names) == Set(GatewayFixture.all.keys))
        #expect(Self.names.allSatisfy { $0.wholeMatch(of: /[a-z]+/) != nil })
        let settings = Gateways.signings.map(\.setting)
        #expect(Set(settings).count == settings.count)
        #expect(Set(Gateways.subprotocols).count == Gateways.subprotocols.count)
    }

    /// Links are read by these numbers, for as long as links live.
    @Test("has documents whose numbers are never another's")
    func numbers() {
        let numbers = Gateways.documents.map { [$0.name: $0.carrier] }
        #expect(
            numbers == [
                ["twiml": CallCarrier(3)], ["texml": CallCarrier(4)], ["plivo": CallCarrier(5)],
                ["ncco": CallCarrier(6)], ["jambonz": CallCarrier(7)], ["httapi": CallCarrier(8)],
            ])
    }

    @Test("has a fixture of all that it has, and of nothing else", arguments: names)
    func fixture(name: String) throws {
        let (gateway, fixture) = (try Self.gateway(name), try Self.fixture(name))
        #expect(fixture.reports.isEmpty == (gateway.document == nil), "its document")
        #expect((fixture.signed == nil) == (gateway.signing == nil), "how it signs")
        #expect((fixture.media == nil) == (gateway.mediaDialect == nil), "its media")
        #expect(gateway.document != nil || gateway.mediaDialect != nil, "it is told something")
    }

    @Test("is understood in what it reports", arguments: names)
    func reports(name: String) throws {
        guard let document = try Self.gateway(name).document else { return }
        let reports = try Self.fixture(name).reports
        for report in reports {
            #expect(document.report(query: report.query, body: Array(report.body.utf8)) == report.means)
        }
        #expect([.nothing, .key("1"), .noKey].allSatisfy { wanted in reports.contains { $0.means == wanted } })
    }

    @Test("is told each step of a call by its document, which names all that the step does", arguments: names)
    func steps(name: String) throws {
        guard let document = try Self.gateway(name).document else { return }
        #expect(Gateways.document(named: document.name) == document)
        let (audio, next) = ("https://codes.example.net/a/x.wav", "https://codes.example.net/c/y.z")
        for step in [
            CallStep.reading(audio: audio, keys: "12", next: next), .gate(audio: audio, keys: "1", next: next),
        ] {
            let text = String(decoding: try document.encoded(step), as: UTF8.self)
            #expect(text.contains(audio) && text.contains(next))
        }
        #expect(try !String(decoding: document.encoded(.hangUp), as: UTF8.self).contains("https"))
    }

    @Test("is known by its signature, with its setting and no other's", arguments: names)
    func signs(name: String) throws {
        guard let signing = try Self.gateway(name).signing, let signed = try Self.fixture(name).signed else { return }
        #expect(try #require(signing.checking(with: signed.setting)).isGenuine(signed.request))
        for other in Self.names where other != name {
            guard let signing = try Self.gateway(other).signing, let setting = try Self.fixture(other).signed?.setting
            else { continue }
            #expect(try !#require(signing.checking(with: setting)).isGenuine(signed.request), "by \(other)")
        }
    }

    @Test("is known by its first words over a WebSocket, and its keys are heard", arguments: names)
    func media(name: String) throws {
        guard let type = try Self.gateway(name).mediaDialect, let media = try Self.fixture(name).media else { return }
        let opening = Array(try #require(media.opening.first).utf8)
        let found = try #require(Gateways.dialect(beginning: opening))
        #expect(Swift.type(of: found) == type)
        for subprotocol in type.subprotocols {
            #expect(try Swift.type(of: #require(Gateways.dialect(of: subprotocol))) == type)
        }
        var dialect = found
        var events: [MediaStreamEvent?] = []
        for words in media.opening { events.append(try dialect.read(Array(words.utf8))) }
        guard case .start(_?)? = events.last else { return #expect(Bool(false), "it began with \(events)") }
        #expect(try dialect.read(Array(media.key.utf8)) == .key("1"))
        // What is not a gateway's is nobody's.
        for nonsense in ["", "{", "[]", "{}", "MEDIA_START", #"{"event":"else","sampleRate":8000}"#, #"{"event":7}"#] {
            #expect(Gateways.dialect(beginning: Array(nonsense.utf8)) == nil, "\(nonsense)")
        }
        #expect(Gateways.dialect(of: nil) == nil && Gateways.dialect(of: "chat") == nil)
    }
}
