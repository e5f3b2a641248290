// SPDX-License-Identifier: GPL-3.0-or-later

import NIOCore
import SpeakCodeTesting
import Testing

@testable import SpeakCodeServer

@Suite("Packets of RTP")
struct RTPTests {
    @Test("are numbered and timed without a gap, and only the first is marked")
    func sender() throws {
        var generator = SeededGenerator(seed: 1)
        var sender = RTPSender(from: &generator)
        var packets: [RTPPacket] = []
        var buffer = ByteBuffer()
        for number in 0..<3 {
            sender.write([UInt8](repeating: UInt8(number), count: 160)[...], as: 8, to: &buffer)
            packets.append(try #require(RTPPacket(buffer)))
        }
        #expect(packets.map(\.isMarked) == [true, false, false])
        #expect(packets.map(\.payloadType) == [8, 8, 8])
        #expect(zip(packets, packets.dropFirst()).allSatisfy { $1.sequence == $0.sequence &+ 1 })
        #expect(zip(packets, packets.dropFirst()).allSatisfy { $1.timestamp == $0.timestamp &+ 160 })
        #expect(Set(packets.map(\.source)).count == 1)
        #expect(Array(packets[2].payload.readableBytesView) == [UInt8](repeating: 2, count: 160))
        #expect(sender.sent.packets == 3)
        #expect(sender.sent.octets == 480)
    }

    @Test("begin at a number and a time that nobody can guess (RFC 3550, section 5.1)")
    func start() {
        let senders = (0..<64).map { _ in RTPSender() }
        #expect(Set(senders.map(\.sent.source)).count == 64)
        #expect(Set(senders.map(\.sent.timestamp)).count == 64)
    }

    @Test("behind a pause are marked, and its time is counted")
    func pause() throws {
        var sender = RTPSender()
        var buffer = ByteBuffer()
        sender.write([0], as: 0, to: &buffer)
        let first = try #require(RTPPacket(buffer))
        sender.pause(160)
        sender.write([0], as: 0, to: &buffer)
        let second = try #require(RTPPacket(buffer))
        #expect(second.isMarked)
        #expect(second.timestamp == first.timestamp &+ 161)
        #expect(second.sequence == first.sequence &+ 1)
    }

    @Test(
        "are read without what contributes, extends and pads them",
        arguments: [
            ("8000 0001 00000002 00000003 aabb", [0xAA, 0xBB]),
            ("8200 0001 00000002 00000003 11111111 22222222 aabb", [0xAA, 0xBB]),
            ("9000 0001 00000002 00000003 beef 0001 33333333 aabb", [0xAA, 0xBB]),
            ("a000 0001 00000002 00000003 aabb 0002", [0xAA, 0xBB]),
            ("8000 0001 00000002 00000003", []),
        ] as [(String, [UInt8])])
    func read(text: String, payload: [UInt8]) throws {
        let packet = try #require(RTPPacket(ByteBuffer(bytes: Self.bytes(text))))
        #expect(Array(packet.payload.readableBytesView) == payload)
        #expect(packet.sequence == 1)
        #expect(packet.timestamp == 2)
        #expect(packet.source == 3)
    }

    @Test(
        "are nothing where they are cut, of another version, or claim more than they have",
        arguments: [
            "", "80", "8000 0001 00000002 000000", "4000 0001 00000002 00000003", "8100 0001 00000002 00000003",
            "9000 0001 00000002 00000003 beef", "9000 0001 00000002 00000003 beef ffff 00",
            "a000 0001 00000002 00000003 00", "a000 0001 00000002 00000003 09", "a000 0001 00000002 00000003",
        ])
    func refused(text: String) {
        #expect(RTPPacket(ByteBuffer(bytes: Self.bytes(text))) == nil)
    }

    @Test("of any bytes are read or refused, and give no more than was there")
    func nonsense() {
        var generator = SeededGenerator(seed: 7)
        var keys = RTPKeys()
        var readable = 0
        for _ in 0..<50_000 {
            var bytes = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
                UInt8.random(in: 0 ... .max, using: &generator)
            }
            if !bytes.isEmpty, Bool.random(using: &generator) { bytes[0] = bytes[0] & 0x3F | 0x80 }
            guard let packet = RTPPacket(ByteBuffer(bytes: bytes)) else { continue }
            readable += 1
            #expect(packet.payload.readableBytes <= bytes.count - RTPPacket.headLength)
            _ = keys.key(in: packet)
        }
        #expect(readable > 1000)
    }

