// SPDX-License-Identifier: GPL-3.0-or-later

import AsyncHTTPClient
import Foundation
import NIOCore
import NIOEmbedded
import NIOHTTP1
import SpeakCode
import SpeakCodeLinks
import Synchronization
import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

@Suite("What one may have of what all share")
struct BoundsTests {
    @Test("is counted for each, comes back, and has no bound for who has no name")
    func shares() {
        var shares = Shares<String>(most: 2)
        let first = ["a", "a", "a", "b", nil, nil, nil].map { shares.take($0) }
        #expect(first == [true, true, false, true, true, true, true])
        shares.giveBack("a")
        let second = ["a", "a"].map { shares.take($0) }
        #expect(second == [true, false] && shares["a"] == 2)
        for name in ["a", "a", "a", "b", nil] { shares.giveBack(name) }
        #expect(shares["a"] == 0 && shares["b"] == 0)
    }

    private static func proxies() throws -> TrustedProxies {
        try #require(TrustedProxies(["10.0.0.0/8"], usesTLS: false))
    }

    @Test("of live places is bounded by one link and from one address, and given back")
    func places() throws {
        let calls = LiveCalls(
            .init(all: 8, link: 2, address: 3), proxies: try Self.proxies(),
            metrics: ServiceMetrics(factory: PrometheusRegistry()))
        func take(_ link: String, _ client: String?) throws(Problem) -> LiveCalls.Place {
            try calls.takePlace(link: link, client: client)
        }
        var places = [try take("a", "192.0.2.1"), try take("a", "192.0.2.2")]
        #expect(throws: Problem.tooManyOfOne) { _ = try take("a", "192.0.2.3") }
        // One household of IPv6 has 2^64 addresses.
        for host in ["2001:db8::1", "2001:db8::2", "2001:db8:0:0:ffff::1"] { places.append(try take(host, host)) }
        #expect(throws: Problem.tooManyOfOne) { _ = try take("b", "2001:db8::3") }
        places.append(try take("b", "2001:db8:0:1::3"))
        places.append(try take("b", "10.0.0.1"))
        #expect(throws: Problem.tooManyOfOne) { _ = try take("b", "10.0.0.1") }
        places.append(try take("c", "10.0.0.1"))
        #expect(throws: Problem.tooManyListeners) { _ = try take("d", "192.0.2.9") }
        places.removeAll()
        // What was refused took nothing.
        for link in ["a", "b", "c", "d"] {
            places += [try take(link, "10.0.0.1"), try take(link, "10.0.0.2")]
        }
        #expect(places.count == 8)
    }

    @Test("of connections is bounded from one address, whose next one is closed at once; a proxy's are not")
    func connections() throws {
        let refusals = Mutex([Bool]())
        let connections = OpenConnections(
            .init(all: 100, address: 2, proxies: try Self.proxies())
        ) { isToBeLogged in refusals.withLock { $0.append(isToBeLogged) } }
        func open(_ address: String, after time: TimeAmount = .zero) throws -> EmbeddedChannel {
            let channel = EmbeddedChannel()
            channel.embeddedEventLoop.advanceTime(by: time)
            try channel.connect(to: SocketAddress(ipAddress: address, port: 4711)).wait()
            _ = connections.add(channel)
            channel.embeddedEventLoop.run()
            return channel
        }
        var channels = try ["192.0.2.1", "192.0.2.1", "192.0.2.2"].map { try open($0) }
        #expect(channels.allSatisfy { $0.isActive })
        #expect(try !open("192.0.2.1").isActive)
        #expect(try !open("192.0.2.1").isActive)
        #expect(try !open("192.0.2.1", after: .seconds(59)).isActive)
        #expect(refusals.withLock { $0 } == [true, false, false], "one line for all of a minute")
        #expect(try !open("192.0.2.1", after: .seconds(60)).isActive)
        #expect(refusals.withLock { $0 }.last == true)
        for _ in 0..<5 { channels.append(try open("10.0.0.1")) }
        #expect(channels.allSatisfy { $0.isActive })
        try channels[0].close().wait()
        channels[0].embeddedEventLoop.run()
        channels.append(try open("192.0.2.1"))
        #expect(channels.dropFirst().allSatisfy { $0.isActive })
        for channel in channels { _ = try channel.finish(acceptAlreadyClosed: true) }
    }

