// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCodeGateways
import SpeakCodeTesting
import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

@Suite("Asterisk, which opens a WebSocket to be asked for calls", .timeLimit(.minutes(1)))
struct ARIDoorTests {
    private static let flags = [
        "asteriskDial": "PJSIP/{number}@trunk", "asteriskUser": "asterisk", "asteriskNumbers": "+4930987654",
        "audioSocketPort": "0",
    ]
    private static let environment = ["SPEAKCODE_ASTERISK_PASSWORD": "s3cret"]

    private static func basic(_ text: String) -> [String: String] {
        ["Authorization": "Basic " + Data(text.utf8).base64EncodedString()]
    }

    private static func run(_ body: (String, SocketGateway) async throws -> Void) async throws {
        try await TestService.run(flags, environment: environment) { test in
            let gateway = try #require(test.service.service.gateways.first)
            try await body("ws" + test.base.dropFirst("http".count) + "/asterisk", gateway)
        }
    }

    @Test("is asked for a call, tells of it to its end, and hands it on once it is answered")
    func places() async throws {
        try await Self.run { url, gateway in
            try await WebSocketPeer.connect(to: url, subprotocol: "ari", headers: Self.basic("asterisk:s3cret")) {
                peer in
                #expect(peer.head.hasPrefix("HTTP/1.1 101 ") && peer.head.lowercased().contains("protocol: ari"))
                var asterisk = FakeARI(.heard)
                let told = Told()
                while !gateway.dialer.isReady { try await Task.sleep(for: .milliseconds(2)) }
                let order = CallOrder(
                    id: "0b0c5a52-7a6e-4d55-9c0f-0a8a1d0d7f11", to: .number("+4930123456"),
                    heard: .audioSocket(uuid: "40325ec2-5efd-4bd3-805f-53576e581d13", address: "127.0.0.1:9092"))
                let placed = Task { await gateway.dialer.dial(order) { told.tell($0) } }
                // The channel, and the subscription to it.
                for _ in 0..<2 {
                    let text = try #require(try await peer.nextText())
                    for message in asterisk.take(Array(text.utf8)) {
                        try await peer.send(String(decoding: message, as: UTF8.self))
                    }
                }
                #expect(await placed.value == .placed(order.id))
                while let messages = asterisk.next() {
                    for message in messages { try await peer.send(String(decoding: message, as: UTF8.self)) }
                }
                let next = try #require(try await peer.nextText())
                #expect(next.contains("continue?context=speakcode&extension=audiosocket"))
                await told.end()
                #expect(told.progress.dropLast() == [.ringing, .answered])
                #expect(asterisk.placed == ["PJSIP/+4930123456@trunk"])
            }
            while gateway.dialer.isReady { try await Task.sleep(for: .milliseconds(2)) }
        }
    }

    @Test(
        "is let in with its user and password, by its subprotocol, and not else",
        arguments: [
            ("asterisk:wrong!", "ari", 401), ("asterisk:s3cret2", "ari", 401), (":", "ari", 401), ("", "ari", 401),
            ("asterisk:s3cret", nil, 400), ("asterisk:s3cret", "media", 400),
        ] as [(String, String?, Int)])
    func refused(credential: String, subprotocol: String?, status: Int) async throws {
        try await Self.run { url, gateway in
            try await WebSocketPeer.connect(
                to: url, subprotocol: subprotocol, headers: credential.isEmpty ? [:] : Self.basic(credential)
            ) { peer in
                #expect(peer.head.hasPrefix("HTTP/1.1 \(status) "), "\(peer.head.prefix(40))")
            }
            #expect(!gateway.dialer.isReady)
        }
    }

    @Test("is closed where it says what Asterisk does not")
    func nonsense() async throws {
        try await Self.run { url, gateway in
            try await WebSocketPeer.connect(to: url, subprotocol: "ari", headers: Self.basic("asterisk:s3cret")) {
                peer in
                try await peer.send("no JSON")
                #expect(try await peer.closed() == 1002)
            }
        }
    }
}
