// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCode
import SpeakCodeTesting
import Synchronization
import Testing

@Suite("Real-time text")
struct RealTimeTextTests {
    private static func session(_ format: RealTimeText.Format = .init()) -> RealTimeText {
        RealTimeText(format, source: 0xA1B2_C3D4, sequence: 0xFFFF, timestamp: 1000)
    }

    private static func hexadecimal(_ packet: RealTimeText.Packet) -> String {
        packet.bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static func read(
        _ packets: [RealTimeText.Packet], losing lost: Set<Int> = [], _ format: RealTimeText.Format = .init()
    ) -> RealTimeTextReceiver {
        var receiver = RealTimeTextReceiver(text: format.text, redundant: format.redundant)
        for (place, packet) in packets.enumerated() where !lost.contains(place) { receiver.take(packet.bytes) }
        return receiver
    }

    @Test("is these bytes: marked, numbered and timed, each packet with the two before it")
    func golden() {
        var text = Self.session()
        let packets = text.packets(for: "123 456\n", at: .zero)
        #expect(packets.map(\.time) == [.zero, .seconds(1), .milliseconds(1300), .milliseconds(1600)])
        #expect(
            packets.map(Self.hexadecimal) == [
                // Marked, of type 100; two texts of no length, and the mark that begins a session.
                "80e4ffff000003e8a1b2c3d4" + "e2000000" + "e2000000" + "62" + "efbbbf",
                "80640000000007d0a1b2c3d4" + "e20fa000" + "e20fa003" + "62" + "efbbbf" + "31323320343536e280a8",
                "80640001000008fca1b2c3d4" + "e2145003" + "e204b00a" + "62" + "efbbbf" + "31323320343536e280a8",
                "8064000200000a28a1b2c3d4" + "e209600a" + "e204b000" + "62" + "31323320343536e280a8",
            ])
    }

    @Test("says again what is 600 and 300 ms old, as RFC 2198 has it")
    func generations() {
        var text = Self.session(.init(charactersPerSecond: 4))
        _ = text.packets(for: "0", at: .zero)
        let packets = text.packets(for: "123", at: .seconds(10))
        #expect(Self.hexadecimal(packets[2]).hasSuffix("e2096001" + "e204b001" + "62" + "313233"))
        #expect(packets.count == 5)
    }

    @Test("is the text alone where each is sent but once")
    func plain() {
        var text = Self.session(.init(text: 96, redundant: nil))
        let packets = text.packets(for: "7\n", at: .seconds(1))
        #expect(
            packets.map(Self.hexadecimal) == ["80e0ffff000007d0a1b2c3d4efbbbf", "8060000000000bb8a1b2c3d437e280a8"])
    }

    @Test(
        "is no more at a time than the receiver takes, by code points, in whole characters",
        arguments: [(30, 9), (10, 3), (4, 1), (1, 1)])
    func paced(charactersPerSecond: Int, atOnce: Int) {
        let written = "Ваш код: 735 198 é👩‍👧 नमस्ते สวัสดี"
        var plain = Self.session(.init(redundant: nil, charactersPerSecond: charactersPerSecond))
        let alone = plain.packets(for: written, at: .zero).dropFirst()
        let texts = alone.map { String(decoding: $0.bytes.dropFirst(12), as: UTF8.self) }
        #expect(texts.joined() == written)
        for (text, (packet, next)) in zip(texts, zip(alone, alone.dropFirst())) {
            let count = text.unicodeScalars.count
            #expect(count <= atOnce || text.count == 1)
            let pause = max(.milliseconds(300), .seconds(1) * count / charactersPerSecond)
            #expect(next.time - packet.time == pause)
        }
        var text = Self.session(.init(charactersPerSecond: charactersPerSecond))
        let packets = text.packets(for: written, at: .zero)
        #expect(packets.count == 1 + texts.count + 2)
        // Each one alone is whole, but for what was lost before it.
        for place in packets.indices {
            #expect(Self.read([packets[place]]).shown.contains("\u{FFFD}") == false)
        }
        #expect(Self.read(packets).shown == written)
    }

    @Test("takes no wish of a stranger's that has no bound")
    func bounds() {
        let most = RealTimeText.Format(generations: .max, charactersPerSecond: .max)
        let least = RealTimeText.Format(generations: .min, charactersPerSecond: .min)
        for format in [most, least] {
            var text = Self.session(format)
            let packets = text.packets(for: "735198\n", at: .zero)
            #expect(packets.allSatisfy { $0.bytes.count < 200 } && packets.count < 20)
        }
    }

    @Test("begins a session once, and marks what follows a silence")
    func texts() {
        var text = Self.session()
        var packets = text.packets(for: "Your code is:\n735198\n", at: .zero)
        let first = packets.count
        packets += text.packets(for: "I repeat:\n735198\n", at: .seconds(7))
        let receiver = Self.read(packets)
        #expect(receiver.written.hasPrefix("\u{FEFF}Y"))
        #expect(receiver.shown == "Your code is:\n735198\nI repeat:\n735198\n" && receiver.faults == 0)
        #expect(receiver.marks.indices.filter { receiver.marks[$0] } == [0, first])
    }

    @Test("follows what is not through yet")
    func queued() {
        var text = Self.session()
        let first = text.packets(for: "1", at: .zero)
        let second = text.packets(for: "2", at: .milliseconds(20))
        #expect(first.last.map { $0.time + .milliseconds(300) } == second.first?.time)
        #expect(Self.read(first + second).shown == "12")
    }

    @Test("loses nothing by one or two packets in a row, wherever they are, and shows where more are lost")
    func lost() {
        var text = Self.session()
        let written = "Your verification code is:\n735 198\nI repeat:\n735 198\n"
        var packets = text.packets(for: written, at: .zero)
        packets += text.packets(for: "end", at: .seconds(20))
        for place in 1..<(packets.count - 2) {
            #expect(Self.read(packets, losing: [place]).shown == written + "end")
            if place < packets.count - 3 {
                #expect(Self.read(packets, losing: [place, place + 1]).shown == written + "end")
            }
        }
        #expect(Self.read(packets, losing: [1, 2, 3]).shown.filter { $0 == "\u{FFFD}" }.count == 1)
        #expect(Self.read(packets, losing: [1, 2, 4, 5, 7]).shown == written + "end")
    }

    @Test("has the ends of lines that T.140 has, and no other control characters", arguments: ["\n", "\r\n", "\r"])
    func controls(end: String) {
        var text = Self.session()
        let receiver = Self.read(text.packets(for: "a\u{7}\u{8}\(end)b\u{9B}", at: .zero))
        #expect(receiver.written == "\u{FEFF}a\u{2028}b")
        #expect(text.packets(for: "\u{7}", at: .zero).isEmpty && text.packets(for: "", at: .zero).isEmpty)
    }

    @Test("does not show itself")
    func hidden() {
        var text = Self.session()
        let packets = text.packets(for: "735198", at: .zero)
        var dumped = ""
        dump(packets, to: &dumped)
        dump(text, to: &dumped)
        #expect(!"\(packets)\(text)\(dumped)".contains("55"))
    }
}