    @Test("of calls that wait for AudioSocket is bounded for one caller, until they expire")
    func waiting() throws {
        let clock = Mutex(1000)
        let waiting = PendingCalls(mostPerCaller: 2, time: CalendarTime { clock.withLock(\.self) })
        let announcement = Announcement(
            content: .code(try VerificationCode("4071"), .usual), locale: try #require(LanguageTag("en-US")),
            pacing: RequestedPacing(), readings: 3, longest: 60, issued: 1000, expires: 1100)
        func add(_ caller: String) throws { _ = try waiting.add(announcement, of: caller) { _ in "" } }
        try add("bank")
        try add("bank")
        #expect(throws: Problem.tooManyWaiting) { try add("bank") }
        try add("shop")
        #expect(waiting.count == 3)
        clock.withLock { $0 = 2000 }
        try add("bank")
        try add("bank")
        #expect(throws: Problem.tooManyWaiting) { try add("bank") }
    }

    @Test("of live places by one link is told with 429, and another link is heard")
    func listeners() async throws {
        try await TestService.run(["liveCallsPerLink": "2"]) { service in
            let links = try await [service.links(#"{"code":"735198"}"#), service.links(#"{"code":"735198"}"#)]
            let urls = try links.map { try #require($0["live.ulaw"]) }
            func listen(_ url: String) async throws -> HTTPClientResponse {
                try await service.client.execute(HTTPClientRequest(url: url), timeout: .seconds(30))
            }
            var heard = [try await listen(urls[0]), try await listen(urls[0])]
            let refused = try await service.get(urls[0])
            #expect(refused.status == 429 && refused["retry-after"] != nil)
            #expect(try refused.field("type") == "urn:speakcode:problem:too-many-of-one")
            heard.append(try await listen(urls[1]))
            #expect(heard.allSatisfy { $0.status == .ok })
        }
    }

    @Test("is not taken by a call that nobody wants over AudioSocket")
    func unasked() async throws {
        try await TestService.run(["audioSocketPort": "0", "waitingCallsPerCaller": "1"]) { service in
            for _ in 0..<3 {
                let answer = try await service.post(#"{"code":"4071"}"#)
                #expect(answer.status == 201)
                #expect(try answer.field("calls", as: [String: Any].self)["audioSocket"] == nil)
            }
            let wanted = try await service.post(#"{"code":"4071","audioSocket":true}"#)
            #expect(try wanted.field("calls", as: [String: Any].self)["audioSocket"] != nil)
            for body in [#"{"code":"4071","audioSocket":true}"#, #"{"code":"4071","format":"audiosocket"}"#] {
                let refused = try await service.post(body)
                #expect(refused.status == 429 && refused.text.contains("too-many-waiting"))
            }
        }
    }

    @Test("is not taken by a call that is refused, whose code nobody keeps")
    func refused() async throws {
        try await TestService.run(["audioSocketPort": "0"]) { service in
            let answer = try await service.post(#"{"code":"4071","audioSocket":true,"format":"agi"}"#)
            #expect(answer.status == 422)
            #expect(try answer.field("field") == "format")
            #expect(service.service.service.keptCodes.calls == 0)
        }
    }

    @Test("over AudioSocket is refused where the service has no port for it")
    func portless() async throws {
        try await TestService.run { service in
            for (body, field) in [
                (#"{"code":"4071","audioSocket":true}"#, "audioSocket"),
                (#"{"code":"4071","format":"audiosocket"}"#, "format"),
            ] {
                let answer = try await service.post(body)
                #expect(answer.status == 422)
                #expect(try answer.field("field") == field)
            }
        }
    }

    @Test(
        "is a part of what all have where nothing else is said",
        arguments: [(1000, 500), (1, 1), (0, 1), (3, 2)])
    func usual(all: Int, one: Int) async throws {
        let settings = try await ServiceSettings(
            flags: ["liveCalls": "\(all)", "connections": "400"], environment: [:], file: nil)
        #expect(settings.mostLiveCallsPerAddress == one)
        let shown = settings.shown().split(separator: "\n")
        #expect(shown.contains("liveCallsPerAddress = \(one)") && shown.contains("connectionsPerAddress = 100"))
    }
}
