// SPDX-License-Identifier: GPL-3.0-or-later

import NIOCore
import SpeakCodeDoctor
import SpeakCodeTesting
import TestSupport
import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

@Suite("On the wire, the service", .serialized)
struct FramingTests {
    private static func path(_ service: TestService, _ name: String) async throws -> String {
        let url = try #require(try await service.links(#"{"code":"735198"}"#)[name])
        return String(url.dropFirst(service.base.count))
    }

    @Test("passes the examination as every gateway, by the address that it answers with")
    func doctorOfWAV() async throws {
        try await TestService.run { service in
            let report = await Doctor().examine(try AudioURL(service.base + (try await Self.path(service, "wav"))))
            #expect(report.isGood, "\(report.findings(.fail).map { "\($0.gateway) \($0.check): \($0.observed)" })")
        }
    }

    @Test(
        "passes the examination in every other format, but for gateways that do not know the format",
        arguments: ["ulaw", "alaw", "sln", "sln16", "mp3", "flac", "ogg", "au"])
    func doctor(name: String) async throws {
        try await TestService.run { service in
            let url = try AudioURL(service.base + (try await Self.path(service, name)))
            let report = await Doctor().examine(url)
            let defects = report.findings(.fail).filter { !["content-type", "extension", "format"].contains($0.check) }
            #expect(defects.isEmpty, "\(defects.map { "\($0.gateway) \($0.check): \($0.observed)" })")
        }
    }

