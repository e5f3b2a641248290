// SPDX-License-Identifier: GPL-3.0-or-later

import HTTPTypes
import SpeakCode
import SpeakCodeTesting
import Testing

@testable import SpeakCodeGateways

extension FakeIdentityServer {
    /// The value that this stands for.
    fileprivate func server() throws -> any IdentityServer {
        try #require(IdentityServers.server(named: kind.rawValue))
    }
}

extension IdentityRequest {
    fileprivate init(_ json: String, type: String = "application/json") {
        self.init(headers: [.contentType: type], body: Array(json.utf8))
    }

    init(_ request: FakeIdentityServer.Request) {
        var headers = HTTPFields()
        for (name, value) in request.headers { if let name = HTTPField.Name(name) { headers[name] = value } }
        self.init(headers: headers, body: request.body)
    }
}

@Suite("An identity server's request")
struct IdentityServerTests {
    private static let number = "+493012345678"

    @Test("has a fake of each, under the same name")
    func fakes() {
        #expect(IdentityServers.all.map(\.name).sorted() == FakeIdentityServer.Kind.allCases.map(\.rawValue).sorted())
    }

    @Test(
        "is read: its code with leading zeros, its number and its language", arguments: FakeIdentityServer.Kind.allCases
    )
    func read(kind: FakeIdentityServer.Kind) throws {
        let fake = FakeIdentityServer(kind)
        let request = IdentityRequest(fake.request(for: "012345", to: Self.number, locale: "pt-BR", at: 0))
        let message = try fake.server().message(in: request)
        #expect(message.code == "012345")
        #expect(message.number == (fake.kind == .supabase ? "493012345678" : Self.number))
        // The others tell no language.
        if ![.fusionauth, .zitadel, .authentik, .casdoor, .otpgateway].contains(kind) {
            #expect(message.locale.flatMap { LanguageTag($0) } == LanguageTag("pt-BR"))
        }
        #expect(message.means != .textMessage)
    }

    @Test("says that a text is wanted", arguments: [FakeIdentityServer.Kind.okta, .fusionauth])
    func texts(kind: FakeIdentityServer.Kind) throws {
        let fake = FakeIdentityServer(kind)
        let request = IdentityRequest(fake.request(for: "012345", to: Self.number, asText: true, at: 0))
        #expect(try fake.server().message(in: request).means == .textMessage)
    }

    @Test("without a code or a number has nothing to say", arguments: FakeIdentityServer.Kind.allCases)
    func nothing(kind: FakeIdentityServer.Kind) throws {
        let server = try FakeIdentityServer(kind).server()
        for body in ["{}", "[]", "", "null", "735198", #"{"otp":{}}"#, #"{"call":{"otp":[]}}"#] {
            #expect(throws: IdentityError.self) { try server.message(in: IdentityRequest(body)) }
        }
    }

