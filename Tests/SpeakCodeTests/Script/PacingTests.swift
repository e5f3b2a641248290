// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCode
import SpeakCodeTesting
import Testing

@Suite("Pacing")
struct PacingTests {
    private let calm = Pauses.calm

    @Test("named normal is the pack's own pauses, reading after reading")
    func normal() {
        let pacing = Pacing(.normal)
        #expect((0..<5).allSatisfy { pacing.pace(ofReading: $0) == Pacing.Pace(pauses: .calm, grouping: .asWritten) })
        #expect(pacing.rate == 1)
    }

    @Test("named slow lengthens pauses more than it slows the voice")
    func slow() {
        let pacing = Pacing(.slow)
        let pauses = pacing.pace(ofReading: 0).pauses
        #expect(pacing.pace(ofReading: 7) == pacing.pace(ofReading: 0))
        #expect(pauses.symbol / calm.symbol > 1.5)
        #expect(pauses.group > calm.group && pauses.phrase > calm.phrase && pauses.reading > calm.reading)
        #expect((0.8..<1).contains(pacing.rate))
        #expect(pauses.lead == calm.lead && pauses.tail == calm.tail, "nobody listens there")
    }

    @Test("named adaptive is normal first, then has longer pauses, then groups as well")
    func adaptive() {
        let pacing = Pacing(.adaptive)
        let (first, second, third) = (pacing.pace(ofReading: 0), pacing.pace(ofReading: 1), pacing.pace(ofReading: 2))
        #expect(first == Pacing(.normal).pace(ofReading: 0))
        #expect(second.pauses.symbol > first.pauses.symbol)
        #expect(second.grouping == .asWritten)
        #expect(third.pauses == second.pauses)
        #expect(third.grouping == .always)
        #expect(pacing.pace(ofReading: 100) == third)
        #expect(pacing.rate == 1)
    }

    @Test("always leaves longer between groups than between symbols", arguments: Pacing.Preset.allCases)
    func groupsAreHeard(preset: Pacing.Preset) {
        for reading in 0..<4 {
            let pauses = Pacing(preset).pace(ofReading: reading).pauses
            #expect(pauses.group > pauses.symbol)
        }
    }

    @Test("can have every number set")
    func everyNumber() {
        var own = Pauses.calm
        own.lead = .seconds(1)
        own.phrase = .seconds(2)
        own.symbol = .seconds(3)
        own.group = .seconds(4)
        own.reading = .seconds(5)
        own.tail = .seconds(6)
        let pacing = Pacing(.adaptive).mapPaces { pace in pace.pauses = own }
        #expect((0..<4).allSatisfy { pacing.pace(ofReading: $0).pauses == own })
        #expect(pacing.pace(ofReading: 2).grouping == .always)
    }

    /// The lengths of the groups in which a code is read.
    private func groupLengths(of code: String, grouping: Pacing.Grouping) throws -> (lengths: [Int], order: String) {
        let pacing = Pacing(first: .init(pauses: calm, grouping: grouping))
        let script = try Script(code: VerificationCode(code), pack: TestPack.pack(), pacing: pacing)
        var lengths: [Int] = []
        var order = ""
        var startsGroup = true
        for step in script.reading(1, isLast: false).dropFirst(2) {
            switch step {
            case .speech(.symbol(let symbol, _, _), _, _):
                if startsGroup { lengths.append(0) }
                lengths[lengths.count - 1] += 1
                order.append(symbol.character)
                startsGroup = false
            case .silence(let duration): startsGroup = duration == calm.group
            case .speech, .typed: break
            }
        }
        return (lengths, order)
    }

    @Test("puts 1 to 32 symbols into groups of two to four of nearly one length", arguments: 1...32)
    func balancedGroups(count: Int) throws {
        let code = String((0..<count).map { Character("\($0 % 10)") })
        let (lengths, order) = try groupLengths(of: code, grouping: .always)
        #expect(order == code)
        #expect(lengths.reduce(0, +) == count)
        #expect((lengths.max() ?? 0) - (lengths.min() ?? 0) <= 1)
        #expect(lengths == lengths.sorted(by: >), "the longer groups come first")
        if count >= 4 {
            #expect(lengths.allSatisfy { (2...4).contains($0) })
        } else {
            #expect(lengths == [count])
        }
        #expect(try groupLengths(of: code, grouping: .asWritten).lengths == [count])
    }

    @Test(
        "groups the usual lengths as people do",
        arguments: [
            (4, [2, 2]), (5, [3, 2]), (6, [3, 3]), (7, [4, 3]), (8, [4, 4]), (9, [3, 3, 3]), (10, [4, 3, 3]),
        ])
    func usualLengths(count: Int, groups: [Int]) throws {
        #expect(try groupLengths(of: String(repeating: "7", count: count), grouping: .always).lengths == groups)
    }

    @Test("keeps the groups of a code that was written in groups", arguments: Pacing.Grouping.all)
    func writtenGroups(grouping: Pacing.Grouping) throws {
        #expect(try groupLengths(of: "1 23456-789012", grouping: grouping).lengths == [1, 5, 6])
    }
}

extension Pacing.Grouping {
    fileprivate static let all: [Pacing.Grouping] = [.asWritten, .always]
}