    @Test("passes the examination with a Cache-Control that lets links live out their time")
    func doctorWithAge() async throws {
        try await TestService.run(["cacheControl": "private, max-age={age}"]) { service in
            let url = service.base + (try await Self.path(service, "wav"))
            let age = try #require(try await service.get(url)["cache-control"]).split(separator: "=").last.flatMap {
                Int($0)
            }
            #expect((590...600).contains(try #require(age)))
            #expect(await Doctor().examine(try AudioURL(url)).isGood)
        }
    }

    @Test("chunks nothing for a client of HTTP/1.0, and ends by closing")
    func old() async throws {
        try await TestService.run(["liveSeconds": "1"]) { service in
            let path = try await Self.path(service, "live.wav")
            let answer = try await Wire.exchange(
                "GET \(path) HTTP/1.0\r\n\r\n", with: service.base, patience: .seconds(20))
            #expect(answer.hasPrefix("HTTP/1.0 200"))
            #expect(!answer.lowercased().prefix(500).contains("transfer-encoding"))
            #expect(answer.contains("\r\n\r\nRIFF"))
        }
    }

    @Test("tells of an endless representation the same to HEAD as to GET, no length among it, and sends no body")
    func head() async throws {
        try await TestService.run { service in
            let path = try await Self.path(service, "live.wav")
            func head(of answer: String) throws -> [Substring] {
                let end = try #require(answer.firstRange(of: "\r\n\r\n"))
                return answer[..<end.lowerBound].split(separator: "\r\n").filter { !$0.hasPrefix("Date:") }
            }
            let request = " \(path) HTTP/1.1\r\nHost: x\r\n\r\n"
            let got = try await Wire.exchange("GET" + request, with: service.base, patience: .milliseconds(500))
            // A second request on the same connection is answered: nothing stands behind the first head.
            let answer = try await Wire.exchange(
                "HEAD" + request + "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", with: service.base)
            #expect(answer.hasPrefix("HTTP/1.1 200"))
            #expect(try head(of: answer) == head(of: got))
            #expect(try !head(of: answer).contains { $0.lowercased().hasPrefix("content-length") })
            #expect(answer.ranges(of: "HTTP/1.1 200").count == 2 && answer.hasSuffix("alive\n"))
            #expect(answer.split(separator: "\r\n\r\n")[1].hasPrefix("HTTP/1.1 200"))
        }
    }

    @Test("gives leave to send to who asks for it")
    func leave() async throws {
        try await TestService.run { service in
            let body = #"{"code":"735198"}"#
            let answer = try await Wire.exchange(
                [
                    "POST /v1/announcements HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nConnection: close\r\n"
                        + "Content-Length: \(body.utf8.count)\r\n\r\n", body,
                ], apart: .milliseconds(300), with: service.base)
            #expect(answer.hasPrefix("HTTP/1.1 100 Continue\r\n"))
            #expect(answer.contains("HTTP/1.1 201 Created"))
        }
    }

    @Test(
        "answers what is no request with problem details, logs that it has, and ends the connection",
        arguments: [
            ("7351984 nonsense\r\n\r\n", 400, "no-http"), ("\u{16}\u{3}\u{1}\u{2}7351984\r\n\r\n", 400, "no-http"),
            ("post /7351984 HTTP/1.1\r\nHost: x\r\n\r\n", 501, "unknown-method"),
            ("Get /7351984 HTTP/1.1\r\nHost: x\r\n\r\n", 501, "unknown-method"),
            ("BREW /7351984 HTTP/1.1\r\nHost: x\r\n\r\n", 501, "unknown-method"),
            ("GET /7351984 HTTP/9.9\r\n\r\n", 400, "no-http"),
            ("GET /7351984 HTTP/1.1\r\nHost: x\r\nX : 7351984\r\n\r\n", 400, "no-http"),
            ("GET /healthz HTTP/1.1\r\n\r\n", 400, "no-host"),
            ("GET /healthz HTTP/1.1\r\nHost: x\r\nHost: 7351984\r\n\r\n", 400, "no-host"),
            (
                "GET /healthz HTTP/1.1\r\nHost: x\r\nX: 7351984" + String(repeating: "a", count: 9000) + "\r\n\r\n",
                431, "head-too-long"
            ),
            (
                "GET /healthz HTTP/1.1\r\nHost: x\r\n"
                    + String(repeating: "X: \(String(repeating: "7351984", count: 500))\r\n", count: 5) + "\r\n",
                431, "head-too-long"
            ),
            (
                "GET /healthz HTTP/1.1\r\nHost: x\r\n" + String(repeating: "X: 7351984\r\n", count: 101) + "\r\n",
                431, "head-too-long"
            ),
        ])
    func nonsense(text: String, status: Int, kind: String) async throws {
        try await TestService.run { service in
            let began = ContinuousClock.now
            let answer = try await Wire.exchange(text, with: service.base, patience: .seconds(20))
            #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
            #expect(answer.contains("application/problem+json") && answer.contains("urn:speakcode:problem:\(kind)"))
            #expect(began.duration(to: .now) < .seconds(15), "the service closed it, and not the test")
            let line = try #require(service.log.all.last { $0.contains("method=none") })
            #expect(line.contains("route=none") && line.contains("status=\(status)"))
            #expect(line.contains("problem=\(kind) "))
            #expect(!(answer + service.log.all.joined()).contains("7351984"))
        }
    }

    @Test(
        "takes no body that is too long, in whatever pieces it comes, and none that is not whole",
        arguments: [[0], [100], [17, 4000], [5000], [10, 20]])
    func longBody(pieces: [Int]) async throws {
        try await TestService.run { service in
            let body = Array((#"{"code":"735198"}"# + String(repeating: " ", count: 5000)).utf8)
            let bounds = [0] + pieces + [body.count]
            let chunks = zip(bounds, bounds.dropFirst()).map { body[$0..<$1] }.filter { !$0.isEmpty }.map {
                String($0.count, radix: 16) + "\r\n" + String(decoding: $0, as: UTF8.self) + "\r\n"
            }
            let answer = try await Wire.exchange(
                ["POST /v1/announcements HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"] + chunks
                    + ["0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"],
                apart: .milliseconds(30), with: service.base, patience: .seconds(20))
            #expect(answer.hasPrefix("HTTP/1.1 413 ") && answer.contains("urn:speakcode:problem:body-too-long"))
            #expect(answer.hasSuffix("alive\n"))
            #expect(try await service.metric(#"speakcode_announcements_total{locale="en-US"}"#) == nil)
        }
    }

    @Test("does not take its own work for the client's silence")
    func work() async throws {
        let engine = FakeEngine([.speak, .wait])
        try await TestService.run(["idleSeconds": "1"], engine: engine) { service in
            let asking = Task { try await service.post(#"{"code":"735198","locale":"de-DE"}"#) }
            await engine.waitForRequests(2)
            try await Task.sleep(for: .seconds(2))
            engine.release()
            #expect(try await asking.value.status == 201)
        }
    }

    @Test("waits for an engine that is stopped as long as an answer may take, and says when to come again")
    func stoppedEngine() async throws {
        let (clock, engine) = (ManualClock(), FakeEngine([.speak, .wait]))
        try await TestService.run(["answerSeconds": "10"], engine: engine, clock: clock) { service in
            let asking = Task { try await service.post(#"{"code":"735198","locale":"de-DE"}"#) }
            await engine.waitForRequests(2)
            // What forgets codes, and what waits for this answer.
            await clock.waitForSleepers(2)
            clock.advance(by: .seconds(10))
            let answer = try await asking.value
            #expect(answer.status == 503 && answer["retry-after"] != nil)
            #expect(answer.text.contains("urn:speakcode:problem:not-spoken"))
            engine.release()
        }
    }

    @Test(
        "ends a connection that says nothing, or not enough, for a while",
        arguments: ["", "GET /healthz HTTP/1.1\r\nHost", "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"])
    func idle(text: String) async throws {
        try await TestService.run(["idleSeconds": "1"]) { service in
            let began = ContinuousClock.now
            _ = try await Wire.exchange(text, with: service.base, patience: .seconds(20))
            let waited = began.duration(to: .now)
            #expect(waited > .milliseconds(900) && waited < .seconds(15), "the service closed it, and not the test")
        }
    }

    @Test("ends a connection whose head comes in drops")
    func drops() async throws {
        try await TestService.run(["idleSeconds": "1"]) { service in
            let drops = ["GET /healthz HTTP/1.1\r\nHost: x\r\nX: "] + [String](repeating: "a", count: 30) + ["\r\n\r\n"]
            let answer = try await Wire.exchange(drops, apart: .milliseconds(100), with: service.base)
            #expect(answer == "")
        }
    }

    @Test("answers requests that come at once one after the other, and nothing behind the last")
    func pipelined() async throws {
        try await TestService.run { service in
            let wav = try await Self.path(service, "wav")
            func request(_ method: String, _ path: String, _ header: String = "") -> String {
                "\(method) \(path) HTTP/1.1\r\nHost: x\r\n\(header)\r\n"
            }
            let answer = try await Wire.exchange(
                request("GET", "/healthz") + request("HEAD", wav) + request("GET", wav, "Range: bytes=0-3\r\n")
                    + request("GET", "/nowhere") + request("POST", "/v1/announcements", "Content-Length: 2\r\n") + "{}"
                    + request("GET", "/healthz", "Connection: close\r\n") + request("GET", "/healthz"),
                with: service.base, patience: .seconds(20))
            let heads = answer.ranges(of: /HTTP\/1\.1 (\d+)/).map { answer[$0].suffix(3) }
            #expect(heads == ["200", "200", "206", "404", "422", "200"])
            #expect(answer.contains("RIFFHTTP/1.1 404"))
            #expect(answer.hasSuffix("Connection: close\r\n\r\nalive\n"))
        }
    }

    @Test("answers thousands of requests that come at once, be the first answered by a task", arguments: [false, true])
    func many(isFirstSlow: Bool) async throws {
        try await TestService.run { service in
            let slow = "POST /v1/announcements HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"
            let request = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
            let answer = try await Wire.exchange(
                [(isFirstSlow ? slow : "") + String(repeating: request, count: 5000)], with: service.base,
                patience: .seconds(60), endingOutput: true)
            #expect(answer.hasPrefix("HTTP/1.1 422") == isFirstSlow)
            #expect(answer.ranges(of: "alive\n").count == 5000)
        }
    }

    @Test("answers a client who says that it sends no more, whatever it has asked for by then")
    func halfClosed() async throws {
        try await TestService.run { service in
            let path = try await Self.path(service, "wav")
            let answer = try await Wire.exchange(
                [
                    "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET \(path) HTTP/1.1\r\nHost: x\r\n\r\n"
                        + "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
                ], with: service.base, patience: .seconds(20), endingOutput: true)
            #expect(answer.ranges(of: "HTTP/1.1 200").count == 3 && answer.hasSuffix("alive\n"))
        }
    }

    @Test(
        "closes no connection before a client who reads late has all of its answer",
        arguments: ["HTTP/1.0\r\n\r\n", "HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"])
    func late(version: String) async throws {
        try await TestService.run { service in
            let links = try await service.links(#"{"code":"735198","maxDuration":600,"readings":100}"#)
            let url = try #require(links["48000.wav"])
            let length = try #require(try await service.send("HEAD", url)["content-length"].flatMap { Int($0) })
            let port = try #require(Int(service.base.split(separator: ":").last ?? ""))
            let reader = try #require(Unread("GET \(url.dropFirst(service.base.count)) \(version)", port: port))
            try await Task.sleep(for: .seconds(2))
            let (count, beginning) = reader.read()
            let head = try #require(beginning.firstRange(of: "\r\n\r\n"))
            #expect(count - beginning[..<head.upperBound].utf8.count == length)
            reader.end()
        }
    }

    @Test("takes no more connections than it may, and the next when one is closed")
    func limit() async throws {
        try await TestService.run(["connections": "1", "idleSeconds": "1"]) { service in
            // The connection on which the test has asked whether the service is ready is still open.
            let began = ContinuousClock.now
            let answer = try await Wire.exchange(
                "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", with: service.base,
                patience: .seconds(20))
            #expect(answer.hasPrefix("HTTP/1.1 200"))
            #expect(began.duration(to: .now) > .milliseconds(500))
        }
    }

    @Test("ends a connection whose client reads nothing")
    func slowReader() async throws {
        try await TestService.run(["idleSeconds": "1", "liveCalls": "1"]) { service in
            let links = try await service.links(#"{"code":"735198","maxDuration":600,"readings":100}"#)
            let url = try #require(links["48000.wav"])
            let port = try #require(Int(service.base.split(separator: ":").last ?? ""))
            let reader = try #require(
                Unread("GET \(url.dropFirst(service.base.count)) HTTP/1.1\r\nHost: x\r\n\r\n", port: port))
            let began = ContinuousClock.now
            func line() -> String? { service.log.all.last { $0.contains("/48000.wav") && $0.contains("hungUp=true") } }
            while line() == nil, began.duration(to: .now) < .seconds(20) {
                try await Task.sleep(for: .milliseconds(50))
            }
            #expect(line() != nil)
            reader.end()
        }
    }

    @Test("gives back the place of a listener who was gone before the answer began")
    func goneAtOnce() async throws {
        try await TestService.run(["liveCalls": "40"]) { service in
            let path = try await Self.path(service, "live.wav")
            for _ in 0..<100 {
                _ = try await Wire.exchange(
                    "GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n", with: service.base,
                    patience: .microseconds(Int64.random(in: 0...3000)))
            }
            let began = ContinuousClock.now
            while try await service.metric("speakcode_live_calls") != 0, began.duration(to: .now) < .seconds(10) {
                try await Task.sleep(for: .milliseconds(50))
            }
            #expect(try await service.metric("speakcode_live_calls") == 0)
        }
    }
}
