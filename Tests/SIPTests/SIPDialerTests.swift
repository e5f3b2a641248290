// SPDX-License-Identifier: GPL-3.0-or-later

import NIOCore
import SpeakCode
import SpeakCodeGateways
import SpeakCodeTesting
import Synchronization
import TestSupport
import Testing

@testable import SpeakCodeServer

/// Calls whose signalling is a fake, and whose media is real: it goes to a port of the test's own.
@Suite("Calls by RTP", .timeLimit(.minutes(5)))
struct SIPDialerTests {
    /// Frames that count themselves.
    private struct Counting: LocalCalls, LocalCall {
        final class Sound: CallSound {
            let keys: Keys
            let most: Int
            var count = 0

            init(_ keys: Keys, most: Int) { (self.keys, self.most) = (keys, most) }
            func nextFrame() -> ArraySlice<UInt8>? {
                guard count < most else { return nil }
                count += 1
                return ArraySlice(repeating: UInt8(truncatingIfNeeded: count), count: 160)
            }
            var beginsReading: Bool { count % 150 == 1 }
            var writing: String? { count == 0 ? nil : "reading \(count / 150 + 1)\n" }
            func press(_ key: Character) { keys.pressed.withLock { $0.append(key) } }
            func hangUp(isCut: Bool) { keys.hangUps.withLock { $0 += 1 } }
            var end: CallEnd { CallEnd(.completed) }
        }
        final class Keys: Sendable {
            let pressed = Mutex("")
            let hangUps = Mutex(0)
        }

        let keys = Keys()
        var most = Int.max
        var isFull = false
        func call(_ order: CallOrder) -> (any LocalCall)? { isFull ? nil : self }
        func sound(as coding: SIPMedia.Coding, on loop: any EventLoop) -> (any CallSound)? { Sound(keys, most: most) }
    }

    private struct Telephone {
        let peer: UDPPeer
        let reports: UDPPeer
        let signalling = FakeSignalling()
        let calls: Counting
        let dialer: SIPDialer
        let events: AsyncStream<CallProgress>
        let report: @Sendable (CallProgress) -> Void

        init(frames: Int = .max, most: Int = 10, isFull: Bool = false, offersText: Bool = true) throws {
            (peer, reports) = (try UDPPeer(), try UDPPeer())
            calls = Counting(most: frames, isFull: isFull)
            dialer = SIPDialer(signalling, calls, account: .init(offersText: offersText), most: most)
            let (events, told) = AsyncStream.makeStream(of: CallProgress.self)
            self.events = events
            report = { told.yield($0) }
        }

        func dial(_ id: String = "1") async -> PlacedCall {
            await dialer.dial(
                CallOrder(id: id, to: .sip("sip:anna@127.0.0.1:9"), heard: .local), report: report)
        }

        var media: SIPMedia {
            SIPMedia(host: "127.0.0.1", port: peer.port, rtcpPort: reports.port, coding: .alaw, keys: 96)
        }

        var mediaPort: Int { signalling.invitations.last?.mediaPort ?? 0 }
    }

    private static func packet(_ bytes: [UInt8]) throws -> RTPPacket {
        try #require(RTPPacket(ByteBuffer(bytes: bytes)))
    }

    private static func key(_ event: UInt8, at time: UInt32) -> [UInt8] {
        [0x80, 96, 0, 1] + withUnsafeBytes(of: time.bigEndian, Array.init) + [0, 0, 0, 9, event, 0x8A, 0, 160]
    }

    private static let silence: [UInt8] =
        [0x80, 8, 0, 1, 0, 0, 0, 1, 0, 0, 0, 9] + [UInt8](repeating: 0xD5, count: 160)

