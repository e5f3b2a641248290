// SPDX-License-Identifier: GPL-3.0-or-later

import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

/// SIGTERM while calls of every kind are in progress, of the service as it is built.
@Suite("A service that is told to end", .serialized)
struct EndingTests {
    /// A service with all its ports, and an announcement of it.
    private struct Calls {
        let service: ServeProcess
        let agi: String
        let webSocket: String
        let audioSocket: TestService.AudioSocketCall
        let httpPort: Int
        let agiPort: Int

        init(_ json: String, _ flags: [String] = []) async throws {
            service = try await ServeProcess(["--agi-port", "0", "--audio-socket-port", "0"] + flags)
            var request = HTTPClientRequest(url: service.base + "/v1/announcements")
            request.method = .POST
            request.body = .bytes(ByteBuffer(string: String(json.dropLast()) + #","format":"audiosocket"}"#))
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
            let body = Data(try await response.body.collect(upTo: 1 << 20).readableBytesView)
            let object = try JSONSerialization.jsonObject(with: body) as? [String: Any]
            let calls = try #require(object?["calls"] as? [String: Any])
            agi = try #require(calls["agi"] as? String)
            webSocket = try #require(calls["websocket"] as? String)
            audioSocket = try TestService.audioSocketCall(calls)
            httpPort = try #require(Int(service.base.split(separator: ":").last ?? ""))
            agiPort = try #require(agi.firstMatch(of: /:(\d+)\//).flatMap { Int($0.1) })
        }

        var ports: [Int] { [httpPort, agiPort, audioSocket.port] }

        /// Tells it to end, and waits until none of its ports takes a connection.
        func tellToEnd() async throws {
            let told = ContinuousClock.now
            service.signal(SIGTERM)
            for port in ports {
                while await EndingTests.isOpen(port) {
                    guard told.duration(to: .now) < .seconds(60) else {
                        Issue.record("a port is still open: \(port == httpPort ? "HTTP's" : "a gateway's")")
                        return
                    }
                    try await Task.sleep(for: .milliseconds(5))
                }
            }
        }

        /// Waits for its end; the lines of its calls.
        func ends() async -> [Substring] {
            #expect(await service.status() == 0)
            return service.log.split(separator: "\n").filter { $0.contains("end=") }
        }
    }

    private static func isOpen(_ port: Int) async -> Bool {
        let channel = try? await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port).get()
        try? await channel?.close()
        return channel != nil
    }

    /// An announcement with a gate, which lasts some seconds.
    private static let gated = #"{"code":"7","readings":3,"gate":true}"#

