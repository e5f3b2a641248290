// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCode
import SpeakCodeGateways
import SpeakCodeTesting
import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

/// What a text telephone reads at the other end of each way by which a call is heard.
@Suite("A text telephone in a call", .timeLimit(.minutes(5)))
struct TextTelephoneCallTests {
    /// A rendition, its speed, and the seconds of the first reading that is written.
    struct Rendition: CustomTestStringConvertible {
        let name: String
        let bitsPerSecond: Double
        let seconds: Int
        var testDescription: String { name }
    }

    /// Of a mixed one the tones are behind the second reading.
    static let renditions = [
        Rendition(name: "tty", bitsPerSecond: 45.45, seconds: 5),
        Rendition(name: "tty-50", bitsPerSecond: 50, seconds: 5),
        Rendition(name: "mixed", bitsPerSecond: 45.45, seconds: 12),
        Rendition(name: "mixed-50", bitsPerSecond: 50, seconds: 12),
    ]

    private static func body(_ rendition: Rendition) -> String {
        #"{"code":"12","template":"code-only","rendition":"\#(rendition.name)","#
            + #""pacing":{"symbolPause":100,"readingPause":200}}"#
    }

    private static func expect(_ samples: [Int16], _ rendition: Rendition) {
        let text = TTYReceiver(samples, hertz: 8000, bitsPerSecond: rendition.bitsPerSecond).read().text
        #expect(text.contains("CODE 12 12 12"), "\(text)")
    }

    @Test("reads every character over AudioSocket", arguments: renditions)
    func audioSocket(rendition: Rendition) async throws {
        try await TestService.run(["audioSocketPort": "0"]) { service in
            let peer = try await service.begin(try await service.audioSocketCall(Self.body(rendition)))
            var sound: [UInt8] = []
            for await message in peer.messages {
                sound += message.payload
                if sound.count >= rendition.seconds * 16_000 { break }
            }
            await peer.hangUp()
            Self.expect(PCM(littleEndian: sound, hertz: 8000).samples, rendition)
        }
    }

    @Test("reads every character over a WebSocket", arguments: renditions)
    func webSocket(rendition: Rendition) async throws {
        try await TestService.run { service in
            let call = try await service.call(Self.body(rendition))
            try await WebSocketPeer.connect(to: call.webSocket, subprotocol: "speakcode.browser") { peer in
                try await peer.send(#"{"listen": 8000}"#)
                var sound: [UInt8] = []
                while sound.count < rendition.seconds * 16_000, let frame = try await peer.next() {
                    if case .binary(let bytes) = frame { sound += bytes }
                }
                Self.expect(PCM(littleEndian: sound, hertz: 8000).samples, rendition)
            }
        }
    }

    @Test(
        "reads every character of what a gateway's document has played, in each of them", arguments: Gateways.documents)
    func document(_ document: CallDocument) async throws {
        try await TestService.run { service in
            for rendition in Self.renditions {
                let answer = try await service.post(Self.body(rendition))
                let documents = try #require(
                    try answer.field("calls", as: [String: Any].self)["documents"] as? [String: String])
                let text = try await service.get(try #require(documents[document.name])).text
                let audio = try #require(text.firstMatch(of: /https?:\/\/[^"<>\\ ]+\/a\/[A-Za-z0-9_-]+\.[a-z]+/))
                let wav = try await service.get(String(audio.output))
                #expect(wav["content-type"] == "audio/wav")
                Self.expect(PCM(littleEndian: Array(wav.body.dropFirst(44)), hertz: 8000).samples, rendition)
            }
        }
    }
}
