// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCodeTesting
import TestSupport
import Testing

@testable import SpeakCodeDoctor

/// `speakcode doctor` as a script meets it.
@Suite
struct DoctorCommandTests {
    @Test func isZeroWhereAllIsWell() async throws {
        let service = Service()
        let outcome = try await Server.run(service) { try await doctor([$0.url(service).text]) }
        #expect(outcome.status == 0, "\(outcome.text)")
        #expect(outcome.text.contains(" 0 failed"))
    }

    @Test func is76WhereACheckFails() async throws {
        var service = Service()
        service.audio = Wave(hertz: 16_000).bytes
        let outcome = try await Server.run(service) { [service] in
            try await doctor([$0.url(service).text, "--verbose"])
        }
        #expect(outcome.status == 76)
        #expect(outcome.text.contains("wav-rate"))
        #expect(outcome.errors == "speakcode: 1 check fails\n")
        #expect(!(outcome.text + outcome.errors).contains(Service.secret))
    }

    @Test(arguments: [(200, 0, "ready\n", ""), (503, 69, "", "speakcode: it is not ready: HTTP 503\n")])
    func tellsOfHealth(status: Int, exit: Int, output: String, errors: String) async throws {
        var service = Service()
        service.target = "/readyz"
        service.alter = { $1.status = status }
        let outcome = try await Server.run(service) { [service] in
            try await doctor(["--health", String($0.url(service).text.dropLast("/readyz".count))])
        }
        #expect(outcome.status == exit)
        #expect((outcome.text, outcome.errors) == (output, errors))
    }

    @Test func healthIs69WhereNobodyListens() async throws {
        let outcome = try await doctor(["--health", "http://127.0.0.1:1"])
        #expect(outcome.status == 69)
        #expect(outcome.errors.contains("nobody listens"))
    }

    @Test func is69WhereNothingCanBeFetched() async throws {
        let service = Service()
        let text = try await Server.run(service) { try $0.url(service).text }
        let outcome = try await doctor([text])
        #expect(outcome.status == 69)
        #expect(outcome.errors.contains("connection refused"))
        #expect(!(outcome.text + outcome.errors).contains(Service.secret))
    }

    @Test(arguments: [
        [], ["example.org/\(Service.secret).wav"], ["http://example.org/a.wav", "http://\(Service.secret)#"],
    ])
    func is64ForWhatIsNoURL(_ arguments: [String]) async throws {
        let outcome = try await doctor(arguments)
        #expect(outcome.status == 64)
        #expect(outcome.errors.split(separator: "\n").count == 1)
        #expect(!(outcome.text + outcome.errors).contains(Service.secret))
    }

    @Test func readsLinksFromStandardInputAndPrintsJSON() async throws {
        let service = Service()
        let outcome = try await Server.run(service) { server in
            let text = try server.url(service).text
            return try await doctor(["-", "--json"], input: "\(text)\n\n\(text)\n")
        }
        #expect(outcome.status == 0)
        let reports = try #require(
            try JSONSerialization.jsonObject(with: outcome.output) as? [[String: Any]])
        #expect(reports.count == 2)
        #expect(reports.allSatisfy { $0["good"] as? Bool == true })
        #expect(!outcome.text.contains(Service.secret))
    }

    @Test func saysThatItTakesAnyCertificate() async throws {
        let service = Service()
        let outcomes = try await Server.run(service, isSecure: true) { server in
            let text = try server.url(service, scheme: "https").text
            return [try await doctor([text]), try await doctor([text, "--insecure"])]
        }
        #expect(outcomes.map(\.status) == [69, 0])
        #expect(outcomes[0].errors.contains("certificate is not trusted"))
        #expect(outcomes[1].errors.contains("any TLS certificate is taken"))
    }

    private func doctor(_ arguments: [String], input: String = "") async throws -> Outcome {
        try await run(BuiltProduct.path(of: "speakcode"), ["doctor"] + arguments, input: Data(input.utf8))
    }
}
