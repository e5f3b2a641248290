// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

/// A gateway whose process stands still: its kernel takes what it is sent, and nothing comes any more.
@Suite("A call over AudioSocket whose gateway freezes", .serialized)
struct AudioSocketFreezeTests {
    /// Whether the call goes on for a second: so many frames come.
    private static func hearsASecond(_ peer: AudioSocketPeer) async -> Bool {
        for _ in 0..<50 {
            guard let message = await peer.next(), message.kind == 0x10 else { return false }
        }
        return true
    }

    @Test("ends after a while, where sound came all the time before")
    func steady() async throws {
        try await TestService.run(["audioSocketPort": "0", "idleSeconds": "3"]) { service in
            let peer = try await service.begin(try await service.audioSocketCall())
            let frame = AudioSocketPeer.message(0x10, [UInt8](repeating: 0, count: 320))
            // A frame for each that is heard, as from a telephone: whole seconds at a time could miss one that is looked at.
            for _ in 0..<250 {
                await peer.send(frame)
                #expect(await peer.next()?.kind == 0x10)
            }
            // Whatever is read of what is sent.
            var seconds = 0
            while await Self.hearsASecond(peer) { seconds += 1 }
            #expect(seconds <= 8, "and not as long as twelve, which a silent caller is given")
            #expect(try await service.endOfCall().contains("end=protocolError"))
            #expect(try await service.metric("speakcode_live_calls") == 0)
        }
    }

    @Test("is given four times as long, where no sound ever came or it paused: the caller may be silent")
    func silent() async throws {
        try await TestService.run(["audioSocketPort": "0", "idleSeconds": "1"]) { service in
            let peer = try await service.begin(try await service.audioSocketCall())
            var seconds = 0
            while await Self.hearsASecond(peer) { seconds += 1 }
            #expect((3...6).contains(seconds))
            #expect(try await service.endOfCall().contains("end=protocolError"))
        }
    }
}
