// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCode
import Testing

@testable import SpeakCodeLinks

@Suite("A call's keys")
struct CallStateTests {
    private static let carrier = CallCarrier(1)

    private static func call(
        _ terms: CallState = CallState(carrier: carrier), second: String? = "de-DE",
        pacing: RequestedPacing = RequestedPacing()
    ) throws -> Announcement {
        Announcement(
            content: .code(try VerificationCode("735198"), Wording(register: .formal)),
            locale: try #require(LanguageTag("en-US")), second: second.flatMap { LanguageTag($0) }, pacing: pacing,
            readings: 3, longest: 60, issued: 1, expires: 2, call: terms)
    }

    @Test("do what was allowed, and nothing else", arguments: "0123456789*#ABCD٣")
    func allowed(key: Character) throws {
        #expect(try (Self.call().pressing(key) != nil) == "123".contains(key))
        #expect(try (Self.call(second: nil).pressing(key) != nil) == "12".contains(key))
        let slower = CallState.Keys(["slower"].compactMap(CallKey.named))
        #expect(try (Self.call(CallState(keys: slower, carrier: Self.carrier)).pressing(key) != nil) == (key == "2"))
        #expect(try Self.call(CallState(keys: [], carrier: Self.carrier)).pressing(key) == nil)
        #expect(
            try (Self.call(CallState(keys: [], carrier: Self.carrier, isGateAhead: true)).pressing(key) != nil)
                == (key == "1"))
    }

    @Test("have a name, a bit of the record and a key each, for good")
    func rows() {
        let bits = CallKey.all.map { CallState.Keys([$0]).rawValue }
        #expect(CallKey.all.map(\.name) == ["again", "slower", "language"] && bits == [1, 2, 4])
        #expect(CallKey.all.map(\.key) == ["1", "2", "3"])
    }

    @Test("are told by what they do")
    func listed() throws {
        #expect(try Self.call().keys == "123" && Self.call(second: nil).keys == "12")
        #expect(try Self.call(CallState(keys: [], carrier: Self.carrier)).keys.isEmpty)
        #expect(try Self.call(CallState(keys: [], carrier: Self.carrier, isGateAhead: true)).keys == "1")
    }

    @Test(
        "are sealed with what the call's link is for, behind each key too",
        arguments: CallCarrier.numbers.map { CallCarrier($0) })
    func carrier(carrier: CallCarrier) throws {
        let ring = LinkKeyring([LinkKey()])
        let call = try Self.call(CallState(carrier: carrier, isGateAhead: true, isInOneLanguage: true))
        let opened = try #require(ring.open(try ring.seal(call), for: .call(carrier))?.announcement)
        #expect(opened == call && opened.pressing("1")?.call?.carrier == carrier)
    }

    @Test("1 opens the gate, behind which is the code")
    func gate() throws {
        let call = try Self.call(CallState(carrier: Self.carrier, isGateAhead: true))
        #expect(call.heard.content == .gate(.formal) && call.heard.call == nil && call.heard.readings == 5)
        let opened = try #require(call.pressing("1"))
        #expect(
            opened.heard
                == {
                    var plain = call; plain.call = nil; return plain
                }())
    }

    @Test("2 makes the pauses longer once")
    func slower() throws {
        let slower = try #require(try Self.call().pressing("2"))
        #expect(slower.pacing.preset == .slow && slower.pressing("2") == slower)
        let asked = RequestedPacing(preset: .adaptive, symbol: 400, group: 9000, reading: nil, rate: 90)
        let doubled = try #require(try Self.call(pacing: asked).pressing("2")).pacing
        #expect(doubled == RequestedPacing(preset: .slow, symbol: 800, group: 10_000, reading: nil, rate: 90))
    }

    @Test("3 reads the other language alone, and then the first")
    func language() throws {
        let call = try Self.call()
        let other = try #require(call.pressing("3"))
        #expect(other.heard.locale.description == "de-DE" && other.heard.second == nil)
        let back = try #require(other.pressing("3"))
        #expect(back.heard.locale.description == "en-US" && back.heard.second == nil)
    }
}
