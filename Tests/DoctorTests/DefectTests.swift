// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import SpeakCodeDoctor

@Suite
struct DefectTests {
    @Test func aRightServicePassesEveryCheck() async throws {
        let report = try await examine(Service())
        #expect(report.isGood)
        #expect(Set(report.findings.filter { $0.outcome != .pass }.map(\.text)) == [])
    }

    @Test(arguments: Defect.all)
    func isFoundByTheChecksThatShouldFindItAndNoOthers(_ defect: Defect) async throws {
        let report = try await examine(defect.service())
        #expect(Set(report.findings(.fail).map(\.name)) == defect.fails, "\(report.findings(.fail).map(\.text))")
        #expect(
            Set(report.findings(.warning).map(\.name)) == defect.warnings, "\(report.findings(.warning).map(\.text))")
        #expect(report.isGood == defect.fails.isEmpty)
    }

    @Test func everyCheckOfEveryGatewayIsSeenToFindSomething() {
        let found = Set(Defect.all.flatMap { $0.fails.union($0.warnings) })
        let all = Set(Gateway.all.flatMap { gateway in gateway.rules.map { "\(gateway.id)/\($0.id.rawValue)" } })
        // A URL on the loopback is neither short enough nor spelled so; a slow body is not waited for.
        let elsewhere: Set = ["asterisk/time-to-whole", "asterisk/url-length", "asterisk/url-scheme"]
        #expect(all.subtracting(found) == elsewhere)
    }

    @Test func aSlowBodyIsAWarning() async throws {
        var limits = FetchLimits()
        limits.slow = .zero
        let service = Service()
        let report = try await Server.run(service) { [limits] server in
            await Doctor(gateways: [.asterisk], limits: limits).examine(try server.url(service))
        }
        #expect(report.findings.filter { $0.outcome != .pass }.map(\.name) == ["asterisk/time-to-whole"])
        #expect(report.isGood)
    }

    private func examine(_ service: Service) async throws -> Report {
        var limits = FetchLimits()
        // A busy machine is no defect.
        limits.request = .seconds(60)
        limits.slow = .seconds(60)
        return try await Server.run(service) { [limits] server in
            await Doctor(limits: limits).examine(try server.url(service))
        }
    }
}

extension Finding {
    var name: String { "\(gateway)/\(check)" }
    var text: String { "\(name): \(outcome): \(observed)" }
}
