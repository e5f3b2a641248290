// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCode
import Testing

@testable import SpeakCodeLinks

@Suite("A sealed link")
struct SealedLinkTests {
    private static func announcement(
        _ code: String = "735198", pacing: RequestedPacing = RequestedPacing(), style: String? = nil
    ) throws -> Announcement {
        Announcement(
            content: .code(try VerificationCode(code), Wording(style: style)),
            locale: try #require(LanguageTag("ja-JP")), pacing: pacing, readings: 3, longest: 60,
            issued: 1_795_000_000, expires: 1_795_000_600)
    }

    @Test(
        "carries the whole announcement",
        arguments: ["0", "735198", "735 198", "AB-12-CD", "00000000000000000000000000000000"])
    func carries(code: String) throws {
        let pacing = RequestedPacing(preset: .adaptive, symbol: 700, group: 0, reading: 10_000, rate: 90)
        let announcement = try Self.announcement(code, pacing: pacing, style: "icao")
        let ring = LinkKeyring([LinkKey()])
        #expect(ring.open(try ring.seal(announcement))?.announcement == announcement)
    }

    @Test("carries the question for a key press without any code")
    func gate() throws {
        let gate = Announcement(
            content: .gate(.informal), locale: try #require(LanguageTag("en-US")), pacing: RequestedPacing(),
            readings: 1,
            longest: 60, issued: 1, expires: 2)
        let ring = LinkKeyring([LinkKey()])
        #expect(ring.open(try ring.seal(gate))?.announcement == gate)
    }

    @Test("carries whether it is read aloud or written", arguments: Delivery.all)
    func delivery(delivery: Delivery) throws {
        var announcement = try Self.announcement()
        announcement.delivery = delivery
        let ring = LinkKeyring([LinkKey()])
        #expect(ring.open(try ring.seal(announcement))?.announcement == announcement)
    }

    @Test(
        "carries who speaks, beside a call too", arguments: [nil] + EngineVoice.Gender.allCases,
        [nil, CallState(carrier: CallCarrier(2))])
    func speaker(gender: EngineVoice.Gender?, call: CallState?) throws {
        var announcement = try Self.announcement()
        (announcement.gender, announcement.call) = (gender, call)
        let ring = LinkKeyring([LinkKey()])
        #expect(ring.open(try ring.seal(announcement))?.announcement == announcement)
    }

    @Test(
        "carries the operator's name of a voice, beside a call too",
        arguments: [nil, CallState(carrier: CallCarrier(2))])
    func voice(call: CallState?) throws {
        var announcement = try Self.announcement("00000000000000000000000000000000", style: "icao")
        (announcement.voice, announcement.call) = ("a-name-of-20-letters", call)
        let ring = LinkKeyring([LinkKey()])
        #expect(ring.open(try ring.seal(announcement))?.announcement == announcement)
    }

    @Test(
        "to a call carries where the call is",
        arguments: [
            CallState(carrier: CallCarrier(1)), CallState(keys: [], carrier: CallCarrier(8), isGateAhead: true),
            CallState(keys: CallState.Keys(rawValue: 2), carrier: CallCarrier(31), isInOneLanguage: true),
        ])
    func call(terms: CallState) throws {
        var announcement = try Self.announcement()
        announcement.call = terms
        let ring = LinkKeyring([LinkKey()])
        #expect(ring.open(try ring.seal(announcement))?.announcement == announcement)
    }

