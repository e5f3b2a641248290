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

    /// Another engine speaks otherwise: what it says is beside the vectors of the one that they name.
    private static var isTheirs: Bool { Vectors.areWritten || Vectors.fact("engine", of: "times") == engine }

    @Test(
        "are what the code makes with the engine that they name",
        .enabled(if: isTheirs, "the vectors are of another eSpeak NG"))
    func current() async throws {
        let reader = CodeReader(
            engine: EngineProcess(executable: BuiltProduct.path(of: "speakcode-engine")), resampler: SoxrResampler(),
            encoder: SoundFileEncoder(), prefetch: .none, retry: .none)
        var vectors: [Vector] = []
        for pack in try VoicePackCatalog.builtIn.packs().sorted(by: { "\($0.locale)" < "\($1.locale)" }) {
            for style in pack.digits.keys.sorted() where pack.digits[style]?.count == 10 {
                let script = try Script(
                    code: VerificationCode(Self.code), pack: pack, wording: Wording(style: style, template: "code-only")
                )
                let rendition = try await reader.render(
                    script, length: CodeReader.Length(readings: 1), as: AudioFormat(.sln))
                let said = Alignment(of: rendition.timeline).words.filter { $0.position != nil }
                #expect(said.count == 10)
                vectors.append(
                    Vector(
                        locale: "\(pack.locale)", style: style, starts: said.map(\.start), ends: said.map(\.end),
                        samples: rendition.timeline.sampleCount))
            }
        }
        #expect(
            try Vectors.difference(of: "times", from: vectors, with: ["engine": Self.engine, "code": Self.code]) == nil)
    }
}
