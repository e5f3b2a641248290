// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import SpeakCodeDoctor

@Suite
struct AudioURLTests {
    @Test func isReadAsItIsWritten() throws {
        let url = try AudioURL("HTTPS://user:word@example.org:8443/a/b.wav?c=d")
        #expect(url.isSecure)
        #expect(url.scheme == "HTTPS")
        #expect(url.credentials == "user:word")
        #expect(url.host == "example.org")
        #expect(url.port == 8443)
        #expect(url.target == "/a/b.wav?c=d")
        #expect(url.pathExtension == "wav")
        #expect(url.wholeExtension == "wav?c=d")
        #expect(url.unknownTarget == "/a/speakcode-doctor-asks-for-nothing.wav")
    }

    @Test func whatIsLeftOutIsFilledIn() throws {
        let url = try AudioURL("http://[::1]?a=b")
        #expect(url.host == "::1")
        #expect(url.authority == "[::1]")
        #expect(url.port == 80)
        #expect(url.target == "/?a=b")
        #expect(try AudioURL("https://example.org").port == 443)
        #expect(try AudioURL("https://example.org").unknownTarget == "/speakcode-doctor-asks-for-nothing")
    }

    @Test(arguments: [
        ("example.org/a.wav", AudioURLError.Reason.noScheme), ("", .noScheme),
        ("ftp://example.org/a.wav", .unsupportedScheme),
        ("http:///a.wav", .noHost), ("http://[::1/a.wav", .noHost), ("http://:80/a.wav", .noHost),
        ("http://example.org:0/a.wav", .port), ("http://example.org:99999/a", .port), ("http://[::1]x/a", .port),
        ("http://example.org/a b.wav", .unsupportedCharacter), ("http://example.org/é.wav", .unsupportedCharacter),
        ("http://example.org/\r\nX: y", .unsupportedCharacter), ("http://example.org/a.wav#t", .fragment),
    ])
    func whatCannotBeFetchedIsRefused(_ text: String, _ reason: AudioURLError.Reason) {
        #expect(throws: AudioURLError(reason)) { try AudioURL(text) }
    }

    @Test func showsNothingThatOpensIt() throws {
        let url = try AudioURL("http://user:word@example.org:8080/v1/\(Service.secret).wav?key=\(Service.secret)")
        var dumped = ""
        dump(url, to: &dumped)
        for text in ["\(url)", String(reflecting: url), dumped] {
            #expect(text.contains("http://example.org:8080/….wav"))
            #expect(!text.contains(Service.secret) && !text.contains("word"))
        }
        // What looks like an extension may be the code.
        #expect(try "\(AudioURL("http://example.org/code.481516"))" == "http://example.org/…")
    }

    @Test(arguments: [
        ("http://127.0.0.1:8080/aa.wav", Finding.Outcome.warning), ("http://127.0.0.1:8080/a.wav", .fail),
        ("http://127.0.0.1:8080/a-long-name.wav", .pass),
    ])
    func asteriskNeeds28Characters(_ text: String, _ outcome: Finding.Outcome) throws {
        #expect(try judge(.urlLengthForAsterisk, text).outcome == outcome)
    }

    @Test func asteriskNeedsTheSchemeInLowerCase() throws {
        #expect(try judge(.urlScheme, "Http://example.org/a.wav").outcome == .fail)
        #expect(try judge(.urlScheme, "http://example.org/a.wav").outcome == .pass)
    }

    private func judge(_ rule: Rule, _ text: String) throws -> Finding {
        let url = try AudioURL(text)
        return Finding(rule, rule.judge(Visit(to: url, limits: FetchLimits())), .asterisk)
    }
}
