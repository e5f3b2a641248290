// SPDX-License-Identifier: GPL-3.0-or-later

import AsyncHTTPClient
import NIOCore
import NIOEmbedded
import NIOHTTP1
import SpeakCode
import SpeakCodeTesting
import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

@Suite("An endless link", .serialized)
struct LiveTests {
    @Test(
        "reads in real time, and nothing is left of it within a second of hanging up",
        arguments: ["wav", "ulaw", "mp3", "ogg"])
    func hangUp(format: String) async throws {
        try await TestService.run { service in
            let url = try #require(try await service.links(#"{"code":"7"}"#)["live.\(format)"])
            let began = ContinuousClock.now
            var bytes = 0
            do {
                let response = try await service.client.execute(HTTPClientRequest(url: url), timeout: .seconds(30))
                #expect(response.status == .ok && response.headers.first(name: "content-length") == nil)
                for try await buffer in response.body {
                    bytes += buffer.readableBytes
                    if began.duration(to: .now) > .seconds(2) { break }
                }
                // Leaving the body behind closes the connection, which is the hang-up.
            }
            #expect(try await service.metric("speakcode_live_calls") == 1 || bytes > 0)
            let hungUp = ContinuousClock.now
            while try await service.metric("speakcode_live_calls") != 0, hungUp.duration(to: .now) < .seconds(60) {
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(try await service.metric("speakcode_live_calls") == 0)
            #expect(try await service.metric("speakcode_hangups_total") == 1)
            let line = try #require(service.log.all.last { $0.contains("/live.") })
            #expect(line.contains("hungUp=true") && line.contains("readings="))
            if format == "ulaw" {
                // Two seconds have passed, and a second and a half is sent ahead.
                #expect((24_000...40_000).contains(bytes))
            }
        }
    }

    @Test("ends behind a whole reading when its time is over")
    func ends() async throws {
        try await TestService.run(["liveSeconds": "6"]) { service in
            let links = try await service.links(#"{"code":"7"}"#)
            let answer = try await service.get(try #require(links["live.ulaw"]))
            let once = try await service.get(
                try #require(try await service.links(#"{"code":"7","readings":1}"#)["ulaw"]))
            #expect(answer.status == 200 && answer.body.count <= (6 + 2) * 8000)
            #expect(answer.body.count > once.body.count / 2)
            let readings = try #require(try await service.metric("speakcode_readings_sent_total"))
            #expect(readings >= 1)
            #expect(try await service.metric("speakcode_hangups_total") ?? 0 == 0)
            #expect(try #require(service.log.all.last { $0.contains("/live.") }).contains("hungUp=false"))
        }
    }

    @Test("is refused while as many listen as may")
    func bound() async throws {
        try await TestService.run(["liveCalls": "1"]) { service in
            let url = try #require(try await service.links(#"{"code":"7"}"#)["live.wav"])
            let first = try await service.client.execute(HTTPClientRequest(url: url), timeout: .seconds(30))
            var body = first.body.makeAsyncIterator()
            _ = try await body.next()
            let second = try await service.get(url)
            #expect(second.status == 503 && second["retry-after"] != nil)
            #expect(try await service.send("HEAD", url).status == 200)
        }
    }

    @Test(
        "is closed a while behind its longest time, whatever its listener has not read of it by then",
        arguments: [false, true])
    func latest(isEncrypted: Bool) async throws {
        try await TestService.run(["liveSeconds": "100"]) { service in
            let url = try #require(try await service.links(#"{"code":"7"}"#)["live.ulaw"])
            let proxies = try #require(TrustedProxies([], usesTLS: false))
            let connections = OpenConnections(.init(all: 10, address: 10, proxies: proxies)) { _ in }
            let channel = NIOAsyncTestingChannel()
            try await channel.testingEventLoop.executeInContext {
                try channel.pipeline.syncOperations.addHandlers([IdleClose(patience: .hours(1)), Untaken()])
                if isEncrypted { try channel.pipeline.syncOperations.addHandler(FlushBeforeClose()) }
                let terms = HTTPTerms(
                    responder: service.service.service.responder, connections: connections, patience: .seconds(10),
                    deadline: AnswerDeadline(idle: .seconds(10)))
                try HTTP1Pipeline.add(to: channel, terms, isEncrypted: isEncrypted)
            }
            try await channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).get()
            try await channel.writeInbound(
                ByteBuffer(string: "GET \(url.dropFirst(service.base.count)) HTTP/1.1\r\nHost: x\r\n\r\n"))
            while try await service.metric("speakcode_live_calls") != 1 { await channel.testingEventLoop.run() }
            await channel.testingEventLoop.advanceTime(by: .seconds(159))
            #expect(channel.isActive)
            await channel.testingEventLoop.advanceTime(by: .seconds(2))
            #expect(!channel.isActive)
        }
    }

    @Test("begins with a header whose sizes say that its end is not known")
    func header() async throws {
        try await TestService.run { service in
            let url = try #require(try await service.links(#"{"code":"7"}"#)["live.wav"])
            let response = try await service.client.execute(HTTPClientRequest(url: url), timeout: .seconds(30))
            var bytes: [UInt8] = []
            for try await buffer in response.body {
                bytes += buffer.readableBytesView
                if bytes.count >= 44 { break }
            }
            #expect(Array(bytes[0..<4]) == Array("RIFF".utf8) && Array(bytes[40..<44]) == [255, 255, 255, 255])
        }
    }

    @Test(
        "is refused to who fetches a whole file before it plays it, and not to who plays meanwhile",
        arguments: [
            ("asterisk-libcurl-agent/1.0", 406), ("mod_httapi/1.0", 406), ("freeswitch-http-cache/1.0", 406),
            ("FreeSWITCH(mod_shout)/1.0", 200), ("Lavf/59.27.100", 200),
        ], ["live.wav", "live.mp3"])
    func filePlayers(agent: (String, Int), name: String) async throws {
        try await TestService.run { service in
            let links = try await service.links(#"{"code":"7"}"#)
            let answer = try await service.send("HEAD", try #require(links[name]), headers: ["User-Agent": agent.0])
            #expect(answer.status == agent.1)
            guard agent.1 == 406 else { return }
            let got = try await service.get(try #require(links[name]), headers: ["User-Agent": agent.0])
            #expect(try got.field("type", as: String.self) == "urn:speakcode:problem:endless")
            #expect(got.text.contains("the link that ends in .wav"))
            #expect(service.log.all.contains { $0.contains("status=406") && $0.contains("problem=endless") })
            let file = try await service.get(try #require(links["wav"]), headers: ["User-Agent": agent.0])
            #expect(file.status == 200)
        }
    }
}