@Suite("Readings in writing", .timeLimit(.minutes(5)))
struct WritingTests {
    private static let reader = CodeReader.plain()

    /// What is written of the first readings.
    private func writings(_ script: Script, _ count: Int, codes: NextCode.Source? = nil) async throws -> [String] {
        let live = try #require(try await Self.reader.stream(script, clock: ManualClock(), codes: codes))
        var (frames, reading, written) = (live.frames(), -1, [String]())
        while written.count < count, let frame = frames.next() {
            if frame.reading != reading { written.append(frames.writing) }
            reading = frame.reading
        }
        return written
    }

    @Test(
        "have the sentence and, on a line of its own, the code in its groups, however it is delivered",
        arguments: Delivery.all)
    func sentence(delivery: Delivery) async throws {
        let script = try Script(code: VerificationCode("735 198"), pack: TestPack.pack()).delivered(delivery)
        let again = "I repeat:\n735 198\n"
        #expect(try await writings(script, 3) == ["Your code is:\n735 198\n", again, again])
    }

    @Test("of two languages are both, and of one that runs from right to left the code does not")
    func languages() async throws {
        let arabic = try Script(code: VerificationCode("7351"), pack: VoicePackCatalog.builtIn.pack(for: "ar-SA"))
        let script = try Script(code: VerificationCode("7351"), pack: TestPack.pack()).inTurn(with: arabic)
        let lines = try #require(try await writings(script, 1).first).split(separator: "\n")
        #expect(lines.count == 4 && lines.prefix(2) == ["Your code is:", "7351"] && lines.last == "\u{200E}7351")
    }

    @Test("have the code in its own case, each symbol once")
    func cases() async throws {
        let code = try VerificationCode("aB1c", keepingCase: true)
        let script = try Script(code: code, pack: VoicePackCatalog.builtIn.pack(for: "en-US"))
        #expect(try await writings(script, 1).first?.hasSuffix("\naB1c\n") == true)
    }

    @Test("have the code of their own where it changes")
    func changing() async throws {
        let codes = try ["7351", "7351", "9824"].map { NextCode(try VerificationCode($0)) }
        let asked = Mutex(0)
        let script = try Script(code: codes[0].code, pack: TestPack.pack())
        let written = try await writings(script, 3) {
            asked.withLock { asked in
                defer { asked += 1 }
                return codes[min(asked, 2)]
            }
        }
        #expect(written.map { $0.split(separator: "\n").last } == ["7351", "7351", "9824"])
    }

    @Test("of the question for a key are the question")
    func gate() async throws {
        let script = try Script(gateOf: VoicePackCatalog.builtIn.pack(for: "en-US"))
        let written = try #require(try await writings(script, 1).first)
        #expect(written.contains("1") && written.split(separator: "\n").count == 1)
    }
}
