// SPDX-License-Identifier: GPL-3.0-or-later

import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import SpeakCodeLinks
import SpeakCodeTesting
import TestSupport
import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

@Suite("The service's process", .serialized)
struct ProcessTests {
    private static func post(_ client: HTTPClient, _ base: String, _ json: String) async throws -> [String: String] {
        var request = HTTPClientRequest(url: base + "/v1/announcements")
        request.method = .POST
        request.body = .bytes(ByteBuffer(string: json))
        let response = try await client.execute(request, timeout: .seconds(30))
        let body = try await response.body.collect(upTo: 1 << 20)
        let object = try JSONSerialization.jsonObject(with: Data(body.readableBytesView)) as? [String: Any]
        return try #require(object?["links"] as? [String: String])
    }

    /// A service and a client who speak HTTP/1.1 in clear, or HTTP/2.
    private static func pair(_ version: HTTPVersion) async throws -> (ServeProcess, HTTPClient) {
        guard version == .http2 else { return (try await ServeProcess(), HTTPClient.shared) }
        let folder = FileManager.default.temporaryDirectory.appending(path: "h2-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let (certificate, key) = (folder.appending(path: "c.pem").path, folder.appending(path: "k.pem").path)
        try makeCertificate("one.example", certificate, key)
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.certificateVerification = .none
        let client = HTTPClient(
            eventLoopGroupProvider: .singleton, configuration: HTTPClient.Configuration(tlsConfiguration: tls))
        return (
            try await ServeProcess(["--certificate", certificate, "--private-key", key], folder: folder), client
        )
    }

    @Test("says the bytes that the command writes, with the engine that the tests run with")
    func engine() async throws {
        let service = try await ServeProcess()
        #expect(service.log.contains("espeak-ng \(EngineVersion.text),"))
        let links = try await Self.post(HTTPClient.shared, service.base, #"{"code":"7","readings":1}"#)
        let served = try await HTTPClient.shared.get(url: try #require(links["ulaw"])).get()
        let written = try await run(
            BuiltProduct.path(of: "speakcode"), ["7", "--times", "1", "-o", "x.ulaw"], in: service.folder)
        #expect(written.status == 0, "\(written.errors)")
        let file = try Data(contentsOf: service.folder.appending(path: "x.ulaw"))
        #expect(served.body.map { Data($0.readableBytesView) } == file)
        await service.end()
    }

    @Test(
        "told to end, lets a listener hear the reading to its end, and takes nobody new",
        arguments: [HTTPVersion.http1_1, .http2])
    func terminate(version: HTTPVersion) async throws {
        let (service, client) = try await Self.pair(version)
        let links = try await Self.post(client, service.base, #"{"code":"7"}"#)
        let once = try await Self.post(client, service.base, #"{"code":"7","readings":1}"#)
        let whole = try await client.get(url: try #require(once["ulaw"])).get().body?.readableBytes ?? 0
        let response = try await client.execute(
            HTTPClientRequest(url: try #require(links["live.ulaw"])), timeout: .seconds(60))
        #expect(response.version == version)
        var bytes = 0
        var isFirst = true
        // Fails where the answer is broken off instead of ended.
        for try await buffer in response.body {
            bytes += buffer.readableBytes
            if isFirst {
                isFirst = false
                service.signal(SIGTERM)
                try await Task.sleep(for: .milliseconds(300))
                let request = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
                #expect((try? await Wire.exchange(request, with: service.base)) ?? "" == "")
            }
        }
        #expect(await service.status() == 0)
        // One reading of an endless announcement has the pause behind it where a finite one has its tail.
        #expect(abs(bytes - whole) < 8000, "\(bytes) of \(whole)")
        #expect(service.log.contains("hungUp=false") && service.log.contains("readings=1"))
        await service.end()
        if version == .http2 { try await client.shutdown() }
    }

    @Test(
        "told to end, lets a client who reads slowly have all that it has asked for",
        arguments: [HTTPVersion.http1_1, .http2])
    func terminateSlowly(version: HTTPVersion) async throws {
        let (service, client) = try await Self.pair(version)
        let links = try await Self.post(client, service.base, #"{"code":"7","readings":100,"maxDuration":600}"#)
        let response = try await client.execute(
            HTTPClientRequest(url: try #require(links["48000.wav"])), timeout: .seconds(60))
        let length = response.headers.first(name: "content-length").flatMap { Int($0) }
        #expect(try #require(length) > 8 << 20, "more than the machine keeps for a client who does not read")
        var bytes = 0
        var isFirst = true
        for try await buffer in response.body {
            bytes += buffer.readableBytes
            if isFirst {
                isFirst = false
                service.signal(SIGTERM)
                try await Task.sleep(for: .seconds(7))
            }
        }
        #expect(bytes == length)
        #expect(await service.status() == 0)
        await service.end()
        if version == .http2 { try await client.shutdown() }
    }

    @Test("told to end, waits no longer than its grace time")
    func grace() async throws {
        let service = try await ServeProcess(["--grace-seconds", "1"])
        let links = try await Self.post(.shared, service.base, #"{"code":"0123456789","pacing":"slow"}"#)
        let response = try await HTTPClient.shared.execute(
            HTTPClientRequest(url: try #require(links["live.ulaw"])), timeout: .seconds(60))
        var body = response.body.makeAsyncIterator()
        _ = try await body.next()
        let told = ContinuousClock.now
        service.signal(SIGTERM)
        #expect(await service.status() == 0)
        #expect(told.duration(to: .now) < .seconds(13), "a reading of this code takes longer")
        await service.end()
    }

    @Test("told to end, does not wait for listeners who left before they were answered")
    func leavers() async throws {
        let service = try await ServeProcess(["--grace-seconds", "3600"])
        let links = try await Self.post(.shared, service.base, #"{"code":"0123456789"}"#)
        let path = try #require(links["live.ulaw"]).dropFirst(service.base.count)
        for moment in 0..<300 {
            _ = try await Wire.exchange(
                "GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n", with: service.base,
                patience: .microseconds(Int64(moment % 30) * 100))
        }
        let told = ContinuousClock.now
        service.signal(SIGTERM)
        #expect(await service.status() == 0)
        #expect(told.duration(to: .now) < .seconds(300), "it has not waited for its grace time")
        await service.end()
    }

    @Test("told to read its files again, takes new keys and keeps old links")
    func reload() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let (links, callers) = (folder.appending(path: "links"), folder.appending(path: "callers"))
        let (old, new) = (LinkKey(), LinkKey())
        try Data("\(old.text)\n".utf8).write(to: links)
        try Data("bank 0123456789abcdef\n".utf8).write(to: callers)
        for file in [links, callers] {
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
        }
        let service = try await ServeProcess(
            ["--link-keys-file", links.path, "--api-keys-file", callers.path], folder: folder)
        func status(_ key: String) async throws -> (Int, String?) {
            var request = HTTPClientRequest(url: service.base + "/v1/announcements")
            request.method = .POST
            request.headers.add(name: "authorization", value: "Bearer \(key)")
            request.headers.add(name: "accept", value: "text/plain")
            request.body = .bytes(ByteBuffer(string: #"{"code":"7"}"#))
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
            let body = try await response.body.collect(upTo: 1 << 20)
            return (Int(response.status.code), String(buffer: body))
        }
        let before = try await status("0123456789abcdef")
        #expect(before.0 == 201)
        try Data("# rotated\n\(new.text)\n\(old.text)\n".utf8).write(to: links)
        try Data("shop fedcba9876543210\n".utf8).write(to: callers)
        service.signal(SIGHUP)
        try await service.waitForLog("keys read again")
        #expect(try await status("0123456789abcdef").0 == 401)
        let after = try await status("fedcba9876543210")
        for url in [before.1, after.1] {
            #expect(try await HTTPClient.shared.get(url: try #require(url)).get().status == .ok)
        }
        // A key that is taken away takes its links along, those that were just fetched as well.
        try Data("\(new.text)\n".utf8).write(to: links)
        service.signal(SIGHUP)
        try await service.waitForLog("keys read again", count: 2)
        #expect(try await HTTPClient.shared.get(url: try #require(before.1)).get().status == .notFound)
        #expect(try await HTTPClient.shared.get(url: try #require(after.1)).get().status == .ok)
        // What is broken leaves all as it was, and says so.
        try Data("nonsense\n".utf8).write(to: links)
        service.signal(SIGHUP)
        try await service.waitForLog("keys stay as they were")
        #expect(try await status("fedcba9876543210").0 == 201)
        #expect(!service.log.contains(old.text) && !service.log.contains(new.text))
        await service.end()
    }

    @Test("shows the certificate of the moment, over HTTP/1.1 and HTTP/2")
    func certificate() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let (certificate, key) = (folder.appending(path: "c.pem").path, folder.appending(path: "k.pem").path)
        try Self.makeCertificate("one.example", certificate, key)
        let service = try await ServeProcess(["--certificate", certificate, "--private-key", key], folder: folder)
        func version(_ wanted: HTTPClient.Configuration.HTTPVersion, host: String) async throws -> HTTPVersion {
            // The name is checked: only the certificate of that name is taken.
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(certificate))
            var configuration = HTTPClient.Configuration(tlsConfiguration: tls)
            configuration.httpVersion = wanted
            configuration.dnsOverride = [host: "127.0.0.1"]
            let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
            let url = service.base.replacing("127.0.0.1", with: host) + "/healthz"
            let result: Result<HTTPVersion, any Error>
            do {
                let response = try await client.execute(HTTPClientRequest(url: url), timeout: .seconds(3))
                _ = try await response.body.collect(upTo: 100)
                result = .success(response.version)
            } catch {
                result = .failure(error)
            }
            try await client.shutdown()
            return try result.get()
        }
        #expect(try await version(.automatic, host: "one.example") == .http2)
        #expect(try await version(.http1Only, host: "one.example") == .http1_1)
        try Self.makeCertificate("two.example", certificate, key)
        service.signal(SIGHUP)
        try await service.waitForLog("certificate read again")
        #expect(try await version(.automatic, host: "two.example") == .http2)
        await #expect(throws: (any Error).self) { _ = try await version(.automatic, host: "one.example") }
        // Without a signal, too.
        try Self.makeCertificate("three.example", certificate, key)
        try await service.waitForLog("certificate read again", count: 2)
        #expect(try await version(.http1Only, host: "three.example") == .http1_1)
        await service.end()
    }

    @Test("waits for no handshake for ever, and ends though somebody is silent")
    func silence() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let (certificate, key) = (folder.appending(path: "c.pem").path, folder.appending(path: "k.pem").path)
        try Self.makeCertificate("one.example", certificate, key)
        let service = try await ServeProcess(
            ["--certificate", certificate, "--private-key", key, "--idle-seconds", "2"], folder: folder)
        let began = ContinuousClock.now
        #expect(try await Wire.exchange("", with: service.base, patience: .seconds(30)) == "")
        #expect(began.duration(to: .now) < .seconds(20), "the service closed it, and not the test")
        let base = service.base
        async let silent = Wire.exchange("", with: base, patience: .seconds(30))
        try await Task.sleep(for: .milliseconds(200))
        service.signal(SIGTERM)
        #expect(await service.status() == 0)
        _ = try await silent
        #expect(began.duration(to: .now) < .seconds(40))
        await service.end()
    }

    static func makeCertificate(_ name: String, _ certificate: String, _ key: String) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/openssl")
        process.arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=\(name)", "-addext", "subjectAltName=DNS:\(name)", "-out", certificate, "-keyout", key,
        ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }

    @Test(
        "does not start, and says why in one line, where",
        arguments: [
            (["--host", "0.0.0.0"], 78, "apiKeysFile"), (["--port", "99999"], 78, "port"),
            (["--link-keys-file", "/nowhere"], 78, "linkKeysFile"), (["--locale", "xx"], 64, "xx"),
            (["--certificate", "/nowhere", "--private-key", "/nowhere"], 78, "certificate"),
            (["--config", "/nowhere"], 78, "config"), (["--trusted-proxies", "nobody"], 78, "trustedProxies"),
            (["--host", "192.0.2.1", "--api-keys-file", "callers"], 69, "listen"),
        ] as [([String], Int32, String)])
    func refusals(arguments: [String], status: Int32, named: String) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "refused-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let callers = folder.appending(path: "callers")
        try Data("bank 0123456789abcdef\n".utf8).write(to: callers)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: callers.path)
        let process = Process()
        let errors = Pipe()
        process.executableURL = URL(filePath: BuiltProduct.path(of: "speakcode"))
        process.arguments = ["serve"] + arguments
        process.currentDirectoryURL = folder
        process.standardError = errors
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == status, "\(text)")
        let lines = text.split(separator: "\n").filter { $0.hasPrefix("speakcode:") }
        #expect(lines.count == 1 && lines.first?.contains(named) == true, "\(text)")
    }

    @Test(
        "says of a port that is taken which setting it is, before anything else",
        arguments: [
            ("port", "--port"), ("audioSocketPort", "--audio-socket-port"), ("agiPort", "--agi-port"),
        ])
    func taken(setting: String, flag: String) async throws {
        let taken = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(taken.localAddress?.port)
        let process = Process()
        let errors = Pipe()
        process.executableURL = URL(filePath: BuiltProduct.path(of: "speakcode"))
        process.arguments = ["serve"] + (setting == "port" ? [] : ["--port", "0"]) + [flag, "\(port)"]
        process.standardError = errors
        try process.run()
        let text = String(decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        try await taken.close()
        #expect(process.terminationStatus == 69, "\(text)")
        let last = try #require(text.split(separator: "\n").last)
        #expect(
            last.hasPrefix("speakcode: \(setting): ") && last.contains("another program") && last.contains("\(port)"))
        #expect(!text.contains("voice") && !text.contains("errno") && !text.contains("bind("), "\(text)")
    }
}
