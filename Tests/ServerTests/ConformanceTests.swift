// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCodeTesting
import TestSupport
import Testing

@Suite("speakcode doctor --acr", .timeLimit(.minutes(5)))
struct ConformanceTests {
    private func doctor(_ arguments: [String]) async throws -> Outcome {
        try await TestSupport.run(BuiltProduct.path(of: "speakcode"), ["doctor", "--acr"] + arguments)
    }

    @Test("measures a running service, calls nobody, and shows neither a code nor a link")
    func measured() async throws {
        let service = try await ServeProcess([])
        let outcome = try await doctor([service.base, "--json"])
        #expect(outcome.status == 0, "\(outcome.errors)\(outcome.text)")
        let report = try #require(try JSONSerialization.jsonObject(with: outcome.output) as? [String: Any])
        let criteria = try #require(report["criteria"] as? [[String: Any]])
        let measured = criteria.flatMap { $0["measured"] as? [String] ?? [] }
        #expect(report["good"] as? Bool == true && measured.count > 20)
        #expect(!measured.contains { $0.contains("not measured") || $0.contains("missed") }, "\(measured)")
        let shown = measured.joined(separator: " ")
        #expect(!outcome.text.contains("/a/") && shown.firstMatch(of: /\d{6}/) == nil, "\(shown)")
        #expect(!service.log.contains("/v1/calls"))
        await service.end()
    }

    @Test("prints the report alone without an address")
    func alone() async throws {
        let outcome = try await doctor([])
        #expect(outcome.status == 0 && outcome.text.contains("| 3.3.8 Accessible Authentication (Minimum) | Does Not"))
    }

    @Test("asks for a key where the service does, and takes one")
    func key() async throws {
        let key = "0123456789abcdef"
        let service = try await ServeProcess([], environment: ["SPEAKCODE_API_KEYS": "tests:\(key)"])
        let refused = try await doctor([service.base])
        #expect(refused.status == 77 && refused.errors.contains("--key-file") && refused.errorLines.count == 1)
        let file = FileManager.default.temporaryDirectory.appending(path: "key-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data("\(key)\n".utf8).write(to: file)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
        #expect(try await doctor([service.base, "--key-file", file.path]).status == 0)
        await service.end()
    }

    @Test(
        "says what is wrong",
        arguments: [
            (["http://127.0.0.1:9"], 69), (["nowhere"], 64), (["http://a", "http://b"], 64), (["--call"], 64),
        ] as [([String], Int32)])
    func wrong(arguments: [String], status: Int32) async throws {
        let outcome = try await doctor(arguments)
        #expect(outcome.status == status && outcome.errorLines.count == 1, "\(outcome.errors)")
    }
}
