// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCode
import Synchronization
import Testing

@testable import SpeakCodeLinks

@Suite("The count of what a key has sealed")
struct SealCountTests {
    @Test("tells of each text, and warns each time that it has doubled, a ring that was read again included")
    func doubled() throws {
        let told = Mutex<[UInt32: Int]>([:])
        let warnings = Mutex<[Int]>([])
        let seals = SealCount(firstWarning: 4) { key in
            // Asked once for each key.
            told.withLock { #expect($0.updateValue(0, forKey: key.identifier) == nil) }
            return { told.withLock { $0[key.identifier, default: 0] += 1 } }
        } warn: { key, count in
            warnings.withLock { $0.append(count) }
        }
        let (old, new) = (LinkKey(), LinkKey())
        let announcement = Announcement(
            content: .gate(nil), locale: try #require(LanguageTag("en-US")), pacing: RequestedPacing(), readings: 1,
            longest: 60, issued: 1, expires: 2)
        for _ in 0..<17 { _ = try LinkKeyring([old], seals: seals).seal(announcement) }
        for _ in 0..<3 { _ = try LinkKeyring([new, old], seals: seals).seal(announcement, within: "a call") }
        #expect(told.withLock { $0 } == [old.identifier: 17, new.identifier: 3])
        #expect(warnings.withLock { $0 } == [4, 8, 16])
    }
}
