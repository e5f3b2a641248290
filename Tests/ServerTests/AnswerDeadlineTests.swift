// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import NIOCore
import NIOEmbedded
import NIOHTTP1
import NIOPosix
import NIOSSL
import SpeakCode
import TestSupport
import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

@Suite("The time that a client may take over an answer", .timeLimit(.minutes(10)))
struct AnswerDeadlineTests {
    private static let idle = TimeAmount.seconds(30)
    private static let deadline = AnswerDeadline(idle: idle)

    @Test("is what its length takes on the slowest line, and that of the longest announcement as it is heard at most")
    func lengths() {
        #expect(Self.deadline.most(for: 0) == Self.idle)
        #expect(Self.deadline.most(for: 400_000) == .seconds(430))
        // Three readings in a minute of WAV have nearly 1 MB; ten minutes at 48 kHz have 58.
        for bytes in [1_000_000, 58_000_000, .max] { #expect(Self.deadline.most(for: bytes) == .seconds(1030)) }
    }

    /// Asks over a connection without a socket, and takes so many bytes in each second.
    ///
    /// - Returns: how many seconds the connection was open, and what was left then; nil for a connection that stays.
    private static func fetch(
        _ path: String, of service: TestService, _ bytesASecond: Int, isStream: Bool
    ) throws -> (seconds: Int, left: Int)? {
        let channel = EmbeddedChannel()
        defer { _ = try? channel.finish(acceptAlreadyClosed: true) }
        let client = Untaken()
        // All that it is told by is how much goes, of which there is enough.
        try channel.pipeline.syncOperations.addHandlers([IdleClose(patience: .hours(10)), client])
        let responder = service.service.service.responder
        let terms = HTTPTerms(
            responder: responder,
            connections: OpenConnections(.init(all: 1, address: 1, proxies: responder.proxies)) { _ in },
            patience: .seconds(10), deadline: deadline)
        guard isStream else {
            try HTTP1Pipeline.add(to: channel, terms, isEncrypted: false)
            try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
            try channel.writeInbound(ByteBuffer(string: "GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n"))
            return wait(for: client, on: channel, bytesASecond)
        }
        try channel.pipeline.syncOperations.addHandlers([
            HTTPResponseEncoder(), HTTPHandler(terms, channel, isStream: true, isEncrypted: true),
        ])
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        channel.embeddedEventLoop.advanceTime(by: .hours(1))
        #expect(channel.isActive, "nothing is asked yet")
        try channel.writeInbound(
            HTTPServerRequestPart.head(HTTPRequestHead(version: .init(major: 2, minor: 0), method: .GET, uri: path)))
        try channel.writeInbound(HTTPServerRequestPart.end(nil))
        return wait(for: client, on: channel, bytesASecond)
    }

    private static func wait(
        for client: Untaken, on channel: EmbeddedChannel, _ bytesASecond: Int
    ) -> (seconds: Int, left: Int)? {
        for second in 0..<2000 {
            guard channel.isActive else { return (second, client.byteCount) }
            client.take(bytesASecond)
            channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        }
        #expect(client.byteCount == 0)
        return nil
    }

    @Test(
        "is enough for a slow line, and ends the connection, or stream of HTTP/2, of who takes a little for ever",
        arguments: [(1100, true), (100, false), (1, false)], [false, true])
    func slow(taken: (bytesASecond: Int, isKept: Bool), isStream: Bool) async throws {
        try await TestService.run { service in
            let url = try #require(try await service.links(#"{"code":"735198"}"#)["wav"])
            let answer = try await service.get(url)
            let path = String(url.dropFirst(service.base.count))
            let end = try Self.fetch(path, of: service, taken.bytesASecond, isStream: isStream)
            #expect((end == nil) == taken.isKept)
            guard let end else { return }
            #expect(end.seconds == 30 + answer.body.count / 1000)
            // A stream's own close takes what is left with it.
            #expect(isStream || end.left > answer.body.count / 2)
            #expect(service.log.all.contains { $0.contains("hungUp=true") })
        }
    }

    /// A client of HTTP/2 that gives leave for so many times 256 bytes of an answer five times a second.
    ///
    /// - Returns: the frames that came, until the stream's last one.
    private static func fetchHTTP2(
        _ path: String, of base: String, times: UInt8
    ) async throws -> [HTTP2FrameScanner.Frame] {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        configuration.applicationProtocols = ["h2"]
        let context = try NIOSSLContext(configuration: configuration)
        let port = try #require(Int(base.split(separator: ":").last ?? ""))
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        try NIOSSLClientHandler(context: context, serverHostname: nil))
                    return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(bytes: asking(for: path)))
            // WINDOW_UPDATE, of the stream, or of the connection, which has room enough.
            let window: [UInt8] = [0, 0, 4, 8, 0, 0, 0, 0, times > 0 ? 1 : 0, 0, 0, times, 1]
            let signs = channel.channel.eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(200)) {
                _ in channel.channel.writeAndFlush(ByteBuffer(bytes: window), promise: nil)
            }
            let alarm = channel.channel.eventLoop.scheduleTask(in: .seconds(20)) { channel.channel.close(promise: nil) }
            defer {
                signs.cancel()
                alarm.cancel()
            }
            var scanner = HTTP2FrameScanner(ofClient: false)
            var frames: [HTTP2FrameScanner.Frame] = []
            for try await bytes in inbound {
                _ = scanner.take(bytes) { frames.append($0) }
                if frames.contains(where: { $0.type == HTTP2FrameScanner.Frame.reset || $0.endsStream }) { break }
            }
            return frames
        }
    }

    /// The preface, settings that leave no room for a body, and a GET whose headers stand as they are (RFC 7541, section 6.2.2).
    private static func asking(for path: String) -> [UInt8] {
        let settings: [UInt8] = [0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0]
        func field(_ index: UInt8, _ value: String) -> [UInt8] {
            // A length of more than 126 goes on in the next byte.
            let (length, text) = (value.utf8.count, Array(value.utf8))
            return length < 127
                ? [index, UInt8(length)] + text
                : [index, 127]
                    + (length - 127 < 128
                        ? [UInt8(length - 127)] : [UInt8((length - 127) % 128 + 128), UInt8((length - 127) / 128)])
                    + text
        }
        let headers = [0x82, 0x87] + field(0x04, path) + field(0x01, "127.0.0.1")
        let head: [UInt8] = [0, UInt8(headers.count >> 8), UInt8(headers.count & 0xFF), 1, 5, 0, 0, 0, 1]
        return Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + settings + head + headers
    }

    @Test(
        "ends an answer over HTTP/2 of which nothing is taken, whatever else its client says, and not a slow line's",
        arguments: [0, 16] as [UInt8])
    func http2(times: UInt8) async throws {
        try await withTemporaryFolder { folder in
            let (certificate, key) = (folder.appending(path: "c.pem").path, folder.appending(path: "k.pem").path)
            try ProcessTests.makeCertificate("one.example", certificate, key)
            let flags = ["certificate": certificate, "privateKey": key, "idleSeconds": "1"]
            try await TestService.run(flags) { service in
                let links = try await service.links(#"{"code":"735198","readings":1}"#)
                let url = try #require(links[times == 0 ? "srt" : "ulaw"])
                let frames = try await Self.fetchHTTP2(
                    String(url.dropFirst(service.base.count)), of: service.base, times: times)
                let length = frames.reduce(0) { $0 + ($1.type == HTTP2FrameScanner.Frame.data ? $1.length : 0) }
                #expect(frames.contains { $0.type == HTTP2FrameScanner.Frame.headers && $0.stream == 1 })
                if times == 0 {
                    #expect(frames.last?.type == HTTP2FrameScanner.Frame.reset && frames.last?.stream == 1)
                } else {
                    #expect(frames.last?.endsStream == true && length > 30_000, "\(length)")
                }
            }
        }
    }
}
