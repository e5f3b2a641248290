// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCode
import SpeakCodeEspeak
import SpeakCodeSndfile
import SpeakCodeSoxr
import SpeakCodeTesting

/// The real engine, in processes of the command that was built beside these tests.
let engine = EngineProcess(executable: BuiltProduct.path(of: "speakcode"))

/// A reader with nothing in it that is not real.
func makeReader(engine: any SpeechEngine = engine) -> CodeReader {
    CodeReader(engine: engine, resampler: SoxrResampler(), encoder: SoundFileEncoder())
}

extension Rendition {
    /// All bytes.
    var bytes: [UInt8] { slices.flatMap(\.self) }

    /// The samples of a linear WAV, behind its 44 bytes of header.
    var samples: PCM {
        let bytes = slices(in: 44..<byteCount).flatMap(\.self)
        let samples = stride(from: 0, to: bytes.count, by: 2).map {
            Int16(bitPattern: UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8)
        }
        return PCM(samples: samples, hertz: format.sampleRate.hertz)
    }
}

/// A shell script that stands where an engine's program should.
struct FakeProgram {
    let path: String

    init(_ script: String) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "speakcode-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.appending(path: "engine").path
        try Data("#!/bin/sh\n\(script)\n".utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    }

    func remove() {
        try? FileManager.default.removeItem(at: URL(filePath: path).deletingLastPathComponent())
    }
}
