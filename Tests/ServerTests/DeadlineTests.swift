// SPDX-License-Identifier: GPL-3.0-or-later

import NIOCore
import NIOEmbedded
import NIOTLS
import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

/// A channel without a socket, whose clock goes on when a test says so.
private struct Connection {
    let channel: EmbeddedChannel

    /// - Parameter handlers: behind what closes connections.
    init(_ handlers: [any ChannelHandler]) throws {
        channel = EmbeddedChannel()
        try channel.pipeline.syncOperations.addHandler(IdleClose(patience: .hours(1)))
        try channel.pipeline.syncOperations.addHandlers(handlers)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    var isOpen: Bool { channel.isActive }

    func send(_ bytes: [UInt8]) throws {
        try channel.writeInbound(ByteBuffer(bytes: bytes))
    }

    func pass(_ time: TimeAmount) { channel.embeddedEventLoop.advanceTime(by: time) }

    /// Sends a byte a second, until the connection is closed.
    ///
    /// - Returns: the seconds that it was open; nil where it still is after the last byte.
    func drip(_ bytes: [UInt8]) throws -> Int? {
        for (second, byte) in bytes.enumerated() {
            guard isOpen else { return second }
            try send([byte])
            pass(.seconds(1))
        }
        return isOpen ? nil : bytes.count
    }

    func end() { _ = try? channel.finish(acceptAlreadyClosed: true) }
}

private enum H2 {
    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
    static let settings = frame(4, 0, 0, [])
    static let beginning = preface + settings

    static func frame(_ type: UInt8, _ flags: UInt8, _ stream: UInt32, _ payload: [UInt8]) -> [UInt8] {
        let length = payload.count
        return [UInt8(length >> 16), UInt8(length >> 8 & 0xFF), UInt8(length & 0xFF), type, flags]
            + withUnsafeBytes(of: stream.bigEndian) { Array($0) } + payload
    }

    /// A request without a body; its headers are nothing that anybody reads here.
    static func request(_ stream: UInt32, flags: UInt8 = 0x5, _ count: Int = 10) -> [UInt8] {
        frame(1, flags, stream, [UInt8](repeating: 0x82, count: count))
    }

    static let ping = frame(6, 0, 0, [UInt8](repeating: 0, count: 8))
    static func window(_ stream: UInt32 = 0) -> [UInt8] { frame(8, 0, stream, [0, 0, 0, 1]) }
}

@Suite("A slow client")
struct SlowClientTests {
    @Test("of TLS is closed when its handshake has taken too long, though a byte comes each second")
    func handshake() throws {
        let connection = try Connection([HandshakeDeadline(patience: .seconds(10))])
        #expect(try connection.drip([UInt8](repeating: 22, count: 60)) == 10)
        connection.end()
    }

    @Test("of TLS has all the time that there is when its handshake is made")
    func handshaken() throws {
        let connection = try Connection([HandshakeDeadline(patience: .seconds(10))])
        connection.pass(.seconds(9))
        connection.channel.pipeline.fireUserInboundEventTriggered(
            TLSUserEvent.handshakeCompleted(negotiatedProtocol: nil))
        connection.pass(.seconds(60))
        #expect(connection.isOpen)
        #expect(throws: (any Error).self) {
            _ = try connection.channel.pipeline.syncOperations.handler(type: HandshakeDeadline.self)
        }
        connection.end()
    }

