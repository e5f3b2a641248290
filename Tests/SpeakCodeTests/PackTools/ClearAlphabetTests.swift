// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCode
import SpeakCodePackTools
import SpeakCodeTesting
import Testing

@Suite("Symbols that are easy to tell apart")
struct ClearAlphabetTests {
    private func symbol(_ character: Character) throws -> CodeSymbol { try #require(CodeSymbol(character)) }

    private func confusions(_ pairs: [String]) throws -> [PackChecker.Confusion] {
        try pairs.map { pair in
            PackChecker.Confusion(
                first: try symbol(try #require(pair.first)), second: try symbol(try #require(pair.last)),
                distance: 0.5)
        }
    }

    @Test(
        "are all where none sounds nearly as another, else without one of each two",
        arguments: [
            ([], "0123456789", 0.0), (["57"], "012345689", 0.912), (["57", "67"], "012345689", 0.912),
            (["15", "57", "17"], "02346891", 1.932), (["12", "34"], "0135678 9".filter { $0 != " " }, 1.932),
        ])
    func leftOut(pairs: [String], left: String, cost: Double) throws {
        let alphabet = ClearAlphabet(CodeSymbol.digits, without: try confusions(pairs))
        #expect(Set(alphabet.symbols.map(\.character)) == Set(left))
        #expect(abs(alphabet.cost(ofLength: 6) - cost) < 0.001)
        #expect(abs(alphabet.bits(ofLength: 6) + alphabet.cost(ofLength: 6) - 19.932) < 0.001)
    }

    @Test("leave the first of a crowd of letters, and no two that are near")
    func letters() throws {
        let near = try confusions(["BD", "BP", "BT", "DP", "DT", "PT", "MN"])
        let alphabet = ClearAlphabet(CodeSymbol.digits + CodeSymbol.letters, without: near)
        let left = Set(alphabet.symbols)
        #expect(near.allSatisfy { !left.contains($0.first) || !left.contains($0.second) })
        #expect(alphabet.avoided.count == 4)
        #expect(try left.contains(symbol("B")) && left.contains(symbol("M")))
    }

    @Test("make codes of themselves alone, each as often as the others")
    func codes() throws {
        let alphabet = ClearAlphabet(CodeSymbol.digits, without: try confusions(["57"]))
        var generator = SeededGenerator(seed: 7)
        var counts: [CodeSymbol: Int] = [:]
        for _ in 0..<1500 {
            let code = alphabet.code(length: 6, using: &generator)
            #expect(code.length == 6)
            for symbol in code.symbols { counts[symbol, default: 0] += 1 }
        }
        #expect(Set(counts.keys) == Set(alphabet.symbols))
        #expect(counts.values.allSatisfy { (850...1150).contains($0) })
    }
}
