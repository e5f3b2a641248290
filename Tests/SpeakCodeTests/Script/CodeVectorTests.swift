// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCode
import TestSupport
import Testing

/// `samples/vectors/codes.json`: how a code is taken apart, and what is said for each of its symbols.
@Suite("The vectors of codes")
struct CodeVectorTests {
    struct Vector: Codable {
        let code: String
        let locale: String
        let style: String
        let groups: [String]
        /// As captions show them.
        let words: [String]
    }

    /// All digits, in groups of which none is as long as another.
    static let digits = "01 234 56789"
    private static let letters = "AB-CDEFGHIJKLMNOPQRSTUVWXYZ"
    /// Those whose letters are there as well; of the others packs tell them.
    private static let first = ["en-US", "en-GB", "ja-JP", "de-DE", "fr-FR", "es-ES", "zh-CN"]

    private static func vector(
        _ code: String, _ pack: VoicePack, _ style: String, _ lines: [CodeSymbol: VoicePack.Line]?
    ) throws -> Vector {
        let parsed = try VerificationCode(code)
        return Vector(
            code: code, locale: "\(pack.locale)", style: style,
            groups: parsed.groups.map { String($0.map(\.character)) },
            words: try parsed.symbols.map { try #require(lines?[$0]?.caption) })
    }

    @Test("are what the code makes")
    func current() throws {
        var vectors: [Vector] = []
        for pack in try VoicePackCatalog.builtIn.packs().sorted(by: { "\($0.locale)" < "\($1.locale)" }) {
            for (style, lines) in pack.digits.sorted(by: { $0.key < $1.key }) where lines.count == 10 {
                vectors.append(try Self.vector(Self.digits, pack, style, lines))
            }
            for (style, lines) in pack.letters.sorted(by: { $0.key < $1.key })
            where lines.count == 26 && Self.first.contains("\(pack.locale)") {
                vectors.append(try Self.vector(Self.letters, pack, style, lines))
            }
        }
        #expect(Set(vectors.map(\.locale)).count == VoicePackCatalog.builtIn.locales.count)
        #expect(try Vectors.difference(of: "codes", from: vectors) == nil)
    }
}
