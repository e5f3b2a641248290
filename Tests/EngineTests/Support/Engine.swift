// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCode
import SpeakCodeEspeak
import SpeakCodeSndfile
import SpeakCodeSoxr
import SpeakCodeTesting

/// The real engine, in processes of the command that was built beside these tests.
let engine = EngineProcess(executable: BuiltProduct.path(of: "speakcode"))

/// The same, asked by a few at a time, however many tests run side by side: each waits for its engine 30 s at the most.
private let engineInTurn = EngineInTurn()

private struct EngineInTurn: SpeechEngine {
    private let gate = Gate()

    func speak(_ utterances: [Utterance], voice: EngineVoice) async throws(EngineError) -> [Speech] {
        await gate.enter()
        let outcome: Result<[Speech], EngineError>
        do throws(EngineError) {
            outcome = .success(try await engine.speak(utterances, voice: voice))
        } catch {
            outcome = .failure(error)
        }
        await gate.leave()
        return try outcome.get()
    }

    private actor Gate {
        private var free = 4
        private var waiting: [CheckedContinuation<Void, Never>] = []

        func enter() async {
            guard free == 0 else { return free -= 1 }
            await withCheckedContinuation { waiting.append($0) }
        }

        func leave() {
            if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
        }
    }
}

/// A reader with nothing in it that is not real.
func makeReader(engine: (any SpeechEngine)? = nil, mostBytes: Int = CodeReader.usualBytes) -> CodeReader {
    CodeReader(
        engine: engine ?? engineInTurn, resampler: SoxrResampler(), encoder: SoundFileEncoder(), mostBytes: mostBytes)
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
