// SPDX-License-Identifier: GPL-3.0-or-later

public import Foundation

/// What a run of a program left behind.
public struct Outcome: Sendable {
    /// Its exit status, or the number of the signal that ended it.
    public let status: Int32
    /// What it wrote to standard output.
    public let output: Data
    /// What it wrote to standard error.
    public let errors: String

    /// The output as text.
    public var text: String { String(decoding: output, as: UTF8.self) }
    /// The lines of standard error that are not empty.
    public var errorLines: [Substring] { errors.split(separator: "\n") }
}

/// Runs a program to its end.
///
/// Files, not pipes, for what is read and printed: nothing fills up, and nothing is held open by a child of a child.
///
/// - Parameters:
///   - path: the program.
///   - arguments: what stands behind its name.
///   - input: its standard input.
///   - folder: where it runs; nil for the tests' own folder.
///   - environment: what is added to the tests' own environment.
public func run(
    _ path: String, _ arguments: [String], input: Data = Data(), in folder: URL? = nil,
    environment: [String: String] = [:]
) async throws -> Outcome {
    try await withTemporaryFolder { streams in
        let names = ["in", "out", "err"].map { streams.appending(path: $0) }
        for (name, content) in zip(names, [input, Data(), Data()]) { try content.write(to: name) }
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = try FileHandle(forReadingFrom: names[0])
        process.standardOutput = try FileHandle(forWritingTo: names[1])
        process.standardError = try FileHandle(forWritingTo: names[2])
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in continuation.resume() }
            do {
                try process.run()
            } catch {
                process.terminationHandler = nil
                continuation.resume(throwing: error)
            }
        }
        return Outcome(
            status: process.terminationStatus, output: try Data(contentsOf: names[1]),
            errors: String(decoding: try Data(contentsOf: names[2]), as: UTF8.self))
    }
}

/// Lets a test have a folder of its own that is gone behind it.
public func withTemporaryFolder<Value>(_ body: (URL) async throws -> Value) async throws -> Value {
    let folder = FileManager.default.temporaryDirectory.appending(path: "speakcode-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder)
}
