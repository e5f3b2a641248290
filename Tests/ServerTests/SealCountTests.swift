// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCode
import SpeakCodeLinks
import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

@Suite("What a link key seals")
struct SealCountTests {
    private static let name = TestService.linkKey.name

    /// How many texts a request seals.
    private static func seals(
        of json: String, accept: String = "application/json", by service: TestService
    ) async throws -> Int {
        let series = #"speakcode_seals_total{key="\#(name)"}"#
        let before = try await service.metric(series) ?? 0
        #expect(try await service.post(json, headers: ["Accept": accept]).status == 201)
        return Int((try await service.metric(series) ?? 0) - before)
    }

    @Test("is as many texts for a POST as the page for administrators says, and is used up when it says")
    func documented() async throws {
        var (plain, withAGI, most) = (0, 0, 0)
        try await TestService.run { plain = try await Self.seals(of: #"{"code":"1"}"#, by: $0) }
        try await TestService.run(["agiPort": "0", "audioSocketPort": "0"]) { service in
            withAGI = try await Self.seals(of: #"{"code":"1"}"#, by: service)
            most = try await Self.seals(of: #"{"code":"1","gate":true}"#, by: service)
            // What is asked for by its format is in the answer anyway.
            for format in LinkKind.names {
                let json = #"{"code":"1","gate":true,"format":"\#(format)"}"#
                #expect(try await Self.seals(of: json, by: service) == most, "\(format)")
            }
        }
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
        let page = try String(contentsOf: root.appending(path: "docs/operations.md"), encoding: .utf8)
        let said = try #require(
            page.firstMatch(
                of: /A POST seals (\d+) texts, (\d+) with `agiPort`, and one more with `gate`: (\d+) at most/))
        #expect([plain, withAGI, most] == [said.1, said.2, said.3].map { Int($0) })
        let days = Double(SealCount.most) / Double(100 * most) / 86_400
        let saidDays = try #require(page.firstMatch(of: /100 announcements a second use it up in (\d+) days/)?.1)
        #expect(Int(days.rounded()) == Int(saidDays))
    }

    @Test("is little where nothing but one link is asked for", arguments: [("wav", 1), ("twiml", 2), ("websocket", 2)])
    func text(format: String, count: Int) async throws {
        try await TestService.run { service in
            let json = #"{"code":"1","format":"\#(format)"}"#
            let sealed = try await Self.seals(of: json, accept: "text/plain", by: service)
            #expect(sealed == count)
        }
    }

    @Test("is warned of long before its bound, each time that it has doubled, with the key's public name alone")
    func warning() throws {
        let log = LogLines()
        let registry = PrometheusRegistry()
        let seals = SealCount(metrics: ServiceMetrics(factory: registry), logger: log.logger, firstWarning: 4)
        let (old, new) = (LinkKey(), LinkKey())
        let announcement = Announcement(
            content: .gate(nil), locale: try #require(LanguageTag("en-US")), pacing: RequestedPacing(), readings: 1,
            longest: 60, issued: 1, expires: 2)
        // A ring that is read again goes on counting.
        for _ in 0..<17 { _ = try LinkKeyring([old], seals: seals).seal(announcement) }
        for _ in 0..<3 { _ = try LinkKeyring([new, old], seals: seals).seal(announcement, within: "a call") }
        #expect(
            log.all.map { $0.contains("rotate") && $0.contains("key=\(old.name)") && !$0.contains(old.text) } == [
                true, true, true,
            ])
        #expect(log.all.compactMap { $0.firstMatch(of: /sealed=(\d+)/).map { String($0.1) } } == ["4", "8", "16"])
        let metrics = registry.exposition()
        #expect(metrics.contains("speakcode_seals_total{key=\"\(old.name)\"} 17\n"))
        #expect(metrics.contains("speakcode_seals_total{key=\"\(new.name)\"} 3\n"))
        #expect(SealCount.most == 4_294_967_296)
    }
}
