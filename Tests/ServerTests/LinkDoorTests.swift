// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCodeGateways
import SpeakCodeLinks
import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

@Suite("Every kind of link")
struct LinkDoorTests {
    private static let carriers = Gateways.documents.map(\.carrier) + CallMedia.allCases.map(\.carrier)

    @Test("to a call has a number of its own, which it keeps")
    func numbers() {
        #expect(CallMedia.allCases.map(\.carrier.number) == [1, 2, 9])
        #expect(Set(Self.carriers).count == Self.carriers.count)
    }

    @Test("opens nothing but what it was given out for, at every door of a service")
    func service() async throws {
        try await TestService.run(["agiPort": "0", "audioSocketPort": "0"]) { service in
            let answer = try await service.post(#"{"code":"735198","gate":true}"#)
            let calls: [String: Any] = try answer.field("calls")
            let documents = try #require(calls["documents"] as? [String: String])
            let agi = try #require(calls["agi"] as? String)
            let media = try #require(calls["websocket"] as? String)
            let gate: [String: Any] = try answer.field("gate")
            func sealed(_ url: String?) throws -> String {
                String(try #require(url?.split(separator: "/").last?.split(separator: ".").first))
            }
            var links: [String: String] = [
                "audio": try sealed(answer.field("url")), "gate": try sealed(gate["url"] as? String),
                "websocket": try sealed(media), "agi": FastAGIPeer.script(of: agi),
            ]
            for (name, url) in documents { links[name] = try sealed(url) }
            #expect(links.count == 4 + Gateways.documents.count && Set(links.values).count == links.count)

            for (name, link) in links {
                var opened: [String] = []
                for suffix in ["wav", "vtt", "ogg"] where try await service.get("/a/\(link).\(suffix)").status == 200 {
                    opened.append("audio")
                }
                for document in Gateways.documents
                where try await service.get("/c/\(link).\(document.name)").status == 200 {
                    opened.append(document.name)
                }
                let socket = try #require(media.firstRange(of: "/m/")).upperBound
                try await WebSocketPeer.connect(to: media[..<socket] + link) { peer in
                    if peer.head.contains(" 101 ") { opened.append("websocket") }
                }
                try await FastAGIPeer.connect(to: agi) { peer in
                    await peer.send(FastAGIPeer.environment(script: link))
                    if await peer.command() == "ANSWER" { opened.append("agi") }
                }
                #expect(
                    opened == (["audio", "gate"].contains(name) ? ["audio", "audio", "audio"] : [name]), "\(name)")
            }
        }
    }
}
