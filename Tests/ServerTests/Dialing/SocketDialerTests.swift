// SPDX-License-Identifier: GPL-3.0-or-later

import NIOCore
import NIOPosix
import SpeakCodeGateways
import SpeakCodeTesting
import Synchronization
import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

/// What a dialer told, in its order.
final class Told: Sendable {
    private let all = Mutex<[CallProgress]>([])
    private let (told, telling) = AsyncStream.makeStream(of: Void.self)

    var progress: [CallProgress] { all.withLock { $0 } }

    func tell(_ progress: CallProgress) {
        all.withLock { $0.append(progress) }
        telling.yield()
    }

    /// Waits for an end.
    func end() async {
        var changes = told.makeAsyncIterator()
        while progress.last?.isEnd != true { await changes.next() }
    }
}

/// FreeSWITCH's event socket behind a dialer, without a socket.
private final class Behind: Sendable {
    let fake: Mutex<FakeEventSocket>
    let dialer: SocketDialer
    private let sent: AsyncStream<[UInt8]>
    private let send: AsyncStream<[UInt8]>.Continuation

    init(_ dialer: SocketDialer, _ course: FakeCallCourse) {
        fake = Mutex(FakeEventSocket(password: "s3cret", course))
        self.dialer = dialer
        (sent, send) = AsyncStream.makeStream(of: [UInt8].self)
    }

    func open() throws -> Int {
        let number = dialer.opened { [send] in send.yield($0) }
        try dialer.received(fake.withLock { $0.greet() }, on: number)
        return number
    }

    /// Answers until the task is cancelled.
    func answer(on number: Int) async {
        for await bytes in sent { try? dialer.received(fake.withLock { $0.take(bytes) }, on: number) }
    }

    func settle(on number: Int) throws {
        while let event = fake.withLock({ $0.next() }) { try dialer.received(event, on: number) }
    }
}

@Suite("What dials over a gateway's socket", .timeLimit(.minutes(1)))
struct SocketDialerTests {
    static let values = [
        "freeswitchEventSocket": "127.0.0.1:8021", "freeswitchPassword": "s3cret",
        "freeswitchDial": "sofia/gateway/trunk/{number}", "freeswitchNumbers": "+4930987654",
    ]
    static let order = CallOrder(
        id: "0b0c5a52-7a6e-4d55-9c0f-0a8a1d0d7f11", to: .number("+4930123456"),
        heard: .document("https://codes.example.net/c/SEALED.httapi"))

    static func session() throws -> any DialingSession {
        let gateway = Gateways.all.first { $0.name == "freeswitch" }
        return try #require(try gateway?.socketDialing?.dialing(with: values) { 0 }).session
    }

    @Test("places a call and tells of it to its end")
    func places() async throws {
        let dialer = SocketDialer(try Self.session(), clock: ManualClock())
        let (behind, told) = (Behind(dialer, .heard), Told())
        let number = try behind.open()
        let answering = Task { await behind.answer(on: number) }
        defer { answering.cancel() }
        while !dialer.isReady { await Task.yield() }
        #expect(await dialer.dial(Self.order) { told.tell($0) } == .placed(Self.order.id))
        try behind.settle(on: number)
        #expect(told.progress.dropLast() == [.ringing, .answered] && told.progress.last?.isEnd == true)
        await dialer.untilIdle()
    }

    @Test("says that it cannot where no gateway is there")
    func nobody() async throws {
        let dialer = SocketDialer(try Self.session(), clock: ManualClock())
        #expect(await dialer.dial(Self.order) { _ in } == .busy(after: 5))
        await dialer.untilIdle()
    }

