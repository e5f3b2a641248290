// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import NIOCore
import SpeakCodeTesting
import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

@Suite("The log", .serialized, .timeLimit(.minutes(10)))
struct LogQueueTests {
    @Test("keeps nobody waiting for who reads it, drops what is too much, and tells how much when it flows again")
    func stalls() async throws {
        let pipe = Pipe()
        let queue = LogQueue(descriptor: pipe.fileHandleForWriting.fileDescriptor, mostBytes: 1 << 16)
        let line = String(repeating: "x", count: 99) + "\n"
        for _ in 0..<5000 { queue.write(line) }
        let dropped = queue.dropped
        #expect(dropped > 0, "a pipe and the queue together have 1,300 lines")
        // Its time is over at once: whoever ends does not wait for ever.
        await queue.flush(within: .zero, on: ContinuousClock())
        let reader = Task.detached { try pipe.fileHandleForReading.readToEnd() ?? Data() }
        let clock = ManualClock()
        await queue.flush(within: .seconds(1), on: clock)
        try pipe.fileHandleForWriting.close()
        let text = String(decoding: try await reader.value, as: UTF8.self)
        #expect(text.components(separatedBy: line).count - 1 == 5000 - dropped)
        let told = text.matches(of: /lines=(\d+) .*log lines were dropped/).compactMap { Int($0.1) }
        #expect(told.reduce(0, +) == dropped)
    }

    @Test("tells of what was dropped though the line is full again by then")
    func full() async throws {
        for _ in 0..<20 {
            let pipe = Pipe()
            let queue = LogQueue(descriptor: pipe.fileHandleForWriting.fileDescriptor, mostBytes: 200)
            let reader = Task.detached { try pipe.fileHandleForReading.readToEnd() ?? Data() }
            for _ in 0..<2000 { queue.write("x\n") }
            let dropped = queue.dropped
            await queue.flush(within: .seconds(1), on: ManualClock())
            try pipe.fileHandleForWriting.close()
            let text = String(decoding: try await reader.value, as: UTF8.self)
            let told = text.matches(of: /lines=(\d+) .*log lines were dropped/).compactMap { Int($0.1) }
            #expect(told.reduce(0, +) == dropped)
        }
    }

    @Test("counts what a full disk does not take, and tells of it when there is room, on a line of its own")
    func fullDisk() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let file = open(path, O_RDWR | O_CREAT, 0o600)
        let descriptor = dup(file)
        defer { [file, descriptor].forEach { close($0) } }
        let queue = LogQueue(descriptor: descriptor)
        queue.write("kept\nhalf of a li")
        await queue.flush(within: .seconds(1), on: ManualClock())
        let full = open("/dev/full", O_WRONLY)
        dup2(full, descriptor)
        close(full)
        for _ in 0..<3 {
            queue.write("one\ntwo\n")
            await queue.flush(within: .seconds(1), on: ManualClock())
        }
        #expect(queue.dropped == 6)
        dup2(file, descriptor)
        queue.write("later\n")
        await queue.flush(within: .seconds(1), on: ManualClock())
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        #expect(lines.prefix(3) == ["kept", "half of a li", "later"])
        #expect(lines.count == 4)
        #expect(lines.last?.contains(/lines=6 .*log lines were dropped/) == true)
    }

    @Test("writes lines in their order, one after the other, and all of them before it says that it has")
    func order() async throws {
        let pipe = Pipe()
        let queue = LogQueue(descriptor: pipe.fileHandleForWriting.fileDescriptor)
        let reader = Task.detached { try pipe.fileHandleForReading.readToEnd() ?? Data() }
        for number in 0..<2000 { queue.write("\(number)\n") }
        await queue.flush(within: .seconds(1), on: ManualClock())
        try pipe.fileHandleForWriting.close()
        let text = String(decoding: try await reader.value, as: UTF8.self)
        #expect(text == (0..<2000).map { "\($0)\n" }.joined())
    }

    @Test("goes on though whoever read it is gone")
    func gone() async throws {
        let pipe = Pipe()
        let queue = LogQueue(descriptor: pipe.fileHandleForWriting.fileDescriptor)
        try pipe.fileHandleForReading.close()
        for _ in 0..<10 {
            queue.write("x\n")
            await queue.flush(within: .seconds(1), on: ManualClock())
        }
    }

    @Test("that nobody reads keeps a service neither from answering nor from ending, and is counted")
    func service() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "log-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (process, errors) = (Process(), Pipe())
        process.executableURL = URL(filePath: BuiltProduct.path(of: "speakcode"))
        process.arguments = ["serve", "--port", "0", "--log-level", "info"]
        process.currentDirectoryURL = folder
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = errors
        try process.run()
        defer { process.terminate() }
        var log = ""
        while !log.contains("] ready") {
            let more = errors.fileHandleForReading.availableData
            try #require(!more.isEmpty, "\(log)")
            log += String(decoding: more, as: UTF8.self)
        }
        let port = try #require(log.firstMatch(of: /host=\S+ port=(\d+)/)?.1)
        // From here on nobody reads.
        let base = "http://127.0.0.1:\(port)"
        let request = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
        for _ in 0..<4 {
            let answers = try await Wire.exchange(
                [String(repeating: request, count: 3000)], with: base, patience: .seconds(30), endingOutput: true)
            #expect(answers.ranges(of: "alive\n").count == 3000)
        }
        let metrics = try await Wire.exchange(
            "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", with: base)
        let dropped = try #require(metrics.firstMatch(of: /speakcode_log_lines_dropped_total (\d+)/)?.1)
        #expect(try #require(Int(dropped)) > 0)
        #expect(metrics.contains("# HELP speakcode_log_lines_dropped_total"))
        kill(process.processIdentifier, SIGTERM)
        let began = ContinuousClock.now
        while process.isRunning, began.duration(to: .now) < .seconds(20) {
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(!process.isRunning && process.terminationStatus == 0)
    }
}
