// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import HTTPTypes
import SpeakCodeTesting
import Testing

@testable import SpeakCodeGateways
@testable import SpeakCodeServer
@testable import SpeakCodeService

@Suite("POST /v1/providers")
struct IdentityEndpointTests {
    private static let number = "+493012345678"
    private static let key = "an-api-key-of-the-tests"

    private static let environment: [String: String] = {
        var environment = ["SPEAKCODE_API_KEYS": "pbx:\(key)"]
        for kind in FakeIdentityServer.Kind.allCases where FakeIdentityServer(kind).signs {
            environment["SPEAKCODE_\(kind.rawValue.uppercased())_SECRET"] = FakeIdentityServer(kind).secret
        }
        return environment
    }()

    private func run(
        _ dialer: FakeDialer, _ flags: [String: String] = [:], calendar: CalendarTime = .system,
        routes: [CallRoute]? = nil, _ body: (TestService) async throws -> Void
    ) async throws {
        let names = FakeIdentityServer.Kind.allCases.map(\.rawValue).joined(separator: ",")
        try await TestService.run(
            CallService.flags.merging(["identityServers": names, "callPrefixes": "+49,+81"]) { $1 }.merging(flags) {
                $1
            },
            environment: Self.environment, calendar: calendar, routes: routes ?? [CallService.route(dialer)], body)
    }

    private func fake(_ kind: FakeIdentityServer.Kind) -> FakeIdentityServer {
        let fake = FakeIdentityServer(kind)
        return fake.signs ? fake : FakeIdentityServer(kind, secret: Self.key)
    }

    private func send(
        _ fake: FakeIdentityServer, _ service: TestService, code: String = "735198", to number: String = Self.number,
        asText isText: Bool = false, query: String = "", attempt: Int = 1
    ) async throws -> (answer: TestService.Answer, verdict: FakeIdentityServer.Verdict) {
        let request = fake.request(
            for: code, to: number, asText: isText, locale: "en-US", at: Int(Date().timeIntervalSince1970),
            attempt: attempt)
        let answer = try await service.send(
            "POST", "/v1/providers/\(fake.kind.rawValue)" + query, headers: request.headers, body: request.body)
        return (answer, fake.verdict(status: answer.status, headers: answer.headers, body: Array(answer.body)))
    }

    /// Sends a request that is to be success to its server.
    private func deliver(
        _ fake: FakeIdentityServer, _ service: TestService, code: String = "735198", to number: String = Self.number,
        asText isText: Bool = false, query: String = "", attempt: Int = 1
    ) async throws {
        let (answer, verdict) = try await send(
            fake, service, code: code, to: number, asText: isText, query: query, attempt: attempt)
        #expect(verdict == .delivered, "\(answer.status) \(answer.text)")
    }

    @Test(
        "rings the number and is success to the server that asks", .timeLimit(.minutes(1)),
        arguments: FakeIdentityServer.Kind.allCases)
    func rings(kind: FakeIdentityServer.Kind) async throws {
        let dialer = FakeDialer()
        try await run(dialer) { service in
            try await deliver(fake(kind), service)
            await dialer.waitForOrders(1)
            #expect(dialer.orders.map(\.callee) == [.number(Self.number)])
        }
    }

    @Test(
        "calls once for what is asked again within a minute, and again for the same code later",
        .timeLimit(.minutes(1)),
        arguments: [FakeIdentityServer.Kind.okta, .kratos, .privacyidea])
    func again(kind: FakeIdentityServer.Kind) async throws {
        let (dialer, clock) = (FakeDialer(), CallGuardsTests.Clock())
        try await run(dialer, calendar: clock.calendar) { service in
            // From the beginning of a minute to that of the next but one, each border is crossed.
            for attempt in 1...6 {
                try await deliver(fake(kind), service, attempt: attempt)
                if attempt < 6 { clock.advance(11) }
            }
            await dialer.waitForOrders(1)
            #expect(dialer.orders.count == 1)
            dialer.tell(.ended(CallEnd(.completed)), of: dialer.orders[0].id)
            clock.advance(61)
            try await deliver(fake(kind), service)
            await dialer.waitForOrders(2)
            #expect(try await send(fake(kind), service, code: "735199").answer.status >= 400, "it rings already")
            #expect(dialer.orders.count == 2)
        }
    }

