// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCodeTesting
import Synchronization
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

    @Test("of a call that waits for AudioSocket is forgotten a minute after its link at the latest")
    func waiting() async throws {
        let clock = ManualClock()
        let calendar = Mutex(1_000_000)
        try await TestService.run(
            ["audioSocketPort": "0", "expiresIn": "600"], clock: clock,
            calendar: CalendarTime { calendar.withLock(\.self) }
        ) { service in
            let answer = try await service.post(#"{"code":"735198","format":"audiosocket"}"#)
            #expect(answer.status == 201)
            /// Lets the sweeper go round once, so many seconds later.
            func sweep(after seconds: Int) async -> Int {
                calendar.withLock { $0 += seconds }
                await clock.waitForSleepers(1)
                clock.advance(by: .seconds(10))
                await clock.waitForSleepers(1)
                return service.service.service.keptCodes.calls
            }
            #expect(await sweep(after: 599) == 1)
            #expect(await sweep(after: 61) == 0)
        }
    }
}
