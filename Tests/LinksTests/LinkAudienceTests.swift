// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCode
import Testing

@testable import SpeakCodeLinks

@Suite("What a link is for")
struct LinkAudienceTests {
    private static let audiences: [LinkAudience] = [.audio] + CallCarrier.numbers.map { .call(CallCarrier($0)) }

    private static func announcement(for audience: LinkAudience) throws -> Announcement {
        var announcement = Announcement(
            content: .code(try VerificationCode("735198"), .usual), locale: try #require(LanguageTag("en-US")),
            pacing: RequestedPacing(), readings: 3, longest: 60, issued: 1, expires: 2)
        if case .call(let carrier) = audience { announcement.call = CallState(carrier: carrier) }
        return announcement
    }

    @Test("is all that the link opens", arguments: audiences)
    func own(audience: LinkAudience) throws {
        let ring = LinkKeyring([LinkKey()])
        let announcement = try Self.announcement(for: audience)
        for sealed in [try ring.seal(announcement), try ring.seal(announcement, within: "another")] {
            for other in Self.audiences {
                #expect((ring.open(sealed, for: other) != nil) == (audience == other), "\(other)")
            }
        }
    }

    @Test("is said in its record, whatever else the record says, or the link opens nothing", arguments: 0...255)
    func record(flags: UInt8) throws {
        var record = AnnouncementRecord.encode(try Self.announcement(for: .call(CallCarrier(1))))
        let whole = try #require(AnnouncementRecord.decode(record))
        // The one byte that tells of the call is found by what it does: bit 1 is the gate.
        let place = try #require(
            record.indices.first { place in
                var changed = record
                changed[place] ^= 2
                var gated = whole
                gated.call?.isGateAhead = true
                return AnnouncementRecord.decode(changed) == gated
            })
        record[place] = flags
        guard let read = AnnouncementRecord.decode(record) else {
            return #expect(flags & 1 == 0 || flags >> 3 == 0)
        }
        #expect(Self.audiences.count { $0 == read.audience } == 1)
        // No bit of a call may be left of what is to be audio.
        #expect((read.call == nil) == (flags == 0))
    }
}
