// SPDX-License-Identifier: GPL-3.0-or-later

import Synchronization
import Testing

@testable import SpeakCodeDoctor

/// An audio that goes on until the listener hangs up.
@Suite("The doctor, of an endless audio,")
struct EndlessTests {
    private static func service(
        named name: String, audio: [UInt8] = Wave().bytes, _ alter: @escaping @Sendable (inout Reply) -> Void = { _ in }
    ) -> Service {
        var service = Service(target: "/a/\(Service.secret)/\(name)", audio: audio)
        service.alter = { _, reply in
            // Ranges are not looked at, and the whole has no length.
            reply.status = 200
            reply["Content-Range"] = nil
            reply["ETag"] = nil
            reply["Last-Modified"] = nil
            reply["Accept-Ranges"] = "none"
            reply["Cache-Control"] = "no-store"
            reply.framing = .untilClose
            reply.isEndless = true
            alter(&reply)
        }
        return service
    }

    private static func examine(
        _ service: Service, progress: (String) -> Void = { _ in }
    ) async throws -> (report: Report, heads: [String]) {
        var limits = FetchLimits()
        // Long enough to fail the test where it is waited for.
        limits.request = .seconds(600)
        limits.listening = .milliseconds(500)
        limits.slow = .seconds(60)
        var heads: [String] = []
        let report = try await Server.run(service) { [limits] server in
            let report = await Doctor(limits: limits).examine(try server.url(service), progress: progress)
            heads = server.log.heads
            return report
        }
        return (report, heads)
    }

    @Test("knows it by its name or by its headers, and listens to it for a moment", arguments: ["live.wav", "x.wav"])
    func recognises(name: String) async throws {
        let (report, heads) = try await Self.examine(Self.service(named: name))
        #expect(report.isGood, "\(report.findings(.fail).map(\.text))")
        #expect(report.findings.contains { $0.name == "every/endless" && $0.outcome == .pass })
        #expect(report.findings.contains { $0.name == "every/sound" && $0.outcome == .pass })
        #expect(report.findings.contains { $0.name == "rtpengine/endless" && $0.outcome == .pass })
        #expect(heads.count <= 5, "\(heads.count) requests")
    }

    @Test("says who cannot play it, and what to give them in its place")
    func players() async throws {
        let (report, _) = try await Self.examine(Self.service(named: "live.mp3"))
        let warned = report.findings(.warning)
        #expect(
            warned.map(\.name) == [
                "asterisk/endless", "mod_httapi/endless", "mod_http_cache/endless", "twilio/endless", "sinch/endless",
                "safari/endless",
            ])
        #expect(warned.allSatisfy { $0.remedy.contains("the link") })
        #expect(warned.last?.remedy.contains("<audio loop>") == true)
    }

    @Test("finds that nothing of it comes, that it ends, and that it is a page")
    func defects() async throws {
        let silent = try await Self.examine(Self.service(named: "live.wav") { $0.body = [] }).report
        #expect(silent.findings(.fail).map(\.name) == ["every/sound", "rtpengine/sound"])
        let ended = try await Self.examine(Self.service(named: "live.wav") { $0.isEndless = false }).report
        #expect(ended.findings(.fail).map(\.name) == ["every/endless", "rtpengine/endless"])
        let page = try await Self.examine(Self.service(named: "live.wav", audio: Array("<html>".utf8))).report
        #expect(page.findings(.fail).map(\.name) == ["every/format"])
        let refused = try await Self.examine(Self.service(named: "live.wav") { $0.status = 503 }).report
        #expect(refused.findings(.fail).map(\.name).contains("every/status"))
    }

    @Test("takes a file of that name for the file that it is")
    func file() async throws {
        var service = Service()
        service.target = "/announcements/live.wav"
        let (report, _) = try await Self.examine(service)
        #expect(report.isGood)
        #expect(report.findings.contains { $0.name == "safari/range-first-bytes" && $0.outcome == .pass })
    }

    @Test("says as whom it asks, before it does")
    func progress() async throws {
        var asked: [String] = []
        _ = try await Self.examine(Self.service(named: "live.wav")) { asked.append($0) }
        #expect(asked.first == "every" && asked.contains("rtpengine") && asked.last == "safari")
        var finite: [String] = []
        _ = try await Self.examine(Service()) { finite.append($0) }
        #expect(finite == Gateway.all.map(\.id))
    }
}
