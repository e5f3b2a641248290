// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCodeTesting
import TestSupport

/// A folder of a test's own, in which scripts run with the built command as `$speakcode`.
struct Shell {
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "speakcode-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    func remove() { try? FileManager.default.removeItem(at: folder) }

    func path(_ name: String) -> String { folder.appending(path: name).path }

    func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: folder.appending(path: name))) }

    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

    /// The names of all files in the folder, hidden ones included.
    var files: [String] { (try? FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()) ?? [] }

    /// Makes an executable script, such as a player that is none.
    func makeProgram(_ name: String, _ script: String) throws {
        try FileManager.default.createDirectory(
            at: folder.appending(path: name).deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data("#!/bin/bash\n\(script)\n".utf8).write(to: folder.appending(path: name))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path(name))
    }

    /// Runs the command with some arguments.
    func speakcode(_ arguments: String..., environment: [String: String] = [:]) async throws -> Outcome {
        try await speakcode(arguments, environment: environment)
    }

    func speakcode(_ arguments: [String], environment: [String: String] = [:]) async throws -> Outcome {
        try await run(BuiltProduct.path(of: "speakcode"), arguments, environment: environment)
    }

    /// Runs a bash script.
    func bash(_ script: String, environment: [String: String] = [:]) async throws -> Outcome {
        try await run("/bin/bash", ["-c", script], environment: environment)
    }

    /// Runs a Python script: it has what a shell has not, a terminal of its own and a reader that counts.
    func python(_ script: String) async throws -> Outcome {
        try await run("/usr/bin/env", ["python3", "-c", script])
    }

    private func run(
        _ program: String, _ arguments: [String], environment: [String: String] = [:]
    ) async throws -> Outcome {
        try await TestSupport.run(
            program, arguments, in: folder,
            environment: ["speakcode": BuiltProduct.path(of: "speakcode"), "SWIFT_BACKTRACE": "enable=no"]
                .merging(environment) { $1 })
    }
}

/// A code that stands nowhere else, so that a search for it finds leaks and nothing but leaks.
let secret = "735198"
