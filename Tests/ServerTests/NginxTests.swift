// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import TestSupport
import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

/// nginx with the configuration of docs/deployment, in front of a service of a test; its ports are of loopback alone.
private final class Nginx {
    static let path = ["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/bin/nginx", "/opt/homebrew/bin/nginx"]
        .first(where: FileManager.default.isExecutableFile)

    let base: String
    private let process = Process()
    private let folder: URL

    /// Starts it, and waits until it answers.
    init(before service: TestService) async throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "nginx-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let example = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../docs/deployment/nginx.conf")
        let port = try #require(Loopback.freePort())
        base = "http://127.0.0.1:\(port)"
        let back = try #require(service.base.split(separator: ":").last)
        var text = try String(contentsOf: example, encoding: .utf8)
            .replacing("listen 443 ssl http2;", with: "listen 127.0.0.1:\(port);")
            .replacing("/var/log/nginx", with: folder.path)
            .replacing(/ssl_certificate(_key)? [^;]+;/, with: "")
        #expect(text.contains("127.0.0.1:\(port)") && text.ranges(of: /127\.0\.0\.1:808[12]/).count == 2)
        text = text.replacing(/127\.0\.0\.1:808[12]/, with: "127.0.0.1:\(back)")
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map { "\($0)_temp_path \(folder.path)/\($0);" }.joined(separator: "\n")
        let whole = """
            daemon off;
            master_process off;
            pid \(folder.path)/pid;
            error_log \(folder.path)/error.log;
            events {}
            http {
            \(temporary)
            \(text)
            }
            """
        let file = folder.appending(path: "nginx.conf")
        try Data(whole.utf8).write(to: file)
        process.executableURL = URL(filePath: try #require(Self.path))
        process.arguments = ["-p", folder.path, "-e", folder.path + "/error.log", "-c", file.path]
        process.standardInput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        while (try? await service.get(base + "/openapi.yaml"))?.status != 200 {
            guard process.isRunning else {
                throw NotStarted(log: (try? String(contentsOfFile: folder.path + "/error.log", encoding: .utf8)) ?? "")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    struct NotStarted: Error { let log: String }

    func end() async {
        // It inherits the signals that the tests' threads hold back, SIGTERM among them.
        kill(process.processIdentifier, SIGKILL)
        while process.isRunning { try? await Task.sleep(for: .milliseconds(5)) }
        try? FileManager.default.removeItem(at: folder)
    }
}

@Suite("nginx's example", .serialized, .enabled(if: Nginx.path != nil, "needs nginx: apt-get install nginx-light"))
struct NginxTests {
    private static func run(_ body: (TestService, String) async throws -> Void) async throws {
        try await TestService.run(["trustedProxies": "127.0.0.1"]) { service in
            let nginx = try await Nginx(before: service)
            do { try await body(service, nginx.base) } catch {
                await nginx.end()
                throw error
            }
            await nginx.end()
        }
    }

    /// Asks through nginx for an announcement.
    private static func post(_ json: String, _ service: TestService, _ base: String) async throws -> TestService.Answer
    {
        try await service.send(
            "POST", base + "/v1/announcements",
            headers: ["Content-Type": "application/json", "Authorization": service.authorization ?? ""],
            body: Array(json.utf8))
    }

    @Test("hands on the upgrade to WebSocket media")
    func webSocket() async throws {
        try await Self.run { service, base in
            let answer = try await Self.post(#"{"code":"735198"}"#, service, base)
            let url = try #require(try answer.field("calls", as: [String: Any].self)["websocket"] as? String)
            #expect(url.hasPrefix("ws" + base.dropFirst("http".count) + "/m/"))
            try await WebSocketPeer.connect(to: url, subprotocol: "media") { peer in
                #expect(peer.head.hasPrefix("HTTP/1.1 101 "))
            }
        }
    }

    @Test("hands on all that FreeSWITCH reports of a call, and lets the service refuse what is too much")
    func documents() async throws {
        try await Self.run { service, base in
            let answer = try await Self.post(#"{"code":"735198"}"#, service, base)
            let documents = try #require(
                try answer.field("calls", as: [String: Any].self)["documents"] as? [String: String])
            let url = try #require(documents["httapi"])
            for (count, status) in [(100, 200), (9_000, 200), (60_000, 200), (65_000, 200), (70_000, 413)] {
                let body = Array(("variable_x=" + String(repeating: "x", count: count)).utf8)
                let answer = try await service.send(
                    "POST", url, headers: ["Content-Type": "application/x-www-form-urlencoded"], body: body)
                #expect(answer.status == status, "\(count)")
                #expect(status == 200 || answer["content-type"] == "application/problem+json")
            }
            let long = try await Self.post(
                #"{"code":"735198","x":"\#(String(repeating: "x", count: 5000))"}"#, service, base)
            #expect(long.status == 413 && long["content-type"] == "application/problem+json")
        }
    }

    @Test("keeps lengths, ranges and live audio as they are, and the client's address apart from its words")
    func audio() async throws {
        try await Self.run { service, base in
            let answer = try await Self.post(#"{"code":"735198"}"#, service, base)
            let links: [String: String] = try answer.field("links")
            let url = try #require(links["wav"])
            let whole = try await service.get(url, headers: ["X-Forwarded-For": "6.6.6.6", "Forwarded": "for=6.6.6.6"])
            #expect(whole.status == 200 && whole["content-length"] == "\(whole.body.count)")
            let part = try await service.get(url, headers: ["Range": "bytes=100-199"])
            #expect(part.status == 206 && part.body == Array(whole.body[100..<200]))
            #expect(try await service.send("HEAD", url)["content-length"] == "\(whole.body.count)")
            #expect(!service.log.all.contains { $0.contains("6.6.6.6") })
            for path in ["/healthz", "/readyz", "/metrics"] {
                #expect(try await service.get(base + path).status == 404)
            }
        }
    }
}