    @Test("send every frame once, numbered and timed, in the coding of the answer")
    func frames() async throws {
        let telephone = try Telephone()
        #expect(await telephone.dial() == .placed("1"))
        #expect(telephone.mediaPort.isMultiple(of: 2))
        telephone.signalling.tell(.ringing, .ringing, .answered(telephone.media))
        let first = try Self.packet(try telephone.peer.receive())
        for number in 1..<20 {
            let packet = try Self.packet(try telephone.peer.receive())
            #expect(packet.payloadType == 8)
            #expect(packet.sequence == first.sequence &+ UInt16(number))
            #expect(packet.timestamp == first.timestamp &+ 160 * UInt32(number))
            #expect(packet.payload.readableBytesView.allSatisfy { $0 == UInt8(number + 1) })
        }
        telephone.signalling.tell(.ended(.hungUp), .ended(.hungUp))
        // The last report says farewell.
        #expect(try telephone.reports.receive().contains(203))
        var heard: [CallProgress] = []
        for await event in telephone.events {
            heard.append(event)
            if case .ended = event { break }
        }
        #expect(heard.count == 3 && heard.starts(with: [.ringing, .answered]))
        guard case .ended(let end) = heard.last else { return }
        #expect(end.outcome == .completed)
        #expect(end.answeredSeconds != nil)
        #expect(telephone.calls.keys.hangUps.withLock { $0 } == 1)
        #expect(telephone.signalling.ended == 0)
    }

    @Test("send to where the other side's packets come from, once they do, and take keys from there alone")
    func symmetric() async throws {
        let telephone = try Telephone()
        _ = await telephone.dial()
        telephone.signalling.tell(.answered(telephone.media))
        _ = try telephone.peer.receive()
        let (elsewhere, stranger) = (try UDPPeer(), try UDPPeer())
        elsewhere.send(Self.silence, to: telephone.mediaPort)
        _ = try elsewhere.receive()
        for time in [1, 1, 1, 2] as [UInt32] {
            stranger.send(Self.key(9, at: time + 100), to: telephone.mediaPort)
            elsewhere.send(Self.key(5, at: time), to: telephone.mediaPort)
        }
        var pressed = ""
        for await event in telephone.events {
            if case .key(let key) = event { pressed.append(key) }
            if pressed.count == 2 { break }
        }
        #expect(pressed == "55")
        #expect(telephone.calls.keys.pressed.withLock { $0 } == "55")
        await telephone.dialer.hangUp("1", isAnswered: true)
    }

    @Test("do not follow what was sent before they were taken, nor before they moved", arguments: [false, true])
    func early(moves: Bool) async throws {
        let telephone = try Telephone()
        _ = await telephone.dial()
        let (early, late) = (try UDPPeer(), try UDPPeer())
        if moves {
            telephone.signalling.tell(.answered(telephone.media))
            _ = try telephone.peer.receive()
        }
        // Of an announcement by the network, or of the place that it moves from.
        for _ in 0..<200 { early.send(Self.silence, to: telephone.mediaPort) }
        telephone.signalling.tell(moves ? .moved(telephone.media) : .answered(telephone.media))
        for _ in 0..<20 { _ = try telephone.peer.receive() }
        late.send(Self.silence, to: telephone.mediaPort)
        _ = try late.receive()
        await telephone.dialer.hangUp("1", isAnswered: true)
    }

    @Test("wait while they are on hold, and go on with the next frame")
    func hold() async throws {
        let telephone = try Telephone()
        _ = await telephone.dial()
        telephone.signalling.tell(.answered(telephone.media))
        let first = try Self.packet(try telephone.peer.receive())
        var held = telephone.media
        (held.port, held.rtcpPort) = (nil, nil)
        let elsewhere = try UDPPeer()
        var back = telephone.media
        back.port = elsewhere.port
        telephone.signalling.tell(.moved(held))
        telephone.signalling.tell(.moved(back))
        let next = try Self.packet(try elsewhere.receive())
        // Those that went out before it was on hold have come as well.
        let gone = Int(next.sequence &- first.sequence)
        #expect(next.payload.readableBytesView.first == UInt8(truncatingIfNeeded: gone + 1))
        await telephone.dialer.hangUp("1", isAnswered: true)
    }

    // MARK: Text

    /// Reads until so many lines are there, losing every third packet.
    private static func read(_ lines: Int, at peer: UDPPeer) throws -> RealTimeTextReceiver {
        var (receiver, count) = (RealTimeTextReceiver(text: 96, redundant: 97), 0)
        while receiver.shown.filter({ $0 == "\n" }).count < lines {
            let packet = try peer.receive()
            count += 1
            if !count.isMultiple(of: 3) { receiver.take(packet) }
        }
        return receiver
    }

    private static func media(_ telephone: Telephone, textTo peer: UDPPeer) -> SIPMedia {
        var media = telephone.media
        media.text = SIPMedia.Text(
            host: "127.0.0.1", port: peer.port, rtcpPort: telephone.reports.port,
            format: .init(text: 96, redundant: 97))
        return media
    }

