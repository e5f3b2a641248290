// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCode
import SpeakCodeTesting
import TestSupport
import Testing

@Suite("Compressed files", .timeLimit(.minutes(10)))
struct CompressionTests {
    private func file(_ format: AudioFormat) async throws -> Data {
        Data(Bytes(joining: try await Reading.render(format).slices).bytes)
    }

    /// What ffmpeg hears in a file, and what it complains of.
    private func heard(_ file: Data, at rate: SampleRate) async throws -> (pcm: PCM, complaints: String) {
        // A file and not a pipe, of which ffmpeg does not know the length.
        try await withTemporaryFolder { folder in
            let path = folder.appending(path: "file")
            try file.write(to: path)
            let run = try await Peer.ffmpeg.run(
                ["-v", "warning", "-i", path.path, "-f", "s16le", "-ar", "\(rate.hertz)", "-"], mayFail: true)
            return (PCM(littleEndian: run.output, hertz: rate.hertz), run.errors)
        }
    }

    @Test("in FLAC are the samples themselves, by ffmpeg and by sox", arguments: AudioFormat.Kind.flac.sampleRates)
    func flac(rate: SampleRate) async throws {
        let file = try await file(AudioFormat(.flac, sampleRate: rate))
        let spoken = try await Reading.samples(at: rate)
        let heard = try await heard(file, at: rate)
        #expect(heard.pcm == spoken)
        #expect(heard.complaints.isEmpty, "\(heard.complaints)")
        let sox = try await Peer.sox.run(
            ["-D", "-t", "flac", "-", "-t", "raw", "-e", "signed", "-b", "16", "-L", "-"], input: file)
        #expect(PCM(littleEndian: sox.output, hertz: rate.hertz) == spoken)
        // As long for whatever sound, so that its length tells nothing of this one.
        #expect(file.count < 21 * spoken.samples.count / 10, "a twentieth more than the samples at the most")
    }

    @Test("in AU are the samples themselves, high byte first", arguments: SampleRate.allCases.filter { $0 != .hz8000 })
    func au(rate: SampleRate) async throws {
        let heard = try await heard(file(AudioFormat(.au, sampleRate: rate)), at: rate)
        #expect(heard.pcm == (try await Reading.samples(at: rate)))
    }

    private static let lossyFormats = AudioFormat.all.filter { [.ogg, .mp3].contains($0.kind) }

    @Test("in Opus and MP3 sound as loud and as long as the samples", arguments: lossyFormats)
    func lossy(format: AudioFormat) async throws {
        let rate = format.sampleRate
        let spoken = try await Reading.samples(at: rate)
        let heard = try await heard(file(format), at: rate)
        #expect(heard.complaints.isEmpty, "\(heard.complaints)")
        let more = heard.pcm.samples.count - spoken.samples.count
        #expect((0...(576 + 529 + 1152)).contains(more), "\(more)")
        let difference = 10 * log10(energy(of: heard.pcm) / energy(of: spoken))
        #expect(abs(difference) < 0.5, "\(difference) dB")
    }

    @Test("are the same bytes whenever they are made", arguments: AudioFormat.Kind.allCases)
    func sameBytes(kind: AudioFormat.Kind) async throws {
        let format = try AudioFormat(kind)
        let first = Bytes(try await file(format))
        // Opus streams get their number from the clock, to the second, and by chance.
        let second = Bytes(try await file(format))
        #expect(first == second)
    }

    private func energy(of pcm: PCM) -> Double {
        pcm.samples.reduce(0) { $0 + Double($1) * Double($1) }
    }

    // MARK: Ogg

    /// The pages of an Ogg stream: where each begins, and its serial number (RFC 3533, section 6).
    private func pages(_ file: [UInt8]) -> [(start: Int, serial: UInt32)] {
        var pages: [(Int, UInt32)] = []
        var start = 0
        while start + 27 <= file.count, Array(file[start..<(start + 4)]) == Array("OggS".utf8) {
            let serial = file[(start + 14)..<(start + 18)].reversed().reduce(0) { $0 << 8 | UInt32($1) }
            pages.append((start, serial))
            let segments = Int(file[start + 26])
            start += 27 + segments + file[(start + 27)..<(start + 27 + segments)].reduce(0) { $0 + Int($1) }
        }
        return start == file.count ? pages : []
    }

    @Test(
        "in Ogg have one serial number that is not drawn by chance, on every page",
        arguments: AudioFormat.Kind.ogg.sampleRates)
    func serialNumber(rate: SampleRate) async throws {
        let pages = pages(Array(try await file(AudioFormat(.ogg, sampleRate: rate))))
        #expect(pages.count >= 3)
        #expect(pages.allSatisfy { $0.serial == 0x5350_4B31 })
    }

    @Test(
        "in Ogg have check sums that are right, and a wrong one would be noticed",
        arguments: AudioFormat.Kind.ogg.sampleRates)
    func checkSums(rate: SampleRate) async throws {
        let file = try await file(AudioFormat(.ogg, sampleRate: rate))
        let good = try await heard(file, at: rate)
        #expect(good.complaints.isEmpty, "\(good.complaints)")
        for page in pages(Array(file)).dropFirst(2) {
            var broken = file
            broken[broken.startIndex + page.start + 22] ^= 1
            let bad = try await heard(broken, at: rate)
            #expect(bad.complaints.contains("CRC mismatch"), "\(bad.complaints)")
            #expect(bad.pcm.samples.count < good.pcm.samples.count)
        }
    }
}
