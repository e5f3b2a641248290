// SPDX-License-Identifier: GPL-3.0-or-later

import NIOCore
import NIOEmbedded
import SpeakCodeTesting
import TestSupport
import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

@Suite("A connection of HTTP/1 that is over")
struct ConnectionMemoryTests {
    @Test(
        "leaves nothing in memory",
        arguments: [
            "", "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", "GET /healthz HTTP/1.0\r\n\r\n",
            "POST /v1/announcements HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n", "nonsense\r\n\r\n",
        ])
    func over(sent: String) async throws {
        try await TestService.run { service in
            let responder = service.service.service.responder
            let isLeft = try Self.handler(behind: sent, responder) != nil
            #expect(!isLeft)
        }
    }

    /// What is left of a connection's handler when a client has sent something and is gone.
    private static func handler(behind sent: String, _ responder: ServiceResponder) throws -> HTTPHandler? {
        weak var handler: HTTPHandler?
        try connect(responder, sent) { handler = $0 }
        return handler
    }

    private static func connect(
        _ responder: ServiceResponder, _ sent: String, _ added: (HTTPHandler) -> Void
    ) throws {
        let channel = EmbeddedChannel()
        try channel.pipeline.syncOperations.addHandler(IdleClose(patience: .hours(1)))
        let connections = OpenConnections(.init(all: 1, address: 1, proxies: responder.proxies)) { _ in }
        let terms = HTTPTerms(
            responder: responder, connections: connections, patience: .seconds(10),
            deadline: AnswerDeadline(idle: .seconds(10)))
        try HTTP1Pipeline.add(to: channel, terms, isEncrypted: false)
        added(try channel.pipeline.syncOperations.handler(type: HTTPHandler.self))
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        if channel.isActive { try channel.writeInbound(ByteBuffer(string: sent)) }
        _ = try? channel.finish(acceptAlreadyClosed: true)
        #expect(!channel.isActive)
    }
}