    @Test("write each reading to who reads it, and go on though packets are lost")
    func text() async throws {
        let (telephone, reader) = (try Telephone(), try UDPPeer())
        _ = await telephone.dial()
        let port = try #require(telephone.signalling.invitations.last?.textPort)
        #expect(port.isMultiple(of: 2) && port != telephone.mediaPort)
        telephone.signalling.tell(.answered(Self.media(telephone, textTo: reader)))
        let receiver = try Self.read(2, at: reader)
        #expect(receiver.shown.hasPrefix("reading 1\nreading 2\n") && receiver.faults == 0)
        #expect(reader.sender == port)
        await telephone.dialer.hangUp("1", isAnswered: true)
    }

    @Test("write to where the other side writes from, once it does, and throw away what it writes")
    func typedBack() async throws {
        let (telephone, reader, elsewhere) = (try Telephone(), try UDPPeer(), try UDPPeer())
        _ = await telephone.dial()
        telephone.signalling.tell(.answered(Self.media(telephone, textTo: reader)))
        let port = try #require(telephone.signalling.invitations.last?.textPort)
        _ = try reader.receive()
        // Text, nonsense and something long.
        elsewhere.send([0x80, 96, 0, 1, 0, 0, 0, 1, 0, 0, 0, 9] + Array("stop".utf8), to: port)
        for bytes in [[], [0x80], [UInt8](repeating: 0x80, count: 60_000)] { elsewhere.send(bytes, to: port) }
        _ = try Self.read(2, at: elsewhere)
        await telephone.dialer.hangUp("1", isAnswered: true)
        for await event in telephone.events {
            if case .key = event { Issue.record("it was taken for a key") }
            if case .ended = event { break }
        }
    }

    @Test("write to no stranger, and to the host that the sound comes from")
    func strangers() async throws {
        let (telephone, reader) = (try Telephone(), try UDPPeer())
        let (sound, elsewhere) = (try UDPPeer(host: 2), try UDPPeer(host: 2))
        _ = await telephone.dial()
        telephone.signalling.tell(.answered(Self.media(telephone, textTo: reader)))
        let port = try #require(telephone.signalling.invitations.last?.textPort)
        _ = try reader.receive()
        let typed: [UInt8] = [0x80, 96, 0, 1, 0, 0, 0, 1, 0, 0, 0, 9]
        elsewhere.send(typed, to: port)
        for _ in 0..<2 { _ = try reader.receive() }
        #expect(!elsewhere.hasPacket)
        sound.send(Self.silence, to: telephone.mediaPort)
        _ = try sound.receive()
        elsewhere.send(typed, to: port)
        _ = try Self.read(1, at: elsewhere)
        await telephone.dialer.hangUp("1", isAnswered: true)
    }

    @Test("write to who takes text and no sound")
    func textAlone() async throws {
        let (telephone, reader) = (try Telephone(), try UDPPeer())
        _ = await telephone.dial()
        var media = Self.media(telephone, textTo: reader)
        (media.port, media.rtcpPort) = (nil, nil)
        telephone.signalling.tell(.answered(media))
        #expect(try Self.read(1, at: reader).shown.hasPrefix("reading 1\n"))
        #expect(!telephone.peer.hasPacket)
        await telephone.dialer.hangUp("1", isAnswered: true)
    }

    @Test("write from its beginning the reading that is on when a reader comes, and nothing when they go")
    func laterText() async throws {
        let (telephone, reader) = (try Telephone(), try UDPPeer())
        _ = await telephone.dial()
        telephone.signalling.tell(.answered(telephone.media))
        for _ in 0..<20 { _ = try telephone.peer.receive() }
        telephone.signalling.tell(.moved(Self.media(telephone, textTo: reader)))
        let receiver = try Self.read(1, at: reader)
        #expect(receiver.shown.hasPrefix("reading 1\n"))
        telephone.signalling.tell(.moved(telephone.media))
        for _ in 0..<10 { _ = try telephone.peer.receive() }
        while reader.hasPacket { _ = try reader.receive() }
        for _ in 0..<60 { _ = try telephone.peer.receive() }
        #expect(!reader.hasPacket)
        await telephone.dialer.hangUp("1", isAnswered: true)
    }