    @Test(
        "is refused without its key or signature", .timeLimit(.minutes(1)), arguments: FakeIdentityServer.Kind.allCases)
    func stranger(kind: FakeIdentityServer.Kind) async throws {
        let dialer = FakeDialer()
        try await run(dialer) { service in
            let wrong = FakeIdentityServer(kind, secret: "whsec_AAKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
            let (answer, verdict) = try await send(wrong, service)
            #expect(verdict != .delivered || kind == .otpgateway)
            #expect(answer.status == (kind == .authgear ? 200 : 401))
            #expect(!answer.text.contains("735198") && !answer.text.contains("3012345678"))
            #expect(dialer.orders.isEmpty)
        }
    }

    @Test("gets a reason with its status, which LinOTP's test of the connection reads", .timeLimit(.minutes(1)))
    func reason() async throws {
        try await run(FakeDialer()) { service in
            let answer = try await Wire.exchange(
                "POST /v1/providers/linotp HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(Self.key)\r\n"
                    + "Content-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}",
                with: service.base)
            #expect(answer.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
        }
    }

    @Test("may be as long as a user's data are, and no longer", .timeLimit(.minutes(1)))
    func long() async throws {
        let dialer = FakeDialer()
        try await run(dialer) { service in
            for (length, status) in [(60_000, 200), (70_000, 413)] {
                let padding = String(repeating: "x", count: length)
                let body = #"{"to":"+493012345\#(length)","code":"735198","padding":"\#(padding)"}"#
                let answer = try await service.send(
                    "POST", "/v1/providers/kratos",
                    headers: ["X-API-Key": Self.key, "Content-Type": "application/json"], body: Array(body.utf8))
                #expect(answer.status == status)
            }
        }
    }

    @Test("is not there for a server that the operator has not named", .timeLimit(.minutes(1)))
    func unnamed() async throws {
        try await run(FakeDialer(), ["identityServers": "okta"]) { service in
            let answer = try await send(fake(.kratos), service).answer
            #expect(answer.status == 404)
            #expect(try await service.get("/v1/providers/okta").status == 405)
        }
    }

    @Test(
        "takes numbers as each server writes them", .timeLimit(.minutes(1)),
        arguments: [
            (FakeIdentityServer.Kind.fusionauth, "030 12345678", "?country=%2B49"),
            (.fusionauth, "0049 30 12345678", ""),
            (.supabase, "493012345678", ""), (.okta, "+49 (0)30 1234-5678", ""), (.okta, "+493012345678;ext=12", ""),
            (.authentik, "+493012345678x12", ""),
        ])
    func numbers(kind: FakeIdentityServer.Kind, number: String, query: String) async throws {
        let dialer = FakeDialer()
        try await run(dialer) { service in
            try await deliver(fake(kind), service, to: number, query: query)
            await dialer.waitForOrders(1)
            #expect(dialer.orders.map(\.callee) == [.number(Self.number)])
        }
    }

    @Test(
        "refuses numbers that nobody may call, in the person's language", .timeLimit(.minutes(1)),
        arguments: [
            ("+33123456789", "This number cannot be called."), ("030123456", "This number cannot be called."),
            ("+4990012345678", "This number cannot be called."),
        ])
    func refused(number: String, sentence: String) async throws {
        let dialer = FakeDialer()
        try await run(dialer) { service in
            // It shows the person what it is answered.
            let answer = try await send(fake(.logto), service, to: number).answer
            #expect(answer.status == 422 && answer.text == sentence)
            // It tells no language: that of the number counts.
            let other = try await send(fake(.authentik), service, to: number).answer
            if number.hasPrefix("+49") { #expect(other.text == "Diese Nummer kann nicht angerufen werden.") }
            #expect(dialer.orders.isEmpty)
        }
    }

    @Test("reads as the address's query says, and names what of it cannot be taken", .timeLimit(.minutes(1)))
    func options() async throws {
        let dialer = FakeDialer()
        try await run(dialer) { service in
            let query = "?gate=never&pacing=slow&timeout=45&locale=ja-JP"
            try await deliver(fake(.okta), service, query: query)
            await dialer.waitForOrders(1)
            let order = try #require(dialer.orders.first)
            #expect(order.timeout == 45)
            if case .document(let url) = order.heard {
                #expect(try await service.get(url).text.contains("loop=\"0\""), "without a gate")
            } else {
                Issue.record("it is read by a document")
            }
            for (query, field) in [
                ("?colour=red", "query"), ("?country=Germany", "country"), ("?texts=no", "texts"),
                ("?timeout=1", "timeout"), ("?gate=x", "gate"), ("?gate=never&gate=always", "query"),
                ("?through=nobody", "through"), ("?code=111111", "query"), ("?to=%2B49301", "query"),
            ] {
                let answer = try await send(fake(.okta), service, code: "735199", query: query).answer
                #expect(answer.status >= 400, "\(query)")
                if field != "through" { #expect(try answer.field("field", as: String.self) == field) }
            }
        }
    }

    @Test("speaks a text, refuses it or hands it on as it came, as the address says", .timeLimit(.minutes(1)))
    func texts() async throws {
        let dialer = FakeDialer()
        let sender = FakeHTTPSender { _, _ in
            .success(GatewayAnswer(status: 200, headers: [.contentType: "application/json"], body: Array("{}".utf8)))
        }
        try await run(dialer) { service in
            #expect(try await send(fake(.okta), service, asText: true).verdict == .failed)
            #expect(try await send(fake(.fusionauth), service, asText: true).answer.status == 422)
            #expect(dialer.orders.isEmpty)
            try await deliver(fake(.okta), service, asText: true, query: "?texts=speak")
            await dialer.waitForOrders(1)
            let answer = try await send(fake(.okta), service, asText: true, query: "?texts=forward").answer
            #expect(answer.status == 422, "there is nowhere to")
        }
        let forwarding = TextForwarding(url: "https://texts.example.net/okta", sender: sender)
        let request = fake(.standard).request(for: "735198", to: Self.number, at: 1)
        var headers = HTTPFields()
        for (name, value) in request.headers { if let name = HTTPField.Name(name) { headers[name] = value } }
        headers[.contentLength] = "17"
        let answer = await forwarding.send(headers, request.body)
        #expect(answer?.status == 200)
        let sent = try #require(sender.requests.first)
        #expect(sent.body == request.body && sent.url == "https://texts.example.net/okta")
        #expect(sent.headers[.contentLength] == nil)
        #expect(sent.headers.contains { $0.name.canonicalName == "webhook-signature" })
    }

    @Test("has nothing of the code and the number in the log, and says who asked", .timeLimit(.minutes(1)))
    func secret() async throws {
        let dialer = FakeDialer()
        try await run(dialer) { service in
            for kind in FakeIdentityServer.Kind.allCases {
                _ = try await send(fake(kind), service, to: "+493012345\(100 + FakeIdentityServer.Kind.allCases.count)")
                _ = try await send(FakeIdentityServer(kind, secret: "wrong-key-of-somebody"), service)
                _ = try await send(fake(kind), service, to: "+3312345678")
            }
            let log = service.log.all.joined(separator: "\n") + (try await service.get("/metrics").text)
            for kind in FakeIdentityServer.Kind.allCases {
                #expect(log.contains("route=/v1/providers/\(kind.rawValue) "))
            }
            for secret in ["735198", "3012345", "12345678", Self.key] { #expect(!log.contains(secret)) }
        }
    }
}
