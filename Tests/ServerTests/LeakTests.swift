// SPDX-License-Identifier: GPL-3.0-or-later

import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import SpeakCodeTesting
import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

@Suite("A code that goes through the service", .serialized)
struct LeakTests {
    /// Codes that stand nowhere else, so that whatever is found is a leak.
    private static let codes = ["7351984602", "QX7351984", "8462 0573"]

    /// Where one of the codes, or another secret of digits, or a part of it that gives it away, stands in a text.
    static func leaks(in text: String, of codes: [String] = codes) -> [String] {
        var found: [String] = []
        let plain = text.lowercased()
        // Separators would hide a code that is written digit by digit.
        let bare = plain.filter { !" -,;:|\"'[](){}".contains($0) }
        for code in codes {
            let bytes = Array(code.utf8)
            let packed = code.filter { $0 != " " }.lowercased()
            let forms: [(String, String)] = [
                ("clear", code.lowercased()), ("packed", packed), ("reversed", String(packed.reversed())),
                ("hex", bytes.map { String($0, radix: 16) }.joined()),
                ("packed hex", Array(packed.uppercased().utf8).map { String($0, radix: 16) }.joined()),
                ("percent", bytes.map { "%" + String($0, radix: 16) }.joined()),
                ("decimal bytes", bytes.map { "\($0)" }.joined()),
            ]
            for (name, form) in forms where plain.contains(form) || bare.contains(form) { found.append(name) }
            // Base64 at each of the three places that its beginning can have in a longer text.
            for shift in 0..<3 {
                for spelling in [code, packed, packed.uppercased()] {
                    let padded = Data([UInt8](repeating: 0, count: shift) + Array(spelling.utf8))
                    let whole = padded.base64EncodedString().filter { $0 != "=" }
                    // The letters at both ends depend on what stands around.
                    let sure = whole.dropFirst([0, 2, 3][shift]).dropLast(2)
                    if text.contains(sure) || text.contains(sure.replacing("+", with: "-").replacing("/", with: "_")) {
                        found.append("base64")
                    }
                }
            }
        }
        return found
    }

    @Test(
        "would be found by the search of this test, in whatever form it leaked",
        arguments: [
            "code=7351984602", "7,3,5,1,9,8,4,6,0,2",
            "[\"7\", \"3\", \"5\", \"1\", \"9\", \"8\", \"4\", \"6\", \"0\", \"2\"]",
            "2064891537", "37333531393834363032", "qx7351984", "84620573", "8462-0573",
            "%37%33%35%31%39%38%34%36%30%32",
            Data("{\"code\":\"7351984602\"}".utf8).base64EncodedString(),
            Data("x7351984602y".utf8).base64EncodedString(),
            Data("xy8462 0573z".utf8).base64EncodedString(), "[55, 51, 53, 49, 57, 56, 52, 54, 48, 50]",
        ])
    func planted(text: String) {
        #expect(!Self.leaks(in: "some line \(text) of a log").isEmpty)
    }

    @Test("is not found by that search in what has none")
    func clean() {
        #expect(Self.leaks(in: "2026-11-23T06:20:12+0000 info speakcode: bytes=378390 status=200 735 198 46").isEmpty)
    }