    /// What reads requests that end with a full stop.
    private final class Reader: ChannelInboundHandler, HeadReading {
        typealias InboundIn = ByteBuffer
        private(set) var headCount = 0
        var isHeadAwaited = true

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            headCount += unwrapInboundIn(data).readableBytesView.count { $0 == UInt8(ascii: ".") }
        }
    }

    @Test("of HTTP/1 is closed when a request's head has taken too long, each head anew")
    func head() throws {
        let reader = Reader()
        let connection = try Connection([HeadDeadline(patience: .seconds(10), of: reader), reader])
        connection.pass(.seconds(100))
        for _ in 0..<5 {
            #expect(try connection.drip(Array("GET x 7.".utf8)) == nil)
            connection.pass(.seconds(100))
        }
        #expect(try connection.drip([UInt8](repeating: UInt8(ascii: "x"), count: 60)) == 10)
        connection.end()
    }

    @Test("of HTTP/1 is no slow client while its request is answered")
    func answered() throws {
        let reader = Reader()
        let connection = try Connection([HeadDeadline(patience: .seconds(10), of: reader), reader])
        reader.isHeadAwaited = false
        #expect(try connection.drip([UInt8](repeating: UInt8(ascii: "x"), count: 60)) == nil)
        connection.end()
    }

    private static func guarded() throws -> (Connection, HTTP2Guard) {
        let watch = HTTP2Guard(patience: .init(frame: .seconds(10), idle: .seconds(30)))
        return (try Connection([watch]), watch)
    }

    /// Bytes that begin a frame and never end it, by what it is.
    private static let frames: [(String, [UInt8])] = [
        ("a preface", H2.preface), ("a request", H2.beginning + H2.request(1, 200)),
        ("a frame's head", H2.beginning + [0, 0]),
        ("a body", H2.beginning + H2.request(1, flags: 0x4) + H2.frame(0, 0, 1, [UInt8](repeating: 7, count: 200))),
        ("a frame of another kind", H2.beginning + H2.frame(0x77, 0, 0, [UInt8](repeating: 7, count: 200))),
        ("settings", H2.preface + H2.frame(4, 0, 0, [UInt8](repeating: 0, count: 120))),
    ]

    @Test("of HTTP/2 is closed when a frame has taken too long", arguments: 0..<frames.count)
    func frame(index: Int) throws {
        let (connection, _) = try Self.guarded()
        let bytes = Self.frames[index].1
        // All but the last frame at once.
        let begun =
            index == 0 ? 0 : index == 5 ? H2.preface.count : H2.beginning.count + (index == 3 ? H2.request(1).count : 0)
        try connection.send(Array(bytes[..<begun]))
        let seconds = try #require(try connection.drip(Array(bytes[begun...]) + [UInt8](repeating: 0xFF, count: 30)))
        #expect((10...13).contains(seconds), "\(Self.frames[index].0)")
        connection.end()
    }

    @Test("of HTTP/2 is closed when CONTINUATION frames never end a block of headers")
    func continuation() throws {
        let (connection, _) = try Self.guarded()
        try connection.send(H2.beginning + H2.request(1, flags: 0x1))
        var seconds = 0
        while connection.isOpen, seconds < 60 {
            try connection.send(H2.frame(9, 0, 1, [0x82]))
            connection.pass(.seconds(1))
            seconds += 1
        }
        #expect((10...13).contains(seconds))
        connection.end()
    }

    @Test("of HTTP/2 is closed when a request's body never ends, though each of its frames is whole")
    func body() throws {
        let (connection, _) = try Self.guarded()
        try connection.send(H2.beginning + H2.request(1, flags: 0x4))
        var seconds = 0
        while connection.isOpen, seconds < 90 {
            try connection.send(H2.frame(0, 0, 1, [7]))
            connection.pass(.seconds(1))
            seconds += 1
        }
        #expect((20...23).contains(seconds))
        connection.end()
    }

    @Test("of HTTP/2 is closed when it asks for nothing, though it says that it is there")
    func nothing() throws {
        let (connection, _) = try Self.guarded()
        try connection.send(H2.beginning)
        var seconds = 0
        while connection.isOpen, seconds < 90 {
            try connection.send(H2.ping)
            connection.pass(.seconds(1))
            seconds += 1
        }
        // It is told to go after 30.
        #expect((40...43).contains(seconds))
        connection.end()
    }

    @Test(
        "of HTTP/2 is closed when it takes nothing of an answer, whatever it takes of another and asks of the connection",
        arguments: [true, false])
    func otherStream(isOtherRead: Bool) throws {
        let (connection, watch) = try Self.guarded()
        try connection.send(H2.beginning + H2.request(1) + H2.request(3))
        for stream in [1, 3] as [UInt32] {
            try connection.channel.writeOutbound(IOData.byteBuffer(ByteBuffer(bytes: H2.request(stream, flags: 0x4))))
        }
        watch.stream(isBlocked: true, at: connection.channel.embeddedEventLoop.now)
        var seconds = 0
        while connection.isOpen, seconds < 100 {
            // Answers to PING, which say nothing of what is read.
            for _ in 0..<3 {
                try connection.send(H2.ping)
                try connection.channel.writeOutbound(
                    IOData.byteBuffer(ByteBuffer(bytes: H2.frame(6, 1, 0, [UInt8](repeating: 0, count: 8)))))
            }
            if isOtherRead {
                let bytes = [UInt8](repeating: 7, count: 4000)
                try connection.channel.writeOutbound(IOData.byteBuffer(ByteBuffer(bytes: H2.frame(0, 0, 3, bytes))))
            }
            connection.pass(.seconds(1))
            seconds += 1
        }
        #expect((30...43).contains(seconds))
        connection.end()
    }

    @Test("of HTTP/2 is closed when it takes hardly anything of its answer, and not while it takes it")
    func reading() throws {
        let (connection, watch) = try Self.guarded()
        try connection.send(H2.beginning + H2.request(1))
        watch.stream(isBlocked: true, at: connection.channel.embeddedEventLoop.now)
        for _ in 0..<100 {
            try connection.channel.writeOutbound(
                IOData.byteBuffer(ByteBuffer(bytes: H2.frame(0, 0, 1, [UInt8](repeating: 7, count: 60)))))
            try connection.send(H2.window(1))
            connection.pass(.seconds(1))
        }
        #expect(connection.isOpen)
        var seconds = 0
        while connection.isOpen, seconds < 90 {
            try connection.channel.writeOutbound(IOData.byteBuffer(ByteBuffer(bytes: H2.frame(0, 0, 1, [7]))))
            try connection.send(H2.window(1))
            connection.pass(.seconds(1))
            seconds += 1
        }
        // It is counted in the time of an idle client, of which some had gone.
        #expect((10...63).contains(seconds))
        connection.end()
    }

    @Test("is none who hears a call for ten minutes and asks for the next one")
    func listening() throws {
        let (connection, _) = try Self.guarded()
        try connection.send(H2.beginning)
        for stream: UInt32 in [1, 3, 5] {
            try connection.send(H2.request(stream))
            for _ in 0..<600 {
                try connection.channel.writeOutbound(
                    IOData.byteBuffer(ByteBuffer(bytes: H2.frame(0, 0, stream, [UInt8](repeating: 7, count: 800)))))
                connection.pass(.seconds(1))
            }
            try connection.channel.writeOutbound(IOData.byteBuffer(ByteBuffer(bytes: H2.frame(0, 1, stream, []))))
            connection.pass(.seconds(29))
        }
        #expect(connection.isOpen)
        connection.end()
    }
}

