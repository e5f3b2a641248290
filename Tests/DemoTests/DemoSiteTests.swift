// SPDX-License-Identifier: GPL-3.0-or-later

import CoreMetrics
import Foundation
import HTTPTypes
import Logging
import SpeakCode
import SpeakCodeDemo
import SpeakCodeService
import SpeakCodeTesting
import Testing

/// The site in front of the service, without a browser and without a socket.
@Suite("The demo's site", .timeLimit(.minutes(2)))
struct DemoSiteTests {
    /// A browser that keeps its cookie.
    private final class Visitor {
        let site: DemoSite
        let service: AnnouncementService
        var cookie = ""
        /// All that was answered but the pages themselves.
        var heads: [String] = []

        init(_ site: DemoSite, _ service: AnnouncementService) { (self.site, self.service) = (site, service) }

        func ask(
            _ method: HTTPRequest.Method, _ path: String = "", form: String = "",
            with fields: [(String, String)] = [], host: String = "127.0.0.1:8080"
        ) async throws -> (head: HTTPResponse, text: String) {
            var request = HTTPRequest(method: method, scheme: "http", authority: host, path: "/demo/" + path)
            request.headerFields[.cookie] = cookie
            request.headerFields[.acceptLanguage] = "en"
            for (name, value) in fields { request.headerFields[try #require(HTTPField.Name(name))] = value }
            let answer = await service.respond(to: request, body: Array(form.utf8))
            var bytes: [UInt8] = []
            try await answer.send { bytes += $0 }
            if let set = answer.head.headerFields[.setCookie] { cookie = String(set.prefix { $0 != ";" }) }
            heads.append("\(path) \(answer.head)")
            return (answer.head, String(decoding: bytes, as: UTF8.self))
        }

        /// Sends a form, and gives back the page behind it.
        func send(_ form: String, attempt: Int = 1) async throws -> String {
            let answer = try await ask(.post, form: "attempt=\(attempt)&\(form)")
            #expect(answer.head.status == .seeOther && answer.head.headerFields[.location] == "/demo/")
            return try await ask(.get).text
        }

        func telephone() async throws -> [String: Any] {
            let text = try await ask(.get, "telephone").text
            return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        }
    }

    /// Has something done with the site while the service runs.
    private static func withSite(
        _ settings: DemoSite.Settings = .init(), _ body: (Visitor) async throws -> Void
    ) async throws {
        let site = DemoSite(settings, telephone: PageTelephone(clock: ManualClock())) {
            Int(Date().timeIntervalSince1970)
        }
        let service = try AnnouncementService(
            try await ServiceSettings(flags: site.serviceSettings, environment: [:], file: nil), callers: [],
            engine: FakeEngine(), enginesAtATime: 1, resampler: PlainResampler(), encoder: PlainEncoder(), decoder: nil,
            origin: "tests", workers: Workers(), metrics: NOOPMetricsHandler.instance, exposition: nil, sender: nil,
            routes: [site.route], site: site, logger: Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() },
            clock: ContinuousClock(), calendar: .system, onClipsLetGo: {})
        let running = Task { await service.run() }
        defer { running.cancel() }
        try await body(Visitor(site, service))
    }

    /// The code that the person will hear, which only the site knows.
    private static func code(_ visitor: Visitor) throws -> String {
        let name = String(visitor.cookie.split(separator: "=")[1])
        let now = Int(Date().timeIntervalSince1970)
        return try #require(visitor.site.sessions.with(name, at: now) { $0.story.code?.text } ?? nil)
    }

    private static func stage(_ page: String) -> String? {
        page.firstMatch(of: /data-stage="([a-z-]+)"/).map { String($0.output.1) }
    }

    @Test("tells the story: signs in, has the code said by the service's own hook, takes it")
    func story() async throws {
        try await Self.withSite { visitor in
            #expect(Self.stage(try await visitor.ask(.get).text) == "sign-in")
            #expect(Self.stage(try await visitor.send("do=sign-in&user=a&password=b")) == "sent")
            #expect(Self.stage(try await visitor.send("do=not-arrived")) == "choosing")
            let page = try await visitor.send("do=call")
            #expect(Self.stage(page) == "sent" && page.contains("We are calling you"))
            let ringing = try await visitor.telephone()
            #expect(ringing["call"] as? String == "ringing")
            let id = try #require(ringing["id"] as? String)
            let taken = try await visitor.ask(.post, "telephone", form: "do=answer&id=\(id)")
            #expect(taken.text.hasPrefix(#"{"media":"\/m\/"#) || taken.text.hasPrefix(#"{"media":"/m/"#))
            // Another tab.
            #expect(try await visitor.ask(.post, "telephone", form: "do=answer&id=\(id)").head.status == .conflict)
            #expect(try await visitor.telephone()["call"] as? String == "answered")
            let code = try Self.code(visitor)
            #expect(Self.stage(try await visitor.send("do=type&code=000")) == "sent")
            #expect(Self.stage(try await visitor.send("do=type&code=\(code)")) == "accepted")
            #expect(try await visitor.telephone()["call"] as? String == "answered")
            _ = try await visitor.ask(.post, "telephone", form: "do=hang-up&id=\(id)")
            let over = try await visitor.telephone()
            #expect(over["call"] as? String == "ended" && over["outcome"] as? String == "completed")
            #expect(visitor.heads.allSatisfy { !$0.contains(code) }, "the code is in no address and no header")
        }
    }

