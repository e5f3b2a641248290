// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import NIOCore
import SpeakCode
import SpeakCodeLinks
import SpeakCodeSndfile
import SpeakCodeTesting
import Synchronization
import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

@Suite("A message of AudioSocket")
struct AudioSocketMessageTests {
    private static let uuid = UUID(uuidString: "40325ec2-1efd-4bd3-805f-53576e581d13") ?? UUID()

    @Test("is read in whatever pieces it comes", arguments: [1, 2, 3, 5, 18, 64, 100_000])
    func pieces(length: Int) throws {
        var bytes: [UInt8] = [0x01, 0x00, 0x10]
        bytes += [0x40, 0x32, 0x5E, 0xC2, 0x1E, 0xFD, 0x4B, 0xD3, 0x80, 0x5F, 0x53, 0x57, 0x6E, 0x58, 0x1D, 0x13]
        bytes += [0x10, 0x01, 0x40]
        bytes += [UInt8](repeating: 1, count: 320)
        bytes += [0x03, 0x00, 0x01, 0x23]
        bytes += [0x16, 0xFF, 0xFF]
        bytes += [UInt8](repeating: 3, count: 65_535)
        bytes += [0x10, 0, 0, 0xFF, 0, 0]
        var reader = AudioSocketReader()
        var messages: [AudioSocketMessage] = []
        for start in stride(from: 0, to: bytes.count, by: length) {
            var piece = ByteBuffer(bytes: bytes[start..<min(start + length, bytes.count)])
            while let message = try reader.next(from: &piece) { messages.append(message) }
            #expect(piece.readableBytes == 0)
        }
        #expect(
            messages == [
                .uuid(Self.uuid), .sound(.hz8000, byteCount: 320), .key("#"), .sound(.hz48000, byteCount: 65_535),
                .sound(.hz8000, byteCount: 0), .failure,
            ])
    }

    @Test(
        "is refused where the protocol has none such",
        arguments: [
            [0x02, 0, 0], [0x04, 0, 1, 0], [0x0F, 0, 0], [0x19, 0, 2, 0, 0], [0x47, 0x45, 0x54, 0x20],
            [0x01, 0, 15], [0x01, 0, 17], [0x01, 0x10, 0], [0x03, 0, 0], [0x03, 0, 2], [0x03, 0, 1, 0x80],
            [0x03, 0, 1, 0x0A],
        ] as [[UInt8]])
    func malformed(bytes: [UInt8]) {
        var reader = AudioSocketReader()
        var buffer = ByteBuffer(bytes: bytes)
        #expect(throws: AudioSocketReader.Malformed.self) { while try reader.next(from: &buffer) != nil {} }
    }

    @Test("with sound has its length in front, the high byte first")
    func frame() {
        var buffer = ByteBuffer(string: "of the frame before")
        AudioSocketSound.hz16000.write([UInt8](repeating: 7, count: 640)[...], to: &buffer)
        #expect(Array(buffer.readableBytesView) == [0x12, 0x02, 0x80] + [UInt8](repeating: 7, count: 640))
    }
}

@Suite("A call over AudioSocket", .serialized)
struct AudioSocketTests {
    /// What the first words of `4071` are, at a rate: the samples that the library renders.
    private static func words(at rate: SampleRate) async throws -> [UInt8] {
        let pack = try VoicePackCatalog.builtIn.pack(for: "en-US")
        let reader = CodeReader(engine: FakeEngine(), resampler: PlainResampler(), encoder: SoundFileEncoder())
        let script = try Script(code: try VerificationCode("4071"), pack: pack)
        let whole = try await reader.render(script, length: .init(readings: 1), as: .wav(rate))
        return Array(whole.slices.flatMap { $0 }.dropFirst(44))
    }

    /// The sound of some frames, without the silence before the first word.
    private static func sound(_ frames: [AudioSocketPeer.Message]) -> [UInt8] {
        Array(frames.flatMap(\.payload).drop { $0 == 0 })
    }

    /// Frames until so many with sound have come.
    private static func frames(_ count: Int, of peer: AudioSocketPeer) async -> [AudioSocketPeer.Message] {
        var frames: [AudioSocketPeer.Message] = []
        for await message in peer.messages {
            guard !frames.isEmpty || message.payload.contains(where: { $0 != 0 }) else { continue }
            frames.append(message)
            if frames.count == count { break }
        }
        return frames
    }

