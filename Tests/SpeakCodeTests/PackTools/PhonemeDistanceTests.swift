// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import SpeakCode
@testable import SpeakCodePackTools

@Suite("The distance of two words' phonemes")
struct PhonemeDistanceTests {
    private func distance(_ a: String, _ b: String) -> Double {
        PhonemeDistance.between(.init(of: Phonemes(a).words), and: .init(of: Phonemes(b).words))
    }

    private static let words = [
        "b'i:", "d'i:", "p'i:", "'Em", "'En", "f'aIv", "n'aIn", "w'0n", "z'i@roU", "s'Ev@n", "",
    ]

    @Test("is nothing from a word to itself, and the same there and back", arguments: words, words)
    func metric(a: String, b: String) {
        #expect((distance(a, b) == 0) == (a == b))
        #expect(abs(distance(a, b) - distance(b, a)) < 1e-9)
    }

    @Test(
        "is below the threshold for what a line blurs",
        arguments: [("b'i:", "d'i:"), ("b'i:", "p'i:"), ("'Em", "'En"), ("'Ef", "'Es")])
    func near(a: String, b: String) {
        #expect(distance(a, b) < PhonemeDistance.near)
    }

    @Test(
        "is above it for words that are told apart",
        arguments: [
            ("w'0n", "t'u:"), ("s'Iks", "s'Ev@n"), ("b'i:", "'eI"), ("br'A:voU", "d'Elt@"), ("ts,v'aI", "ts,v'o:"),
        ])
    func far(a: String, b: String) {
        #expect(distance(a, b) > PhonemeDistance.near)
    }

    @Test("counts zwei and drei as nearer than zwo and drei, which is why people say zwo")
    func zwo() {
        #expect(distance("tsv'aI", "dr'aI") < distance("tsv'o:", "dr'aI"))
    }
}
