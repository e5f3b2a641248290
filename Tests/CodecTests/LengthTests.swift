// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCode
import SpeakCodeSndfile
import SpeakCodeTesting
import TestSupport
import Testing

@Suite("Compressed audio of codes of one shape is of one length", .timeLimit(.minutes(10)))
struct LengthTests {
    private static let compressed = AudioFormat.all.filter { $0.sampleCoding == nil }

    private func codes(_ count: Int) -> [String] {
        var random = SeededGenerator(seed: 21)
        return (0..<count).map { _ in
            String((0..<6).map { _ in Character("\(Int.random(in: 0..<10, using: &random))") })
        }
    }

    @Test("as a file", arguments: compressed)
    func files(format: AudioFormat) async throws {
        var lengths: Set<Int> = []
        for code in codes(format.sampleRate == .hz8000 ? 40 : 8) {
            lengths.insert(try await Reading.render(format, code: code).byteCount)
        }
        #expect(lengths.count == 1)
    }

    /// How many bytes come of each tenth of a second.
    private func pieces(_ samples: [Int16], _ format: AudioFormat) throws -> [Int] {
        let stream = try SoundFileEncoder().stream(as: format)
        let step = format.sampleRate.hertz / 10
        var pieces = try stride(from: 0, to: samples.count, by: step).map { start in
            try stream.encode(Array(samples[start..<min(samples.count, start + step)])).count
        }
        pieces.append(try stream.finish().count)
        return pieces
    }

    @Test(
        "as it is sent to somebody who listens live, piece by piece", arguments: compressed.filter { $0.kind != .flac })
    func streams(format: AudioFormat) async throws {
        var seen: Set<[Int]> = []
        for code in codes(format.sampleRate == .hz8000 ? 40 : 8) {
            let samples = try await Reading.samples(at: format.sampleRate, code: code).samples
            seen.insert(try pieces(samples, format))
        }
        #expect(seen.count == 1)
        let pieces = try #require(seen.first)
        #expect(pieces.reduce(0, +) > 4000)
        // Nor does noise or silence need more bytes, nor less.
        var random = SeededGenerator(seed: 4)
        let count = try await Reading.samples(at: format.sampleRate).samples.count
        let noise = (0..<count).map { _ in Int16.random(in: -20_000...20_000, using: &random) }
        #expect(try self.pieces(noise, format) == pieces)
        #expect(try self.pieces([Int16](repeating: 0, count: count), format) == pieces)
    }

    @Test("whatever is said, and be it noise", arguments: compressed)
    func noise(format: AudioFormat) async throws {
        var random = SeededGenerator(seed: 9)
        let voice = try await Reading.samples(at: format.sampleRate).samples
        func noise(_ loudest: Int16, every distance: Int = 1) -> [Int16] {
            voice.indices.map { $0 % distance == 0 ? Int16.random(in: -loudest...loudest, using: &random) : 0 }
        }
        let square = voice.indices.map { $0 / 4 % 2 == 0 ? Int16.max : .min }
        let sounds = [
            voice, noise(0), noise(.max), noise(20_000), noise(2000), noise(.max, every: 2), noise(.max, every: 100),
            square, noise(.max).map { $0 > 0 ? .max : .min },
        ]
        let lengths = try sounds.map { try SoundFileEncoder().file(of: $0, as: format).count }
        #expect(Set(lengths).count == 1, "\(lengths)")
    }

    @Test("in FLAC of three readings of a minute, which are less than a megabyte")
    func longest() throws {
        #expect(
            try SoundFileEncoder().file(of: [Int16](repeating: 0, count: 480_000), as: AudioFormat(.flac)).count
                < 1_000_000)
    }

    /// The packets of an Ogg stream's pages.
    private func packets(_ file: [UInt8]) -> [[UInt8]] {
        var packets: [[UInt8]] = []
        var packet: [UInt8] = []
        var start = 0
        while start + 27 <= file.count {
            let lacing = file[(start + 27)..<(start + 27 + Int(file[start + 26]))]
            start = lacing.endIndex
            for length in lacing {
                packet += file[start..<(start + Int(length))]
                start += Int(length)
                guard length < 255 else { continue }
                packets.append(packet)
                packet = []
            }
        }
        return packets
    }

    @Test(
        "in Opus by packets of one length, of which none of speech or noise is given up",
        arguments: AudioFormat.Kind.ogg.sampleRates)
    func opusPackets(rate: SampleRate) async throws {
        var random = SeededGenerator(seed: 2)
        let noise = (0..<(5 * rate.hertz)).map { _ in Int16.random(in: -20_000...20_000, using: &random) }
        let bursts = noise.enumerated().map { $0.offset / (rate.hertz / 10) % 3 == 0 ? $0.element : 0 }
        for samples in [try await Reading.samples(at: rate).samples, noise, bursts] {
            let file = try SoundFileEncoder().file(of: samples, as: AudioFormat(.ogg, sampleRate: rate))
            let audio = packets(file).dropFirst(2)
            #expect(audio.count >= samples.count * 50 / rate.hertz)
            #expect(Set(audio.map(\.count)).count == 1)
            // RFC 6716, section 3.2.5: one frame, and padding of a length that is written before the frame.
            for packet in audio where packet[0] & 3 == 3 {
                #expect(packet[1] & 0x3F == 1)
                var place = 2
                var padding = 0
                if packet[1] & 0x40 != 0 {
                    while packet[place] == 255 {
                        padding += 254
                        place += 1
                    }
                    padding += Int(packet[place])
                    place += 1
                }
                #expect(packet.count - place - padding > 0, "a frame that is heard")
                #expect(packet.suffix(padding).allSatisfy { $0 == 0 })
            }
        }
    }

    @Test("that other programs take without a complaint", arguments: compressed)
    func peers(format: AudioFormat) async throws {
        let file = Data(Bytes(joining: try await Reading.render(format).slices).bytes)
        try await withTemporaryFolder { folder in
            let path = folder.appending(path: "file.\(format.fileExtension)")
            try file.write(to: path)
            let run = try await Peer.ffmpeg.run(["-v", "warning", "-xerror", "-i", path.path, "-f", "null", "-"])
            #expect(run.errors.isEmpty, "\(run.errors)")
            if format.kind == .mp3 {
                let frames = try await Peer.ffprobe.run([
                    "-v", "error", "-show_entries", "packet=size", "-of", "csv=p=0", path.path,
                ]).text.split(separator: "\n")
                // Rates of which a frame is no whole number of bytes have a byte of padding in some (44,100 Hz and its half).
                #expect(Set(frames.dropFirst().dropLast()).count <= (format.sampleRate.hertz % 11_025 == 0 ? 2 : 1))
            }
        }
    }
}
