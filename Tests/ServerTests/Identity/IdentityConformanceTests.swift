// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCodeTesting
import TestSupport
import Testing

@testable import SpeakCodeGateways
@testable import SpeakCodeServer
@testable import SpeakCodeService

@Suite("What a service answers identity servers")
struct IdentityConformanceTests {
    private static let number = "+493012345678"
    private static let key = "an-api-key-of-the-tests"
    private static let code = "73519846"

    private func examine(
        _ kind: FakeIdentityServer.Kind, _ dialer: FakeDialer, keys: Bool = true, secret: String?,
        calling number: String? = nil, path: String? = nil
    ) async throws -> [SetupVerdict] {
        var environment = keys ? ["SPEAKCODE_API_KEYS": "pbx:\(Self.key)"] : [:]
        let fake = FakeIdentityServer(kind)
        if fake.signs { environment["SPEAKCODE_\(kind.rawValue.uppercased())_SECRET"] = fake.secret }
        var verdicts: [SetupVerdict] = []
        try await TestService.run(
            CallService.flags.merging(["identityServers": kind.rawValue]) { $1 }, environment: environment,
            routes: [CallService.route(dialer)]
        ) { service in
            let url = service.base + (path ?? "/v1/providers/\(kind.rawValue)")
            verdicts = await withHTTPSender { sender in
                await IdentityConformance(kind, at: url, secret: secret, sender: sender)
                    .examine(calling: number, code: Self.code)
            }
        }
        return verdicts
    }

    private func secret(_ kind: FakeIdentityServer.Kind) -> String {
        let fake = FakeIdentityServer(kind)
        return fake.signs ? fake.secret : Self.key
    }

    @Test("pass for every server, and nobody is called", arguments: FakeIdentityServer.Kind.allCases)
    func good(kind: FakeIdentityServer.Kind) async throws {
        let dialer = FakeDialer()
        let verdicts = try await examine(kind, dialer, secret: secret(kind))
        #expect(verdicts.filter { $0.outcome == .fail || $0.outcome == .warning }.isEmpty, "\(verdicts)")
        #expect(verdicts.count >= 6)
        #expect(dialer.orders.isEmpty)
        #expect(verdicts.contains { $0.setting == "old-signature" } == FakeIdentityServer(kind).signsTime)
        #expect(!"\(verdicts)".contains(Self.code) && !"\(verdicts)".contains(secret(kind)))
    }

    @Test(
        "call the number that is given, once, however often it is sent",
        arguments: [FakeIdentityServer.Kind.kratos, .okta])
    func delivered(kind: FakeIdentityServer.Kind) async throws {
        let dialer = FakeDialer()
        let verdicts = try await examine(kind, dialer, secret: secret(kind), calling: Self.number)
        #expect(verdicts.filter { ["delivered", "sent-again"].contains($0.setting) }.map(\.outcome) == [.pass, .pass])
        await dialer.waitForOrders(1)
        #expect(dialer.orders.map(\.callee) == [.number(Self.number)])
    }

    @Test("fail where the key is another, and say which option has it", arguments: [nil, "some-other-key"])
    func wrongKey(secret: String?) async throws {
        let verdicts = try await examine(.kratos, FakeDialer(), secret: secret)
        let first = try #require(verdicts.first)
        #expect(first.outcome == .fail && first.setting == "number-of-nobody")
        #expect(first.remedy.contains("key"))
        #expect(!verdicts.contains { $0.setting == "no-code" }, "behind it nothing can be seen")
    }

    @Test("warn of a service that takes any key")
    func noKeys() async throws {
        let verdicts = try await examine(.logto, FakeDialer(), keys: false, secret: nil)
        #expect(verdicts.filter { $0.outcome == .warning }.map(\.setting) == ["wrong-key"])
    }

    @Test("fail where nothing is at the address")
    func nothingThere() async throws {
        let verdicts = try await examine(
            .kratos, FakeDialer(), secret: Self.key, path: "/v1/providers/okta")
        #expect(verdicts.first?.outcome == .fail)
        #expect(verdicts.first?.remedy.contains("identityServers") == true)
    }

    @Test("fail where nobody answers")
    func unreachable() async throws {
        let verdicts = await withHTTPSender { sender in
            await IdentityConformance(
                .kratos, at: "http://127.0.0.1:9/v1/providers/kratos", secret: nil, sender: sender
            ).examine(calling: nil, code: Self.code)
        }
        #expect(verdicts.map(\.outcome) == [.fail])
    }
}
