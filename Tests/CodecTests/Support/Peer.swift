// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import TestSupport

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
    static let minimodem = Peer(name: "minimodem", package: "minimodem")
    /// The compiler, and spandsp to compile against.
    static let cc = Peer(name: "cc", package: "gcc libspandsp-dev")
    static let python = Peer(name: "python3", package: "python3")

    /// Why a program has not said what a test wants to know.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Runs the program to its end.
    ///
    /// - Throws: ``Failure`` where it is not installed, with the package to install, or where it fails.
    func run(_ arguments: [String], input: Data? = nil, mayFail: Bool = false) async throws -> Outcome {
        let path = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
            .map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
        guard let path else {
            throw Failure(description: "\(name) is not installed: apt-get install \(package)")
        }
        let outcome = try await TestSupport.run(path, arguments, input: input ?? Data())
        guard mayFail || outcome.status == 0 else {
            throw Failure(description: "\(name) ended with \(outcome.status): \(outcome.errors)")
        }
        return outcome
    }
}
