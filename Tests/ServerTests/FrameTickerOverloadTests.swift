// SPDX-License-Identifier: GPL-3.0-or-later

import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

@Suite("The clock of calls, overloaded")
struct FrameTickerOverloadTests {
    /// A minute of them: on any machine the client's words have come long before.
    private static let most = 2_400

    @Test("lets the loop hear its connections, however late it is")
    func overload() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let frames = Atomic(0)
        let framesWhenHeard = Atomic(-1)
        let server = try await ServerBootstrap(group: loop)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        Ear { framesWhenHeard.store(frames.load(ordering: .relaxed), ordering: .relaxed) })
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let client = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(to: try #require(server.localAddress)).get()
        let done = loop.makePromise(of: Void.self)
        try await loop.submit {
            // Each frame takes longer than the time until the next.
            let ticker = FrameTicker(loop: loop)
            let sender = Slow(most: Self.most) { count in
                frames.store(count, ordering: .relaxed)
                if count == 5 { client.writeAndFlush(ByteBuffer(string: "heard?"), promise: nil) }
                return framesWhenHeard.load(ordering: .relaxed) >= 0
            } atEnd: {
                done.succeed()
            }
            sender.begin(with: ticker)
        }.get()
        try await done.futureResult.get()
        #expect((5..<Self.most).contains(framesWhenHeard.load(ordering: .relaxed)))
        try await client.close()
        try await server.close()
        try await group.shutdownGracefully()
    }

    private final class Slow: FrameSender {
        private let most: Int
        /// Takes how many were sent, and says whether it is enough.
        private let sent: (Int) -> Bool
        private let atEnd: () -> Void
        private var count = 0
        private var place: (FrameTicker, FrameTicker.Place)?

        init(most: Int, sent: @escaping (Int) -> Bool, atEnd: @escaping () -> Void) {
            (self.most, self.sent, self.atEnd) = (most, sent, atEnd)
        }

        func begin(with ticker: FrameTicker) {
            place = (ticker, ticker.add(self))
        }

        func sendFrame() {
            guard let (ticker, place) = place else { return }
            let began = NIODeadline.now()
            while NIODeadline.now() - began < .milliseconds(25) {}
            count += 1
            guard sent(count) || count == most else { return }
            ticker.remove(self, from: place)
            self.place = nil
            atEnd()
        }
    }

    private final class Ear: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let heard: @Sendable () -> Void

        init(_ heard: @escaping @Sendable () -> Void) {
            self.heard = heard
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) { heard() }
    }
}
