// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import Testing

@testable import SpeakCodeDoctor

@Suite
struct ReportTests {
    @Test func showsWhatFailsWithItsRemedy() async throws {
        let table = try await report { $0.audio = Wave(hertz: 16_000).bytes }.table()
        let lines = table.split(separator: "\n")
        #expect(lines[0].contains("1 failed, 0 warned"))
        #expect(lines[1].hasPrefix("GATEWAY"))
        #expect(lines[2].contains("asterisk") && lines[2].contains("wav-rate") && lines[2].contains("FAIL: 16000 Hz"))
        #expect(lines[2].contains("Resample to 8,000 Hz"))
        #expect(lines.allSatisfy { $0.count <= 120 })
    }

    @Test func showsOneLineWhereAllIsWell() async throws {
        let report = try await report()
        #expect(report.table().split(separator: "\n").count == 1)
        #expect(report.table().contains("0 failed, 0 warned, \(report.findings.count) passed"))
        #expect(report.table(showsAll: true).split(separator: "\n").count > report.findings.count)
    }

    @Test func jsonHasEveryFindingOnce() async throws {
        let report = try await report { $0.audio = Wave(hertz: 16_000).bytes }
        let json = try #require(
            try JSONSerialization.jsonObject(with: JSONEncoder().encode(report)) as? [String: Any])
        let findings = try #require(json["findings"] as? [[String: String]])
        #expect(json["good"] as? Bool == false)
        #expect(findings.count == report.findings.count)
        #expect(Set(findings.compactMap { "\($0["gateway"] ?? "")/\($0["check"] ?? "")" }).count == findings.count)
        #expect(findings.count { $0["outcome"] == "fail" } == 1)
    }

    /// A service that says the link's secret wherever it can, in an audio that must not be shown either.
    @Test func neverShowsTheLinkOrTheAudio() async throws {
        let report = try await report { service in
            let audio = service.audio
            service.alter = { ask, reply in
                reply["Content-Type"] = "audio/\(Service.secret)"
                reply["ETag"] = "W/\"\(Service.secret)\""
                reply["Location"] = ask.target
                reply["Content-Range"] = "bytes \(ask.target)"
                reply["Cache-Control"] = Service.secret
                reply["X-Long"] = String(repeating: Service.secret, count: 100)
                reply.body = Array(Service.secret.utf8) + audio
            }
        }
        let json = String(decoding: try JSONEncoder().encode(report), as: UTF8.self)
        for text in [report.table(), report.table(showsAll: true), json, "\(report)"] {
            #expect(!text.lowercased().contains(Service.secret.lowercased()))
        }
        #expect(report.findings(.fail).contains { $0.name == "twilio/content-type" })
    }

    @Test func everyCheckSaysWhatIsNeededWhyAndWhatToDo() {
        for gateway in Gateway.all {
            #expect(Set(gateway.rules.map(\.id)).count == gateway.rules.count)
            for rule in gateway.rules {
                #expect(rule.remedy.hasSuffix("."))
                #expect(![rule.need, rule.why].contains { $0.isEmpty || $0.hasSuffix(".") })
            }
        }
    }

    private func report(_ change: (inout Service) -> Void = { _ in }) async throws -> Report {
        var service = Service()
        change(&service)
        var limits = FetchLimits()
        limits.slow = .seconds(60)
        return try await Server.run(service) { [service, limits] server in
            await Doctor(limits: limits).examine(try server.url(service))
        }
    }
}