    @Test("needs nothing of the peer but its UUID, and is read in frames of 20 ms until the peer hangs up")
    func transcript() async throws {
        try await TestService.run(["audioSocketPort": "0"]) { service in
            let call = try await service.audioSocketCall()
            let peer = try await service.begin(call)
            let frames = await Self.frames(100, of: peer)
            #expect(frames.count == 100)
            #expect(frames.allSatisfy { $0.kind == 0x10 && $0.payload.count == 320 })
            #expect(!peer.hasSeenPart, "header and payload come together")
            // Low byte first, from the first word on.
            let heard = Self.sound(frames)
            #expect(Array(try await Self.words(at: .hz8000).drop { $0 == 0 }.prefix(heard.count)) == heard)
            await peer.hangUp()
            let line = try await service.endOfCall()
            #expect(line.contains("end=hungUp") && line.contains("client=127.0.0.1") && line.contains("link="))
            let series = #"speakcode_calls_total{transport="audioSocket",end="hungUp"}"#
            #expect(try await service.metric(series) == 1)
            #expect(try await service.metric("speakcode_live_calls") == 0)
            // Whoever has the UUID hears the code.
            let log = service.log.all.joined(separator: "\n").lowercased()
            #expect(!log.contains(call.uuid.uuidString.lowercased()))
        }
    }

