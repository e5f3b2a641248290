// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCode
import SpeakCodeSndfile
import SpeakCodeSoxr
import SpeakCodeTesting
import TestSupport
import Testing

/// Text tones, as receivers of others read them: minimodem, and spandsp's V.18.
@Suite("Other people's text telephones", .timeLimit(.minutes(10)))
struct TextTelephonePeerTests {
    private static let code = "1590263"
    private static let expected = "CODE \(code) \(code) \(code)"
    private static let reader = CodeReader(
        engine: FakeEngine(), resampler: SoxrResampler(), encoder: SoundFileEncoder(), retry: .none)
    /// G.726 at 32 and 16 kbit/s by ffmpeg, there and back.
    private static let lines = ["wav", "ulaw", "alaw", "g726 at 32 kbit/s", "g726 at 16 kbit/s", "noise at 0 dB"]

    private final class Folder {
        let url = FileManager.default.temporaryDirectory.appending(path: "tty-\(UUID().uuidString)")
        init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }
        deinit { try? FileManager.default.removeItem(at: url) }
        func path(_ name: String) -> String { url.appending(path: name).path }
    }

    /// A WAVE file of 16-bit samples, as it comes out of a line.
    private func file(_ line: String, _ speed: TextTelephone.Speed, code: String = code, in folder: Folder) async throws
    {
        let script = try Script(
            code: VerificationCode(code), pack: VoicePackCatalog.builtIn.pack(for: "en-US")
        ).delivered(.typed(speed))
        let kind: AudioFormat.Kind = line == "ulaw" ? .wavMuLaw : line == "alaw" ? .wavALaw : .wav
        let rendition = try await Self.reader.render(script, length: .init(readings: 1), as: AudioFormat(kind))
        var bytes = Bytes(joining: rendition.slices).bytes
        if line.hasPrefix("noise") { bytes = Self.noisy(bytes) }
        try Data(bytes).write(to: folder.url.appending(path: "sent.wav"))
        if let rate = line.firstMatch(of: /at (\d+) kbit/)?.output.1 {
            _ = try await Peer.ffmpeg.run([
                "-v", "error", "-i", folder.path("sent.wav"), "-c:a", "g726", "-b:a", "\(rate)k",
                folder.path("coded.wav"),
            ])
        } else {
            try FileManager.default.copyItem(atPath: folder.path("sent.wav"), toPath: folder.path("coded.wav"))
        }
        _ = try await Peer.ffmpeg.run([
            "-v", "error", "-i", folder.path("coded.wav"), "-c:a", "pcm_s16le", folder.path("heard.wav"),
        ])
    }

    /// White noise with the tones' own effective value, which is 4623; spandsp gives its text out once all is silent.
    private static func noisy(_ bytes: [UInt8]) -> [UInt8] {
        var generator = SeededGenerator(seed: 18)
        let clean = PCM(littleEndian: bytes[44...].map(\.self), hertz: 8000).samples
        let samples = clean.enumerated().map { place, sample in
            guard place < clean.count - 6000 else { return sample }
            let noise = (0..<12).reduce(-6.0) { sum, _ in sum + Double.random(in: 0..<1, using: &generator) }
            return Int16(max(-32_768, min(32_767, Double(sample) + 4623 * noise)))
        }
        return bytes[..<44] + PlainEncoder().encode(samples, as: .linear16LittleEndian)
    }

    @Test("minimodem reads every character", arguments: lines, TextTelephone.Speed.allCases)
    func minimodem(line: String, speed: TextTelephone.Speed) async throws {
        let folder = try Folder()
        try await file(line, speed, in: folder)
        let mode =
            speed == .baud45 ? ["tdd"] : ["--baudot", "--stopbits", "2", "-M", "1400", "-S", "1800", "50"]
        let heard = try await Peer.minimodem.run(["--rx", "-q", "-f", folder.path("heard.wav")] + mode, mayFail: true)
        #expect(heard.text.contains(Self.expected), "\(heard.text)")
    }

    @Test("spandsp reads every character", arguments: lines, TextTelephone.Speed.allCases)
    func spandsp(line: String, speed: TextTelephone.Speed) async throws {
        let folder = try Folder()
        try await file(line, speed, in: folder)
        let heard = try await Self.v18(folder, speed)
        #expect(heard.contains(Self.expected), "\(heard)")
    }

    @Test("both read letters among digits", arguments: ["AB12CD34", "7KQ4XBZ", "QWERTY123456", "HJNMOUVW5890"])
    func letters(code: String) async throws {
        let folder = try Folder()
        try await file("ulaw", .baud45, code: code, in: folder)
        let expected = "CODE \(code) \(code) \(code)"
        #expect(try await Self.v18(folder, .baud45).contains(expected))
        let heard = try await Peer.minimodem.run(["--rx", "-q", "-f", folder.path("heard.wav"), "tdd"], mayFail: true)
        #expect(heard.text.contains(expected))
    }

    /// spandsp has no program: this one is some lines of C.
    private static func v18(_ folder: Folder, _ speed: TextTelephone.Speed) async throws -> String {
        let source = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Fixtures/v18.c")
        _ = try await Peer.cc.run([source.standardized.path, "-o", folder.path("v18"), "-lspandsp"])
        let sound = try Data(contentsOf: folder.url.appending(path: "heard.wav"))
        let outcome = try await TestSupport.run(
            folder.path("v18"), ["\(speed.rawValue)"], input: sound.suffix(from: sound.startIndex + 44))
        return outcome.text
    }
}
