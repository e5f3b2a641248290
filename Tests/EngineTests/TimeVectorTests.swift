// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCode
import SpeakCodeEspeak
import SpeakCodeSndfile
import SpeakCodeSoxr
import SpeakCodeTesting
import TestSupport
import Testing

/// `samples/vectors/times.json`: when each digit of a code is heard.
@Suite("The vectors of times", .timeLimit(.minutes(10)))
struct TimeVectorTests {
    struct Vector: Codable {
        let locale: String
        let style: String
        /// Of each digit, the first sample and the one behind its last, at 8,000 Hz; and the samples of all.
        let starts: [Int]
        let ends: [Int]
        let samples: Int
    }

    /// As in `codes.json`: all digits, in groups.
    private static let code = "01 234 56789"

    /// What the vectors' `engine` says of the one that is loaded.
    private static var engine: String { "eSpeak NG \((try? EspeakEngine.version()) ?? "that cannot be loaded")" }

    /// The vectors for the engine that is loaded, one for each style of each pack.
    private static func made() async throws -> [Vector] {
        let reader = CodeReader(
            engine: EngineProcess(executable: BuiltProduct.path(of: "speakcode-engine")), resampler: SoxrResampler(),
            encoder: SoundFileEncoder(), prefetch: .none, retry: .none)
        var vectors: [Vector] = []
        for pack in try VoicePackCatalog.builtIn.packs().sorted(by: { "\($0.locale)" < "\($1.locale)" }) {
            for style in pack.digits.keys.sorted() where pack.digits[style]?.count == 10 {
                let script = try Script(
                    code: VerificationCode(code), pack: pack, wording: Wording(style: style, template: "code-only"))
                let rendition = try await reader.render(
                    script, length: CodeReader.Length(readings: 1), as: AudioFormat(.sln))
                let said = Alignment(of: rendition.timeline).words.filter { $0.position != nil }
                vectors.append(
                    Vector(
                        locale: "\(pack.locale)", style: style, starts: said.map(\.start), ends: said.map(\.end),
                        samples: rendition.timeline.sampleCount))
            }
        }
        return vectors
    }

    @Test("are what the code makes with the engine that they name; another one's readings have the same beat")
    func current() async throws {
        let made = try await Self.made()
        for vector in made { Self.expectBeat(of: vector) }
        if Vectors.areWritten || Vectors.fact("engine", of: "times") == Self.engine {
            let facts = ["engine": Self.engine, "code": Self.code]
            #expect(try Vectors.difference(of: "times", from: made, with: facts) == nil)
        } else {
            let kept: [Vector] = try Vectors.kept(of: "times")
            try #require(made.map(\.locale) == kept.map(\.locale) && made.map(\.style) == kept.map(\.style))
            for (vector, old) in zip(made, kept) {
                // Ukrainian is a sixth longer with 1.52 and 1.53, all others at most a thirtieth.
                let most = Double(old.samples) * (vector.locale == "uk-UA" ? 0.2 : 0.05)
                #expect(abs(Double(vector.samples - old.samples)) <= most, "\(vector.locale), \(vector.style)")
            }
        }
    }

    /// A digit begins as long behind the one before it as any other does, and longer behind a group.
    private static func expectBeat(of vector: Vector) {
        let name = Comment("\(vector.locale), \(vector.style)")
        #expect(vector.starts.count == 10 && vector.ends.count == 10, name)
        #expect(vector.starts.first == 1600, name)
        #expect(zip(vector.ends, vector.starts.dropFirst()).allSatisfy { $0 < $1 }, name)
        let steps = zip(vector.starts, vector.starts.dropFirst()).map { $1 - $0 }
        // Behind the second digit and the fifth: 01 234 56789.
        let between = Set([1, 4].map { steps[$0] })
        let within = Set(steps.indices.filter { ![1, 4].contains($0) }.map { steps[$0] })
        #expect(between.count == 1 && within.count == 1, name)
        #expect((between.min() ?? 0) > (within.max() ?? 0), name)
    }
}
