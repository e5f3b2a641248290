// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCode
import SpeakCodeTesting
import TestSupport
import Testing

@Suite("Other programs agree on a file's coding, rate, channels and duration", .timeLimit(.minutes(10)))
struct ContainerTests {
    private static let withHeader = AudioFormat.all.filter(\.hasHeader)

    /// How many samples more than the announcement a file may have, by a program that counts an encoder's padding.
    ///
    /// MP3: LAME's delay of 576 samples before, and behind what fills the last frame of 1,152, and one more where that is
    /// less than 576 (`lame_encode_flush`).
    private func padding(_ format: AudioFormat) -> ClosedRange<Int> {
        format.kind == .mp3 ? 0...(576 + 575 + 1152) : 0...0
    }

    private func withFile(
        _ format: AudioFormat, _ body: (_ path: String, _ rendition: Rendition) async throws -> Void
    ) async throws {
        let rendition = try await Reading.render(format)
        try await withTemporaryFolder { folder in
            let file = folder.appending(path: "reading.\(format.fileExtension)")
            try Data(Bytes(joining: rendition.slices).bytes).write(to: file)
            try await body(file.path, rendition)
        }
    }

    /// The last value behind a name and a colon in a program's report: sndfile-info sums up at the end.
    private func value(_ name: String, in report: String) -> String? {
        for line in report.split(separator: "\n").reversed() {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2, parts[0].trimmingCharacters(in: .whitespaces) == name {
                return parts[1].trimmingCharacters(in: .whitespaces)
            }
        }
        return nil
    }

    @Test("ffprobe", arguments: withHeader)
    func ffprobe(format: AudioFormat) async throws {
        try await withFile(format) { path, rendition in
            let report = try await Peer.ffprobe.run([
                "-v", "error", "-show_entries",
                "stream=codec_name,sample_rate,channels,duration_ts,time_base:format=format_name", "-of", "json", path,
            ])
            #expect(report.errors.isEmpty, "\(report.errors)")
            let json = try #require(try JSONSerialization.jsonObject(with: report.output) as? [String: Any])
            let container = (json["format"] as? [String: Any])?["format_name"] as? String
            let streams = try #require(json["streams"] as? [[String: Any]])
            #expect(streams.count == 1)
            let stream = try #require(streams.first)
            let codec = stream["codec_name"] as? String
            let expected =
                switch format.kind {
                case .wav: ("wav", "pcm_s16le")
                case .wavMuLaw: ("wav", "pcm_mulaw")
                case .wavALaw: ("wav", "pcm_alaw")
                case .au: ("au", format.sampleRate == .hz8000 ? "pcm_mulaw" : "pcm_s16be")
                case .flac: ("flac", "flac")
                case .ogg: ("ogg", "opus")
                case .mp3: ("mp3", "mp3")
                default: ("", "")
                }
            #expect(container == expected.0)
            #expect(codec == expected.1)
            #expect(stream["channels"] as? Int == 1)
            // Opus always decodes at 48 kHz; what went in is written in its header, which sndfile-info shows.
            #expect(stream["sample_rate"] as? String == (format.kind == .ogg ? "48000" : "\(format.sampleRate.hertz)"))

            let units = try #require(stream["duration_ts"] as? Int)
            let base = try #require((stream["time_base"] as? String)?.split(separator: "/").last.flatMap { Int($0) })
            if format.kind == .ogg {
                // In units of 48 kHz, and with the pre-skip, which the header says is not played.
                let preSkip = try await preSkip(of: path)
                #expect(units - preSkip == rendition.timeline.sampleCount * (48_000 / format.sampleRate.hertz))
            } else {
                let samples = units * format.sampleRate.hertz / base
                #expect(padding(format).contains(samples - rendition.timeline.sampleCount))
            }
        }
    }

    private func preSkip(of path: String) async throws -> Int {
        let report = try await Peer.sndfileInfo.run([path]).text
        let words = try #require(value("Preskip", in: report)).split(separator: " ")
        return try #require(words.first.flatMap { Int($0) })
    }