    @Test("that follows from another is the same each time, and another for whatever else follows")
    func within() throws {
        let ring = LinkKeyring([LinkKey()])
        let (one, other) = (try Self.announcement("735198"), try Self.announcement("735199"))
        let sealed = try ring.seal(one)
        let inner = try ring.seal(one, within: sealed)
        #expect(try ring.seal(one, within: sealed) == inner && inner != sealed)
        #expect(ring.open(inner)?.announcement == one)
        // A nonce that was used for two texts would give both away: it is in the 12 bytes behind the head.
        let nonces = try [
            inner, ring.seal(other, within: sealed), ring.seal(one, within: try ring.seal(one)),
            LinkKeyring([LinkKey()]).seal(one, within: sealed),
        ].map { try #require(Base64URL.decode($0))[5..<17] }
        #expect(Set(nonces).count == 4)
    }

    @Test("of the second version still says what it said")
    func secondVersion() throws {
        // As version 2 wrote it: all that this one writes but the call, for which there are only zeros.
        var record = AnnouncementRecord.encode(try Self.announcement())
        #expect(record[0] == 3)
        record[0] = 2
        let announcement = try #require(AnnouncementRecord.decode(record))
        #expect(announcement == (try Self.announcement()) && announcement.call == nil)
    }

    @Test("of the first version still says what it said")
    func firstVersion() throws {
        // Made by the encoder of version 1 of `{"code":"0-1","locale":"ja-JP","style":"icao"}`; it has no live code in it.
        var record: [UInt8] = [1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 3, 0, 60, 5]
        record += "ja-JP\0".utf8
        record += [UInt8](repeating: 0xFF, count: 8)
        record += "\u{3}0-1\u{4}icao\0".utf8
        record += [UInt8](repeating: 0, count: 64 - record.count)
        let announcement = try #require(AnnouncementRecord.decode(record))
        #expect(announcement.content == .code(try VerificationCode("0-1"), Wording(style: "icao")))
        #expect(announcement.locale.description == "ja-JP" && announcement.second == nil)
        #expect(announcement.readings == 3 && announcement.longest == 60 && announcement.expires == 2)
    }

    @Test("is safe in a path for every fetcher")
    func alphabet() throws {
        let ring = LinkKeyring([LinkKey()])
        for _ in 0..<200 {
            let sealed = try ring.seal(try Self.announcement())
            #expect(sealed.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") })
        }
    }

    @Test("is as long for one digit as for thirty-two")
    func hidesLength() throws {
        let ring = LinkKeyring([LinkKey()])
        let lengths = try ["1", "1234", "12345678", String(repeating: "1", count: 32)].map {
            try ring.seal(try Self.announcement($0)).utf8.count
        }
        #expect(Set(lengths).count == 1)
    }

    @Test("is another each time, for the same announcement")
    func isFresh() throws {
        let ring = LinkKeyring([LinkKey()])
        let announcement = try Self.announcement()
        #expect(Set(try (0..<100).map { _ in try ring.seal(announcement) }).count == 100)
    }

    @Test("is refused with any one of its characters changed, dropped or doubled")
    func altered() throws {
        let ring = LinkKeyring([LinkKey()])
        let sealed = Array(try ring.seal(try Self.announcement()))
        for place in sealed.indices {
            var changed = sealed
            changed[place] = sealed[place] == "A" ? "B" : "A"
            #expect(ring.open(String(changed)) == nil)
            var shorter = sealed
            shorter.remove(at: place)
            #expect(ring.open(String(shorter)) == nil)
            var longer = sealed
            longer.insert(sealed[place], at: place)
            #expect(ring.open(String(longer)) == nil)
        }
    }

    @Test("is refused in another spelling of the same bytes", arguments: ["=", "==", "\n", " ", "%3D"])
    func spelling(tail: String) throws {
        let ring = LinkKeyring([LinkKey()])
        #expect(ring.open(try ring.seal(try Self.announcement()) + tail) == nil)
    }

    @Test("is base64 as RFC 4648 has it, in one spelling")
    func base64() {
        for count in 0..<70 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 37 + count) }
            let text = Data(bytes).base64EncodedString()
                .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
            #expect(Base64URL.encode(bytes) == text)
            #expect(Base64URL.decode(text) == bytes)
        }
        for text in ["A", "AB", "AAB", "AAAAA", "A+AA", "AA=="] { #expect(Base64URL.decode(text) == nil, "\(text)") }
    }

    @Test("is opened by every key of the ring, and sealed by the first")
    func rotation() throws {
        let (old, new) = (LinkKey(), LinkKey())
        let before = try LinkKeyring([old]).seal(try Self.announcement())
        let after = try LinkKeyring([new, old]).seal(try Self.announcement())
        #expect(LinkKeyring([new, old]).open(before) != nil)
        #expect(LinkKeyring([old, new]).open(after) != nil)
        #expect(LinkKeyring([old]).open(after) == nil)
        #expect(LinkKeyring([new]).open(before) == nil)
    }

    @Test(
        "keeps its key's text, and no other text is one",
        arguments: ["", "AAAA", "!", String(repeating: "A", count: 43)])
    func keys(text: String) throws {
        let key = LinkKey()
        let again = try LinkKey(text: " \(key.text)\t ")
        #expect(LinkKeyring([again]).open(try LinkKeyring([key]).seal(try Self.announcement())) != nil)
        #expect(throws: LinkKeyError.self) { try LinkKey(text: text) }
    }

    @Test(
        "has no key that anybody might try first",
        arguments: [
            [UInt8](repeating: 0, count: 32), [UInt8](repeating: 0x5A, count: 32), Array(0..<32),
            Array((100..<132).reversed()),
            Array("passwordpasswordpasswordpassword".utf8), (0..<32).map { UInt8($0 % 2) },
        ])
    func guessable(bytes: [UInt8]) {
        #expect(throws: LinkKeyError(.notRandom)) { try LinkKey(text: Data(bytes).base64EncodedString()) }
    }

    @Test("has a key that a source of randomness has made, whichever it makes")
    func random() {
        for _ in 0..<2000 { #expect(throws: Never.self) { try LinkKey(text: LinkKey().text) } }
    }

    @Test("shows neither code nor key when it is described")
    func isSecret() throws {
        let announcement = try Self.announcement()
        let key = LinkKey()
        var shown = "\(announcement) \(String(reflecting: announcement)) \(key) \(String(reflecting: key))"
        dump(announcement, to: &shown)
        dump(key, to: &shown)
        #expect(!shown.contains("735198") && !shown.contains(key.text))
    }
}
