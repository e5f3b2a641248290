// SPDX-License-Identifier: GPL-3.0-or-later

import JSON5
import Testing

@Suite("The compact form of a pack")
struct JSON5ValueTests {
    private func decoded(_ compact: String) -> JSON5Value? {
        Array(compact.utf8).withUnsafeBufferPointer(JSON5Value.init(compact:))
    }

    @Test(
        "is read as what it was written from",
        arguments: [
            "{}", "[]", "{a: 1, b: [true, false, null, 'x'], 'ü': {c: '日本 {brand}:'}}",
            "{n: -7, f: 0.25, big: 1e20, z: 0}",
            TestPack.json5,
        ])
    func roundTrip(json5: String) throws {
        let value = try #require(JSON5Document(json5).value)
        #expect(decoded(value.compact) == value)
    }

    @Test("is the same whatever order and comments its text has")
    func canonical() throws {
        #expect(JSON5Document("{b: 1, a: 2}").value?.compact == JSON5Document("{/* c */ a: 2, b: 1,}").value?.compact)
    }

    @Test("is refused where it is cut off or has more than it says, and never crashes")
    func nonsense() throws {
        let compact = Array(try #require(JSON5Document(TestPack.json5).value).compact.utf8)
        for length in 0..<compact.count {
            #expect(compact.prefix(length).withContiguousStorageIfAvailable(JSON5Value.init(compact:)) == .some(nil))
        }
        #expect(decoded("t1:ab") == nil)
        for text in ["t9999999999999999999:", "l5:", "o1:1:a", "q0:", "n:", "n-:", "t-1:"] { _ = decoded(text) }
    }
}