    @Test("stands in no log line at any level, metric, error, header, file, argument or variable")
    func run() async throws {
        let service = try await ServeProcess(
            ["--log-level", "trace", "--burst", "10000", "--agi-port", "0", "--audio-socket-port", "0"],
            environment: ["LOG_LEVEL": "trace"])
        let client = HTTPClient.shared
        var seen = ""
        /// Sends a request; headers and whatever is not audio or captions go into what is searched.
        func send(
            _ method: HTTPMethod, _ path: String, _ headers: [(String, String)] = [], body: String? = nil,
            keep: Bool = true
        ) async throws -> (status: Int, text: String) {
            var request = HTTPClientRequest(url: path.hasPrefix("http") ? path : service.base + path)
            request.method = method
            for (name, value) in headers { request.headers.add(name: name, value: value) }
            if let body { request.body = .bytes(ByteBuffer(string: body)) }
            let response = try await client.execute(request, timeout: .seconds(30))
            seen += "\(response.status)\n" + response.headers.map { "\($0.name): \($0.value)\n" }.joined()
            let bytes = try await response.body.collect(upTo: 64 << 20)
            guard keep else { return (Int(response.status.code), "") }
            let text = String(buffer: bytes)
            seen += text + "\n"
            return (Int(response.status.code), text)
        }

        var (expired, uuids): ([String], [String]) = ([], [])
        for code in Self.codes {
            let brief = try await send(
                .POST, "/v1/announcements", [("Accept", "text/plain")], body: #"{"code":"\#(code)","expiresIn":10}"#)
            expired.append(brief.text)
            let made = try await send(
                .POST, "/v1/announcements",
                body: #"{"code":"\#(code)","gate":true,"audioSocket":true,"style":"icao","locale":"en"}"#)
            #expect(made.status == 201)
            let object = try JSONSerialization.jsonObject(with: Data(made.text.utf8)) as? [String: Any]
            let links = try #require(object?["links"] as? [String: String])
            let gate = try #require((object?["gate"] as? [String: Any])?["links"] as? [String: String])
            for (name, url) in links.sorted(by: { $0.key < $1.key }) {
                for method in [HTTPMethod.HEAD, .GET] {
                    if name.hasPrefix("live"), method == .GET {
                        let response = try await client.execute(HTTPClientRequest(url: url), timeout: .seconds(30))
                        var body = response.body.makeAsyncIterator()
                        _ = try await body.next()
                        continue
                    }
                    // Audio and captions have the code in them, as they should.
                    #expect(try await send(method, url, keep: method == .HEAD).status == 200)
                }
                for headers in [
                    [("Range", "bytes=0-9")], [("Range", "bytes=\(code)-")],
                    [("If-None-Match", "\"\(code)\""), ("User-Agent", code)],
                ] where !name.hasPrefix("live") {
                    _ = try await send(.GET, url, headers, keep: false)
                }
                _ = try await send(.DELETE, url)
            }
            for name in ["srt", "vtt", "json"] { _ = try await send(.GET, try #require(gate[name])) }
            // A call, in which somebody types the code that they hear.
            let calls = try #require(object?["calls"] as? [String: Any])
            let media = try #require(calls["websocket"] as? String)
            let digits = code.filter { $0 != " " }
            try await WebSocketPeer.connect(to: media, subprotocol: "media") { peer in
                seen += peer.head
                try await peer.send("MEDIA_START connection_id:\(digits) channel:\(digits) format:slin")
                for digit in digits { try await peer.send("DTMF_END digit:\(digit) channel_id:\(digits)") }
                try await peer.send("ERROR channel_id:\(digits) error_text:\(digits)")
                while let frame = try await peer.next() {
                    if case .text(let text) = frame { seen += text + "\n" }
                }
            }
            for text in [code, "{\"event\":\"\(digits)\"}", "{\"sampleRate\":\"\(digits)\"}"] {
                try await WebSocketPeer.connect(to: media) { peer in
                    try await peer.send(text)
                    _ = try await peer.closed()
                }
            }
            let call = try TestService.audioSocketCall(calls)
            for _ in 0..<2 {
                // Typed into the wrong phone.
                let keys = code.utf8.filter { $0 > 0x20 }.flatMap { AudioSocketPeer.message(0x03, [$0]) }
                let peer = try await AudioSocketPeer(port: call.port)
                await peer.send(AudioSocketPeer.hello(call.uuid) + keys)
                _ = await peer.next()
                await peer.send(Array(code.utf8))
                _ = await peer.last()
                uuids.append(call.uuid.uuidString)
            }
            // The call's documents, to which gateways report the keys that were pressed.
            let documents = try #require(calls["documents"] as? [String: String])
            for (_, url) in documents.sorted(by: { $0.key < $1.key }) {
                for body in [
                    "Digits=\(digits)", "{\"digits\":\"\(digits)\"}", "{\"dtmf\":{\"digits\":\"\(digits)\"}}", code,
                ] {
                    #expect(try await send(.POST, url, body: body).status == 200)
                }
                #expect(try await send(.GET, url + "?Digits=\(digits)&From=\(digits)").status == 200)
                _ = try await send(.GET, url + digits)
                _ = try await send(.GET, url.replacing("/c/", with: "/c/" + digits))
            }
            // Wherever a client may put a code by mistake.
            let packed = code.filter { $0 != " " }
            let agi = try #require((object?["calls"] as? [String: Any])?["agi"] as? String)
            for script in [FastAGIPeer.script(of: agi), code, "x/\(packed)?code=\(packed)"] {
                try await FastAGIPeer.connect(to: agi) { peer in
                    await peer.send("agi_calleridname: \(code)\nagi_extension: \(packed)\n")
                    await peer.send(FastAGIPeer.environment(script: script, arguments: [code, packed]))
                    for reply in [
                        "\(packed)\n200 result=0 (\(code))\n", "200 result=49 endpos=\(code.filter(\.isNumber))\n",
                        "510 \(code)\n", "200 result=-1 endpos=0\n", "HANGUP\n\(code)\n",
                    ] {
                        guard let command = await peer.command() else { break }
                        seen += command + "\n"
                        await peer.send(reply)
                    }
                }
            }
            for body in [
                code, "\"\(code)\"", "{\"code\":\(packed)}", "{\"code\":\"\(code)!\"}", "{\"\(packed)\":\"\(code)\"}",
                "{\"code\":\"\(code)\",\"locale\":\"\(packed)\"}", "{\"code\":\"\(code)\",\"style\":\"\(code)\"}",
                "{\"code\":\"\(code)\",\"template\":\"\(code)\"}", "{\"code\":\"\(code)\",\"format\":\"\(code)\"}",
                "{\"code\":\"\(code)\",\"readings\":\"\(code)\"}", "{\"code\":\"\(code)\",\"pacing\":\"\(code)\"}",
                "{\"code\":\"\(code)\",\"pacing\":{\"\(packed)\":1}}",
                "{\"code\":\"\(code)\",\"slots\":{\"\(packed)\":\"\(code)\"}}",
                "{\"code\":\"\(code)\",\"expiresIn\":\(code.filter(\.isNumber))}", "{\"code\":[\"\(code)\"]}",
                "{\"code\":\"\(code)\"",
                "code=\(packed)", String(repeating: code, count: 1000),
            ] {
                let answer = try await send(.POST, "/v1/announcements", body: body)
                #expect((400...422).contains(answer.status), "\(answer.status)")
            }
            for path in [
                "/\(packed)", "/v1/\(packed)", "/a/\(packed).wav", "/a/\(packed)/live.wav", "/healthz?code=\(packed)",
            ] {
                _ = try await send(
                    .GET, path, [("Cookie", "code=\(code)"), ("Referer", "https://x.example/\(packed)")])
            }
            _ = try await send(.POST, "/v1/announcements", [("Authorization", "Bearer \(packed)")], body: "{}")
            _ = try await send(.POST, "/v1/announcements", [("Content-Type", "text/\(packed)")], body: "{}")
            _ = try await send(.RAW(value: "GET\(packed)"), "/healthz")
            _ = try await Wire.exchange("NONSENSE \(code)\r\n\r\n", with: service.base)
            _ = try await Wire.exchange(
                "GET /healthz HTTP/1.1\r\nHost: x\r\n\(packed)\(String(repeating: "a", count: 20_000)): \(code)\r\n\r\n",
                with: service.base)
        }
        for url in expired {
            while try await send(.GET, url, keep: false).status != 410 { try await Task.sleep(for: .seconds(1)) }
            _ = try await send(.GET, url)
        }
        for path in ["/metrics", "/healthz", "/readyz", "/openapi.yaml"] { _ = try await send(.GET, path) }

        let pid = service.process.processIdentifier
        func pseudoFile(_ name: String) -> String {
            String(decoding: FileManager.default.contents(atPath: "/proc/\(pid)/\(name)") ?? Data(), as: UTF8.self)
        }
        let places: [(String, String)] = [
            ("the log", service.log), ("answers and headers", seen), ("the arguments", pseudoFile("cmdline")),
            ("the environment", pseudoFile("environ")), ("the process's name", pseudoFile("comm")),
            (
                "the folder",
                try FileManager.default.contentsOfDirectory(atPath: service.folder.path).joined(separator: "\n")
            ),
            (
                "open files",
                (try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd")).compactMap {
                    try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/fd/\($0)")
                }.joined(separator: "\n")
            ),
        ]
        for (name, text) in places {
            #expect(!text.isEmpty || name == "the folder", "\(name) could be read")
            #expect(Self.leaks(in: text).isEmpty, "in \(name)")
        }
        #expect(service.log.split(separator: "\n").count > 100, "the log is at trace level")
        // A link opens its code for whoever has it, so it stands in no log either, nor does the UUID of a call.
        for uuid in uuids { #expect(!service.log.lowercased().contains(uuid.lowercased())) }
        #expect(service.log.firstMatch(of: /\/[am]\/[A-Za-z0-9_-]{40}/) == nil)
        service.signal(SIGTERM)
        #expect(await service.status() == 0)
        #expect(Self.leaks(in: service.log).isEmpty)
        // Services are described in lines of the library that ends them; these have keys.
        #expect(service.log.split(separator: "\n").allSatisfy { $0.count < 600 })
        await service.end()
    }
}
