// SPDX-License-Identifier: GPL-3.0-or-later

import NIOCore
import NIOEmbedded
import SpeakCode
import SpeakCodeGateways
import Testing

@testable import SpeakCodeServer

/// Where the text of a call goes, and when, by a clock of the test's own.
@Suite("The text of a call by RTP")
struct TextStreamTests {
    private typealias Envelope = AddressedEnvelope<ByteBuffer>

    private static let described = SIPMedia.Text(
        host: "192.0.2.1", port: 4100, rtcpPort: 4101, format: .init(text: 96, redundant: 97))

    private struct Line {
        let channel = EmbeddedChannel()
        let stream: TextStream

        init() throws {
            stream = try TextStream(on: RTPSockets(rtp: channel, rtcp: EmbeddedChannel(), local: "192.0.2.9"))
        }

        func move(_ media: SIPMedia.Text?, at milliseconds: Int64 = 0) -> Bool {
            stream.move(media, at: .uptimeNanoseconds(0) + .milliseconds(milliseconds))
        }

        /// The other side writes from there.
        func hear(_ host: String, port: Int = 7) throws {
            let packet = ByteBuffer(bytes: [0x80, 96, 0, 1, 0, 0, 0, 1, 0, 0, 0, 9])
            try channel.writeInbound(
                Envelope(remoteAddress: SocketAddress(ipAddress: host, port: port), data: packet))
        }

        /// What is sent within a time, asked each frame.
        func sent(from begin: Int64 = 0, to end: Int64) throws -> [Envelope] {
            for time in stride(from: begin, to: end, by: 20) {
                stream.send(at: .uptimeNanoseconds(0) + .milliseconds(time))
            }
            var packets: [Envelope] = []
            while let packet = try channel.readOutbound(as: Envelope.self) { packets.append(packet) }
            return packets
        }
    }

    private static func numbers(_ packets: [Envelope]) -> [UInt16] {
        packets.compactMap { RTPPacket($0.data)?.sequence }
    }

    private static func run(from first: UInt16?, _ count: Int) -> [UInt16] {
        (0..<count).map { (first ?? 0) &+ UInt16($0) }
    }

    @Test(
        "goes where the other side writes from, if that is the described host or the one that sound comes from",
        arguments: [
            ("192.0.2.1", nil, true), ("192.0.2.2", nil, false), ("192.0.2.2", "192.0.2.2", true),
            ("192.0.2.3", "192.0.2.2", false),
        ] as [(String, String?, Bool)])
    func strangers(host: String, sound: String?, isTaken: Bool) throws {
        let line = try Line()
        #expect(line.move(Self.described))
        line.stream.soundHost = sound
        try line.hear(host)
        line.stream.write("abc")
        let packet = try #require(try line.sent(to: 20).first)
        #expect((packet.remoteAddress.ipAddress == host && packet.remoteAddress.port == 7) == isTaken)
        #expect((packet.remoteAddress.port == 4100) == !isTaken)
    }

    @Test("goes on to where it went when the session is refreshed (RFC 4028)")
    func refreshed() throws {
        let line = try Line()
        #expect(line.move(Self.described))
        try line.hear("192.0.2.1")
        #expect(!line.move(Self.described))
        line.stream.write("abc")
        #expect(try line.sent(to: 4000).allSatisfy { $0.remoteAddress.port == 7 })
    }

    @Test("has no gap in its numbers behind a hold", arguments: [20, 1400, 9000] as [Int64])
    func hold(time: Int64) throws {
        let line = try Line()
        #expect(line.move(Self.described))
        line.stream.write("a text of more than one packet")
        let before = try line.sent(to: time)
        #expect(!line.move(nil, at: time))
        #expect(line.move(Self.described, at: 60_000))
        line.stream.write("another")
        let behind = try line.sent(from: 60_000, to: 70_000)
        #expect(!before.isEmpty && behind.count >= 3)
        let numbers = Self.numbers(before + behind)
        #expect(numbers == Self.run(from: numbers.first, numbers.count))
    }

    @Test("is written again when its payload types change, by the new ones, and goes where it went")
    func renumbered() throws {
        let line = try Line()
        #expect(line.move(Self.described))
        try line.hear("192.0.2.1")
        line.stream.write("a text of more than one packet")
        let before = try line.sent(to: 1400)
        var media = Self.described
        media.format = .init(text: 110, redundant: 111)
        #expect(line.move(media, at: 1400))
        line.stream.write("a text of more than one packet")
        let behind = try line.sent(from: 1400, to: 9000)
        #expect(!behind.isEmpty && behind.allSatisfy { RTPPacket($0.data)?.payloadType == 111 })
        #expect(behind.allSatisfy { $0.remoteAddress.port == 7 })
        let numbers = Self.numbers(before + behind)
        #expect(numbers == Self.run(from: numbers.first, numbers.count))
    }

    @Test("keeps its pace behind a time in which nothing could be sent")
    func overdue() throws {
        let line = try Line()
        #expect(line.move(Self.described))
        line.stream.write(String(repeating: "abcdefghi", count: 10))
        // The mark that begins a session.
        #expect(try line.sent(to: 20).count == 1)
        #expect(try line.sent(from: 60_000, to: 60_300).count == 1)
        #expect(try line.sent(from: 60_300, to: 63_600).count == 11)
        #expect(try line.sent(from: 63_600, to: 70_000).isEmpty)
    }
}
