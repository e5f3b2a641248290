// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import Testing

/// A program of somebody else that knows about audio.
struct Peer: Sendable {
    let name: String
    /// The Debian package that has it, for those who have not.
    let package: String

    static let ffprobe = Peer(name: "ffprobe", package: "ffmpeg")
    static let ffmpeg = Peer(name: "ffmpeg", package: "ffmpeg")
    static let sox = Peer(name: "sox", package: "sox libsox-fmt-mp3")
    static let soxi = Peer(name: "soxi", package: "sox libsox-fmt-mp3")
    static let sndfileInfo = Peer(name: "sndfile-info", package: "sndfile-programs")
    static let python = Peer(name: "python3", package: "python3")

    /// What a run of a program left behind.
    struct Result {
        let status: Int32
        let output: Data
        let errors: String

        var text: String { String(decoding: output, as: UTF8.self) }
    }

    /// Why a program has not said what a test wants to know.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Runs the program to its end.
    ///
    /// - Throws: ``Failure`` where it is not installed, with the package to install, or where it fails.
    func run(_ arguments: [String], input: Data? = nil, mayFail: Bool = false) async throws -> Result {
        let path = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
            .map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
        guard let path else {
            throw Failure(description: "\(name) is not installed: apt-get install \(package)")
        }
        // Files, not pipes: nothing can fill up, and nothing is held open by other children.
        return try await withTemporaryFolder { folder in
            let (out, err, in_) = (
                folder.appending(path: "out"), folder.appending(path: "err"), folder.appending(path: "in")
            )
            for file in [out, err] { try Data().write(to: file) }
            try (input ?? Data()).write(to: in_)
            let process = Process()
            process.executableURL = URL(filePath: path)
            process.arguments = arguments
            process.standardInput = try FileHandle(forReadingFrom: in_)
            process.standardOutput = try FileHandle(forWritingTo: out)
            process.standardError = try FileHandle(forWritingTo: err)
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                process.terminationHandler = { _ in continuation.resume() }
                do {
                    try process.run()
                } catch {
                    process.terminationHandler = nil
                    continuation.resume(throwing: error)
                }
            }
            let result = Result(
                status: process.terminationStatus, output: try Data(contentsOf: out),
                errors: String(decoding: try Data(contentsOf: err), as: UTF8.self))
            guard mayFail || result.status == 0 else {
                throw Failure(description: "\(name) ended with \(result.status): \(result.errors)")
            }
            return result
        }
    }
}

/// Lets a test have a folder of its own that is gone behind it.
func withTemporaryFolder<Value>(_ body: (URL) async throws -> Value) async throws -> Value {
    let folder = FileManager.default.temporaryDirectory.appending(path: "speakcode-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder)
}
