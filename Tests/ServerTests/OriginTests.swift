// SPDX-License-Identifier: GPL-3.0-or-later

import HTTPTypes
import NIOCore
import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

@Suite("Where a request comes from, and was sent to")
struct OriginTests {
    private static func origin(
        _ headers: [(String, String)] = [], host: String? = "inner.example", peer: String = "10.0.0.1",
        trusting proxies: [String] = ["10.0.0.0/8", "fd00::/8"]
    ) throws -> RequestOrigin {
        var fields = HTTPFields()
        for (name, value) in headers {
            fields.append(HTTPField(name: try #require(HTTPField.Name(name)), value: value))
        }
        let request = Request(
            method: .get, path: "/", query: "", authority: host, headers: fields, body: .here([]), peer: peer)
        return try #require(TrustedProxies(proxies, usesTLS: false)).origin(of: request)
    }

    @Test(
        "is an address or nothing: of what is no address, not a letter is taken",
        arguments: [
            ("192.0.2.7", "192.0.2.7"), ("192.0.2.7:4711", "192.0.2.7"), (" 192.0.2.7 ", "192.0.2.7"),
            ("[2001:db8::7]:80", "2001:db8::7"), ("[2001:db8::7]", "2001:db8::7"), ("2001:DB8:0::7", "2001:db8::7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            // The last address that a trusted proxy has written.
            ("192.0.2.7, 10.0.0.9", "192.0.2.7"), ("203.0.113.9, 192.0.2.7", "192.0.2.7"),
            ("evil, 192.0.2.7", "192.0.2.7"), ("10.0.0.8, 10.0.0.9", "10.0.0.8"),
            // No address: the proxy itself is all that is known.
            ("6.6.6.6 caller=admin status=200", "10.0.0.1"), ("unknown", "10.0.0.1"), ("_hidden", "10.0.0.1"),
            ("", "10.0.0.1"), ("6.6.6.6:80 x=1", "10.0.0.1"),
            ("[::1] x", "10.0.0.1"), ("[192.0.2.7]", "10.0.0.1"), ("fe80::1%eth0 x=1", "10.0.0.1"),
            ("1.2.3.4.5", "10.0.0.1"), ("192.0.2.7, x=1", "10.0.0.1"), ("192.0.2.7, unknown, 10.0.0.9", "10.0.0.9"),
        ])
    func clients(forwarded: String, client: String) throws {
        #expect(try Self.origin([("X-Forwarded-For", forwarded)]).client?.description == client)
        guard !forwarded.contains(","), !forwarded.contains("=") else { return }
        #expect(try Self.origin([("Forwarded", "for=\"\(forwarded)\"")]).client?.description == client)
    }

    @Test("takes nobody's word but a trusted proxy's")
    func strangers() throws {
        let headers = [
            ("X-Forwarded-For", "192.0.2.7"), ("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Proto", "https"),
        ]
        let origin = try Self.origin(headers, peer: "203.0.113.5")
        #expect(origin.client?.description == "203.0.113.5")
        #expect(try origin.base() == "http://inner.example")
    }

    @Test(
        "takes of several proxies what the one nearest to the client says",
        arguments: [
            ([("X-Forwarded-Host", "public.example, inner.example")], "http://public.example"),
            ([("X-Forwarded-Host", "public.example"), ("X-Forwarded-Host", "inner.example")], "http://public.example"),
            ([("X-Forwarded-Proto", "https, http")], "https://inner.example"),
            (
                [("Forwarded", "for=192.0.2.7;host=public.example;proto=https, for=10.0.0.9;host=b;proto=http")],
                "https://public.example"
            ),
            // What a client says of itself stands before it.
            (
                [("Forwarded", "for=1.1.1.1;host=evil.example, for=192.0.2.7;host=public.example")],
                "http://public.example"
            ),
            ([("Forwarded", "for=_a;host=public.example;proto=https")], "https://public.example"),
            ([("X-Forwarded-Proto", "gopher")], "http://inner.example"),
        ] as [([(String, String)], String)])
    func chains(headers: [(String, String)], base: String) throws {
        #expect(try Self.origin(headers).base() == base)
    }

    @Test(
        "takes as the base of links whatever is a host",
        arguments: [
            ("speak_code:8080", "speak_code:8080"), ("x", "x"), ("codes.example.net", "codes.example.net"),
            ("codes.example.net.", "codes.example.net"), ("codes.example.net.:443", "codes.example.net:443"),
            ("codes.example.net:", "codes.example.net"), ("xn--bcher-kva.example", "xn--bcher-kva.example"),
            ("127.0.0.1:8080", "127.0.0.1:8080"), ("[::1]:8080", "[::1]:8080"), ("[2001:DB8::7]", "[2001:db8::7]"),
            ("CODES.example", "CODES.example"), ("127.0.0.1:08080", "127.0.0.1:8080"),
        ])
    func hosts(written: String, host: String) throws {
        #expect(try Self.origin(host: written).base() == "http://\(host)")
        #expect(try Self.origin([("X-Forwarded-Host", written)]).base() == "http://\(host)")
    }

    @Test(
        "makes no link to nowhere",
        arguments: [
            nil, "", ":", ":8080", "0.0.0.0:8080", "0.0.0.0", "[::]", "[::]:80", "x:0", "x:65536", "x:port", "x:-1",
            "bücher.example", "a b", "a/b", "a@b", "[::1", "::1", "[127.0.0.1]", "[x]", "x..y", ".x", "-x.example",
            "1.2.3", "1.2.3.4.5", "x%41", "a,b", "[::1]x", "[fe80::1%25eth0]", String(repeating: "x", count: 64),
            String(repeating: "x.", count: 127) + "x", "x\u{0}", "x\r\nY: 1",
        ] as [String?])
    func nowhere(host: String?) throws {
        let origin = try Self.origin(host: host)
        #expect(throws: Problem.unknownHost) { _ = try origin.base() }
    }
}

@Suite("A link's host")
struct LinkHostTests {
    @Test(
        "that cannot be read is told to the client and the administrator, and no link is made",
        arguments: ["HTTP/1.0\r\n", "HTTP/1.1\r\nHost: bücher.example\r\n", "HTTP/1.1\r\nHost: 0.0.0.0:0\r\n"])
    func unreadable(head: String) async throws {
        try await TestService.run { service in
            let body = #"{"code":"735198"}"#
            let answer = try await Wire.exchange(
                "POST /v1/announcements \(head)Connection: close\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)",
                with: service.base)
            #expect(answer.contains(" 400 ") && !answer.contains("/a/"), "\(answer.prefix(100))")
            let isHTTP = answer.contains("no-host")
            // What the parser takes for no HTTP at all never comes so far.
            #expect(isHTTP || head.contains("bücher"))
            if isHTTP { #expect(service.log.all.contains { $0.hasPrefix("warning") && $0.contains("set publicURL") }) }
        }
    }

    @Test("is a service of Docker Compose with an underscore in its name")
    func underscore() async throws {
        try await TestService.run { service in
            let answer = try await service.post(#"{"code":"735198"}"#, headers: ["Host": "speak_code:8080"])
            #expect(try (answer.field("url") as String).hasPrefix("http://speak_code:8080/a/"))
        }
    }

    @Test("cannot be forged into a line of the log")
    func forged() async throws {
        try await TestService.run(["trustedProxies": "127.0.0.1"]) { service in
            let headers = ["X-Forwarded-For": "6.6.6.6 caller=admin status=200", "User-Agent": "x caller=admin"]
            _ = try await service.send("GET", "/x caller=admin", headers: headers)
            _ = try await service.post(#"{"code":"735198"}"#, headers: headers)
            _ = try await service.get("/a/caller=admin.wav", headers: headers)
            #expect(service.log.all.contains { $0.contains("client=127.0.0.1") })
            #expect(!service.log.all.contains { $0.contains("6.6.6.6") || $0.contains("admin") })
        }
    }
}
