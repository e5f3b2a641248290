// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCode
import TestSupport
import Testing

/// `samples/vectors/t140.json`: the packets of RTP that bring a text.
@Suite("The vectors of real-time text")
struct RealTimeTextVectorTests {
    struct Vector: Codable {
        let text: String
        /// Payload types; absent where each text is sent but once.
        let redundant: UInt8?
        let charactersPerSecond: Int
        let packets: [Packet]
    }

    struct Packet: Codable {
        /// Milliseconds behind the text's first.
        let at: Int
        /// The whole packet, in hexadecimal.
        let bytes: String
    }

    @Test("are what the text makes")
    func current() throws {
        var vectors: [Vector] = []
        for text in ["735198\n", "認証コード\r\n👩‍👩‍👧"] {
            for (redundant, charactersPerSecond) in [(UInt8?.some(100), 30), (nil, 10)] {
                let format = RealTimeText.Format(redundant: redundant, charactersPerSecond: charactersPerSecond)
                var session = RealTimeText(format, source: 0xA1B2_C3D4, sequence: 0xFFFF, timestamp: 1000)
                let packets = session.packets(for: text, at: .zero).map { packet in
                    Packet(
                        at: Int(packet.time / .milliseconds(1)),
                        bytes: packet.bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
                }
                vectors.append(
                    Vector(
                        text: text, redundant: redundant, charactersPerSecond: charactersPerSecond, packets: packets))
            }
        }
        #expect(
            try Vectors.difference(
                of: "t140", from: vectors,
                with: ["textType": "98", "source": "a1b2c3d4", "firstSequence": "65535", "timestampAtZero": "1000"])
                == nil)
    }
}
