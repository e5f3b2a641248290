// SPDX-License-Identifier: GPL-3.0-or-later

import NIOCore
import NIOEmbedded
import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

@Suite("A silent connection")
struct IdleCloseTests {
    private let channel = EmbeddedChannel(handler: IdleClose(patience: .seconds(8)))

    private func pass(_ seconds: Int64) -> Bool {
        channel.embeddedEventLoop.advanceTime(by: .seconds(seconds))
        return channel.isActive
    }

    private func send(_ works: [IdleClose.Work]) throws {
        for work in works { try channel.triggerUserOutboundEvent(work).wait() }
    }

    @Test("is closed when the client was waited for long enough")
    func silent() throws {
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        #expect(pass(7))
        #expect(!pass(1))
    }

    @Test("is kept as long as the service works for it, and waited for from then on")
    func works() throws {
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        #expect(pass(4))
        // Two streams of one connection.
        try send([.begins, .begins])
        #expect(pass(100))
        try send([.ends])
        #expect(pass(100))
        try send([.ends])
        #expect(pass(7))
        #expect(!pass(1))
    }

    @Test(
        "is one whose client takes hardly anything of an answer that is left for it, whatever it says meanwhile",
        arguments: [(0, false), (1, false), (100, false), (200, true)])
    func slowReader(bytesASecond: Int, isKept: Bool) throws {
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        channel.write(ByteBuffer(repeating: 0, count: 100), promise: nil)
        for _ in 0..<100 where channel.isActive {
            if bytesASecond > 0 {
                channel.flush()
                channel.write(ByteBuffer(repeating: 0, count: bytesASecond), promise: nil)
            }
            try channel.writeInbound(ByteBuffer(string: "G"))
            _ = pass(1)
        }
        #expect(channel.isActive == isKept)
    }
}
