// SPDX-License-Identifier: GPL-3.0-or-later

import TestSupport
import Testing

@testable import SpeakCode

/// `samples/vectors/tty.json`: what is written of a code, as characters of five bits.
@Suite("The vectors of text telephones")
struct TextTelephoneVectorTests {
    struct Vector: Codable {
        let code: String
        let bitsPerSecond: Double
        let isBesideVoice: Bool
        let text: String
        /// The characters, each as its five bits, the first that is sent first.
        let characters: [String]
        /// From the carrier's first sample to its last, at 8,000 Hz.
        let samples: Int
    }

    @Test("are what the code makes")
    func current() throws {
        var vectors: [Vector] = []
        for code in ["735198", "0", "AB12CD", "000000000000"] {
            for speed in TextTelephone.Speed.allCases {
                for isBesideVoice in [false, true] {
                    let burst = TextTelephone.Burst(try VerificationCode(code), speed, isBesideVoice: isBesideVoice)
                    let codes = Baudot.codes(of: "\n" + burst.text, shiftsAlways: code.contains(where: \.isLetter))
                    vectors.append(
                        Vector(
                            code: code, bitsPerSecond: speed.bitsPerSecond, isBesideVoice: isBesideVoice,
                            text: burst.text,
                            characters: codes.map { code in (0..<5).map { "\(code >> $0 & 1)" }.joined() },
                            samples: burst.samples(at: .hz8000).count))
                    #expect(burst.samples(at: .hz8000) == TextTelephone.samples(of: codes, speed, at: .hz8000))
                }
            }
        }
        #expect(try Vectors.difference(of: "tty", from: vectors) == nil)
    }
}
