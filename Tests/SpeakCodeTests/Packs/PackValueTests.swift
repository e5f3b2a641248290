// SPDX-License-Identifier: GPL-3.0-or-later

import Testing
import VoicePackTree

@Suite("The compact form of a pack")
struct PackValueTests {
    private func decoded(_ compact: String) -> PackValue? {
        Array(compact.utf8).withUnsafeBufferPointer(PackValue.init(compact:))
    }

    @Test(
        "is read as what it was written from",
        arguments: [
            "{}", "[]", "{a: 1, b: [true, false, null, 'x'], 'ü': {c: '日本 {brand}:'}}",
            "{n: -7, f: 0.25, big: 1e20, z: 0}",
            TestPack.json5,
        ])
    func roundTrip(json5: String) throws {
        let value = try PackValue(json5: json5)
        #expect(decoded(value.compact) == value)
    }

    @Test("is the same whatever order and comments its text has")
    func canonical() throws {
        #expect(try PackValue(json5: "{b: 1, a: 2}").compact == PackValue(json5: "{/* c */ a: 2, b: 1,}").compact)
    }

    @Test("is refused where it is cut off or has more than it says, and never crashes")
    func nonsense() throws {
        let compact = Array(try PackValue(json5: TestPack.json5).compact.utf8)
        for length in 0..<compact.count {
            #expect(compact.prefix(length).withContiguousStorageIfAvailable(PackValue.init(compact:)) == .some(nil))
        }
        #expect(decoded("t1:ab") == nil)
        for text in ["t9999999999999999999:", "l5:", "o1:1:a", "q0:", "n:", "n-:", "t-1:"] { _ = decoded(text) }
    }
}
