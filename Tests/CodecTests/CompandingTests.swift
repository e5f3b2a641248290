// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCode
import SpeakCodeSndfile
import SpeakCodeTesting
import TestSupport
import Testing

@Suite("G.711 and linear coding", .timeLimit(.minutes(10)))
struct CompandingTests {
    /// Every sample that there is.
    private static let everySample = (Int16.min...Int16.max).map { $0 }

    /// The samples that coded bytes stand for, by sox.
    private func decoded(_ bytes: [UInt8], as type: String) async throws -> [Int16] {
        let run = try await Peer.sox.run(
            ["-D", "-t", type, "-r", "8000", "-c", "1", "-", "-t", "raw", "-e", "signed", "-b", "16", "-L", "-"],
            input: Data(bytes))
        return PCM(littleEndian: run.output, hertz: 8000).samples
    }

    /// What sox's own coder, which owes nothing to libsndfile's, makes of every sample.
    private func soxCoded(as type: String) async throws -> [UInt8] {
        let linear = Data(PlainEncoder().encode(Self.everySample, as: .linear16LittleEndian))
        let run = try await Peer.sox.run(
            ["-D", "-t", "raw", "-e", "signed", "-b", "16", "-L", "-r", "8000", "-c", "1", "-", "-t", type, "-"],
            input: linear)
        return Array(run.output)
    }

    // G.711 codes 14 bits (µ-law) or 13 (A-law). How 16 become so many is left open, so coders differ for samples that
    // lie on the border of two codes: libsndfile and sox in 383 and 1,147 of 65,536, by one code and never more.

    @Test(
        "is the byte that sox gives, or its neighbour for samples on the border of two",
        arguments: [(SampleCoding.muLaw, "ul"), (.aLaw, "al")])
    func everyByte(coding: SampleCoding, type: String) async throws {
        let ours = try SoundFileEncoder().encode(Self.everySample, as: coding)
        let theirs = try await soxCoded(as: type)
        #expect(ours.count == Self.everySample.count)
        #expect(theirs.count == ours.count)
        // The rank of each byte among the 256 levels, of which two may be zero.
        let levels = try await decoded(Array(0...255), as: type)
        let ranks = Dictionary(uniqueKeysWithValues: Set(levels).sorted().enumerated().map { ($1, $0) })
        func rank(_ byte: UInt8) throws -> Int { try #require(ranks[levels[Int(byte)]]) }
        var different = 0
        for (mine, other) in zip(ours, theirs) where mine != other {
            different += 1
            let distance = abs(try rank(mine) - rank(other))
            if distance > 1 { Issue.record("\(mine) and \(other) are \(distance) codes apart") }
        }
        #expect(different < Self.everySample.count / 50)
    }

    @Test(
        "stands for every sample to within half of its quantisation step",
        arguments: [(SampleCoding.muLaw, "ul"), (.aLaw, "al")])
    func halfStep(coding: SampleCoding, type: String) async throws {
        let heard = try await decoded(try SoundFileEncoder().encode(Self.everySample, as: coding), as: type)
        #expect(heard.count == Self.everySample.count)
        // Sixteen equal steps to a segment, whose size doubles with each; 4 for the two bits that µ-law leaves out.
        let (bias, smallest, leftOut, loudest) = coding == .muLaw ? (132, 8, 4, 32_635) : (0, 16, 1, 32_767)
        var wrong: [Int16] = []
        for (sample, heard) in zip(Self.everySample, heard) where abs(Int(sample)) <= loudest {
            let magnitude = abs(Int(sample)) + bias
            let segment = magnitude == 0 ? 0 : 1 << (Int.bitWidth - 1 - magnitude.leadingZeroBitCount)
            if abs(Int(heard) - Int(sample)) > max(smallest, segment / 16) / 2 + leftOut { wrong.append(sample) }
        }
        #expect(wrong.count == 0, "such as \(wrong.prefix(3))")
    }

    @Test("is the byte of G.711's tables for the sample or the one below it", arguments: [SampleCoding.muLaw, .aLaw])
    func tables(coding: SampleCoding) throws {
        let ours = try SoundFileEncoder().encode(Self.everySample, as: coding)
        // Negative samples are cut to 13 or 14 bits towards zero by one and away from it by the other.
        let plain = PlainEncoder().encode(Self.everySample, as: coding)
        let wrong = ours.indices.filter { ours[$0] != plain[$0] && ours[$0] != plain[max(0, $0 - 1)] }
        #expect(wrong.count == 0, "such as \(wrong.prefix(3).map { Self.everySample[$0] })")
    }

    @Test("codes silence as the byte that renditions fill pauses with", arguments: SampleCoding.allCases)
    func silence(coding: SampleCoding) throws {
        let bytes = try SoundFileEncoder().encode([0, 0, 0], as: coding)
        #expect(bytes == [UInt8](repeating: coding.silence, count: 3 * coding.bytesPerSample))
    }

    @Test("codes linear samples byte for byte", arguments: [SampleCoding.linear16LittleEndian, .linear16BigEndian])
    func linear(coding: SampleCoding) throws {
        let ours = Bytes(try SoundFileEncoder().encode(Self.everySample, as: coding))
        #expect(ours == Bytes(PlainEncoder().encode(Self.everySample, as: coding)))
    }

    @Test("codes no samples as no bytes", arguments: SampleCoding.allCases)
    func nothing(coding: SampleCoding) throws {
        #expect(try SoundFileEncoder().encode([], as: coding) == [])
    }
}
