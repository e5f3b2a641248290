// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import NIOCore
import NIOPosix
import Synchronization
import Testing

/// A gateway's end of AudioSocket, written to the description of the wire: a kind, a length with the high byte first, a
/// payload.
final class AudioSocketPeer: Sendable {
    struct Message: Sendable {
        let kind: UInt8
        let payload: [UInt8]
        let at: ContinuousClock.Instant
    }

    /// What the service says, as it comes; ends when the connection does.
    let messages: AsyncStream<Message>
    private let channel: any Channel
    private let receiver: Receiver

    /// Connects, and says nothing yet.
    init(port: Int, reading: Bool = true, receiveBuffer: Int? = nil) async throws {
        let (messages, continuation) = AsyncStream.makeStream(of: Message.self)
        let receiver = Receiver(continuation)
        var bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.autoRead, value: reading)
            // A read takes all that is there.
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 1 << 20))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(receiver))
                }
            }
        if let receiveBuffer {
            bootstrap = bootstrap.channelOption(.socketOption(.so_rcvbuf), value: .init(receiveBuffer))
        }
        channel = try await bootstrap.connect(host: "127.0.0.1", port: port).get()
        self.messages = messages
        self.receiver = receiver
    }

    /// Whether a read has ever ended within a message: Asterisk waits for the rest of one for 5 ms.
    var hasSeenPart: Bool { receiver.hasSeenPart.load(ordering: .relaxed) }

    /// Sends bytes, whatever they are; whether the service still takes them.
    @discardableResult
    func send(_ bytes: [UInt8]) async -> Bool {
        do { try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get() } catch { return false }
        return true
    }

    func send(kind: UInt8, _ payload: [UInt8]) async {
        await send(Self.message(kind, payload))
    }

    static func message(_ kind: UInt8, _ payload: [UInt8]) -> [UInt8] {
        [kind, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)] + payload
    }

    static func hello(_ uuid: UUID) -> [UInt8] {
        message(0x01, withUnsafeBytes(of: uuid.uuid) { Array($0) })
    }

    /// The next message; nil when the service has closed.
    func next() async -> Message? { await messages.first { _ in true } }

    func hangUp() async { try? await channel.close() }

    /// Waits until the service closes; what it said last.
    func last() async -> Message? { await messages.reduce(nil) { $1 } }

    private final class Receiver: Sendable {
        let continuation: AsyncStream<Message>.Continuation
        let hasSeenPart = Atomic(false)

        init(_ continuation: AsyncStream<Message>.Continuation) {
            self.continuation = continuation
        }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let receiver: Receiver
        private var received: [UInt8] = []

        init(_ receiver: Receiver) {
            self.receiver = receiver
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let now = ContinuousClock.now
            received += unwrapInboundIn(data).readableBytesView
            var bytes = received[...]
            while bytes.count >= 3 {
                let start = bytes.startIndex
                let length = Int(bytes[start + 1]) << 8 | Int(bytes[start + 2])
                guard bytes.count >= 3 + length else { break }
                let payload = Array(bytes[(start + 3)..<(start + 3 + length)])
                receiver.continuation.yield(Message(kind: bytes[start], payload: payload, at: now))
                bytes = bytes.dropFirst(3 + length)
            }
            received = Array(bytes)
            if !received.isEmpty { receiver.hasSeenPart.store(true, ordering: .relaxed) }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) {
            receiver.continuation.finish()
        }
    }
}

extension TestService {
    /// What an answer says of a call over AudioSocket.
    struct AudioSocketCall {
        let port: Int
        let uuid: UUID
    }

    /// Asks for an announcement whose call waits for AudioSocket.
    func audioSocketCall(_ json: String = #"{"code":"4071","locale":"en-US"}"#) async throws -> AudioSocketCall {
        let answer = try await post(#"{"audioSocket":true,"# + json.dropFirst())
        try #require(answer.status == 201, "\(answer.text)")
        return try Self.audioSocketCall(answer.field("calls"))
    }

    static func audioSocketCall(_ calls: [String: Any]) throws -> AudioSocketCall {
        let there = try #require(calls["audioSocket"] as? [String: Any])
        #expect(there["host"] as? String == "127.0.0.1")
        return AudioSocketCall(
            port: try #require(there["port"] as? Int),
            uuid: try #require((there["uuid"] as? String).flatMap(UUID.init(uuidString:))))
    }

    /// Begins a call, as Asterisk does.
    func begin(_ call: AudioSocketCall) async throws -> AudioSocketPeer {
        let peer = try await AudioSocketPeer(port: call.port)
        await peer.send(AudioSocketPeer.hello(call.uuid))
        return peer
    }

    /// Waits for the line of a call that has ended.
    func endOfCall(where isIt: (String) -> Bool = { _ in true }) async throws -> String {
        while true {
            if let line = log.all.last(where: { $0.contains(" call ") && $0.contains("audioSocket") && isIt($0) }) {
                return line
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}
