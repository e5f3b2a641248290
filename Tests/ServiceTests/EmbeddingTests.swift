// SPDX-License-Identifier: GPL-3.0-or-later

import CoreMetrics
import HTTPTypes
import Logging
import SpeakCode
import SpeakCodeLinks
import SpeakCodeService
import SpeakCodeTesting
import Synchronization
import Testing

@Suite("A service in somebody's own server")
struct EmbeddingTests {
    private static let base = "https://codes.example.net/voice"
    private static let code = "8402517"

    private static func service(
        _ settings: ServiceSettings = ServiceSettings(), metrics: CountedLabels = CountedLabels(),
        calendar: CalendarTime = .system, key: LinkKey = LinkKey(), encoder: any SoundEncoder = PlainEncoder()
    ) throws -> AnnouncementService {
        var settings = settings
        settings.linkKeys = [key.text]
        return try AnnouncementService(
            settings, engine: FakeEngine(), resampler: PlainResampler(), encoder: encoder, origin: "tests 1",
            metrics: metrics, logger: Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }, calendar: calendar)
    }

    private static func announced(
        by service: AnnouncementService, _ change: (inout AnnouncementRequest) -> Void = { _ in }
    ) async throws -> Announced {
        var request = AnnouncementRequest(try VerificationCode(code))
        change(&request)
        return try await service.announce(request, base: base)
    }

    private static func body(of answer: Answer) async throws -> [ArraySlice<UInt8>] {
        var pieces: [ArraySlice<UInt8>] = []
        try await answer.send { pieces.append($0) }
        return pieces
    }

    // MARK: Links

    @Test("makes links that begin with the server's own address, and show no code")
    func links() async throws {
        let made = try await Self.announced(by: Self.service())
        #expect(made.links.values.allSatisfy { $0.hasPrefix(Self.base + "/a/") && !$0.contains(Self.code) })
        #expect(made.documents["twiml"]?.hasPrefix(Self.base + "/c/") ?? false)
        #expect(made.media.hasPrefix("wss://codes.example.net/voice/m/"))
        #expect("\(made)\(AnnouncementRequest(try VerificationCode(Self.code)))".contains(Self.code) == false)
    }

    @Test("needs an address for links, from the caller or from its settings", arguments: [nil, base])
    func address(publicURL: String?) async throws {
        var settings = ServiceSettings()
        settings.publicURL = publicURL
        let service = try Self.service(settings)
        let request = AnnouncementRequest(try VerificationCode(Self.code))
        guard publicURL != nil else {
            await #expect(throws: Problem.self) { try await service.announce(request) }
            return
        }
        #expect(try await service.announce(request).links["wav"]?.hasPrefix(Self.base) ?? false)
    }

    @Test("names the field that it cannot take, as the service on its ports does")
    func wrongField() async throws {
        let service = try Self.service()
        let problem = await #expect(throws: Problem.self) {
            try await Self.announced(by: service) { $0.locale = "not a tag" }
        }
        #expect(problem?.field == "locale")
        #expect(problem?.status == .unprocessableContent)
    }

    @Test("refuses settings that do not go together, though nobody has read them from a file")
    func settings() throws {
        var settings = ServiceSettings()
        (settings.expiresIn, settings.longestExpiry) = (600, 60)
        let error = #expect(throws: SettingsError.self) { _ = try Self.service(settings) }
        #expect(error?.key == "expiresIn")
    }

    // MARK: Fetches

    @Test("answers a fetch with as many bytes as it has told, in pieces whose length tells no word")
    func fetch() async throws {
        let service = try Self.service()
        let made = try await Self.announced(by: service)
        let answer = await service.fetch(try #require(made.links["wav"]))
        #expect(answer.head.status == .ok)
        #expect(answer.head.headerFields[.contentType] == "audio/wav")
        #expect(answer.length == made.byteCount)
        let pieces = try await Self.body(of: answer)
        #expect(pieces.reduce(0) { $0 + $1.count } == made.byteCount)
        #expect(Set(pieces.dropLast().map(\.count)) == [16_384])
        #expect(pieces.first?.starts(with: Array("RIFF".utf8)) ?? false)
    }

    @Test(
        "has another entity tag where a replica's codec makes other bytes, and there alone",
        arguments: ["wav", "ulaw", "flac", "mp3", "ogg"])
    func codecs(kind: String) async throws {
        struct Other: SoundEncoder {
            func encode(_ samples: [Int16], as coding: SampleCoding) -> [UInt8] {
                PlainEncoder().encode(samples, as: coding)
            }
            func file(of samples: [Int16], as format: AudioFormat) -> [UInt8] {
                PlainEncoder().file(of: samples, as: format).map { format.kind == .ogg ? ~$0 : $0 }
            }
            func stream(as format: AudioFormat) -> any SoundStream { PlainEncoder().stream(as: format) }
        }
        let key = LinkKey()
        let first = try Self.service(key: key)
        let second = try Self.service(key: key)
        let other = try Self.service(key: key, encoder: Other())
        let link = try #require(try await Self.announced(by: first).links[kind])
        var tags: [String] = []
        for service in [first, second, other] {
            tags.append(try #require(await service.fetch(link, method: .head).head.headerFields[.eTag]))
        }
        #expect(tags[0] == tags[1])
        #expect((tags[0] == tags[2]) == (kind != "ogg"))
    }

    @Test("answers HEAD, a range and a revalidation", arguments: [(0, 99), (44, 40_000)])
    func conditions(first: Int, last: Int) async throws {
        let service = try Self.service()
        let link = try #require(try await Self.announced(by: service).links["wav"])
        let head = await service.fetch(link, method: .head)
        #expect(head.length == 0)
        let tag = try #require(head.head.headerFields[.eTag])
        let whole = try await Self.body(of: await service.fetch(link)).joined()
        let part = await service.fetch(link, headers: [.range: "bytes=\(first)-\(last)"])
        #expect(part.head.status == .partialContent)
        #expect(Array(try await Self.body(of: part).joined()) == Array(whole)[first...last].map(\.self))
        #expect(await service.fetch(link, headers: [.ifNoneMatch: tag]).head.status == .notModified)
    }

    @Test("ends audio without an end where the listener hangs up, and counts it")
    func live() async throws {
        struct HungUp: Error {}
        let metrics = CountedLabels()
        let service = try Self.service(metrics: metrics)
        let link = try #require(try await Self.announced(by: service).links["live.wav"])
        let answer = await service.fetch(link)
        #expect(answer.length == nil)
        await #expect(throws: HungUp.self) { try await answer.send { _ in throw HungUp() } }
        #expect(metrics.count(of: "speakcode_hangups_total") == 1)
    }

    // MARK: Documents

    @Test("tells a gateway what comes behind the key that was pressed")
    func document() async throws {
        let service = try Self.service()
        let link = try #require(
            try await Self.announced(by: service) { $0.gate = true }.documents["twiml"])
        let gate = try await Self.text(of: await service.document(link))
        let reading = try await Self.text(of: await service.document(link, body: Array("Digits=1".utf8)))
        #expect(gate.contains("<Gather"))
        #expect(gate.contains(Self.base + "/c/") && reading.contains(Self.base + "/a/"))
        #expect(gate != reading)
    }

    private static func text(of answer: Answer) async throws -> String {
        #expect(answer.head.status == .ok)
        return String(decoding: try await body(of: answer).joined(), as: UTF8.self)
    }

    // MARK: Calls

    @Test("reads to a call frame by frame until it ends", arguments: [20, 100])
    func call(milliseconds: Int) async throws {
        let metrics = CountedLabels()
        let service = try Self.service(metrics: metrics)
        let link = try await Self.announced(by: service).media
        let (sounds, told) = AsyncStream.makeStream(of: Void.self)
        let call = try service.call(link, over: "pigeon", frameLength: .milliseconds(milliseconds)) { told.yield() }
        for await _ in sounds { break }
        let frames = (0..<200).compactMap { _ in call.nextFrame() }
        #expect(frames.count == 200)
        #expect(frames.allSatisfy { $0.count == milliseconds * 16 })
        #expect(frames.contains { $0.contains { $0 != 0 } })
        call.end(.hungUp)
        #expect(call.nextFrame() == nil)
        #expect(metrics.count(of: "speakcode_calls_total") == 1)
    }

    @Test("begins a reading anew where the key for it is pressed")
    func key() async throws {
        let service = try Self.service()
        let (sounds, told) = AsyncStream.makeStream(of: Void.self)
        let call = try service.call(try await Self.announced(by: service).media, over: "pigeon") { told.yield() }
        var heard = sounds.makeAsyncIterator()
        await heard.next()
        let first = (0..<50).compactMap { _ in call.nextFrame() }
        #expect(call.press("1"))
        await heard.next()
        #expect((0..<50).compactMap { _ in call.nextFrame() } == first)
        #expect(!call.press("x"))
        call.end(.hungUp)
    }

    @Test("begins no call by what is no link to one, or has expired")
    func noCall() async throws {
        let time = Mutex(1_000_000)
        let service = try Self.service(calendar: CalendarTime { time.withLock { $0 } })
        let made = try await Self.announced(by: service)
        for link in [made.links["wav"] ?? "", made.documents["twiml"] ?? "", made.media + "x", "", "/m/"] {
            #expect(throws: Problem.self) { _ = try service.call(link, over: "pigeon") }
        }
        _ = try service.call(made.media, over: "pigeon")
        time.withLock { $0 = made.expires }
        let problem = #expect(throws: Problem.self) { _ = try service.call(made.media, over: "pigeon") }
        #expect(problem?.status == .gone)
    }

    // MARK: Whole requests

    @Test(
        "answers whole requests as the OpenAPI document has it",
        arguments: [
            (.post, "/v1/announcements", #"{"code": "8402517"}"#, .created), (.get, "/healthz", "", .ok),
            (.get, "/openapi.yaml", "", .ok), (.get, "/nowhere", "", .notFound),
            (.delete, "/healthz", "", .methodNotAllowed),
            (.post, "/v1/announcements", #"{"kode": "8402517"}"#, .unprocessableContent),
        ] as [(HTTPRequest.Method, String, String, HTTPResponse.Status)])
    func respond(
        method: HTTPRequest.Method, path: String, body: String, status: HTTPResponse.Status
    ) async throws {
        let request = HTTPRequest(method: method, scheme: nil, authority: "codes.example.net", path: path)
        let answer = try await Self.service().respond(to: request, body: Array(body.utf8))
        #expect(answer.head.status == status)
    }

    @Test("leaves to its server what it counts and what needs a socket", arguments: [("/metrics", 404), ("/m/", 426)])
    func leaves(path: String, status: Int) async throws {
        let service = try Self.service()
        let media = try await Self.announced(by: service).media
        let address = path == "/m/" ? path + (media.split(separator: "/").last ?? "") : path
        let answer = await service.respond(
            to: HTTPRequest(
                method: .get, scheme: nil, authority: "codes.example.net", path: address,
                headerFields: [
                    .upgrade: "websocket", .connection: "Upgrade", .secWebSocketVersion: "13",
                    .secWebSocketKey: "dGhlIHNhbXBsZSBub25jZQ==",
                ]))
        #expect(answer.head.status.code == status)
    }

    @Test("asks for an API key where its settings have some, but not its own program")
    func keys() async throws {
        var settings = ServiceSettings()
        settings.apiKeys = ["shop:0123456789abcdef"]
        let service = try Self.service(settings)
        _ = try await Self.announced(by: service)
        let request = HTTPRequest(method: .post, scheme: nil, authority: "x.example", path: "/v1/announcements")
        let answer = await service.respond(to: request, body: Array(#"{"code": "1234"}"#.utf8))
        #expect(answer.head.status == .unauthorized)
    }
}

/// Metrics of a host, of which the counters are looked at.
private final class CountedLabels: MetricsFactory {
    private let counts = Mutex<[String: Int64]>([:])

    func count(of label: String) -> Int64 { counts.withLock { $0[label] ?? 0 } }

    private final class Handler: CounterHandler {
        let label: String
        let owner: CountedLabels

        init(label: String, owner: CountedLabels) {
            (self.label, self.owner) = (label, owner)
        }

        func increment(by amount: Int64) { owner.counts.withLock { $0[label, default: 0] += amount } }
        func reset() {}
    }

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        Handler(label: label, owner: self)
    }
    func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        NOOPMetricsHandler.instance
    }
    func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler { NOOPMetricsHandler.instance }
    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler { NOOPMetricsHandler.instance }
    func destroyCounter(_ handler: any CounterHandler) {}
    func destroyRecorder(_ handler: any RecorderHandler) {}
    func destroyMeter(_ handler: any MeterHandler) {}
    func destroyTimer(_ handler: any TimerHandler) {}
}