    static func bytes(_ text: String) -> [UInt8] {
        let digits = Array(text.filter { $0 != " " })
        return stride(from: 0, to: digits.count - 1, by: 2).compactMap {
            UInt8(String(digits[$0...$0 + 1]), radix: 16)
        }
    }
}

@Suite("Keys in RTP")
struct RTPKeysTests {
    /// A packet of an event (RFC 4733, section 2.3).
    private func packet(_ event: UInt8, at time: UInt32, ends: Bool = false, from source: UInt32 = 1) throws
        -> RTPPacket
    {
        var buffer = ByteBuffer()
        buffer.writeBytes([0x80, 101, 0, 1])
        buffer.writeInteger(time)
        buffer.writeInteger(source)
        buffer.writeBytes([event, ends ? 0x8A : 0x0A, 0, 160])
        return try #require(RTPPacket(buffer))
    }

    @Test("are those of a telephone")
    func names() throws {
        var keys = RTPKeys()
        let pressed = try (0..<17).compactMap { keys.key(in: try packet(UInt8($0), at: 1000 * UInt32($0 + 1))) }
        #expect(String(pressed) == "0123456789*#ABCD")
    }

    @Test("are told once, however often an event and its end are repeated")
    func once() throws {
        var keys = RTPKeys()
        var told: [Character] = []
        for time in [1000, 2000] as [UInt32] {
            for ends in [false, false, false, true, true, true] {
                if let key = keys.key(in: try packet(5, at: time, ends: ends)) { told.append(key) }
            }
        }
        #expect(told == ["5", "5"])
    }

    @Test("are told though all but the last packet was lost")
    func lost() throws {
        var keys = RTPKeys()
        #expect(keys.key(in: try packet(9, at: 77, ends: true)) == "9")
    }

    @Test("that come late are not told again, also where the clock has gone round")
    func late() throws {
        var keys = RTPKeys()
        #expect(keys.key(in: try packet(1, at: .max - 10)) == "1")
        #expect(keys.key(in: try packet(2, at: 20)) == "2")
        #expect(keys.key(in: try packet(1, at: .max - 10, ends: true)) == nil)
        // Another sender has another clock.
        #expect(keys.key(in: try packet(3, at: 5, from: 2)) == "3")
    }
}

@Suite("Reports of RTCP")
struct RTCPReportTests {
    @Test("tell the sender's clock and counts, and its name; the last says farewell")
    func report() throws {
        var sender = RTPSender()
        var buffer = ByteBuffer()
        for _ in 0..<5 { sender.write([UInt8](repeating: 0, count: 160)[...], as: 0, to: &buffer) }
        let report = RTCPReport()
        for isLast in [false, true] {
            var packet = report.packet(of: sender.sent, elapsed: .milliseconds(2500), isLast: isLast)
            var kinds: [UInt8] = []
            while packet.readableBytes > 0 {
                let first = packet.readBytes(length: 2)
                let head = try #require(first)
                #expect(head[0] >> 6 == 2)
                kinds.append(head[1])
                let words = packet.readInteger(as: UInt16.self)
                let slice = packet.readSlice(length: 4 * Int(try #require(words)))
                var body = try #require(slice)
                #expect(body.readInteger(as: UInt32.self) == sender.sent.source)
                if head[1] == 200 {
                    #expect(body.readInteger(as: UInt32.self) == 2)
                    #expect(body.readInteger(as: UInt32.self) == 1 << 31)
                    #expect(body.readInteger(as: UInt32.self) == sender.sent.timestamp)
                    #expect(body.readInteger(as: UInt32.self) == 5)
                    #expect(body.readInteger(as: UInt32.self) == 800)
                }
            }
            #expect(kinds == (isLast ? [200, 202, 203] : [200, 202]))
        }
    }
}