    @Test("signs in again with the app, and has its code read aloud")
    func app() async throws {
        try await Self.withSite { visitor in
            _ = try await visitor.ask(.get)
            _ = try await visitor.send("do=sign-in")
            let sent = try Self.code(visitor)
            _ = try await visitor.send("do=type&code=\(sent)")
            #expect(Self.stage(try await visitor.send("do=sign-in-with-app")) == "app")
            let reading = try await visitor.ask(.post, "app").text.replacing("\\/", with: "/")
            #expect(reading.contains("\"sound\":\"/a/") && reading.contains(".sln16"))
            let shown = try await visitor.ask(.get, "app").text
            let code = try #require(shown.firstMatch(of: /"code":"([0-9]{6})"/)).output.1
            #expect(Self.stage(try await visitor.send("do=type-app&code=\(code)", attempt: 2)) == "done")
        }
    }

    @Test("calls each who is there at a number of their own, and says why nobody is called")
    func refused() async throws {
        try await Self.withSite { visitor in
            let other = Visitor(visitor.site, visitor.service)
            for visitor in [visitor, other] {
                _ = try await visitor.ask(.get)
                _ = try await visitor.send("do=sign-in")
                _ = try await visitor.send("do=not-arrived")
                #expect(Self.stage(try await visitor.send("do=call")) == "sent")
                #expect(try await visitor.telephone()["call"] as? String == "ringing")
            }
        }
        var settings = DemoSite.Settings()
        // No gateway is set up for it.
        settings.callee = "+12125550100"
        try await Self.withSite(settings) { visitor in
            visitor.site.telephone.hangUp("none")
            _ = try await visitor.ask(.get)
            _ = try await visitor.send("do=sign-in")
            _ = try await visitor.send("do=not-arrived")
            let page = try await visitor.send("do=call")
            #expect(["sent", "choosing"].contains(Self.stage(page)))
        }
    }

    @Test("is for this machine alone", arguments: ["127.0.0.1:8080", "localhost:1", "[::1]:8080", "127.0.0.1"])
    func host(host: String) async throws {
        try await Self.withSite { visitor in
            let answer = try await visitor.ask(.get, host: host)
            #expect(answer.head.status == .ok)
        }
    }

    @Test(
        "refuses the name of another host, which may lead here",
        arguments: [
            "example.net", "127.0.0.1.example.net", "localhost.example.net:8080", "127.0.0.1:x", "127.0.0.1:123456",
        ])
    func otherHost(host: String) async throws {
        try await Self.withSite { visitor in
            let answer = try await visitor.ask(.get, host: host)
            #expect(answer.head.status == .misdirectedRequest && answer.head.headerFields[.setCookie] == nil)
        }
    }

    @Test(
        "takes no form of another's page",
        arguments: [
            ("Origin", "https://example.net"), ("Origin", "http://127.0.0.1:81"), ("Sec-Fetch-Site", "same-site"),
        ])
    func origin(field: (String, String)) async throws {
        try await Self.withSite { visitor in
            _ = try await visitor.ask(.get)
            let answer = try await visitor.ask(.post, form: "attempt=1&do=sign-in", with: [field])
            #expect(answer.head.status == .forbidden)
            #expect(Self.stage(try await visitor.ask(.get).text) == "sign-in")
        }
    }

    @Test(
        "lets pages ask this machine alone, and run nothing but their own files",
        arguments: ["", "bench", "site.js", "x"])
    func headers(path: String) async throws {
        try await Self.withSite { visitor in
            let answer = try await visitor.ask(.get, path)
            let policy = answer.head.headerFields[try #require(HTTPField.Name("Content-Security-Policy"))] ?? ""
            #expect(policy.hasPrefix("default-src 'none'; script-src 'self'; style-src 'self'"))
            #expect(!policy.contains("unsafe") && !policy.contains("*"))
            #expect(answer.head.status == (path == "x" ? .notFound : .ok))
        }
    }

    @Test("shows the language that was chosen")
    func language() async throws {
        try await Self.withSite { visitor in
            _ = try await visitor.ask(.get)
            let session = visitor.cookie
            _ = try await visitor.ask(.post, "language", form: "language=ja&page=story")
            visitor.cookie = session + "; " + visitor.cookie
            let page = try await visitor.ask(.get).text
            #expect(page.contains("<html lang=\"ja\">") && page.contains("ログイン"))
        }
    }

    @Test("has all languages and their lines at its bench")
    func bench() async throws {
        try await Self.withSite { visitor in
            let packs = try await visitor.ask(.get, "packs").text
            for locale in VoicePackCatalog.builtIn.locales { #expect(packs.contains("\"\(locale)\"")) }
            let lines = try await visitor.ask(.get, "lines?locale=ja-JP").text
            #expect(lines.contains("phrases.opening") && lines.contains("認証コードをお知らせします。"))
            let line = try await visitor.ask(.get, "line?locale=ja-JP&place=digits.standard.4")
            #expect(line.head.status == .ok && line.text.hasPrefix("RIFF"))
            for query in ["lines?locale=xx", "lines", "line?locale=ja-JP&place=phrases.none", "line?place=x"] {
                #expect(try await visitor.ask(.get, query).head.status == .notFound)
            }
        }
    }
}
