// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import TestSupport
import Testing

/// A telephone on the loopback, a program of Debian's that a script of ``Telephones`` begins, and that ends with this.
final class Telephone {
    let folder: URL
    /// Where it is called.
    private(set) var port = 0
    private let process = Process()

    /// baresip, which takes every call and records what it hears.
    static let recorder = "certificate; keys=1; telephone $port"
    /// sipp, which answers one call by its scenario, the options behind it.
    static func answers(_ options: String = "") -> String { "answers $port scenario.xml \(options)" }

    /// Begins it, and waits until it can be called.
    init(_ script: String, scenario: String = "") async throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "telephone-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(scenario.utf8).write(to: folder.appending(path: "scenario.xml"))
        let free = try #require(Loopback.freePort())
        // This thread has all signals blocked, and a script would not hear that it is to end.
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "--default-signal", "bash", "-c",
            "port=\(free)\n\(Telephones.functions)\n\(script)\necho $port >.ready; mv .ready ready\nwait ${telephone-}",
        ]
        process.currentDirectoryURL = folder
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        while process.isRunning || text("ready") != nil {
            if let port = text("ready").flatMap({ Int($0.filter(\.isNumber)) }) {
                self.port = port
                return
            }
            try await Task.sleep(for: .milliseconds(10))
        }
        Issue.record("the telephone ended")
    }

    deinit { end() }

    /// Ends it, where it has not ended by itself.
    func end() {
        if process.isRunning { process.terminate() }
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }

    /// What stands in a file of its folder.
    func text(_ name: String) -> String? {
        FileManager.default.contents(atPath: folder.appending(path: name).path).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    /// Waits until its scenario is over.
    ///
    /// - Returns: 0 where all went as it says.
    func status() async -> Int32 {
        while process.isRunning { try? await Task.sleep(for: .milliseconds(10)) }
        return process.terminationStatus
    }

    /// Presses a key of the recorder's.
    func press(_ key: Character) async throws {
        // What is pressed is let go.
        let script = "printf '\(key)' >/dev/udp/127.0.0.1/\(port + 2); printf '\\x04' >/dev/udp/127.0.0.1/\(port + 2)"
        _ = try await TestSupport.run("/bin/bash", ["-c", script])
    }

    /// The file into which the recorder writes what it hears; empty before that is anything.
    private var file: [UInt8] {
        let phone = folder.appending(path: "phone")
        let names = try? FileManager.default.contentsOfDirectory(atPath: phone.path)
        return names?.first { $0.hasSuffix("-dec.wav") }
            .flatMap { FileManager.default.contents(atPath: phone.appending(path: $0).path) }.map(Array.init) ?? []
    }

    /// Where the samples begin in such a file.
    private static func start(of file: [UInt8]) -> Int? {
        file.firstRange(of: Array("data".utf8)).map { $0.upperBound + 4 }.flatMap { $0 <= file.count ? $0 : nil }
    }

    private static func samples(of file: [UInt8]) -> [Int16] {
        guard let start = start(of: file) else { return [] }
        return sound(
            stride(from: start, to: file.count - 1, by: 2).map {
                Int16(bitPattern: UInt16(file[$0]) | UInt16(file[$0 + 1]) << 8)
            })
    }

    /// Waits until the recorder has heard so many samples from the first sound on; the test's time limit ends that.
    func hears(_ count: Int) async throws {
        while Self.samples(of: file).count < count { try await Task.sleep(for: .milliseconds(20)) }
    }

    /// What the recorder heard, from the first sound on, once its call is over.
    func recording() async throws -> [Int16] {
        while true {
            let file = file
            // The length in its header is written when the file is closed.
            if let start = Self.start(of: file), file[(start - 4)..<start].contains(where: { $0 != 0 }) {
                return Self.samples(of: file)
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Samples of µ-law, from the first sound on (ITU-T G.711).
    static func samples(ofMuLaw bytes: [UInt8]) -> [Int16] {
        sound(
            bytes.map { byte in
                let code = ~byte
                let value = ((Int16(code & 15) << 3) + 0x84) << Int16(code >> 4 & 7) - 0x84
                return code & 0x80 == 0 ? value : -value
            })
    }

    /// The telephone's tables have silence at 2.
    private static func sound(_ samples: [Int16]) -> [Int16] { Array(samples.drop { abs($0) <= 2 }) }

    /// The first sample at which two sounds differ.
    static func difference(_ one: [Int16], _ other: [Int16]) -> Int? {
        zip(one, other).enumerated().first { abs(Int($0.element.0) - Int($0.element.1)) > 2 }?.offset
    }
}