    @Test("can be asked for as the arguments of AudioSocket() alone")
    func arguments() async throws {
        try await TestService.run(["audioSocketPort": "0", "mediaHost": "node7.example"]) { service in
            let answer = try await service.post(
                #"{"code":"4071","format":"audiosocket"}"#, headers: ["Accept": "text/plain"])
            #expect(answer.text.wholeMatch(of: /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12},node7\.example:\d+/) != nil)
        }
    }

    @Test("is never early, and does not drift")
    func timing() async throws {
        try await TestService.run(["audioSocketPort": "0"]) { service in
            // A machine that holds the loop up for longer than a phone can bridge moves the call: it is tried again.
            var lag = Duration.seconds(1)
            for _ in 0..<4 where lag > .milliseconds(10) {
                let call = try await service.audioSocketCall()
                let began = ContinuousClock.now
                let peer = try await service.begin(call)
                var lateness: [Duration] = []
                for await message in peer.messages.prefix(200) {
                    // No frame can be due before the call began.
                    lateness.append(began.duration(to: message.at) - .milliseconds(20) * lateness.count)
                }
                #expect(lateness.count == 200)
                #expect(lateness.allSatisfy { $0 > .zero }, "a frame is early")
                let (early, late) = (lateness.prefix(60).min(), lateness.suffix(60).min())
                lag = (late ?? .seconds(1)) - (early ?? .zero)
                await peer.hangUp()
            }
            #expect(lag <= .milliseconds(10))
        }
    }

    @Test(
        "is heard at the rate of the peer's channel, or at 8 kHz where that has no voice",
        arguments: [
            (0x10, 0x10, 160, .hz8000), (0x12, 0x12, 640, .hz16000), (0x13, 0x13, 960, .hz24000),
            (0x15, 0x15, 1764, .hz44100), (0x16, 0x16, 1920, .hz48000), (0x11, 0x10, 480, .hz8000),
            (0x14, 0x10, 1280, .hz8000), (0x18, 0x10, 7680, .hz8000),
        ] as [(UInt8, UInt8, Int, SampleRate)])
    func rates(sent: UInt8, answered: UInt8, byteCount: Int, rate: SampleRate) async throws {
        try await TestService.run(["audioSocketPort": "0"]) { service in
            let peer = try await service.begin(try await service.audioSocketCall())
            // Before the peer says a word.
            let first = await peer.next()
            #expect(first?.kind == 0x10 && first?.payload.count == 320)
            await peer.send(kind: sent, [UInt8](repeating: 0, count: byteCount))
            for await message in peer.messages where message.kind == answered { break }
            let words = try await Array(Self.words(at: rate).drop { $0 == 0 })
            if answered == 0x10 {
                _ = await peer.messages.prefix(10).reduce(0) { total, _ in total + 1 }
            } else {
                // It begins anew, since it is at the first word yet.
                let frames = await Self.frames(20, of: peer)
                #expect(frames.allSatisfy { $0.kind == answered && $0.payload.count == rate.hertz / 25 })
                let heard = Self.sound(frames).prefix(words.count)
                #expect(Array(heard) == Array(words.prefix(heard.count)))
            }
            await peer.hangUp()
        }
    }

    @Test("goes on behind its gate with a key, and from the beginning with another")
    func keys() async throws {
        try await TestService.run(["audioSocketPort": "0"]) { service in
            let call = try await service.audioSocketCall(#"{"code":"4071","locale":"en-US","gate":true}"#)
            let peer = try await service.begin(call)
            let words = try await Array(Self.words(at: .hz8000).drop { $0 == 0 }.prefix(4000))
            _ = await Self.frames(5, of: peer)
            // Asterisk sends no sound while a key is down, and the key when it is released.
            await peer.send(kind: 0x03, Array("1".utf8))
            #expect(await Self.hears(words, from: peer))
            await peer.send(kind: 0x03, Array("1".utf8))
            #expect(await Self.hears(words, from: peer))
            await peer.hangUp()
            #expect(try await service.endOfCall().contains("keys=2"))
        }
    }

    /// Whether some words come within the next frames.
    private static func hears(_ words: [UInt8], from peer: AudioSocketPeer) async -> Bool {
        var heard: [UInt8] = []
        for await message in peer.messages.prefix(500) {
            heard += message.payload
            guard heard.count >= words.count else { continue }
            if heard.suffix(words.count + 320).firstRange(of: words) != nil { return true }
        }
        return false
    }

    @Test("ends with three bytes, behind a whole reading, when its time is over")
    func time() async throws {
        try await TestService.run(["audioSocketPort": "0", "liveSeconds": "1"]) { service in
            let peer = try await service.begin(try await service.audioSocketCall(#"{"code":"4"}"#))
            var last: AudioSocketPeer.Message?
            for await message in peer.messages {
                if last?.kind == 0x00 { Issue.record("something follows the end") }
                last = message
                // The caller goes on speaking meanwhile.
                await peer.send(kind: 0x10, [UInt8](repeating: 0, count: 320))
            }
            #expect(last?.kind == 0x00 && last?.payload == [])
            let line = try await service.endOfCall()
            #expect(line.contains("end=time") && line.contains("readings=1"))
        }
    }

    @Test("ends when its time is over, though keys keep every reading from its end")
    func timeOfKeys() async throws {
        try await TestService.run(["audioSocketPort": "0", "liveSeconds": "1"]) { service in
            let peer = try await service.begin(try await service.audioSocketCall(#"{"code":"735198"}"#))
            var count = 0
            var last: AudioSocketPeer.Message?
            // Each reading is longer than the time between two keys; more than ten times of the call's time is never.
            for await message in peer.messages.prefix(500) {
                last = message
                count += 1
                if count % 20 == 0 { await peer.send(kind: 0x03, Array("1".utf8)) }
            }
            #expect(last?.kind == 0x00)
            let line = try await service.endOfCall()
            #expect(line.contains("end=time") && line.contains("readings=0"), "\(line)")
        }
    }

    @Test("ends with three bytes when the service does")
    func cancelled() async throws {
        var peer: AudioSocketPeer?
        try await TestService.run(["audioSocketPort": "0"]) { service in
            peer = try await service.begin(try await service.audioSocketCall())
            _ = await peer?.next()
        }
        #expect(await peer?.last()?.kind == 0x00)
    }

    @Test("is refused with three bytes where nothing waits under its UUID")
    func unknown() async throws {
        try await TestService.run(["audioSocketPort": "0"]) { service in
            let call = try await service.audioSocketCall()
            let peer = try await service.begin(.init(port: call.port, uuid: UUID()))
            #expect(await peer.next()?.kind == 0x00)
            #expect(await peer.next() == nil)
            #expect(try await service.endOfCall().contains("end=noSuchCall"))
        }
    }

    @Test("is refused with three bytes where as many are listening as may")
    func bound() async throws {
        try await TestService.run(["audioSocketPort": "0", "liveCalls": "1"]) { service in
            let call = try await service.audioSocketCall()
            let first = try await service.begin(call)
            #expect(await first.next()?.kind == 0x10)
            #expect(await (try service.begin(call)).last()?.kind == 0x00)
            await first.hangUp()
        }
    }

    @Test("waits no longer than its link is valid")
    func expired() throws {
        let clock = Mutex(1_000_000)
        let now = 1_000_000
        let waiting = PendingCalls(mostPerCaller: 100, time: CalendarTime { clock.withLock(\.self) })
        let locale = try #require(LanguageTag("en-US"))
        func add(_ lifetime: Int) throws -> UUID {
            let announcement = Announcement(
                content: .code(try VerificationCode("4071"), .usual), locale: locale,
                second: nil, pacing: RequestedPacing(), readings: 3, longest: 60, issued: now,
                expires: now + lifetime)
            return try waiting.add(announcement, of: "bank") { _ in "" }
        }
        #expect(waiting[try add(0)] == nil)
        let calls = try (1...60).map { _ in try add(60) }
        #expect(calls.allSatisfy { waiting[$0] != nil })
        // Nobody asks for any of them again, and none is kept.
        clock.withLock { $0 += 61 }
        let next = try add(120)
        #expect(waiting.count == 1 && waiting[next] != nil)
        // The last as well, though nobody calls any more.
        clock.withLock { $0 += 121 }
        waiting.sweep()
        #expect(waiting.count == 0)
    }

    /// What a peer may do that no gateway does, and how its call is logged.
    enum Misdeed: CaseIterable, Sendable {
        case noise, uuidTwice, lateUUID, silenceOfOld, keyOfNone, half, halfUUID, nothing, flood, keys, deaf
    }

    @Test("ends alone where its peer does not hold to the protocol", arguments: Misdeed.allCases)
    func misdeeds(misdeed: Misdeed) async throws {
        try await TestService.run(["audioSocketPort": "0"]) { service in
            let call = try await service.audioSocketCall()
            let good = try await service.begin(try await service.audioSocketCall())
            #expect(await good.next()?.kind == 0x10)
            let hello = AudioSocketPeer.hello(call.uuid)
            let bad = try await AudioSocketPeer(
                port: call.port, reading: misdeed != .deaf, receiveBuffer: misdeed == .deaf ? 2048 : nil)
            switch misdeed {
            case .noise: await bad.send(Array("GET / HTTP/1.1\r\n\r\n".utf8))
            case .nothing: break
            case .halfUUID: await bad.send(Array(hello.prefix(9)))
            case .lateUUID: await bad.send(AudioSocketPeer.message(0x10, [0, 0]) + hello)
            case .uuidTwice: await bad.send(hello + hello)
            case .silenceOfOld: await bad.send(hello + [0x02, 0, 0])
            case .keyOfNone: await bad.send(hello + [0x03, 0, 0])
            case .half: await bad.send(hello + [0x10, 0x01])
            case .flood:
                let second = [UInt8](
                    (0..<50).flatMap { _ in AudioSocketPeer.message(0x10, [UInt8](repeating: 1, count: 320)) })
                await bad.send(hello)
                while await bad.send(second) {}
            case .keys:
                await bad.send(hello)
                while await bad.send(AudioSocketPeer.message(0x03, [0x31])) {}
            case .deaf: await bad.send(hello + AudioSocketPeer.message(0x16, [UInt8](repeating: 1, count: 1920)))
            }
            let line = try await service.endOfCall()
            #expect(line.contains("end=protocolError"), "\(line)")
            if misdeed != .deaf { #expect(await bad.last()?.kind != 0x00) }
            // The other call goes on.
            while let message = await good.next(), message.payload.allSatisfy({ $0 == 0 }) {}
            #expect(await good.next()?.kind == 0x10)
            await good.hangUp()
        }
    }

    @Test("goes on for several readings where the peer is silent from the beginning")
    func silence() async throws {
        // A gateway whose caller sends nothing has nothing to send, either; one that froze is not told from it for so long.
        try await TestService.run(["audioSocketPort": "0", "idleSeconds": "4"]) { service in
            let peer = try await service.begin(try await service.audioSocketCall())
            // Six seconds of frames: longer than four, and far from sixteen on a busy machine, too.
            #expect(await peer.messages.prefix(300).reduce(0) { count, _ in count + 1 } == 300)
            await peer.hangUp()
        }
    }
}
