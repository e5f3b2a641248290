// SPDX-License-Identifier: GPL-3.0-or-later

import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

/// The service as it is built, which calls numbers through a gateway that repeats them, and over SIP.
@Suite("The number that the built service calls", .timeLimit(.minutes(5)))
struct BuiltNumberLeakTests {
    private static let code = "7351984602"
    /// National numbers, behind +49.
    private static let numbers = ["3023125417", "15123457689", "8976512438", "2214398765"]

    /// Whatever gives a number away: as it is dialled, as it is written at home, and encoded.
    private static func leaks(in text: String) -> [String] {
        LeakTests.leaks(
            in: text, of: [code] + numbers.flatMap { ["+49" + $0, "0" + $0, $0, "49 " + $0] })
    }

    /// A gateway that says the number in every answer and report: it takes a call, refuses the next, breaks at the third.
    private static let gateway = """
        cat >gateway.py <<'PYTHON'
        import http.server, sys, threading, urllib.parse, urllib.request
        count = 0
        def tell(url, to, status):
            body = urllib.parse.urlencode({"CallSid": "CA1", "CallStatus": status, "To": to, "Called": to, "Caller": to})
            try: urllib.request.urlopen(url, body.encode(), 10)
            except OSError as error: print(error)
        class Gateway(http.server.BaseHTTPRequestHandler):
            def log_message(self, *words): pass
            def do_POST(self):
                global count
                form = dict(urllib.parse.parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
                to, count = form.get("To", ""), count + 1
                status = [201, 400, 500][(count - 1) % 3]
                body = '{"sid": "CA1", "status": "queued", "code": 21211, "message": "The To number %s is wrong", "to": "%s"}' % (to, to)
                self.send_response(status, "for " + to)
                self.send_header("X-To", to); self.send_header("Content-Length", str(len(body))); self.end_headers()
                self.wfile.write(body.encode())
                if status == 201:
                    for word in ["ringing", "busy"]:
                        threading.Thread(target=tell, args=(form["StatusCallback"], to, word)).start()
            def do_GET(self):
                self.send_response(404); self.send_header("Content-Length", "0"); self.end_headers()
        http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Gateway).serve_forever()
        PYTHON
        python3 gateway.py $port &
        listens $port
        """

    private static func pseudoFile(_ process: Int32, _ name: String) -> String {
        String(decoding: FileManager.default.contents(atPath: "/proc/\(process)/\(name)") ?? Data(), as: UTF8.self)
    }

    /// The arguments of a process and of those that it has started.
    private static func arguments(of process: Int32) -> String {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc"))?.compactMap { Int32($0) } ?? []
        return all.filter { $0 == process || pseudoFile($0, "status").contains("PPid:\t\(process)\n") }
            .map { pseudoFile($0, "cmdline") }.joined(separator: "\n")
    }

    @Test(
        "stands neither in its log nor its metrics, answers, arguments, files and their names, and neither does the code"
    )
    func nowhere() async throws {
        let gateway = try await Telephone(Self.gateway)
        let trunk = try await Telephone(
            Telephone.answers(),
            scenario: Telephones.scenario(
                .wait(request: "INVITE"), .answer(180, to: "INVITE"), .answer(404, to: "INVITE"), .wait(request: "ACK"))
        )
        let service = try await ServeProcess(
            [
                "--log-level", "trace", "--calls-file", "calls", "--call-prefixes", "+49,sip:127.0.0.1",
                "--call-waits", "60", "--twilio-account", "AC1", "--twilio-numbers", "+4930999",
                "--twilio-url", "http://127.0.0.1:\(gateway.port)", "--sip-from", "sip:codes@127.0.0.1",
                "--sip-proxy", "sip:127.0.0.1:\(trunk.port)",
            ], environment: ["LOG_LEVEL": "trace", "SPEAKCODE_TWILIO_AUTH_TOKEN": "sesame"])
        var seen = ""
        func send(_ method: HTTPMethod, _ url: String, _ body: String? = nil) async throws -> [String: Any] {
            var request = HTTPClientRequest(url: url.hasPrefix("http") ? url : service.base + url)
            request.method = method
            if let body { request.body = .bytes(ByteBuffer(string: body)) }
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
            let text = String(buffer: try await response.body.collect(upTo: 1 << 20))
            seen += "\(response.status)\n" + response.headers.map { "\($0.name): \($0.value)\n" }.joined() + text + "\n"
            return (try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]) ?? [:]
        }

        var calls: [String] = []
        for (index, number) in Self.numbers.enumerated() {
            let through = index == 3 ? "sip" : "twilio"
            let body = #"{"code":"\#(Self.code)","to":"+49\#(number)","through":"\#(through)"}"#
            let answer = try await send(.POST, "/v1/calls", body)
            calls.append(try #require((answer["links"] as? [String: String])?["call"], "\(answer["detail"] ?? "")"))
            // Again too soon, at a place that is not allowed, and wherever else a client may put it by mistake.
            for wrong in [
                body, #"{"code":"\#(Self.code)","to":"sip:+49\#(number)@elsewhere.example"}"#,
                #"{"code":"\#(Self.code)","to":"sip:%2B49\#(number)@127.0.0.1"}"#,
                #"{"code":"\#(Self.code)","to":"+49\#(number)","from":"+49\#(number)"}"#,
                #"{"code":"\#(Self.code)","to":"+49\#(number)","through":"\#(number)"}"#,
                #"{"code":"\#(Self.code)","to":"0\#(number)"}"#, #"{"to":"+49\#(number)","\#(number)":1}"#,
            ] { _ = try await send(.POST, "/v1/calls", wrong) }
            for path in ["/v1/calls/\(number)", "/v1/reports/%2B49\(number)", "/\(number)?To=%2B49\(number)"] {
                _ = try await send(.GET, path)
            }
        }
        // The gateway refuses one, whichever comes second, and SIP has no such number.
        try await service.waitForLog("call ended", count: 2)
        for call in calls { _ = try await send(.DELETE, call) }
        // A gateway's reports without its signature.
        try await service.waitForLog("route=/v1/reports/", count: 2)
        _ = try await send(.GET, "/metrics")

        let process = service.process.processIdentifier
        let places = [
            ("the log", service.log), ("answers and metrics", seen), ("the arguments", Self.arguments(of: process)),
            ("the environment", Self.pseudoFile(process, "environ")),
            (
                "the names of files",
                try FileManager.default.subpathsOfDirectory(atPath: service.folder.path).joined(separator: "\n")
            ),
            ("what was counted", try String(contentsOf: service.folder.appending(path: "calls"), encoding: .utf8)),
        ]
        for (name, text) in places {
            #expect(!text.isEmpty, "\(name) could be read")
            #expect(Self.leaks(in: text).isEmpty, "in \(name)")
        }
        #expect(service.log.ranges(of: "call placed").count == Self.numbers.count)
        service.signal(SIGTERM)
        #expect(await service.status() == 0)
        #expect(Self.leaks(in: service.log).isEmpty)
        await service.end()
        trunk.end()
        gateway.end()
    }

    @Test(
        "would be found by that search, in whatever form it leaked",
        arguments: [
            "+493023125417", "030 23125417", "030-2312-5417", "%2B493023125417",
            Data("to=+493023125417".utf8).base64EncodedString(),
            Data("{\"to\":\"+493023125417\"}".utf8).base64EncodedString(),
            "7145213203", "%33%30%32%33%31%32%35%34%31%37", "33303233313235343137",
        ])
    func planted(text: String) {
        #expect(!Self.leaks(in: "some line \(text) of a log").isEmpty)
    }
}
