// SPDX-License-Identifier: GPL-3.0-or-later

import HTTPTypes
import Logging
import SpeakCode
import SpeakCodeLinks
import SpeakCodeService
import SpeakCodeTesting
import Synchronization
import Testing

@Suite("The app's code in the service", .timeLimit(.minutes(2)))
struct TOTPTests {
    private static let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    private static let begin = Duration.seconds(1_700_000_010)

    /// The service's clock, which stands until a test sets it.
    private final class Calendar: Sendable {
        private let time = Mutex(TOTPTests.begin)

        var now: Duration {
            get { time.withLock { $0 } }
            set { time.withLock { $0 = newValue } }
        }
    }

    private static func service(_ calendar: Calendar = Calendar()) throws -> AnnouncementService {
        var settings = ServiceSettings()
        settings.linkKeys = [LinkKey().text]
        settings.publicURL = "https://codes.example.net"
        return try AnnouncementService(
            settings, engine: FakeEngine(), resampler: PlainResampler(), encoder: PlainEncoder(), origin: "tests 1",
            logger: Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() },
            calendar: CalendarTime(elapsed: { calendar.now }))
    }

    /// A call whose voice has spoken.
    private static func call(_ service: AnnouncementService, _ link: String) async throws -> CallSession {
        let (sounds, told) = AsyncStream.makeStream(of: Void.self)
        let call = try service.call(link, over: "pigeon") { told.yield() }
        for await _ in sounds { break }
        return call
    }

    /// The frames of the next reading.
    private static func reading(_ call: CallSession) -> [UInt8] {
        var bytes: [UInt8] = []
        while let frame = call.nextFrame() {
            bytes += frame
            if call.isBehindReading { break }
        }
        return bytes
    }

    private static func withoutSilence(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
        let first = bytes.firstIndex { $0 != 0 } ?? bytes.endIndex
        let last = bytes.lastIndex { $0 != 0 } ?? first
        return bytes[first..<max(first, last)]
    }

    @Test("is read in a call as a code is, the new one in the next reading")
    func call() async throws {
        let calendar = Calendar()
        let service = try Self.service(calendar)
        let totp = try TOTP(Self.secret)
        let plain = try await service.announce(AnnouncementRequest(totp.code(at: Self.begin)))
        let expected = Self.reading(try await Self.call(service, plain.media))
        let made = try await service.announce(AnnouncementRequest(totp))
        let call = try await Self.call(service, made.media)
        // Of a code that does not change, the last frame has the beginning of the next reading in it.
        #expect(Self.withoutSilence(expected).starts(with: Self.withoutSilence(Self.reading(call))))
        let again = Self.reading(call)
        calendar.now += .seconds(30)
        let renewed = Self.reading(call)
        #expect(Self.withoutSilence(renewed) != Self.withoutSilence(again))
        #expect(Self.withoutSilence(Self.reading(call)) != Self.withoutSilence(renewed), "it is new once")
        call.end(.hungUp)
    }

    @Test("is not begun in the last six seconds of its life")
    func waits() async throws {
        let calendar = Calendar()
        let service = try Self.service(calendar)
        let totp = try TOTP(Self.secret)
        calendar.now += .seconds(25)
        let made = try await service.announce(AnnouncementRequest(totp))
        let call = try await Self.call(service, made.media)
        let silent = (0..<250).compactMap { _ in call.nextFrame() }
        #expect(silent.count == 250 && silent.allSatisfy { $0.allSatisfy { $0 == 0 } })
        let plain = try await service.announce(AnnouncementRequest(totp.code(at: calendar.now + .seconds(5))))
        let expected = Self.reading(try await Self.call(service, plain.media))
        #expect(Self.withoutSilence(expected).starts(with: Self.withoutSilence(Self.reading(call))))
        call.end(.hungUp)
    }

    @Test("has links to what is live alone, in which there is no secret")
    func links() async throws {
        let service = try Self.service()
        let answer = await service.respond(
            to: HTTPRequest(method: .post, scheme: nil, authority: nil, path: "/v1/announcements"),
            body: Array("{\"totp\":\"\(Self.secret)\",\"gate\":true}".utf8))
        var bytes: [UInt8] = []
        try await answer.send { bytes += $0 }
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(answer.head.status == .created)
        #expect(text.contains("live.mp3") && text.contains("wss://") && !text.contains("\"documents\""))
        #expect(!text.contains(Self.secret) && !text.contains("\"readings\""))
        let made = try await service.announce(AnnouncementRequest(try TOTP(Self.secret)))
        #expect(made.links.keys.allSatisfy { $0.hasPrefix("live.") } && made.documents.isEmpty && made.readings == 0)
        #expect(made.links.values.allSatisfy { !$0.contains(Self.secret) })
    }

    @Test("has no file, whoever makes an address of one", arguments: [".wav", ".mp3", ".vtt", "/cumulative.json"])
    func noFile(suffix: String) async throws {
        let service = try Self.service()
        let made = try await service.announce(AnnouncementRequest(try TOTP(Self.secret)))
        let live = try #require(made.links["live.wav"])
        #expect(await service.fetch(live, method: .head).head.status == .ok)
        let address = live.replacing("/live.wav", with: suffix)
        #expect(await service.fetch(address).head.status == .notFound)
    }
}