    @Test(
        "has its code where its server's other messages have it",
        arguments: [
            (
                "zitadel",
                #"{"contextInfo":{"eventType":"user.human.phone.code.added","recipientPhoneNumber":"+49301"},"args":{"code":"VBX53M"}}"#,
                "VBX53M"
            ),
            (
                "zitadel",
                #"{"contextInfo":{"eventType":"user.human.mfa.otp.sms.code.added","recipientPhoneNumber":"+49301"},"args":{"oTP":"01234567"}}"#,
                "01234567"
            ),
            ("kratos", #"{"to":"+49301","code":"012345"}"#, "012345"),
            ("kratos", #"{"recipient":"+49301","template_data":{"verification_code":"012345"}}"#, "012345"),
            ("kratos", #"{"recipient":"+49301","template_data":{"registration_code":"012345"}}"#, "012345"),
            ("authgear", #"{"to":"+49301","template_variables":{"Code":"012345"}}"#, "012345"),
            ("authgear", #"{"to":"+49301","body":"012345 is your code."}"#, "012345"),
            ("authentik", #"{"To":"+49301","Message":"Use 012345 to sign in"}"#, "012345"),
            ("logto", #"{"to":"+49301","type":"Register","payload":{"code":"012345","locale":"ja"}}"#, "012345"),
            (
                "casdoor", #"{"phone":"+49301","content":"<Casdoor> Your verification code is 012345, 5 minutes."}"#,
                "012345"
            ),
            ("standard", #"{"to":"+49301","code":12345}"#, "12345"),
        ])
    func elsewhere(name: String, body: String, code: String) throws {
        let server = try #require(IdentityServers.server(named: name))
        #expect(try server.message(in: IdentityRequest(body)).code == code)
    }

    @Test(
        "that is of another kind has nothing to say",
        arguments: [
            (
                "zitadel",
                #"{"contextInfo":{"eventType":"user.human.phone.code.sent","recipientPhoneNumber":"+49301"},"args":{"code":"735198"}}"#
            ),
            ("logto", #"{"to":"+49301","type":"OrganizationInvitation","payload":{"link":"https://x/735198"}}"#),
            ("casdoor", #"{"phone":"+49301","content":"Code 735198 for order 4711"}"#),
        ])
    func others(name: String, body: String) throws {
        let server = try #require(IdentityServers.server(named: name))
        #expect(throws: IdentityError.self) { try server.message(in: IdentityRequest(body)) }
    }

    @Test("shows neither its code nor its number", arguments: FakeIdentityServer.Kind.allCases)
    func secret(kind: FakeIdentityServer.Kind) throws {
        let fake = FakeIdentityServer(kind)
        let request = IdentityRequest(fake.request(for: "735198", to: Self.number, at: 0))
        let message = try fake.server().message(in: request)
        var shown = "\(request) \(message) \(String(reflecting: request)) \(String(reflecting: message))"
        dump(request, to: &shown)
        dump(message, to: &shown)
        #expect(!shown.contains("735198") && !shown.contains("3012345678"))
    }
}

@Suite("An answer to an identity server")
struct IdentityAnswerTests {
    private static func verdict(_ kind: FakeIdentityServer.Kind, _ answer: GatewayAnswer) -> FakeIdentityServer.Verdict
    {
        var headers: [String: String] = [:]
        for field in answer.headers { headers[field.name.canonicalName] = field.value }
        return FakeIdentityServer(kind).verdict(status: answer.status, headers: headers, body: answer.body)
    }

    @Test("is success where the call is accepted", arguments: FakeIdentityServer.Kind.allCases)
    func accepted(kind: FakeIdentityServer.Kind) throws {
        let answer = try #require(IdentityServers.server(named: kind.rawValue)).answer(to: .accepted("call-1"))
        #expect(Self.verdict(kind, answer) == .delivered)
    }

    @Test(
        "is failure where nobody is called, and is asked for again by none that would call twice",
        arguments: FakeIdentityServer.Kind.allCases, IdentityRefusal.Reason.allCases)
    func refused(kind: FakeIdentityServer.Kind, reason: IdentityRefusal.Reason) throws {
        let server = try #require(IdentityServers.server(named: kind.rawValue))
        let answer = server.answer(to: .refused(IdentityRefusal(reason)))
        switch kind {
        // It looks at nothing.
        case .otpgateway: #expect(answer.status >= 400)
        // Its courier has a queue.
        case .kratos: #expect(Self.verdict(kind, answer) == .asksAgain)
        case .okta where reason == .unavailable: #expect(Self.verdict(kind, answer) == .asksAgain)
        default: #expect(Self.verdict(kind, answer) == .failed)
        }
    }

    @Test("has a sentence for the person in each language, and never a word of ours")
    func sentences() throws {
        #expect(IdentityRefusal.languages.count >= 11)
        for language in IdentityRefusal.languages {
            let tag = try #require(LanguageTag(language))
            let sentences = IdentityRefusal.Reason.allCases.map { IdentityRefusal($0, in: tag).sentence }
            #expect(sentences.allSatisfy { !$0.isEmpty && !$0.utf8.contains { (0x30...0x39).contains($0) } })
            #expect(Set(sentences).count == 4)
            if language != "en" {
                #expect(
                    Set(sentences).isDisjoint(
                        with: IdentityRefusal.Reason.allCases.map { IdentityRefusal($0).sentence }))
            }
        }
        #expect(IdentityRefusal(.tooManyCalls, in: LanguageTag("tlh")).sentence.hasPrefix("Too many calls."))
    }

    @Test("to LinOTP's test of the connection is 400, which it takes for success")
    func connection() throws {
        let server = LinOTP()
        #expect(throws: IdentityError.noCode) { try server.message(in: IdentityRequest("{}")) }
        #expect(server.answer(to: .refused(IdentityRefusal(.nothingToSay))).status == 400)
    }

    @Test("to Okta for a text is its own word for it, so that Okta sends the text")
    func okta() throws {
        let answer = Okta().answer(to: .refused(IdentityRefusal(.textMessage)))
        #expect(answer.status == 200 && String(decoding: answer.body, as: UTF8.self).contains(#""status":"FAILED""#))
    }
}

@Suite("A code in a sentence")
struct CodeInTextTests {
    @Test(
        "is the one number that can be it",
        arguments: [
            ("735198", "735198"), ("Your code is 735198.", "735198"), ("735198 is your code", "735198"),
            ("Code:735198", "735198"), ("【公司】您的验证码是735198，5分钟内有效。", "735198"), ("VBX53M", "VBX53M"),
            ("Ihr Code lautet 0042 und gilt 5 Minuten", "0042"), ("735198\n\n@example.net #735198", "735198"),
            ("Pay 1000 EUR? Code 735198", "735198"), ("€1500.00 to Anna: 735198", "735198"),
            ("Call +493012345678 or enter 735198", "735198"), ("At 10:1530 enter 735198", "735198"),
        ])
    func found(text: String, code: String) throws {
        #expect(try CodeInText.only(in: text) == code)
    }

    @Test(
        "is none where there is no number, or more than one",
        arguments: [
            "", "hello", "Your code", "12", "Code 735198 of order 4711", "12345678901", "abc123def", "1,000", "2.5000",
        ])
    func none(text: String) {
        #expect(throws: IdentityError.self) { try CodeInText.only(in: text) }
    }
}

@Suite("An identity server's signature")
struct IdentitySignatureTests {
    private static let signing: [FakeIdentityServer.Kind] = FakeIdentityServer.Kind.allCases.filter {
        FakeIdentityServer($0).signs
    }

    private static func check(_ kind: FakeIdentityServer.Kind, secret: String) throws -> any RequestSigning {
        let server = try #require(IdentityServers.server(named: kind.rawValue))
        return try #require(server.signing?.checking(with: secret))
    }

    private static func signed(
        _ fake: FakeIdentityServer, at time: Int, now: Int? = nil,
        edit: (inout [String: String], inout [UInt8]) -> Void = { _, _ in }
    ) -> SignedRequest {
        let request = fake.request(for: "735198", to: "+493012345678", at: time)
        var (headers, body) = (request.headers, request.body)
        edit(&headers, &body)
        var fields = HTTPFields()
        for (name, value) in headers { if let name = HTTPField.Name(name) { fields[name] = value } }
        return SignedRequest(
            method: .post, url: "https://codes.example.net/v1/providers/\(fake.kind)", headers: fields, body: body,
            now: now ?? time)
    }

    @Test("is taken as each server makes it, and not with a byte changed, another secret, or none", arguments: signing)
    func genuine(kind: FakeIdentityServer.Kind) throws {
        let fake = FakeIdentityServer(kind)
        let check = try Self.check(kind, secret: fake.secret)
        let time = 1_764_500_000
        #expect(check.isGenuine(Self.signed(fake, at: time)))
        #expect(!check.isGenuine(Self.signed(fake, at: time) { $1[$1.count - 3] ^= 1 }))
        let other = FakeIdentityServer(kind, secret: "whsec_AAKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        #expect(!check.isGenuine(Self.signed(other, at: time)))
        for name in Self.signed(fake, at: time).headers.map(\.name.canonicalName) where name.contains("signature") {
            #expect(
                !check.isGenuine(
                    Self.signed(fake, at: time) { headers, _ in
                        headers = headers.filter { $0.key.lowercased() != name }
                    }))
        }
    }

    @Test(
        "is not taken five minutes later or earlier, where it has a time", arguments: signing.filter { $0 != .authgear }
    )
    func old(kind: FakeIdentityServer.Kind) throws {
        let fake = FakeIdentityServer(kind)
        let check = try Self.check(kind, secret: fake.secret)
        for (offset, isTaken) in [(299, true), (-299, true), (301, false), (-301, false)] {
            #expect(check.isGenuine(Self.signed(fake, at: 1_764_500_000, now: 1_764_500_000 + offset)) == isTaken)
        }
    }

    @Test("of Supabase is checked with its secret as it shows it")
    func supabase() throws {
        let fake = FakeIdentityServer(.supabase)
        let check = try Self.check(.supabase, secret: "v1," + fake.secret)
        #expect(check.isGenuine(Self.signed(fake, at: 100)))
        #expect(Supabase().signing?.checking(with: "v1,secret") == nil)
    }
}
