// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCode
import SpeakCodeGateways
import SpeakCodeSIP
import SpeakCodeTesting
import Testing

@Suite("Answers to an offer")
struct AnswerTests {
    private static func answer(_ lines: String...) -> [UInt8] {
        Array((["v=0", "o=- 1 1 IN IP4 192.0.2.7", "s=-"] + lines).map { $0 + "\r\n" }.joined().utf8)
    }

    @Test(
        "say where sound goes, how it is coded, and how keys come",
        arguments: [
            (
                answer("c=IN IP4 192.0.2.7", "t=0 0", "m=audio 4000 RTP/AVP 0"),
                SIPMedia(host: "192.0.2.7", port: 4000, rtcpPort: 4001, coding: .ulaw, keys: nil)
            ),
            (
                answer(
                    "c=IN IP4 192.0.2.7", "t=0 0", "m=audio 4000 RTP/AVP 8 0 96", "a=rtpmap:96 telephone-event/8000",
                    "a=rtcp:5005"),
                SIPMedia(host: "192.0.2.7", port: 4000, rtcpPort: 5005, coding: .alaw, keys: 96)
            ),
            (
                answer("c=IN IP4 192.0.2.7", "t=0 0", "m=audio 4000 RTP/AVP 0", "a=sendonly"),
                SIPMedia(host: "192.0.2.7", port: nil, rtcpPort: nil, coding: .ulaw, keys: nil)
            ),
            (
                answer("c=IN IP4 0.0.0.0", "t=0 0", "m=audio 4000 RTP/AVP 0"),
                SIPMedia(host: "0.0.0.0", port: nil, rtcpPort: nil, coding: .ulaw, keys: nil)
            ),
        ])
    func read(description: [UInt8], media: SIPMedia) {
        #expect(SIPAnswer.media(of: description) == media)
    }

    private static let sound = ["c=IN IP4 192.0.2.7", "t=0 0", "m=audio 4000 RTP/AVP 0"]

    private static func place(
        _ format: RealTimeText.Format, host: String = "192.0.2.7", rtcp: Int = 4101
    ) -> SIPMedia.Text {
        SIPMedia.Text(host: host, port: 4100, rtcpPort: rtcp, format: format)
    }

    @Test(
        "say where text goes, by which numbers, how often and how fast",
        arguments: [
            (
                [
                    "m=text 4100 RTP/AVP 100 98", "a=rtpmap:98 t140/1000", "a=rtpmap:100 red/1000",
                    "a=fmtp:100 98/98/98",
                ],
                place(.init())
            ),
            (
                [
                    "m=text 4100 RTP/AVP 97 96", "c=IN IP4 192.0.2.8", "a=rtpmap:96 t140/1000", "a=rtpmap:97 red/1000",
                    "a=fmtp:97 96/96", "a=fmtp:96 cps=20", "a=rtcp:4200",
                ],
                place(
                    .init(text: 96, redundant: 97, generations: 1, charactersPerSecond: 20), host: "192.0.2.8",
                    rtcp: 4200)
            ),
            (
                ["m=text 4100 RTP/AVP 98", "a=rtpmap:98 t140/1000"],
                place(.init(redundant: nil, generations: 0))
            ),
            (["m=text 0 RTP/AVP 100 98", "a=rtpmap:98 t140/1000", "a=rtpmap:100 red/1000"], nil),
            (["m=text 4100 RTP/AVP 98", "a=rtpmap:98 t140/1000", "a=sendonly"], nil),
            (["m=text 4100 RTP/AVP 98", "a=rtpmap:98 t140/1000", "a=inactive"], nil),
            (["m=text 4100 RTP/AVP 99", "a=rtpmap:99 telex/1000"], nil),
            ([], nil),
        ] as [([String], SIPMedia.Text?)])
    func realTimeText(lines: [String], text: SIPMedia.Text?) {
        let description = (["v=0", "o=- 1 1 IN IP4 192.0.2.7", "s=-"] + Self.sound + lines).map { $0 + "\r\n" }.joined()
        let media = SIPAnswer.media(of: Array(description.utf8))
        #expect(media?.port == 4000 && media?.text == text)
    }

    @Test(
        "are nothing where there is no sound that is sent",
        arguments: [
            answer("c=IN IP4 192.0.2.7", "t=0 0", "m=audio 4000 RTP/AVP 18"),
            answer("c=IN IP4 192.0.2.7", "t=0 0", "m=video 4000 RTP/AVP 0"),
            [], Array("v=0\r\n".utf8), [0],
        ])
    func refused(description: [UInt8]) {
        #expect(SIPAnswer.media(of: description) == nil)
    }

    @Test("of any bytes, and of good ones that were bent, crash nothing")
    func nonsense() {
        var generator = SeededGenerator(seed: 3)
        let good = Self.answer(
            "c=IN IP4 192.0.2.7", "t=0 0", "m=audio 4000 RTP/AVP 8 0 96", "a=rtpmap:96 telephone-event/8000",
            "a=fmtp:96 0-15", "a=ptime:20", "a=rtcp:5005 IN IP4 192.0.2.8", "m=text 4100 RTP/AVP 97 98",
            "a=rtpmap:98 t140/1000", "a=rtpmap:97 red/1000", "a=fmtp:97 98/98/98", "a=fmtp:98 cps=30")
        var readable = 0
        for round in 0..<20_000 {
            var bytes = good
            if round.isMultiple(of: 4) {
                bytes = (0..<Int.random(in: 0...200, using: &generator)).map { _ in
                    UInt8.random(in: 0 ... .max, using: &generator)
                }
            }
            for _ in 0..<Int.random(in: 1...6, using: &generator) where !bytes.isEmpty {
                let place = bytes.indices.randomElement(using: &generator) ?? 0
                switch Int.random(in: 0...3, using: &generator) {
                case 0: bytes[place] = UInt8.random(in: 0 ... .max, using: &generator)
                case 1: bytes.remove(at: place)
                case 2: bytes.removeLast(bytes.count - place)
                default: bytes.insert(contentsOf: bytes.prefix(place).suffix(40), at: place)
                }
            }
            if SIPAnswer.media(of: bytes) != nil { readable += 1 }
        }
        #expect(readable > 1000)
    }
}