    @Test("sndfile-info", arguments: withHeader)
    func sndfileInfo(format: AudioFormat) async throws {
        try await withFile(format) { path, rendition in
            let report = try await Peer.sndfileInfo.run([path]).text
            #expect(!report.lowercased().contains("error"), "\(report)")
            #expect(value("Sample Rate", in: report) == "\(format.sampleRate.hertz)")
            #expect(value("Channels", in: report) == "1")
            #expect(value("Frames", in: report) == "\(rendition.timeline.sampleCount)")
            // SF_FORMAT_WAV 01, AU 03, FLAC 17, OGG 20, MPEG 23; PCM 02, µ-law 10, A-law 11, Opus 64, layer III 82.
            let expected =
                switch format.kind {
                case .wav: "0x00010002"
                case .wavMuLaw: "0x00010010"
                case .wavALaw: "0x00010011"
                case .au: format.sampleRate == .hz8000 ? "0x00030010" : "0x00030002"
                case .flac: "0x00170002"
                case .ogg: "0x00200064"
                case .mp3: "0x00230082"
                default: ""
                }
            // The upper digit is the byte order, which not every version reports for big-endian AU.
            #expect(value("Format", in: report)?.suffix(6) == expected.suffix(6))
        }
    }

    // Debian's sox has no handler for Opus.
    @Test("soxi", arguments: withHeader.filter { $0.kind != .ogg })
    func soxi(format: AudioFormat) async throws {
        try await withFile(format) { path, rendition in
            let run = try await Peer.soxi.run([path])
            #expect(!run.errors.contains("WARN"), "\(run.errors)")
            let report = run.text
            #expect(value("Channels", in: report) == "1")
            #expect(value("Sample Rate", in: report) == "\(format.sampleRate.hertz)")
            let expected =
                switch format.kind {
                case .wav: "16-bit Signed Integer PCM"
                case .wavMuLaw: "8-bit u-law"
                case .wavALaw: "8-bit A-law"
                case .au: format.sampleRate == .hz8000 ? "8-bit u-law" : "16-bit Signed Integer PCM"
                case .flac: "16-bit FLAC"
                default: "MPEG audio (layer I, II or III)"
                }
            #expect(value("Sample Encoding", in: report) == expected)
            let duration = try #require(value("Duration", in: report))
            let words = duration.split(separator: " ").map(String.init)
            let index = try #require(words.firstIndex(of: "="))
            let samples = try #require(Int(words[index + 1]))
            // sox knows LAME's frame about the file by its name of variable bit rates alone, and counts it as sound.
            let about = format.kind == .mp3 ? [0, 576, 1152] : [0]
            #expect(about.contains { padding(format).contains(samples - rendition.timeline.sampleCount - $0) })
        }
    }

    @Test("Python's wave module", arguments: SampleRate.allCases)
    func pythonWave(rate: SampleRate) async throws {
        try await withFile(.wav(rate)) { path, rendition in
            let script = """
                import sys, wave
                with wave.open(sys.argv[1]) as w:
                    p = w.getparams()
                    print(p.nchannels, p.sampwidth, p.framerate, p.nframes, p.comptype, len(w.readframes(p.nframes)))
                """
            let report = try await Peer.python.run(["-c", script, path]).text
            let count = rendition.timeline.sampleCount
            #expect(report == "1 2 \(rate.hertz) \(count) NONE \(2 * count)\n")
        }
    }

    @Test(
        "sox and ffmpeg read the same samples from formats without a header",
        arguments: [AudioFormat.Kind.muLaw, .aLaw, .sln, .sln16])
    func raw(kind: AudioFormat.Kind) async throws {
        let format = try AudioFormat(kind)
        try await withFile(format) { path, rendition in
            let rate = "\(format.sampleRate.hertz)"
            let type =
                switch kind {
                case .muLaw: ("ul", "mulaw")
                case .aLaw: ("al", "alaw")
                default: ("sln", "s16le")
                }
            let sox = try await Peer.sox.run(
                ["-D", "-t", type.0, "-r", rate, "-c", "1", path, "-t", "raw", "-e", "signed", "-b", "16", "-L", "-"])
            let ffmpeg = try await Peer.ffmpeg.run(
                ["-v", "error", "-f", type.1, "-ar", rate, "-ac", "1", "-i", path, "-f", "s16le", "-"])
            #expect(Bytes(sox.output) == Bytes(ffmpeg.output))
            #expect(sox.output.count == 2 * rendition.timeline.sampleCount)
            let heard = PCM(littleEndian: sox.output, hertz: format.sampleRate.hertz)
            let spoken = try await Reading.samples(at: format.sampleRate)
            if format.sampleCoding == .linear16LittleEndian {
                #expect(heard == spoken)
            } else {
                #expect(abs(ActiveSpeechLevel(of: heard).dBov - ActiveSpeechLevel(of: spoken).dBov) < 0.05)
            }
        }
    }
}
