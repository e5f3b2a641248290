// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCode
import SpeakCodeTesting
import Testing

@testable import SpeakCodeServer

@Suite("Every kind of link")
struct LinkDoorTests {
    private static let doors: [LinkKeyring.Door] = [.audio] + CallTerms.Carrier.allCases.map { .call($0) }

    private static func announcement(for door: LinkKeyring.Door) throws -> Announcement {
        var announcement = Announcement(
            content: .code(try VerificationCode("735198"), .usual), locale: try #require(LanguageTag("en-US")),
            pacing: RequestedPacing(), readings: 3, longest: 60, issued: 1, expires: 2)
        if case .call(let carrier) = door { announcement.call = CallTerms(carrier: carrier) }
        return announcement
    }

    @Test("opens its own door alone", arguments: doors)
    func own(door: LinkKeyring.Door) throws {
        let ring = LinkKeyring([LinkKey()])
        let announcement = try Self.announcement(for: door)
        for sealed in [try ring.seal(announcement), try ring.seal(announcement, within: "another")] {
            for other in Self.doors { #expect((ring.open(sealed, at: other) != nil) == (door == other), "\(other)") }
        }
    }

    @Test("says in its record what it opens, whatever else the record says, or opens nothing", arguments: 0...255)
    func record(flags: UInt8) throws {
        var record = AnnouncementRecord.encode(try Self.announcement(for: .call(.webSocket)))
        let whole = try #require(AnnouncementRecord.decode(record))
        // The one byte that tells of the call is found by what it does: bit 1 is the gate.
        let place = try #require(
            record.indices.first { place in
                var changed = record
                changed[place] ^= 2
                var gated = whole
                gated.call?.isGateAhead = true
                return AnnouncementRecord.decode(changed) == gated
            })
        record[place] = flags
        guard let read = AnnouncementRecord.decode(record) else {
            return #expect(flags & 1 == 0 || !(1...9).contains(flags >> 3))
        }
        #expect(Self.doors.count { $0 == read.door } == 1)
        // No bit of a call may be left of what is to be audio.
        #expect((read.call == nil) == (flags == 0))
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
            #expect(links.count == 4 + CallDocument.allCases.count && Set(links.values).count == links.count)

            for (name, link) in links {
                var opened: [String] = []
                for suffix in ["wav", "vtt", "ogg"] where try await service.get("/a/\(link).\(suffix)").status == 200 {
                    opened.append("audio")
                }
                for document in CallDocument.allCases
                where try await service.get("/c/\(link).\(document.rawValue)").status == 200 {
                    opened.append(document.rawValue)
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
