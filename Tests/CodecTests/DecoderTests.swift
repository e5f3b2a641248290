// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCode
import SpeakCodeSndfile
import SpeakCodeTesting
import TestSupport
import Testing

/// Recordings as people and programs make them, read.
@Suite(.timeLimit(.minutes(10)))
struct DecoderTests {
    private static let signal = FakeSpeaker().says("a line")

    @Test(arguments: [
        ("wav", ""), ("flac", ""), ("mp3", "-C 64"), ("wav", "-b 24"), ("wav", "-e floating-point -b 32"),
        ("wav", "-c 2"),
        ("flac", "-r 44100"), ("wav", "-r 8000"),
    ])
    func whatPeopleRecordIsRead(ending: String, options: String) async throws {
        try await withTemporaryFolder { folder in
            let (source, made) = (folder.appending(path: "source.wav"), folder.appending(path: "made.\(ending)"))
            try Data(Self.signal.wave(at: .hz16000)).write(to: source)
            let outcome = try await run(
                "/usr/bin/env", ["bash", "-c", "sox '\(source.path)' \(options) '\(made.path)'"])
            try #require(outcome.status == 0, "\(outcome.errors)")
            let read = try Signal(file: made.path, decoder: SoundFileDecoder())
            #expect(read.hertz == (options.contains("44100") ? 44_100 : options.contains("8000") ? 8000 : 16_000))
            #expect(abs(read.duration / Self.signal.duration - 1) < 0.15)
            let (peak, expected) = (Self.peak(of: read), Self.peak(of: Self.signal))
            #expect(abs(peak / expected - 1) < 0.1, "\(peak) for \(expected)")
        }
    }

    private static func peak(of signal: Signal) -> Float { signal.samples.reduce(0) { max($0, abs($1)) } }

    @Test(arguments: [
        "", "RIFF", "RIFF\u{4}\u{0}\u{0}\u{0}WAVEfmt ", "fLaC\u{0}\u{0}", "not a sound at all", "ID3\u{3}",
    ])
    func whatIsNoSoundIsRefused(text: String) {
        #expect(throws: SoundFileError.self) { try SoundFileDecoder().decode(Array(text.utf8)) }
    }

    /// A damaged file is an error or shorter, and never a crash.
    @Test func aFileThatWasCutOffIsRefusedOrShorter() throws {
        let pcm = Self.signal.samples.map { Int16($0 * 32767) }
        for kind in [AudioFormat.Kind.flac, .mp3] {
            let file = try SoundFileEncoder().file(of: pcm, as: AudioFormat(kind, sampleRate: .hz16000))
            for length in stride(from: 1, to: file.count, by: 97) {
                guard let read = try? SoundFileDecoder().decode(Array(file[..<length])) else { continue }
                #expect(read.samples.count <= pcm.count + 4000)
            }
            for place in stride(from: 0, to: file.count, by: 61) {
                var broken = file
                broken[place] ^= 0xFF
                _ = try? SoundFileDecoder().decode(broken)
            }
        }
    }
}