    @Test("gives up all ports at once, while a call over FastAGI goes on, and the next instance starts on them")
    func ports() async throws {
        let calls = try await Calls(#"{"code":"7","readings":1}"#)
        try await FastAGIPeer.connect(to: calls.agi) { peer in
            await peer.begin(calls.agi)
            _ = try #require(await peer.file())
            try await calls.tellToEnd()
            let next = try await ServeProcess([
                "--port", String(calls.httpPort), "--agi-port", String(calls.agiPort), "--audio-socket-port",
                String(calls.audioSocket.port),
            ])
            #expect(next.log.contains("] ready"), "\(next.log)")
            #expect(calls.service.process.isRunning, "its call goes on")
            await next.end()
            await peer.send("200 result=-1 endpos=800\nHANGUP\n")
        }
        let ends = await calls.ends()
        #expect(ends.count == 1 && ends[0].contains("end=hungUp"), "\(ends)")
        await calls.service.end()
    }

    @Test("reads the code once to who opens the gate of a call over AudioSocket then, and to nobody again")
    func audioSocket() async throws {
        let calls = try await Calls(Self.gated)
        let peer = try await AudioSocketPeer(port: calls.audioSocket.port)
        await peer.send(AudioSocketPeer.hello(calls.audioSocket.uuid))
        _ = await peer.next()
        try await calls.tellToEnd()
        await peer.send(kind: 0x03, Array("1".utf8))
        // What is pressed behind it neither begins anew nor counts.
        await peer.send(kind: 0x03, Array("1".utf8))
        #expect(await peer.last()?.kind == 0x00)
        await peer.hangUp()
        let ends = await calls.ends()
        #expect(ends.count == 1 && ends[0].contains("end=shutdown"), "\(ends)")
        #expect(ends.first?.contains("readings=1") == true && ends.first?.contains("keys=1") == true, "\(ends)")
        await calls.service.end()
    }

    @Test("reads the code once to who opens the gate of a call over a WebSocket then")
    func webSocket() async throws {
        let calls = try await Calls(Self.gated)
        try await WebSocketPeer.connect(to: calls.webSocket, subprotocol: "audio.jambonz.org") { peer in
            try await peer.send(#"{"sampleRate":8000}"#)
            _ = try await peer.next()
            try await calls.tellToEnd()
            try await peer.send(#"{"event":"dtmf","dtmf":"1"}"#)
            #expect(try await peer.nextText()?.contains("killAudio") == true)
            #expect(try await peer.nextText()?.contains("disconnect") == true)
            #expect(try await peer.closed() == 1001)
            try await peer.send(8, [0x03, 0xE9])
        }
        let ends = await calls.ends()
        #expect(ends.count == 1 && ends[0].contains("end=shutdown"), "\(ends)")
        #expect(ends.first?.contains("readings=1") == true && ends.first?.contains("keys=1") == true, "\(ends)")
        await calls.service.end()
    }

    @Test(
        "has the code played once to who opens the gate of a call over FastAGI then, from where it can be fetched",
        arguments: [false, true])
    func fastAGI(hasPublicURL: Bool) async throws {
        // Nobody is there.
        let calls = try await Calls(Self.gated, hasPublicURL ? ["--public-url", "http://127.0.0.1:9"] : [])
        try await FastAGIPeer.connect(to: calls.agi) { peer in
            await peer.begin(calls.agi)
            let gate = try #require(await peer.file())
            #expect(gate.keys == "1")
            try await calls.tellToEnd()
            try await calls.service.waitForLog("fetch audio aside")
            await peer.send("200 result=49 endpos=800\n")
            var code = try #require(await peer.file())
            if hasPublicURL {
                #expect(code.url.hasPrefix("http://127.0.0.1:9/a/"), "another replica may be there")
                await peer.send("200 result=-1 endpos=0\n")
                code = try #require(await peer.file())
            }
            #expect(code.keys == "")
            let body = try await HTTPClient.shared.get(url: code.url).get()
            #expect(body.status == .ok)
            let seconds = Double((body.body?.readableBytes ?? 44) - 44) / 16_000
            // Nothing but audio is to be had there.
            let base = String(try #require(code.url.firstMatch(of: /http:\/\/[^\/]+/)).0)
            #expect(try await HTTPClient.shared.get(url: base + "/readyz").get().status == .serviceUnavailable)
            let post = try await HTTPClient.shared.post(
                url: base + "/v1/announcements", body: .string(#"{"code":"7"}"#)
            ).get()
            #expect(post.status == .serviceUnavailable)
            // It is played.
            try await Task.sleep(for: .seconds(seconds))
            await peer.send("200 result=0 endpos=\(Int(seconds * 8000))\n")
            #expect(await peer.command() == nil)
        }
        let ends = await calls.ends()
        #expect(ends.count == 1 && ends[0].contains("end=shutdown"), "\(ends)")
        #expect(ends.first?.contains("readings=1") == true && ends.first?.contains("keys=1") == true, "\(ends)")
        await calls.service.end()
    }

    @Test("is not ready any more, whatever its voice says")
    func readiness() {
        let readiness = Readiness()
        readiness.becomeReady()
        readiness.becomeEnding()
        readiness.becomeReady()
        #expect(readiness.now == .ending)
    }
}
