// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCodeGateways
import SpeakCodeTesting
import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

@Suite("An Asterisk whose REST interface is taken over HTTP", .timeLimit(.minutes(1)))
struct ARIClientTests {
    private static let (user, password) = ("asterisk", "s3cret")

    private static func order(_ number: Int = 1) -> CallOrder {
        CallOrder(
            id: "0b0c5a52-7a6e-4d55-9c0f-0a8a1d0d7f1\(number)", to: .number("+4930123456"),
            heard: .audioSocket(uuid: "40325ec2-5efd-4bd3-805f-53576e581d13", address: "127.0.0.1:9092"))
    }

    private static func run(
        _ asterisk: LoopbackARI, password: String = password, _ body: (TestService, SocketGateway) async throws -> Void
    ) async throws {
        try await asterisk.run { url in
            try await TestService.run(
                [
                    "asteriskURL": url, "asteriskDial": "PJSIP/{number}@trunk", "asteriskUser": user,
                    "asteriskNumbers": "+4930987654", "audioSocketPort": "0",
                ], environment: ["SPEAKCODE_ASTERISK_PASSWORD": password]
            ) { service in
                try await body(service, try #require(service.service.service.gateways.first))
            }
        }
    }

    @Test("is asked for a call, tells of it to its end, and hands it on once it is answered")
    func places() async throws {
        let asterisk = LoopbackARI(user: Self.user, password: Self.password)
        try await Self.run(asterisk) { _, gateway in
            while !gateway.dialer.isReady || !asterisk.isListenedTo { try await Task.sleep(for: .milliseconds(2)) }
            let (order, told) = (Self.order(), Told())
            #expect(await gateway.dialer.dial(order) { told.tell($0) } == .placed(order.id))
            #expect(asterisk.step() && asterisk.step(), "it rings, and is answered")
            while asterisk.continued.isEmpty { try await Task.sleep(for: .milliseconds(2)) }
            while asterisk.step() {}
            await told.end()
            #expect(told.progress.dropLast() == [.ringing, .answered])
            #expect(asterisk.continued == ["context=speakcode&extension=audiosocket&priority=1"])
            #expect(asterisk.placed == ["PJSIP/+4930123456@trunk"])
        }
    }

    @Test("is asked once, and whether it has the call, where the answer is lost")
    func lost() async throws {
        let asterisk = LoopbackARI(user: Self.user, password: Self.password, .ringing)
        try await Self.run(asterisk) { _, gateway in
            while !gateway.dialer.isReady || !asterisk.isListenedTo { try await Task.sleep(for: .milliseconds(2)) }
            asterisk.loseNextAnswer()
            let order = Self.order(2)
            #expect(await gateway.dialer.dial(order) { _ in } == .placed(order.id))
            #expect(asterisk.asked.filter { $0.hasPrefix("POST channels/") }.count == 1)
            #expect(asterisk.asked.contains("GET channels/\(order.id)"))
        }
    }

    @Test("is hung up")
    func ended() async throws {
        let asterisk = LoopbackARI(user: Self.user, password: Self.password, .ringing)
        try await Self.run(asterisk) { _, gateway in
            while !gateway.dialer.isReady || !asterisk.isListenedTo { try await Task.sleep(for: .milliseconds(2)) }
            let (order, told) = (Self.order(3), Told())
            #expect(await gateway.dialer.dial(order) { told.tell($0) } == .placed(order.id))
            while asterisk.step() {}
            await gateway.dialer.hangUp(order.id, isAnswered: false)
            await told.end()
            #expect(asterisk.asked.contains("DELETE channels/\(order.id)?reason=normal"))
        }
    }

    @Test("is connected to anew when its WebSocket is gone, and asked what became of the calls")
    func again() async throws {
        let asterisk = LoopbackARI(user: Self.user, password: Self.password, .ringing)
        try await Self.run(asterisk) { _, gateway in
            while !gateway.dialer.isReady || !asterisk.isListenedTo { try await Task.sleep(for: .milliseconds(2)) }
            let order = Self.order(4)
            #expect(await gateway.dialer.dial(order) { _ in } == .placed(order.id))
            asterisk.hangUp()
            while !asterisk.asked.contains("GET channels/\(order.id)") { try await Task.sleep(for: .milliseconds(2)) }
        }
    }

    @Test("is told of in the log where it lets nobody in")
    func locked() async throws {
        let asterisk = LoopbackARI(user: Self.user, password: Self.password)
        try await Self.run(asterisk, password: "wrong") { service, gateway in
            while !service.log.all.contains(where: { $0.contains("no connection to the gateway") }) {
                try await Task.sleep(for: .milliseconds(2))
            }
            let line = service.log.all.first { $0.contains("no connection to the gateway") } ?? ""
            #expect(line.contains("gateway=asterisk") && !line.contains("wrong"), "\(line)")
            #expect(!gateway.dialer.isReady)
        }
    }
}