@Suite("A flood of frames")
struct FloodTests {
    private static let floods: [(String, [UInt8])] = [
        ("WINDOW_UPDATE", H2.window()), ("PING", H2.ping), ("SETTINGS", H2.settings),
        ("SETTINGS that are acknowledged", H2.frame(4, 1, 0, [])), ("RST_STREAM", H2.frame(3, 0, 1, [0, 0, 0, 8])),
        ("PRIORITY", H2.frame(2, 0, 1, [0, 0, 0, 0, 1])), ("empty DATA", H2.frame(0, 0, 1, [])),
        ("empty CONTINUATION", H2.frame(9, 0, 1, [])), ("GOAWAY", H2.frame(7, 0, 0, [UInt8](repeating: 0, count: 8))),
        ("frames of another kind", H2.frame(0x77, 0, 0, [1, 2, 3])),
        ("PRIORITY_UPDATE", H2.frame(16, 0, 0, [0, 0, 0, 1])),
    ]

    @Test("that bring nothing ends the connection, whatever frames they are", arguments: 0..<floods.count)
    func flood(index: Int) throws {
        let connection = try Connection([HTTP2Guard(patience: .init(frame: .seconds(10), idle: .seconds(30)))])
        try connection.send(H2.beginning + H2.request(1, flags: 0x4))
        var sent = 0
        while connection.isOpen, sent < 100_000 {
            try connection.send(Self.floods[index].1)
            sent += 1
        }
        #expect((990...1001).contains(sent), "\(Self.floods[index].0)")
        connection.end()
    }

    @Test("is none that tells of what was read, a frame for each of some thousand bytes and stream")
    func reading() throws {
        let connection = try Connection([HTTP2Guard(patience: .init(frame: .seconds(10), idle: .seconds(30)))])
        try connection.send(H2.beginning + H2.request(1))
        for _ in 0..<4000 {
            try connection.channel.writeOutbound(
                IOData.byteBuffer(ByteBuffer(bytes: H2.frame(0, 0, 1, [UInt8](repeating: 7, count: 1024)))))
            try connection.send(H2.window() + H2.window(1))
        }
        #expect(connection.isOpen)
        connection.end()
    }

    @Test("is none that comes now and then for hours")
    func now() throws {
        let connection = try Connection([HTTP2Guard(patience: .init(frame: .seconds(10), idle: .seconds(30)))])
        try connection.send(H2.beginning + H2.request(1))
        for _ in 0..<1200 {
            for _ in 0..<5 { try connection.send(H2.ping) }
            connection.pass(.seconds(1))
        }
        #expect(connection.isOpen)
        connection.end()
    }
}

@Suite("The frames of HTTP/2")
struct FrameScannerTests {
    @Test("are found in whatever pieces they come", arguments: [1, 2, 3, 7, 9, 10, 1000])
    func pieces(size: Int) {
        let bytes =
            H2.beginning + H2.request(1) + H2.frame(0, 1, 1, [UInt8](repeating: 7, count: 300)) + H2.ping
            + H2.request(0x7FFF_FFFF, flags: 0x1, 70_000) + H2.frame(9, 4, 0x7FFF_FFFF, [])
        var scanner = HTTP2FrameScanner(ofClient: true)
        var found: [HTTP2FrameScanner.Frame] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            #expect(scanner.isWithin || found.count > 0)
            _ = scanner.take(ByteBuffer(bytes: rest.prefix(size))) { found.append($0) }
            rest = rest.dropFirst(size)
        }
        #expect(!scanner.isWithin)
        #expect(found.map(\.type) == [4, 1, 0, 6, 1, 9])
        #expect(found.map(\.length) == [0, 10, 300, 8, 70_000, 0])
        #expect(found.map(\.stream) == [0, 1, 1, 0, 0x7FFF_FFFF, 0x7FFF_FFFF])
        #expect(found.map(\.endsStream) == [false, true, true, false, true, false])
        #expect(found.map(\.isContinued) == [false, false, false, false, true, false])
    }
}
