// SPDX-License-Identifier: GPL-3.0-or-later

internal import FoundationEssentials
internal import HTTPTypes
package import SpeakCodeGateways
package import SpeakCodeService

/// Asks a service for codes to be brought as an identity server does, and looks at what it is answered.
///
/// Nobody is called unless a number is given: without one, each request lacks something without which nobody can be, a key, a
/// code or a number that there is.
package struct IdentityConformance: Sendable {
    private let fake: FakeIdentityServer
    private let url: String
    private let hasKey: Bool
    private let sender: any HTTPSender
    private let calendar: CalendarTime

    /// A number of no country: +999 was kept for a use that never came (ITU-T E.164, list of assigned codes).
    static let nobody = "+9991234567"
    /// How long an answer is waited for.
    private static let limit: Duration = .seconds(10)
    /// What the service promises; Okta itself waits for three seconds, Supabase for five.
    private static let soon: Duration = .seconds(1)

    /// - Parameters:
    ///   - kind: as which identity server it asks.
    ///   - url: the address that is pasted into the identity server.
    ///   - secret: the API key that is pasted there, or what its requests are signed with; nil where there is none.
    ///   - sender: what sends.
    ///   - calendar: what signatures are of.
    package init(
        _ kind: FakeIdentityServer.Kind, at url: String, secret: String?, sender: any HTTPSender,
        calendar: CalendarTime = .system
    ) {
        fake = FakeIdentityServer(kind, secret: secret)
        (self.url, hasKey, self.sender, self.calendar) = (url, secret != nil, sender, calendar)
    }

    /// Looks at everything.
    ///
    /// - Parameters:
    ///   - number: who is called, once; nil for nobody.
    ///   - code: what is read to them, and what no answer may have in it.
    ///   - progress: told what is asked next.
    package func examine(
        calling number: String?, code: String, progress: (String) -> Void = { _ in }
    ) async -> [SetupVerdict] {
        var seen = Seen()
        var verdicts: [SetupVerdict] = []
        for probe in probes(number) {
            progress(probe.name)
            let request = request(probe, code)
            let began = ContinuousClock.now
            guard let answer = try? await sender.send(request, within: Self.limit) else {
                let unreachable = SetupVerdict.fail(
                    probe.name, "there is no answer", "Let this machine reach the address, and the service answer.")
                return verdicts + [unreachable]
            }
            seen.note(answer, after: began.duration(to: .now), request, code, number)
            verdicts.append(verdict(on: probe, answer))
            // Behind a key that is not taken, nothing else can be seen.
            if probe == .numberOfNobody, isRefused(answer) || answer.status == 404 { break }
        }
        if number == nil {
            verdicts.append(
                .notApplicable("delivered", "nobody was called", "--to calls a number of yours, and looks at that too.")
            )
        }
        return verdicts + seen.verdicts
    }

    // MARK: What is asked

    private enum Probe: Hashable {
        case numberOfNobody, noCode, connectionTest, wrongKey, oldSignature
        case delivered(String)
        case sentAgain(String)

        var name: String {
            switch self {
            case .numberOfNobody: "number-of-nobody"
            case .noCode: "no-code"
            case .connectionTest: "connection-test"
            case .wrongKey: "wrong-key"
            case .oldSignature: "old-signature"
            case .delivered: "delivered"
            case .sentAgain: "sent-again"
            }
        }
    }

    private func probes(_ number: String?) -> [Probe] {
        var probes: [Probe] = [.numberOfNobody, fake.kind == .linotp ? .connectionTest : .noCode, .wrongKey]
        if fake.signsTime { probes.append(.oldSignature) }
        if let number {
            probes.append(.delivered(number))
            if fake.attempts > 1 { probes.append(.sentAgain(number)) }
        }
        return probes
    }

    /// Longer than any signature is good for.
    private static let old = 3600

    private func request(_ probe: Probe, _ code: String) -> GatewayRequest {
        let now = calendar.now
        let made: FakeIdentityServer.Request
        switch probe {
        case .numberOfNobody: made = fake.request(for: code, to: Self.nobody, at: now)
        case .connectionTest: made = fake.request(of: Array("{}".utf8), at: now)
        case .noCode: made = fake.request(for: "", to: Self.nobody, at: now)
        case .wrongKey:
            made = FakeIdentityServer(fake.kind, secret: "whsec_d3Jvbmcta2V5LW9mLXRoZS1kb2N0b3I=")
                .request(for: code, to: Self.nobody, at: now)
        case .oldSignature: made = fake.request(for: code, to: Self.nobody, at: now - Self.old)
        case .delivered(let number): made = fake.request(for: code, to: number, at: now)
        case .sentAgain(let number): made = fake.request(for: code, to: number, at: now, attempt: 2)
        }
        var headers = HTTPFields()
        for (name, value) in made.headers {
            // Without a key, none is presented: a service for development asks for none.
            if !hasKey, probe != .wrongKey, !fake.signs, Self.credentials.contains(name) { continue }
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        return GatewayRequest(.post, url, headers: headers, body: made.body)
    }

    private static let credentials: Set<String> = ["Authorization", "X-API-Key"]

    // MARK: What is answered

    private func verdict(on probe: Probe, _ answer: GatewayAnswer) -> SetupVerdict {
        let (name, status) = (probe.name, "HTTP \(answer.status)")
        // otpgateway itself looks at no answer.
        let isTaken = fake.kind == .otpgateway ? answer.status < 300 : made(of: answer) == .delivered
        switch probe {
        case .numberOfNobody:
            switch answer.status {
            case _ where isRefused(answer):
                return .fail(
                    name, "the key is not taken (\(status))",
                    hasKey
                        ? "Give the key that the service knows, or the secret of \(fake.kind.rawValue) that it has."
                        : "Give the key with --key-file.")
            case 404:
                return .fail(
                    name, "nothing is there (\(status))",
                    "Put \(fake.kind.rawValue) into identityServers, and end the address in /v1/providers/\(fake.kind.rawValue)."
                )
            case 500...: return .fail(name, "the service fails (\(status))", "Its log says more.")
            default: break
            }
            return isTaken
                ? .fail(name, "a number that there is not is called", "Take +999 out of callPrefixes.")
                : .pass(name, "it is read, and nobody is called (\(status))")
        case .connectionTest:
            return answer.status == 400
                ? .pass(name, "what LinOTP tests a provider with is refused (\(status))")
                : .fail(name, "LinOTP's test of a provider wants 400 (\(status))", "Let POST with {} be answered so.")
        case .noCode:
            return isTaken || answer.status >= 500
                ? .fail(name, "what has no code is not refused (\(status))", "Look at what stands before the service.")
                : .pass(name, "what has no code is refused (\(status))")
        case .wrongKey:
            if isRefused(answer) { return .pass(name, "a key of somebody else is refused (\(status))") }
            return .warning(
                name, "any key is taken (\(status))",
                "Set apiKeys: whoever reaches this address can have people called.")
        case .oldSignature:
            return isRefused(answer)
                ? .pass(name, "what was signed an hour ago is refused (\(status))")
                : .fail(name, "what was signed an hour ago is taken (\(status))", "Set the clocks of both servers.")
        case .delivered, .sentAgain:
            return made(of: answer) == .delivered
                ? .pass(name, "\(fake.kind.rawValue) takes it for success (\(status))")
                : .fail(
                    name, "\(fake.kind.rawValue) takes it for a failure (\(status))",
                    "Allow the number in callPrefixes, and set up a gateway: `speakcode doctor --call` looks at both.")
        }
    }

    /// Whether an answer says that who asks is not known; Authgear is told so with the status of success.
    private func isRefused(_ answer: GatewayAnswer) -> Bool {
        [401, 403].contains(answer.status)
            || fake.kind == .authgear && String(decoding: answer.body, as: UTF8.self).contains("authentication_failed")
    }

    private func made(of answer: GatewayAnswer) -> FakeIdentityServer.Verdict {
        var headers: [String: String] = [:]
        for field in answer.headers { headers[field.name.canonicalName] = field.value }
        return fake.verdict(status: answer.status, headers: headers, body: answer.body)
    }

    /// What was seen of all answers.
    private struct Seen {
        private var slowest: Duration = .zero
        private var leaks = false

        mutating func note(
            _ answer: GatewayAnswer, after time: Duration, _ request: GatewayRequest, _ code: String, _ number: String?
        ) {
            slowest = max(slowest, time)
            let text =
                String(decoding: answer.body, as: UTF8.self) + answer.headers.map(\.value).joined(separator: "\n")
            let numbers = [IdentityConformance.nobody, number].compactMap { $0?.filter(\.isNumber) }
            leaks = leaks || text.contains(code) || numbers.contains { text.contains($0) }
        }

        var verdicts: [SetupVerdict] {
            let milliseconds = Int((slowest / .milliseconds(1)).rounded())
            return [
                slowest <= IdentityConformance.soon
                    ? .pass("answer-time", "the slowest answer came in \(milliseconds) ms")
                    : .warning(
                        "answer-time", "the slowest answer came in \(milliseconds) ms",
                        "Have it come within a second: Okta asks again after three."),
                leaks
                    ? .fail("secrets", "an answer has the code or the number in it", "People are shown what it says.")
                    : .pass("secrets", "no answer has the code or the number in it"),
            ]
        }
    }
}
