// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCode
import Testing

@testable import SpeakCodeLinks

@Suite("The sealed name of a placed call")
struct CallTicketTests {
    private static func ticket(_ use: CallTicket.Use, node: String = "a", gateway: String = "trunk") throws
        -> CallTicket
    {
        CallTicket(
            use, id: try #require(CallID(digest: Array(0..<32))), node: node, gateway: gateway,
            owner: [1, 2, 3, 4, 5, 6, 7, 8], webhook: 0xFFFF_FFFF, issued: 1_795_000_000, expires: 1_795_000_600)
    }

    @Test(
        "carries whose it is and where it lives", arguments: CallTicket.Use.allCases,
        ["", "n", "node-of-32-letters-and-more-here"])
    func carries(use: CallTicket.Use, node: String) throws {
        let ticket = try Self.ticket(use, node: node)
        let ring = LinkKeyring([LinkKey()])
        #expect(ring.open(try ring.seal(ticket), for: use) == ticket)
    }

    @Test("opens for its use alone, and on replicas that have the key alone")
    func uses() throws {
        let (key, ring) = (LinkKey(), LinkKeyring([LinkKey()]))
        for use in CallTicket.Use.allCases {
            let sealed = try LinkKeyring([key]).seal(try Self.ticket(use))
            #expect(LinkKeyring([LinkKey(), key]).open(sealed, for: use) != nil)
            #expect(ring.open(sealed, for: use) == nil)
            for other in CallTicket.Use.allCases where other != use {
                #expect(LinkKeyring([key]).open(sealed, for: other) == nil)
            }
        }
    }

    @Test("is no link, and a link is no name of a call")
    func apart() throws {
        let ring = LinkKeyring([LinkKey()])
        let name = try ring.seal(try Self.ticket(.call))
        #expect(ring.open(name) == nil)
        let announcement = Announcement(
            content: .gate(nil), locale: try #require(LanguageTag("en-US")), pacing: RequestedPacing(), readings: 1,
            longest: 60, issued: 1, expires: 2)
        let link = try ring.seal(announcement)
        for use in CallTicket.Use.allCases { #expect(ring.open(link, for: use) == nil) }
        // The first byte says what it is, and is authenticated with all else.
        var bytes = try #require(Base64URL.decode(name))
        bytes[0] = 1
        #expect(ring.open(Base64URL.encode(bytes)) == nil)
    }

    @Test("is the same length for gateways and nodes of any usual name")
    func length() throws {
        let ring = LinkKeyring([LinkKey()])
        let lengths = try [("", "t"), ("node-7", "telnyx-backup")].map { node, gateway in
            try ring.seal(try Self.ticket(.call, node: node, gateway: gateway)).utf8.count
        }
        #expect(Set(lengths).count == 1 && lengths.allSatisfy(LinkKeyring.lengths.contains))
    }

    @Test("has a UUID of version 8 that follows from a digest")
    func identifier() throws {
        let id = try #require(CallID(digest: [UInt8](repeating: 0xFF, count: 32)))
        #expect("\(id)" == "ffffffff-ffff-8fff-bfff-ffffffffffff")
        #expect(CallID(digest: [UInt8](repeating: 0, count: 15)) == nil)
        #expect(CallID(id.bytes) == id)
    }
}
