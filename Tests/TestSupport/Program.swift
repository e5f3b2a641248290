// SPDX-License-Identifier: GPL-3.0-or-later

internal import CTestSupport
public import Foundation

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

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

/// What of the tests' variables a program of ours needs that is given variables of its own: which eSpeak NG it speaks with
/// (`scripts/engine`), and what a sanitizer is told (`scripts/sanitize`).
public let neededVariables: [String: String] = {
    let names = [
        "ESPEAK_DATA_PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LD_PRELOAD", "ASAN_OPTIONS", "TSAN_OPTIONS",
    ]
    return ProcessInfo.processInfo.environment.filter { names.contains($0.key) }
}()

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
        let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }.map { "\($0)=\($1)" }
        let process = try start([path] + arguments, variables, streams: names.map(\.path), folder: folder?.path)
        let status = await end(of: process)
        return Outcome(
            status: status & 0x7F == 0 ? status >> 8 & 0xFF : status & 0x7F, output: try Data(contentsOf: names[1]),
            errors: String(decoding: try Data(contentsOf: names[2]), as: UTF8.self))
    }
}

/// Starts a program.
///
/// Not by Foundation's `Process`, which was seen to crash as it started one.
private func start(
    _ arguments: [String], _ variables: [String], streams: [String], folder: String?
) throws -> pid_t {
    var texts: [UnsafeMutablePointer<CChar>] = []
    defer { for text in texts { free(text) } }
    func copies(_ strings: [String]) -> [UnsafeMutablePointer<CChar>?] {
        let copies = strings.compactMap { strdup($0) }
        texts += copies
        return copies + [nil]
    }
    var process: pid_t = 0
    let streams = copies(streams).map { UnsafePointer($0) }
    let failure = speakcode_test_start(
        &process, copies(arguments), copies(variables), streams, folder.flatMap { copies([$0])[0] })
    guard failure == 0 else { throw POSIXError(POSIXErrorCode(rawValue: failure) ?? .EINVAL) }
    return process
}

/// Waits for a program's end.
///
/// - Returns: its status as `waitpid` has it.
private func end(of process: pid_t) async -> CInt {
    await withCheckedContinuation { continuation in
        Thread.detachNewThread {
            var status: CInt = 0
            while waitpid(process, &status, 0) < 0, errno == EINTR {}
            continuation.resume(returning: status)
        }
    }
}

/// Lets a test have a folder of its own that is gone behind it.
public func withTemporaryFolder<Value>(_ body: (URL) async throws -> Value) async throws -> Value {
    let folder = FileManager.default.temporaryDirectory.appending(path: "speakcode-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder)
}
