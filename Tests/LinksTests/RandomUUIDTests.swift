// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCodeLinks
import Testing

@Suite("A random UUID")
struct RandomUUIDTests {
    @Test("is one of version 4, whose other bits are all set as often as not")
    func version() {
        let bytes = (0..<2000).map { _ in withUnsafeBytes(of: UUID.random().uuid, Array.init) }
        #expect(Set(bytes).count == 2000)
        #expect(bytes.allSatisfy { $0[6] >> 4 == 4 && $0[8] >> 6 == 2 })
        for bit in 0..<128 where !(48..<52).contains(bit) && !(64..<66).contains(bit) {
            let set = bytes.count { $0[bit / 8] >> (7 - bit % 8) & 1 == 1 }
            // Eight standard deviations on each side.
            #expect(abs(set - 1000) < 180, "bit \(bit)")
        }
    }
}