    @Test("offer no text where the operator wants none")
    func withoutText() async throws {
        let telephone = try Telephone(offersText: false)
        _ = await telephone.dial()
        #expect(telephone.signalling.invitations.last?.textPort == nil)
        await telephone.dialer.hangUp("1", isAnswered: false)
    }

    @Test("end when nothing more is to be heard, and the other side is told")
    func over() async throws {
        let telephone = try Telephone(frames: 3)
        _ = await telephone.dial()
        telephone.signalling.tell(.answered(telephone.media))
        for await event in telephone.events {
            guard case .ended(let end) = event else { continue }
            #expect(end.outcome == .completed)
            break
        }
        #expect(telephone.signalling.ended == 1)
    }

    @Test("are taken back while they ring, and what comes late changes nothing")
    func canceled() async throws {
        let telephone = try Telephone()
        _ = await telephone.dial()
        telephone.signalling.tell(.ringing)
        await telephone.dialer.hangUp("1", isAnswered: false)
        var heard: [CallProgress] = []
        for await event in telephone.events {
            heard.append(event)
            if case .ended = event { break }
        }
        telephone.signalling.tell(.answered(telephone.media), .ended(.hungUp))
        #expect(heard == [.ringing, .ended(CallEnd(.canceled))])
        #expect(telephone.signalling.ended == 1)
    }

    @Test("are placed once under one name, however often they are asked for")
    func once() async throws {
        let telephone = try Telephone()
        for _ in 0..<3 { #expect(await telephone.dial() == .placed("1")) }
        telephone.signalling.tell(.ended(.refused(486)))
        for await event in telephone.events { if case .ended = event { break } }
        #expect(await telephone.dial() == .placed("1"))
        #expect(telephone.signalling.invitations.count == 1)
    }

    @Test("are so many at a time, and there is room again behind one")
    func bound() async throws {
        let telephone = try Telephone(most: 2)
        #expect(await telephone.dial("a") == .placed("a"))
        #expect(await telephone.dial("b") == .placed("b"))
        guard case .busy = await telephone.dial("c") else {
            Issue.record("a third was placed")
            return
        }
        await telephone.dialer.hangUp("a", isAnswered: false)
        for await event in telephone.events { if case .ended = event { break } }
        #expect(await telephone.dial("c") == .placed("c"))
    }

    @Test("are begun where there is room for what is heard in them alone")
    func room() async throws {
        let telephone = try Telephone(isFull: true)
        guard case .busy = await telephone.dial() else {
            Issue.record("it was placed")
            return
        }
        #expect(telephone.signalling.invitations.isEmpty)
    }

    @Test("that nobody has taken are taken back when the process ends, and those that were taken go on")
    func ending() async throws {
        let telephone = try Telephone()
        _ = await telephone.dial("a")
        telephone.signalling.tell(.answered(telephone.media))
        _ = try telephone.peer.receive()
        let other = try Telephone()
        _ = await telephone.dialer.dial(
            CallOrder(id: "b", to: .sip("sip:anna@127.0.0.1:9"), heard: .local), report: other.report)
        telephone.signalling.tell(.ringing)
        telephone.dialer.endRinging()
        for await event in other.events {
            guard case .ended(let end) = event else { continue }
            #expect(end == CallEnd(.canceled, cause: "service-ended"))
            break
        }
        #expect(telephone.signalling.ended == 1)
        // Nobody is rung any more.
        #expect(await telephone.dial("c") == .refused(CallEnd(.canceled, cause: "service-ended")))
        _ = try telephone.peer.receive()
        await telephone.dialer.hangUp("a", isAnswered: true)
        await telephone.dialer.untilIdle()
        #expect(telephone.signalling.ended == 2)
    }

    @Test("to a number need a proxy, and to nonsense are refused")
    func refused() async throws {
        let telephone = try Telephone()
        for callee in [CallOrder.Callee.number("+4930123456"), .sip("sip:a b@h")] {
            let placed = await telephone.dialer.dial(
                CallOrder(id: "n", to: callee, heard: .local), report: telephone.report)
            guard case .refused(let end) = placed else {
                Issue.record("it was placed")
                continue
            }
            #expect(end.outcome == .invalidNumber)
            #expect(end.cause?.contains("30123456") == false)
        }
        #expect(telephone.signalling.invitations.isEmpty)
    }
}
