// SPDX-License-Identifier: GPL-3.0-or-later

import Synchronization
import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

@Suite("A link's time")
struct ExpiryTests {
    @Test("is over by the clock that the service was given, for audio, documents and media alike")
    func expires() async throws {
        let began = 1_795_000_000
        let clock = Mutex(began)
        try await TestService.run(calendar: CalendarTime { clock.withLock(\.self) }) { service in
            let answer = try await service.post(#"{"code":"735198","expiresIn":60}"#)
            let links: [String: String] = try answer.field("links")
            let calls: [String: Any] = try answer.field("calls")
            let documents = try #require(calls["documents"] as? [String: String])
            let media = try #require(calls["websocket"] as? String)
            #expect(answer.text.contains("2026-11-18T11:07:40Z"), "\(answer.text)")
            let urls = try [#require(links["wav"]), #require(links["ogg"]), #require(links["vtt"])] + documents.values
            for (age, status) in [(0, 200), (59, 200), (60, 410), (3600, 410)] {
                clock.withLock { $0 = began + age }
                for url in urls { #expect(try await service.get(url).status == status, "\(url) after \(age) s") }
                guard status != 200 else { continue }
                let socket = try #require(media.firstRange(of: "/m/")).lowerBound
                let handshake = [
                    "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": WebSocketPeer.key,
                    "Sec-WebSocket-Version": "13",
                ]
                #expect(try await service.send("GET", String(media[socket...]), headers: handshake).status == status)
            }
        }
    }
}
