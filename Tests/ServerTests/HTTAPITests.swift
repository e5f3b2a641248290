// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCode
import SpeakCodeLinks
import SpeakCodeTesting
import Synchronization
import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

/// The documents for FreeSWITCH, carried out as mod_httapi carries them out.
@Suite("A call by FreeSWITCH's httapi")
struct HTTAPITests {
    /// What a caller hears, by the announcements whose links they are.
    private struct Sounds {
        let gate: [UInt8]
        let code: [UInt8]
        let url: String
    }

    /// Makes a call; what the caller does is asked for with each file, and with each time of waiting behind one.
    private func call(
        _ json: String, _ service: TestService, method: String = "POST",
        caller: @escaping (FakeHTTAPI.Moment, Sounds) async throws -> FakeHTTAPI.Act
    ) async throws -> FakeHTTAPI.Call {
        let answer = try await service.post(json)
        try #require(answer.status == 201, "\(answer.text)")
        let calls: [String: Any] = try answer.field("calls")
        let links: [String: String] = try answer.field("links")
        let url = try #require((calls["documents"] as? [String: String])?["httapi"])
        let gate = try await gate(of: url, service)
        let sounds = Sounds(gate: gate, code: try await service.get(try #require(links["wav"])).body, url: url)
        return try await FakeHTTAPI.run(
            "{url=\(url),method=\(method)}",
            send: { request in
                let answer = try await service.send(
                    request.method, request.url, headers: request.headers,
                    body: request.body.isEmpty ? nil : Array(request.body.utf8))
                return FakeHTTAPI.Answer(
                    status: answer.status, contentType: answer["content-type"] ?? "",
                    cacheControl: answer["cache-control"] ?? "", body: answer.body)
            }, caller: { try await caller($0, sounds) })
    }

    private func gate(of url: String, _ service: TestService) async throws -> [UInt8] {
        let text = try await service.get(url).text
        let audio = try #require(text.firstMatch(of: /file="([^"]+)"/)?.1)
        return try await service.get(String(audio)).body
    }

    /// The moments of a call, and a caller who does one thing at each and hangs up behind the last.
    private final class Caller {
        private(set) var heard: [String] = []
        private var acts: [FakeHTTAPI.Act]

        init(_ acts: [FakeHTTAPI.Act]) {
            self.acts = acts.reversed()
        }

        func act(at moment: FakeHTTAPI.Moment, _ sounds: Sounds) -> FakeHTTAPI.Act {
            switch moment {
            case .playing(sounds.code): heard.append("code")
            case .playing(sounds.gate): heard.append("gate")
            case .playing: heard.append("other")
            case .waiting(let time): heard.append(String(time))
            }
            return acts.popLast() ?? .hangUp
        }
    }

    private static let gated = #"{"code":"735198","secondLocale":"de-DE","readings":1,"gate":true}"#

    @Test("with a gate gives the code to who presses 1, while it is read or behind it", arguments: [0, 1])
    func opens(waits: Int) async throws {
        try await TestService.run { service in
            let caller = Caller([FakeHTTAPI.Act](repeating: .listen, count: waits) + [.press("1"), .listen, .listen])
            let call = try await call(Self.gated, service) { caller.act(at: $0, $1) }
            #expect(caller.heard == ["gate", "5000"].prefix(1 + waits) + ["code", "1", "code"])
            #expect(call.end == .caller)
            #expect(call.tags == ["playback", "playback"])
            #expect(call.requests.map { $0.fields["digits"] } == [nil, "1", nil])
            #expect(call.requests.map { $0.fields["exiting"] } == [nil, nil, "true"])
            #expect(call.requests.dropFirst().allSatisfy { $0.fields["asked"] == "1" }, "parameters are kept")
        }
    }

    @Test("with a gate hangs up on who presses nothing, as a voicemail does, and never reads the code to it")
    func voicemail() async throws {
        try await TestService.run { service in
            let caller = Caller([.listen, .listen, .listen, .listen])
            let call = try await call(Self.gated, service) { caller.act(at: $0, $1) }
            // The five askings are in the file.
            #expect(caller.heard == ["gate", "5000"])
            #expect(call.end == .document)
            #expect(call.tags == ["playback", "hangup"])
        }
    }

    @Test("with a gate reads it again behind another key", arguments: ["0", "2", "9", "*", "#"] as [Character])
    func wrongKey(key: Character) async throws {
        try await TestService.run { service in
            let caller = Caller([.press(key), .listen, .press(key), .press("1"), .listen])
            let call = try await call(Self.gated, service) { caller.act(at: $0, $1) }
            #expect(caller.heard == ["gate", "gate", "5000", "gate", "code", "1"])
            #expect(call.end == .caller)
        }
    }

    @Test(
        "begins again, reads slower and in the other language by key, behind a gate and without one",
        arguments: [false, true])
    func keys(gate: Bool) async throws {
        try await TestService.run { service in
            var lengths: [Int] = []
            let keys: [Character] = (gate ? ["1"] : []) + ["1", "2", "3"]
            var rest = keys[...]
            let json = gate ? Self.gated : #"{"code":"735198","secondLocale":"de-DE","readings":1}"#
            let call = try await call(json, service) { moment, _ in
                if case .playing(let file) = moment { lengths.append(file.count) }
                return rest.popFirst().map { .press($0) } ?? .hangUp
            }
            let (first, again, slower, other) = (
                lengths[lengths.count - 4], lengths[lengths.count - 3], lengths[lengths.count - 2], lengths.last ?? 0
            )
            #expect(lengths.count == keys.count + 1)
            #expect(first == again && slower > again * 11 / 10 && other < slower)
            #expect(call.requests.compactMap { $0.fields["digits"] } == keys.map { String($0) })
            // Each key has its own next address, which the requests behind it go to.
            #expect(Set(call.requests.map(\.url)).count == (gate ? 4 : 3))
        }
    }

    @Test("reads on behind a key that does nothing")
    func unbound() async throws {
        try await TestService.run { service in
            let caller = Caller([.listen, .press("9"), .press("#"), .listen, .listen])
            let call = try await call(#"{"code":"735198"}"#, service) { caller.act(at: $0, $1) }
            #expect(caller.heard == ["code", "1", "code", "code", "1", "code"])
            #expect(call.requests.count == 2, "nobody is asked, but at the end")
        }
    }

    @Test("goes on in the dialplan when its link has ended")
    func expiry() async throws {
        try await TestService.run { service in
            let answer = try await service.post(#"{"code":"735198","gate":true}"#)
            let calls: [String: Any] = try answer.field("calls")
            let url = try #require((calls["documents"] as? [String: String])?["httapi"])
            let now = Int(Date().timeIntervalSince1970)
            let ring = LinkKeyring([TestService.linkKey])
            let sealed = try #require(url.split(separator: "/").last?.split(separator: ".").first)
            var announcement = try #require(ring.open(sealed)).announcement
            announcement.expires = now
            let ended = url.replacing(String(sealed), with: try ring.seal(announcement))
            let call = try await FakeHTTAPI.run(
                "{url=\(ended),method=POST}",
                send: { request in
                    let answer = try await service.send(request.method, request.url, body: Array(request.body.utf8))
                    return .init(
                        status: answer.status, contentType: answer["content-type"] ?? "", cacheControl: "",
                        body: answer.body)
                }, caller: { _ in .hangUp })
            #expect(call.end == .dialplan("Received HTTP response: 410."))
        }
    }

    @Test("is told in the answer and in the log that its method is written in small letters")
    func smallLetters() async throws {
        try await TestService.run { service in
            let call = try await call(#"{"code":"735198"}"#, service, method: "post") { _, _ in .hangUp }
            #expect(call.end == .dialplan("Received HTTP response: 501."))
            let answer = try await service.send("post", call.requests[0].url, body: Array("x=y".utf8))
            #expect(try answer.field("type", as: String.self) == "urn:speakcode:problem:unknown-method")
            #expect(answer.text.contains("POST and not post"))
            #expect(service.log.all.contains { $0.contains("status=501") && $0.contains("problem=unknown-method") })
        }
    }

    @Test("is asked for with GET where the dialplan names no method")
    func get() async throws {
        try await TestService.run { service in
            let caller = Caller([.press("1"), .listen])
            let call = try await call(Self.gated, service, method: "GET") { caller.act(at: $0, $1) }
            #expect(caller.heard == ["gate", "code", "1"])
            #expect(call.requests[1].url.contains("digits=1"))
        }
    }

    @Test("is heard with the dialplan of its page")
    func page() async throws {
        let page = try GatewayPagesTests.page("freeswitch")
        let actions = page.blocks(of: "xml").compactMap {
            $0.text.firstMatch(of: /application="httapi" data="\{url=\$\{speakcode_url\},method=(\w+)\}"/)
        }
        let method = String(try #require(actions.first).1)
        try await TestService.run { service in
            let caller = Caller([.press("1"), .listen])
            _ = try await call(Self.gated, service, method: method) { caller.act(at: $0, $1) }
            #expect(caller.heard == ["gate", "code", "1"])
        }
    }
}
