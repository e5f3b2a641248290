// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import NIOCore
import NIOPosix
import Testing

@testable import SpeakCodeServer

@Suite("The ports of a call over SIP", .serialized, .timeLimit(.minutes(10)))
struct RTPSocketsTests {
    #if os(Linux)
        @Test("leave no descriptor open where there are none")
        func refused() async throws {
            let loop = MultiThreadedEventLoopGroup.singleton.next()
            func descriptors() throws -> Int {
                try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
            }
            let before = try descriptors()
            for _ in 0..<100 {
                // No machine has an address that is kept for documentation (RFC 5737).
                await #expect(throws: (any Error).self) { try await RTPSockets.open(at: "192.0.2.1", on: loop) }
            }
            // Others of the process may have opened some meanwhile.
            #expect(try descriptors() < before + 50)
        }
    #endif

    @Test("are an even one and the next")
    func neighbours() async throws {
        let sockets = try await RTPSockets.open(at: "127.0.0.1", on: MultiThreadedEventLoopGroup.singleton.next())
        defer { sockets.close() }
        #expect(sockets.port.isMultiple(of: 2))
        #expect(sockets.rtcp.localAddress?.port == sockets.port + 1)
    }
}
