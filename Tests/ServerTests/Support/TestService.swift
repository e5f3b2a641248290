// SPDX-License-Identifier: GPL-3.0-or-later

import AsyncHTTPClient
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import NIOSSL
import SpeakCode
import SpeakCodeLinks
import SpeakCodeSndfile
import SpeakCodeTesting
import Synchronization
import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

/// A service in this process whose engine says tones, on a port of its own.
struct TestService: Sendable {
    let service: AnnouncementServer
    let base: String
    /// Every log line, at trace level.
    let log: LogLines
    let client: HTTPClient
    /// What requests for announcements carry, where the service asks for a key.
    let authorization: String?

    /// A link key of tests, in base64.
    static let linkKey = LinkKey()

    /// Runs a service for as long as a test needs it, from when `/readyz` has a status.
    static func run(
        _ flags: [String: String] = [:], environment: [String: String] = [:],
        engine: any SpeechEngine & VoiceListing = FakeEngine(), resampler: any Resampler = PlainResampler(),
        encoder: any SoundEncoder = SoundFileEncoder(), clock: any Clock<Duration> = ContinuousClock(),
        calendar: CalendarTime = .system, routes: [CallRoute] = [], signalling: FakeSignalling? = nil,
        readiness: Int = 200,
        _ body: (TestService) async throws -> Void
    ) async throws {
        // What is open to others needs a key.
        let isOpen = flags["publicURL"] != nil || flags["trustedProxies"] != nil
        let key = "0123456789abcdef"
        let callers = isOpen ? ["SPEAKCODE_API_KEYS": "tests:\(key)"] : [:]
        let settings = try await ServiceSettings(
            flags: ["port": "0", "logLevel": "trace"].merging(flags) { $1 },
            environment: ["SPEAKCODE_LINK_KEYS": linkKey.text].merging(callers) { $1 }.merging(environment) { $1 },
            file: nil)
        let log = LogLines()
        let (ports, announcer) = AsyncStream.makeStream(of: Int.self)
        let service = try AnnouncementServer(
            settings, engine: engine, resampler: resampler, encoder: encoder, decoder: SoundFileDecoder(),
            origin: "tests 1", logger: log.logger, clock: clock, calendar: calendar,
            onListening: { announcer.yield($0) }, routes: routes,
            signalling: signalling.map { signalling in { _ in signalling } })
        var configuration = HTTPClient.Configuration()
        configuration.tlsConfiguration = .makeClientConfiguration()
        configuration.tlsConfiguration?.certificateVerification = .none
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
        configuration.httpVersion = flags["certificate"] == nil ? .http1Only : .automatic
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let running = Task { try await service.run() }
        do {
            var port: Int?
            for await one in ports {
                port = one
                break
            }
            let scheme = flags["certificate"] == nil ? "http" : "https"
            let test = TestService(
                service: service, base: "\(scheme)://127.0.0.1:\(try #require(port))", log: log, client: client,
                authorization: isOpen ? "Bearer \(key)" : nil)
            while try await test.get("/readyz").status != readiness { try await Task.sleep(for: .milliseconds(5)) }
            try await body(test)
        } catch {
            running.cancel()
            try await client.shutdown()
            _ = await running.result
            throw error
        }
        running.cancel()
        try await client.shutdown()
        _ = await running.result
    }

    struct Answer: Sendable {
        let status: Int
        let headers: [String: String]
        let body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
        subscript(_ header: String) -> String? { headers[header.lowercased()] }
        /// A field of a JSON body.
        func field<Value>(_ name: String, as: Value.Type = Value.self) throws -> Value {
            let object = try #require(
                try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any], "the body is no JSON object")
            return try #require(object[name] as? Value, "the body has no `\(name)`")
        }
    }

    func send(
        _ method: String, _ address: String, headers: [String: String] = [:], body: [UInt8]? = nil
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: address.hasPrefix("http") ? address : base + address)
        request.method = .RAW(value: method)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body { request.body = .bytes(body) }
        let response = try await client.execute(request, timeout: .seconds(30))
        let answer = try await response.body.collect(upTo: 64 << 20)
        return Answer(
            status: Int(response.status.code),
            headers: Dictionary(
                response.headers.map { ($0.name.lowercased(), $0.value) }, uniquingKeysWith: { $0 + ", " + $1 }),
            body: Array(answer.readableBytesView))
    }

    func get(_ address: String, headers: [String: String] = [:]) async throws -> Answer {
        try await send("GET", address, headers: headers)
    }

    /// Asks for an announcement.
    func post(_ json: String, headers: [String: String] = [:]) async throws -> Answer {
        try await send(
            "POST", "/v1/announcements",
            headers: ["Content-Type": "application/json"].merging(authorization.map { ["Authorization": $0] } ?? [:]) {
                $1
            }
            .merging(headers) { $1 },
            body: Array(json.utf8))
    }

    /// Asks for a call.
    func placeCall(_ json: String, key: String? = nil, headers: [String: String] = [:]) async throws -> Answer {
        var headers = ["Content-Type": "application/json"].merging(headers) { $1 }
        if let key { headers["Idempotency-Key"] = key }
        if let authorization { headers["Authorization"] = headers["Authorization"] ?? authorization }
        return try await send("POST", "/v1/calls", headers: headers, body: Array(json.utf8))
    }

    /// The links of a new announcement by representation.
    func links(_ json: String) async throws -> [String: String] {
        let answer = try await post(json)
        try #require(answer.status == 201, "\(answer.text)")
        return try answer.field("links")
    }

    /// A metric's value by its line's beginning; nil where there is none.
    func metric(_ series: String) async throws -> Double? {
        let lines = try await get("/metrics").text.split(separator: "\n")
        return lines.first { $0.hasPrefix(series + " ") }.flatMap { Double($0.dropFirst(series.count + 1)) }
    }
}

/// Log lines as they would be written.
final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    var logger: Logger { Logger(label: "tests") { _ in Handler(lines: self) } }

    private struct Handler: LogHandler {
        let lines: LogLines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
            let text = all.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
            lines.lines.withLock { $0.append("\(event.level) \(event.source): \(event.message) \(text)") }
        }
    }
}
