// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCodeTesting
import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

@Suite("A code", .serialized, .timeLimit(.minutes(10)))
struct ForgettingTests {
    @Test("is forgotten by the clock, wherever it was kept, though nobody asks for anything any more")
    func byTheClock() async throws {
        let clock = ManualClock()
        try await TestService.run(clock: clock) { service in
            let links = try await service.links(#"{"code":"735198"}"#)
            for name in ["wav", "ulaw", "ogg", "mp3"] {
                #expect(try await service.get(try #require(links[name])).status == 200)
            }
            let kept = service.service.service.keptCodes
            #expect(kept.fetches == 2 && kept.files == 2)
            // The sweeper alone sleeps by now.
            for _ in 0..<13 {
                await clock.waitForSleepers(1)
                clock.advance(by: .seconds(10))
            }
            await clock.waitForSleepers(1)
            let left = service.service.service.keptCodes
            #expect(left.fetches == 0 && left.files == 0)
        }
    }
}
