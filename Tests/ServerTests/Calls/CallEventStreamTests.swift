// SPDX-License-Identifier: GPL-3.0-or-later

import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import SpeakCodeGateways
import SpeakCodeTesting
import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

@Suite("The events of a call")
struct CallEventStreamTests {
    /// What a stream of events has, one event after the other; a comment is one without a name.
    private struct Events {
        struct Event {
            var id: String?
            var name: String?
            var data = ""
        }

        private var body: HTTPClientResponse.Body.AsyncIterator
        private var rest = ""

        init(_ service: TestService, _ url: String, last: String? = nil) async throws {
            var request = HTTPClientRequest(url: url)
            if let last { request.headers.add(name: "Last-Event-ID", value: last) }
            let response = try await service.client.execute(request, timeout: .seconds(30))
            #expect(response.status == .ok && response.headers.first(name: "Content-Type") == "text/event-stream")
            body = response.body.makeAsyncIterator()
        }

        mutating func next() async throws -> Event? {
            while true {
                if let end = rest.firstRange(of: "\n\n") {
                    var event = Event()
                    for line in rest[..<end.lowerBound].split(separator: "\n") {
                        if line.hasPrefix("id: ") { event.id = String(line.dropFirst(4)) }
                        if line.hasPrefix("event: ") { event.name = String(line.dropFirst(7)) }
                        if line.hasPrefix("data: ") { event.data = String(line.dropFirst(6)) }
                    }
                    rest = String(rest[end.upperBound...])
                    return event
                }
                guard let more = try await body.next() else { return nil }
                rest += String(buffer: more)
            }
        }

        /// The names of all that is left.
        mutating func names() async throws -> [String?] {
            var names: [String?] = []
            while let event = try await next() { names.append(event.name) }
            return names
        }
    }

    private func run(
        flags: [String: String] = [:], clock: any Clock<Duration> = ContinuousClock(),
        _ body: (TestService, FakeDialer, _ events: String, _ order: String) async throws -> Void
    ) async throws {
        let dialer = FakeDialer()
        try await TestService.run(
            CallService.flags.merging(flags) { $1 }, clock: clock, routes: [CallService.route(dialer)]
        ) { service in
            let answer = try await service.placeCall(#"{"code":"735198","to":"+49301234567"}"#)
            let links: [String: String] = try answer.field("links")
            await dialer.waitForOrders(1)
            try await body(service, dialer, try #require(links["events"]), try #require(dialer.orders.first).id)
        }
    }

    @Test("begin with how it is, come as they happen, and end with it", .timeLimit(.minutes(1)))
    func follows() async throws {
        try await run { service, dialer, url, order in
            dialer.tell(.ringing, of: order)
            var events = try await Events(service, url)
            let state = try #require(try await events.next())
            #expect(state.name == "state" && state.id == nil && state.data.contains(#""status":"ringing""#))
            let ringing = try #require(try await events.next())
            #expect(ringing.name == "ringing" && ringing.id == "1")
            dialer.tell(.answered, of: order)
            #expect(try await events.next()?.name == "answered")
            dialer.tell(.key("7"), of: order)
            let key = try #require(try await events.next())
            #expect(key.name == "key" && key.data.contains(#""keys":1"#))
            dialer.tell(.ended(CallEnd(.completed)), of: order)
            let end = try #require(try await events.next())
            #expect(end.id == "4" && end.data.contains(#""outcome":"completed""#))
            #expect(try await events.next() == nil)
        }
    }

    @Test(
        "are told to who comes again from where they were left, and all of them when it is over",
        .timeLimit(.minutes(1)))
    func again() async throws {
        try await run { service, dialer, url, order in
            for progress in [CallProgress.ringing, .answered, .ended(CallEnd(.completed))] {
                dialer.tell(progress, of: order)
            }
            for (last, names) in [
                (nil, ["state", "ringing", "answered", "ended"]), ("1", ["state", "answered", "ended"]),
                ("3", ["state"]), ("nonsense", ["state", "ringing", "answered", "ended"]),
            ] {
                var events = try await Events(service, url, last: last)
                #expect(try await events.names() == names)
            }
        }
    }

    @Test("are kept alive while nothing happens", .timeLimit(.minutes(1)))
    func keptAlive() async throws {
        let clock = ManualClock()
        try await run(clock: clock) { service, dialer, url, order in
            // The one that forgets codes.
            await clock.waitForSleepers(1)
            var events = try await Events(service, url)
            #expect(try await events.next()?.name == "state")
            for _ in 0..<2 {
                await clock.waitForSleepers(2)
                clock.advance(by: CallEventStream.keepAlive)
                let comment = try #require(try await events.next())
                #expect(comment.name == nil && comment.data.isEmpty)
            }
            dialer.tell(.ended(CallEnd(.busy)), of: order)
            #expect(try await events.next()?.name == "ended")
        }
    }

    @Test("are for so many listeners at a time, who give their places back", .timeLimit(.minutes(1)))
    func bounded() async throws {
        try await run(flags: ["liveCalls": "1"]) { service, dialer, url, order in
            var events = try await Events(service, url)
            #expect(try await events.next()?.name == "state")
            #expect(try await service.get(url).status == 503)
            dialer.tell(.ended(CallEnd(.busy)), of: order)
            #expect(try await events.names() == ["ended"])
            while try await service.get(url).status != 200 { await Task.yield() }
        }
    }

    @Test("are those of the caller's own calls", .timeLimit(.minutes(1)))
    func names() async throws {
        try await run { service, _, url, _ in
            let other = try await service.get(url.replacing("/v1/calls/", with: "/v1/calls/x"))
            #expect(other.status == 404)
            let posted = try await service.send("POST", url)
            #expect(posted.status == 405)
        }
    }
}
