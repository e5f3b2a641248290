// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCode
import SpeakCodeTesting
import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

/// A code that stands nowhere else, so that a search for it finds leaks and nothing but leaks.
private let secret = "735198"

@Suite("POST /v1/announcements", .serialized)
struct AnnouncementTests {
    @Test("answers with links, how long they live and what is behind them")
    func created() async throws {
        try await TestService.run { service in
            let answer = try await service.post(#"{"code":"\#(secret)","locale":"ja"}"#)
            #expect(answer.status == 201)
            #expect(answer["content-type"] == "application/json" && answer["cache-control"] == "no-store")
            #expect(try answer.field("locale") == "ja-JP")
            #expect(try answer.field("readings") == 3)
            let url: String = try answer.field("url")
            #expect(answer["location"] == url && url.hasPrefix(service.base + "/a/") && url.hasSuffix(".wav"))
            let audio = try await service.get(url)
            #expect(audio.body.count == (try answer.field("byteLength")))
            let seconds: Double = try answer.field("duration")
            #expect(abs(Double(audio.body.count - 44) / 16_000 - seconds) < 0.001)
            let (issued, expires): (String, String) = (try answer.field("issuedAt"), try answer.field("expiresAt"))
            let format = ISO8601DateFormatter()
            let lifetime = try #require(format.date(from: expires)).timeIntervalSince(
                try #require(format.date(from: issued)))
            #expect(lifetime == 600)
            let links: [String: String] = try answer.field("links")
            #expect(Set(links.keys) == Set(Representation.all.map(\.name)))
        }
    }

    @Test("answers a dialplan with the one address", arguments: ["wav", "live.mp3"])
    func text(format: String) async throws {
        try await TestService.run { service in
            let answer = try await service.post(
                #"{"code":"\#(secret)","format":"\#(format)"}"#,
                headers: ["Accept": "text/plain", "Content-Type": "application/x-www-form-urlencoded"])
            #expect(answer.status == 201 && answer["content-type"] == "text/plain")
            #expect(answer.text.hasPrefix(service.base) && answer.text.hasSuffix(format))
            #expect(try await service.send("HEAD", answer.text).status == 200)
        }
    }

    @Test("gives a link to the question for a key press, in which there is no code")
    func gate() async throws {
        try await TestService.run { service in
            let answer = try await service.post(#"{"code":"\#(secret)","gate":true}"#)
            let gate: [String: Any] = try answer.field("gate")
            let links = try #require(gate["links"] as? [String: String])
            let captions = try await service.get(try #require(links["srt"])).text
            #expect(captions.contains("Press 1 to hear your code."))
            let other = try await service.post(#"{"code":"0000000000","gate":true}"#)
            let otherGate: [String: Any] = try other.field("gate")
            #expect(otherGate["byteLength"] as? Int == gate["byteLength"] as? Int, "a gate is the same for every code")
        }
    }

    @Test(
        "tells which voice it found, and how",
        arguments: [
            (#""locale":"zh-Hant-HK""#, "yue-HK", "language"), (#""locale":"gsw""#, "de-CH", "understood"),
            (#""locale":"qaa""#, "en-US", "usual"), (#""phoneNumber":"+81 090-1234-5678""#, "ja-JP", "language"),
            (#""phoneNumber":"+81 090-1234-5678","locale":"fr""#, "fr-FR", "language"),
            (#""phoneNumber":"tel:+81-90-1234-5678;ext=12","locale":"C.UTF-8""#, "ja-JP", "language"),
        ])
    func locales(fields: String, locale: String, match: String) async throws {
        try await TestService.run { service in
            let answer = try await service.post("{\"code\":\"\(secret)\",\(fields)}")
            #expect(answer.status == 201)
            #expect(try answer.field("locale") == locale)
            #expect(try answer.field("localeMatch") == match)
            if fields.contains("phoneNumber") { #expect(try answer.field("phoneNumber") == "+819012345678") }
            #expect(!service.log.all.contains { $0.contains("9012345678") })
        }
    }

    /// An engine that speaks, and cannot say at the moment which voices it has.
    private struct Unlisting: SpeechEngine, VoiceListing {
        let engine = FakeEngine()
        let reason: EngineError.Reason

        func speak(_ utterances: [Utterance], voice: EngineVoice) async throws(EngineError) -> [Speech] {
            try await engine.speak(utterances, voice: voice)
        }

        func voices() async throws(EngineError) -> [ListedVoice] { throw EngineError(reason, "not now") }
    }

    @Test(
        "reads in no other language where the engine cannot say for a moment whether it has the one that is asked for",
        arguments: [
            (EngineError.Reason.hung, 503), (.exhausted, 503), (.crashed, 503), (.failed, 503), (.missing, 201),
        ])
    func unlisted(reason: EngineError.Reason, status: Int) async throws {
        try await TestService.run(engine: Unlisting(reason: reason)) { service in
            for field in ["locale", "secondLocale"] where status == 503 || field == "locale" {
                let answer = try await service.post("{\"code\":\"\(secret)\",\"\(field)\":\"gsw\"}")
                #expect(answer.status == status && (answer["retry-after"] != nil) == (status == 503))
            }
            // A language that has a pack waits for no list.
            #expect(try await service.post("{\"code\":\"\(secret)\",\"locale\":\"de\"}").status == 201)
        }
    }

    @Test("says of a code with capital and small letters that they are read alike, and says which are if asked")
    func letterCase() async throws {
        try await TestService.run { service in
            let plain = try await service.post(#"{"code":"zulQ4i"}"#)
            let warnings: [String] = try plain.field("warnings")
            #expect(warnings.count == 1 && warnings[0].contains("\"case\"") && !warnings[0].contains("zulQ4i"))
            for body in [#"{"code":"ZULQ4I"}"#, #"{"code":"zulq4i"}"#, #"{"code":"123456"}"#] {
                #expect(try !(await service.post(body)).text.contains("warnings"))
            }
            let spoken = try await service.post(#"{"code":"zulQ4i","case":"spoken"}"#)
            #expect(!spoken.text.contains("warnings"))
            let links: [String: String] = try spoken.field("links")
            let captions = try await service.get(try #require(links["vtt"])).text
            #expect(captions.contains("\nz\n") && captions.contains("\ncapital Q\n") && !captions.contains("\nZ\n"))
            // Neither its links nor its lengths tell which letters are capital.
            let other = try await service.post(#"{"code":"ZUlq4I","case":"spoken"}"#)
            let otherLinks: [String: String] = try other.field("links")
            #expect(otherLinks["wav"]?.utf8.count == links["wav"]?.utf8.count)
            let (one, two): (Int, Int) = (try spoken.field("byteLength"), try other.field("byteLength"))
            #expect(one == two)
            let refused = try await service.post(#"{"code":"zulQ4i","case":"spoken","locale":"ka"}"#)
            #expect(refused.status == 422 && refused.text.contains("capital letters"))
            #expect(try await service.post(#"{"code":"zulQ4i","case":"loud"}"#).status == 422)
        }
    }

    @Test("speaks two languages in turn, in the words that were asked for, and its link says the same")
    func words() async throws {
        try await TestService.run { service in
            let answer = try await service.post(
                #"{"code":"\#(secret)","locale":"de","secondLocale":"en","template":"timed","slots":{"minutes":10},"style":"telephone","register":"informal"}"#
            )
            #expect(try answer.field("secondLocale") == "en-US")
            let links: [String: String] = try answer.field("links")
            let captions = try await service.get(try #require(links["vtt"])).text
            #expect(captions.contains("Dein Bestätigungscode lautet:"))
            #expect(captions.contains("<lang en-US>Your verification code is:</lang>"))
            #expect(captions.contains("10 Minuten") && captions.contains("10 minutes"))
            let audio = try await service.get(try #require(links["wav"]))
            #expect(audio.status == 200)
            #expect(try audio.body.count == answer.field("byteLength"))
        }
    }

    @Test("speaks as a woman where that is asked for, in both languages and in the gate, and its link does, too")
    func gender() async throws {
        let engine = FakeEngine()
        try await TestService.run(engine: engine) { service in
            var tags: [String] = []
            for voice in ["null", #""male""#, #""female""#] {
                let women = engine.askedVoices.filter { ["speakcode-female", "f2"].contains($0.variant) }
                #expect(women.isEmpty)
                let answer = try await service.post(
                    #"{"code":"\#(secret)","locale":"en","secondLocale":"zh","gate":true,"voice":\#(voice)}"#)
                let links: [String: String] = try answer.field("links")
                let audio = try await service.get(try #require(links["wav"]))
                tags.append(try #require(audio["etag"]))
            }
            #expect(Set(tags).count == 3)
            let asked = engine.askedVoices.map { "\($0.name)+\($0.variant ?? "")" }
            #expect(
                Set(asked) == [
                    "gmw/en-US+speakcode-male-en", "sit/cmn-Latn-pinyin+m3", "gmw/en-US+speakcode-female",
                    "sit/cmn-Latn-pinyin+f2",
                ])
        }
    }

    @Test("makes links for the operator's own address")
    func publicURL() async throws {
        try await TestService.run(["publicURL": "https://codes.example.net/voice/"]) { service in
            let answer = try await service.post(#"{"code":"\#(secret)"}"#, headers: ["Host": "elsewhere.example"])
            #expect((try answer.field("url") as String).hasPrefix("https://codes.example.net/voice/a/"))
        }
    }

    @Test("takes a proxy's word for the address where the proxy is trusted, and only there", arguments: [true, false])
    func forwarded(isTrusted: Bool) async throws {
        try await TestService.run(isTrusted ? ["trustedProxies": "127.0.0.0/8"] : [:]) { service in
            for headers in [
                [
                    "X-Forwarded-Proto": "https", "X-Forwarded-Host": "codes.example.net",
                    "X-Forwarded-For": "192.0.2.7",
                ],
                ["Forwarded": #"for=192.0.2.7;proto=https;host="codes.example.net""#],
            ] {
                let answer = try await service.post(#"{"code":"\#(secret)"}"#, headers: headers)
                #expect((try answer.field("url") as String).hasPrefix("https://codes.example.net/") == isTrusted)
                let line = try #require(service.log.all.last { $0.contains("method=POST") })
                #expect(line.contains("client=192.0.2.7") == isTrusted)
            }
        }
    }

    @Test("takes an API key, tells its name and never the key")
    func keys() async throws {
        let environment = ["SPEAKCODE_API_KEYS": "bank:0123456789abcdef,shop:fedcba9876543210"]
        try await TestService.run(environment: environment) { service in
            for (header, status) in [
                ("Bearer 0123456789abcdef", 201), ("bearer fedcba9876543210", 201), ("Bearer 0123456789abcdeg", 401),
                ("Bearer", 401), ("", 401), ("Basic 0123456789abcdef", 401), ("0123456789abcdef", 401),
            ] {
                let answer = try await service.post(#"{"code":"\#(secret)"}"#, headers: ["Authorization": header])
                #expect(answer.status == status, "\(header)")
                #expect(status == 201 || answer["www-authenticate"] == "Bearer")
            }
            #expect(service.log.all.contains { $0.contains("caller=bank") })
            #expect(service.log.all.contains { $0.contains("caller=shop") })
            let leaks = service.log.all.filter { $0.contains("0123456789abcdef") || $0.contains("fedcba9876543210") }
            #expect(leaks.isEmpty, "\(leaks.first ?? "")")
        }
    }

    @Test("slows a caller down, and says for how long")
    func rate() async throws {
        try await TestService.run(["rate": "1", "burst": "2"]) { service in
            var answers: [TestService.Answer] = []
            for _ in 0..<4 { answers.append(try await service.post(#"{"code":"\#(secret)"}"#)) }
            #expect(answers.prefix(2).map(\.status) == [201, 201])
            let refused = try #require(answers.last)
            #expect(refused.status == 429)
            #expect(Int(try #require(refused["retry-after"])) == 1)
        }
    }

    @Test(
        "answers bad requests with problem details that name the field and never repeat what was sent",
        arguments: [
            (#"{"code":"735198x9!"}"#, 422, "code"), (#"{"code":"735198","locale":"735198"}"#, 422, "locale"),
            (#"{"code":"735198","slots":{"735198":1}}"#, 422, "slots"),
            (#"{"code":"735198","template":"timed","slots":{"minutes":735198}}"#, 422, "slots.minutes"),
            (#"{"code":"735198","template":"timed"}"#, 422, "slots.minutes"),
            (#"{"code":"735198","letters":"735198"}"#, 422, "letters"),
            (#"{"code":"735198","secondLocale":"qaa"}"#, 422, "secondLocale"),
            (#"{"code":"735198","phoneNumber":"735198"}"#, 422, "phoneNumber"),
            (#"{"code":"735198","style":"735198"}"#, 422, "style"),
            (#"{"code":"735198","voice":"735198"}"#, 422, "voice"),
            (#"{"code":"735198","template":"735198"}"#, 422, "template"),
            (#"{"code":"735198","expiresIn":86400}"#, 422, "expiresIn"), (#"{"735198":"735198"}"#, 422, "code"),
            ("735198", 400, nil), (String(repeating: "735198", count: 1000), 413, nil),
        ] as [(String, Int, String?)])
    func problems(body: String, status: Int, field: String?) async throws {
        try await TestService.run { service in
            let answer = try await service.post(body)
            #expect(answer.status == status)
            #expect(answer["content-type"] == "application/problem+json")
            #expect(try answer.field("status") == status)
            let object = try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any]
            #expect(object?["field"] as? String == field)
            #expect(!answer.text.contains(secret) && !service.log.all.contains { $0.contains(secret) })
        }
    }

    @Test("is refused for another media type, and at another address for another method")
    func routes() async throws {
        try await TestService.run { service in
            let body = Array(#"{"code":"\#(secret)"}"#.utf8)
            let path = "/v1/announcements"
            #expect(
                try await service.send("POST", path, headers: ["Content-Type": "text/xml"], body: body).status == 415)
            for (method, path, allowed) in [
                ("GET", path, "POST"), ("DELETE", path, "POST"), ("POST", "/a/x.wav", "GET, HEAD"),
                ("PUT", "/healthz", "GET, HEAD"), ("TRACE", "/metrics", "GET, HEAD"),
            ] {
                let answer = try await service.send(method, path)
                #expect(answer.status == 405 && answer["allow"] == allowed)
            }
            #expect(try await service.get("/\(secret)").status == 404)
            #expect(try await service.get("/").status == 404)
        }
    }

    @Test("is answered with 503, and the reason in the log, where the engine cannot speak")
    func engine() async throws {
        let failure = EngineError(.missing, "the engine is not there")
        // The first words are of the service itself: phrases and digits of the usual locale in one request.
        let engine = FakeEngine([.speak, .fail(failure), .fail(failure), .fail(failure)])
        try await TestService.run(engine: engine) { service in
            let answer = try await service.post(#"{"code":"\#(secret)","locale":"de"}"#)
            #expect(answer.status == 503 && answer["retry-after"] != nil, "\(engine.requests.count) requests")
            #expect(service.log.all.contains { $0.contains("the engine is not there") })
        }
    }
}