    @Test("does not know of a call of which the gateway says nothing for too long, and hears of it all the same")
    func silent() async throws {
        let clock = ManualClock()
        let dialer = SocketDialer(try Self.session(), clock: clock)
        let (behind, told) = (Behind(dialer, .heard), Told())
        let number = try behind.open()
        // It is let in by hand, and then hears nothing.
        for text in ["+OK accepted", "+OK event listener enabled json"] {
            try dialer.received(Array("Content-Type: command/reply\nReply-Text: \(text)\n\n".utf8), on: number)
        }
        async let placed = dialer.dial(Self.order) { told.tell($0) }
        await clock.waitForSleepers(1)
        clock.advance(by: SocketDialer.patience)
        #expect(await placed == .unknown)
        let body = #"{"Event-Name":"CHANNEL_PROGRESS","Unique-ID":"\#(Self.order.id)"}"#
        try dialer.received(
            Array("Content-Length: \(body.utf8.count)\nContent-Type: text/event-json\n\n\(body)".utf8), on: number)
        #expect(told.progress == [.ringing])
    }

    @Test("forgets a socket that another has taken the place of")
    func replaced() throws {
        let dialer = SocketDialer(try Self.session(), clock: ManualClock())
        let first = dialer.opened { _ in }
        let second = dialer.opened { _ in }
        #expect(first != second)
        try dialer.received(
            Array("nonsense that would be refused".utf8) + Array(repeating: 0x20, count: 20_000), on: first)
        dialer.closed(first)
        try dialer.received(Array("Content-Type: auth/request\n\n".utf8), on: second)
        #expect(throws: DialingViolation.self) {
            try dialer.received(Array("Content-Type: text/rude-rejection\n\n".utf8), on: second)
        }
    }

    /// FreeSWITCH as a server on the loopback; each connection is greeted anew, and its calls live on.
    private final class Switch: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        let fake: SharedSwitch

        init(_ fake: SharedSwitch) { self.fake = fake }

        func channelActive(context: ChannelHandlerContext) {
            fake.channel.withLock { $0 = context.channel }
            let bytes = fake.state.withLock { $0.greet() }
            context.writeAndFlush(NIOAny(ByteBuffer(bytes: bytes)), promise: nil)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let bytes = fake.state.withLock { $0.take(Array(unwrapInboundIn(data).readableBytesView)) }
            context.writeAndFlush(NIOAny(ByteBuffer(bytes: bytes)), promise: nil)
        }
    }

    private final class SharedSwitch: Sendable {
        let state = Mutex(FakeEventSocket(password: "s3cret", .answered))
        let channel = Mutex<(any Channel)?>(nil)
    }

    @Test("connects to the gateway, and again where the connection is lost, behind growing waits")
    func connects() async throws {
        let shared = SharedSwitch()
        let group = MultiThreadedEventLoopGroup.singleton
        let server = try await ServerBootstrap(group: group).childChannelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(Switch(shared))
            }
        }.bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(server.localAddress?.port)
        let (clock, told) = (ManualClock(), Told())
        let dialer = SocketDialer(try Self.session(), clock: ManualClock())
        let client = DialingClient(
            name: "freeswitch", way: .bytes(host: "127.0.0.1", port: port), dialer: dialer, group: group,
            logger: LogLines().logger, clock: clock)
        let running = Task { try await client.run() }
        while !dialer.isReady { try await Task.sleep(for: .milliseconds(2)) }
        #expect(await dialer.dial(Self.order) { told.tell($0) } == .placed(Self.order.id))

        shared.channel.withLock { $0 }?.close(promise: nil)
        await clock.waitForSleepers(1)
        #expect(!dialer.isReady)
        clock.advance(by: DialingClient.waits.first)
        while !dialer.isReady { try await Task.sleep(for: .milliseconds(2)) }
        // The call is in the air still, and is ended over the new connection.
        await dialer.hangUp(Self.order.id, isAnswered: false)
        await told.end()
        #expect(told.progress.count == 1)

        // Nobody is there any more: each wait is twice the one before.
        try await server.close()
        shared.channel.withLock { $0 }?.close(promise: nil)
        for seconds in [1, 2, 4] {
            await clock.waitForSleepers(1)
            clock.advance(by: .seconds(seconds) - .milliseconds(1))
            #expect(clock.sleepers == 1)
            clock.advance(by: .milliseconds(1))
        }
        running.cancel()
        try await running.value
    }
}
