// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import NIOCore
import SpeakCodeTesting
import TestSupport
import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

@Suite("Open files", .serialized, .timeLimit(.minutes(10)))
struct OpenFilesTests {
    @Test("are shared out: so many for connections to each port, and the rest for the engine and the service itself")
    func shares() throws {
        let many = OpenFiles(limit: 1 << 20, inUse: 5, cores: 2)
        #expect(try many.connections(nil, toEachOf: 1) == 20_000)
        #expect(try many.connections(nil, toEachOf: 3) == 20_000)
        #expect(try many.connections(100_000, toEachOf: 3) == 100_000)
        for (limit, cores, ports) in [(64, 2, 1), (256, 8, 1), (1024, 2, 3), (4096, 96, 2), (20_000, 16, 3)] {
            let files = OpenFiles(limit: limit, inUse: 5, cores: cores)
            let most = try files.connections(nil, toEachOf: ports)
            #expect(most > 0 && limit - most * ports >= 5 + 12 * files.engines + 3 * cores)
            #expect(try files.connections(most, toEachOf: ports) == most)
        }
    }

    @Test(
        "are counted for each port, and for the one at which calls over FastAGI fetch their audio while the service ends",
        arguments: [
            ([:], 1), (["audioSocketPort": "9092"], 2), (["agiPort": "4573"], 3),
            (["agiPort": "0", "audioSocketPort": "0"], 4),
        ])
    func ports(flags: [String: String], count: Int) async throws {
        #expect(try await ServiceSettings(flags: flags, environment: [:], file: nil).portCount == count)
    }

    @Test("that are too few for the connections wanted are told of, with what to do", arguments: [1, 3])
    func tooMany(ports: Int) throws {
        let files = OpenFiles(limit: 1024, inUse: 5, cores: 2)
        let most = try files.connections(nil, toEachOf: ports)
        let error = #expect(throws: SettingsError.self) { try files.connections(most + 1, toEachOf: ports) }
        #expect(error?.key == "connections")
        let text = "\(try #require(error))"
        #expect(text.contains("at most \(most)") && text.contains("1024") && text.contains("LimitNOFILE"))
        let none = #expect(throws: SettingsError.self) {
            try OpenFiles(limit: 32, inUse: 5, cores: 2).connections(nil, toEachOf: 1)
        }
        #expect("\(try #require(none))".contains("32"))
    }

    @Test("are more once the soft limit is raised, which the command does", arguments: [("-Sn", 69), ("-n", 78)])
    func raised(option: String, status: Int32) async throws {
        let keys = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID().uuidString)").path
        let isMade = FileManager.default.createFile(
            atPath: keys, contents: Data("bank 0123456789abcdef0123456789abcdef\n".utf8),
            attributes: [.posixPermissions: 0o600])
        try #require(isMade)
        defer { try? FileManager.default.removeItem(atPath: keys) }
        let process = Process()
        let errors = Pipe()
        process.executableURL = URL(filePath: "/bin/bash")
        // An address of nobody's, so that it ends in either case.
        process.arguments = [
            "-c",
            "ulimit \(option) 300; exec \"$0\" serve --connections 290 --host 192.0.2.1 "
                + "--api-keys-file \"$1\"",
            BuiltProduct.path(of: "speakcode"), keys,
        ]
        process.standardError = errors
        try process.run()
        let text = String(decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == status, "\(text)")
        #expect(text.contains("connections must be at most") == (status == 78))
    }

    @Test("are left for the engine though strangers hold every connection that there may be")
    func strangers() async throws {
        let service = try await ServeProcess(
            environment: ["SPEAKCODE_CONNECTIONS_PER_ADDRESS": "1000"], openFiles: 256)
        let port = try #require(service.base.split(separator: ":").last.flatMap { Int($0) })
        let friend = try #require(Unread("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", port: port))
        let strangers = (0..<400).compactMap { _ in Unread("G", port: port) }
        let code = #"{"code":"735198","locale":"fi"}"#
        friend.send(
            "POST /v1/announcements HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: \(code.utf8.count)\r\n\r\n"
                + code)
        let answer = friend.readText()
        #expect(answer.contains("HTTP/1.1 201"), "\(answer)")
        #expect(service.process.isRunning)
        for stranger in strangers { stranger.end() }
        friend.end()
        await service.end()
    }

    @Test("that the system has none of are waited for without work, and whoever came meanwhile is answered")
    func none() async throws {
        let service = try await ServeProcess()
        let id = service.process.processIdentifier
        let open = Set(try FileManager.default.contentsOfDirectory(atPath: "/proc/\(id)/fd").compactMap { Int($0) })
        try Self.limit(id, to: try #require((0...).first { !open.contains($0) }))
        let request = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        let asking = Task { [base = service.base] in
            try await Wire.exchange(request, with: base, patience: .seconds(30))
        }
        try await Task.sleep(for: .milliseconds(500))
        let before = try Self.processorTime(of: id)
        try await Task.sleep(for: .seconds(2))
        let spent = try Self.processorTime(of: id) - before
        #expect(spent < .milliseconds(200), "it waits, and does not try for ever")
        try Self.limit(id, to: 256)
        #expect(try await asking.value.contains("alive"))
        await service.end()
    }

    private static func limit(_ id: Int32, to files: Int) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/prlimit")
        process.arguments = ["--pid", "\(id)", "--nofile=\(files):"]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }

    /// Of user and system together.
    private static func processorTime(of id: Int32) throws -> Duration {
        let text = try String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8)
        let fields = try #require(text.split(separator: ")").last).split(separator: " ")
        let ticks = try #require(Int(fields[11])) + (try #require(Int(fields[12])))
        return .seconds(Double(ticks) / Double(sysconf(Int32(_SC_CLK_TCK))))
    }
}
