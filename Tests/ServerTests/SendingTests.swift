// SPDX-License-Identifier: GPL-3.0-or-later

import HTTPTypes
import NIOCore
import NIOPosix
import SpeakCodeGateways
import SpeakCodeService
import Testing

@testable import SpeakCodeServer

@Suite("Requests of the service's own")
struct SendingTests {
    @Test("reach a server, and bring its answer", .timeLimit(.minutes(1)))
    func answered() async throws {
        try await TestService.run { service in
            let sender = PooledHTTPSender(ProxyEnvironment([:]))
            let answer = try await sender.send(
                GatewayRequest(.get, service.base + "/healthz", headers: [.userAgent: "tests"]), within: .seconds(10))
            #expect(answer.status == 200 && answer.body == Array("alive\n".utf8))
            #expect(answer.headers[.contentType] == "text/plain")
            let posted = try await sender.send(
                GatewayRequest(
                    .post, service.base + "/v1/announcements", headers: [.contentType: "application/json"],
                    body: Array(#"{"code":"1234"}"#.utf8)), within: .seconds(10))
            #expect(posted.status == 201)
            await sender.close()
        }
    }

    @Test("that nobody takes are known not to have come anywhere", .timeLimit(.minutes(1)))
    func refused() async throws {
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(listener.localAddress?.port)
        try await listener.close()
        let sender = PooledHTTPSender(ProxyEnvironment([:]))
        for url in ["http://127.0.0.1:\(port)/", "http://127.0.0.1:\(port)/again", "nonsense"] {
            await #expect(throws: SendingError.notSent) {
                _ = try await sender.send(GatewayRequest(.post, url), within: .seconds(10))
            }
        }
        await sender.close()
    }

    @Test("are not sent any more once the service has ended, and no connection is made that nobody would close")
    func closed() async throws {
        let sender = PooledHTTPSender(ProxyEnvironment([:]))
        await sender.close()
        await #expect(throws: SendingError.notSent) {
            _ = try await sender.send(GatewayRequest(.get, "http://127.0.0.1:1/"), within: .seconds(10))
        }
        await #expect(throws: SendingError.notSent) {
            _ = try await sender.follow(GatewayRequest(.get, "http://127.0.0.1:1/")) { _ in true }
        }
        await sender.close()
    }

    @Test("that somebody takes and does not answer are known to be open", .timeLimit(.minutes(1)))
    func silent() async throws {
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(listener.localAddress?.port)
        let sender = PooledHTTPSender(ProxyEnvironment([:]))
        await #expect(throws: SendingError.noAnswer) {
            _ = try await sender.send(GatewayRequest(.post, "http://127.0.0.1:\(port)/"), within: .milliseconds(200))
        }
        await sender.close()
        try await listener.close()
    }

    @Test(
        "that are led elsewhere go nowhere else, with the secrets in them", .timeLimit(.minutes(1)),
        arguments: [301, 302, 303, 307, 308])
    func redirected(status: Int) async throws {
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        Saying("HTTP/1.1 \(status) Elsewhere\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(listener.localAddress?.port)
        let sender = PooledHTTPSender(ProxyEnvironment([:]))
        // Who followed would be led on and on.
        let answer = try await sender.send(
            GatewayRequest(.get, "http://127.0.0.1:\(port)/", headers: [.authorization: "Bearer x"]),
            within: .seconds(10))
        #expect(answer.status == status)
        await sender.close()
        try await listener.close()
    }

    /// Says the same to whatever comes.
    private final class Saying: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let text: String

        init(_ text: String) { self.text = text }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
        }
    }
}

@Suite("The proxies of the environment")
struct ProxyEnvironmentTests {
    private static let cases: [(String, [String: String], String?)] = [
        ("https://api.example.com/x", ["https_proxy": "http://proxy:3128"], "proxy:3128"),
        ("https://api.example.com/x", ["HTTPS_PROXY": "proxy:3128"], "proxy:3128"),
        ("https://api.example.com/x", ["ALL_PROXY": "http://proxy"], "proxy:1080"),
        ("http://api.example.com/x", ["http_proxy": "http://proxy:3128"], "proxy:3128"),
        ("http://api.example.com/x", ["https_proxy": "http://proxy:3128"], nil),
        // A client of a CGI names its header so.
        ("http://api.example.com/x", ["HTTP_PROXY": "http://proxy:3128"], nil),
        ("https://api.example.com/x", ["https_proxy": "socks5://proxy:3128"], nil),
        ("https://api.example.com/x", ["https_proxy": ""], nil), ("https://api.example.com/x", [:], nil),
    ]

    @Test("are those of an address's scheme", arguments: cases)
    func schemes(url: String, environment: [String: String], expected: String?) {
        let proxy = ProxyEnvironment(environment).proxy(for: url)
        #expect(proxy.map { "\($0.host):\($0.port)" } == expected)
    }

    @Test(
        "are passed by for some hosts, and for this machine",
        arguments: [
            ("https://api.example.com/", "", true), ("https://api.example.com/", "example.com", false),
            ("https://api.example.com/", ".example.com", false),
            ("https://api.example.com/", "example.net,api.example.com", false),
            ("https://notexample.com/", "example.com", true), ("https://api.example.com/", "*", false),
            ("https://127.0.0.1:8080/", "", false), ("https://localhost/", "", false), ("https://[::1]/", "", false),
        ])
    func direct(url: String, direct: String, isProxied: Bool) {
        let proxies = ProxyEnvironment(["https_proxy": "http://proxy:3128", "no_proxy": direct])
        #expect((proxies.proxy(for: url) != nil) == isProxied)
    }

    @Test("have their names and passwords, which are shown nowhere")
    func credentials() {
        let proxies = ProxyEnvironment(["https_proxy": "http://name:secret@proxy:3128"])
        #expect(proxies.proxy(for: "https://api.example.com/")?.credentials == "bmFtZTpzZWNyZXQ=")
        #expect(!"\(proxies)\(String(reflecting: proxies))".contains("secret"))
    }
}
