// SPDX-License-Identifier: GPL-3.0-or-later

import AsyncHTTPClient
import Foundation
import NIOSSL
import SpeakCodeTesting
import TestSupport
import Testing

/// `speakcode serve` as it is built, in a process of its own and a folder of its own.
final class ServeProcess {
    let folder: URL
    let process = Process()
    private(set) var base = ""
    private let errors: URL

    /// Starts it, and waits until it is ready.
    ///
    /// - Parameter openFiles: the most files that it may have open; nil for as many as the tests may.
    init(
        _ arguments: [String] = [], environment: [String: String] = [:], folder: URL? = nil, openFiles: Int? = nil
    ) async throws {
        let own = FileManager.default.temporaryDirectory.appending(path: "serve-\(UUID().uuidString)")
        self.folder = folder ?? own
        try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
        errors = self.folder.appending(path: "log-\(UUID().uuidString)")
        try Data().write(to: errors)
        let command = BuiltProduct.path(of: "speakcode")
        process.executableURL = URL(filePath: openFiles == nil ? command : "/bin/bash")
        process.arguments =
            (openFiles.map { ["-c", "ulimit -n \($0); exec \"$0\" \"$@\"", command] } ?? [])
            + ["serve", "--port", "0"] + arguments
        process.currentDirectoryURL = self.folder
        process.environment = ["PATH": "/usr/bin:/bin", "HOME": self.folder.path, "SWIFT_BACKTRACE": "enable=no"]
            .merging(neededVariables) { $1 }.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
        let scheme = arguments.contains("--certificate") ? "https" : "http"
        while process.isRunning {
            let log = self.log
            if log.contains("] ready"), let port = log.firstMatch(of: /host=\S+ port=(\d+)/)?.1 {
                base = "\(scheme)://127.0.0.1:\(port)"
                return
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        Issue.record("the service ended: \(log)")
    }

    /// All that it has written.
    var log: String { (try? String(contentsOf: errors, encoding: .utf8)) ?? "" }

    /// Waits for a line of the log.
    func waitForLog(_ text: String, count: Int = 1) async throws {
        let began = ContinuousClock.now
        while log.ranges(of: text).count < count {
            guard began.duration(to: .now) < .seconds(20), process.isRunning else {
                Issue.record("never logged: \(text)")
                return
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    /// Waits for its end.
    func status() async -> Int32 {
        while process.isRunning { try? await Task.sleep(for: .milliseconds(10)) }
        return process.terminationStatus
    }

    /// Ends it, and removes what it left.
    func end() async {
        if process.isRunning { signal(SIGKILL) }
        _ = await status()
        try? FileManager.default.removeItem(at: folder)
    }
}
