// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCode
import Testing

@Suite("A telephone number")
struct PhoneNumberTests {
    @Test(
        "loses the 0 that is dialled at home, where the country has one",
        arguments: [
            ("+81 090-1234-5678", "+819012345678"), ("+81 (0)3 1234 5678", "+81312345678"),
            ("+44 (0) 20 7946 0018", "+442079460018"), ("＋８１ ９０１２３４５６７８", "+819012345678"),
            ("+49.30/123456", "+4930123456"), ("+1 (202) 555-0123", "+12025550123"),
            // Italian numbers keep their 0 (the prefix is part of the number since 1998), and so do those of Ivory Coast.
            ("+39 06 1234 5678", "+390612345678"), ("+225 07 00 00 00 00", "+2250700000000"),
        ])
    func e164(written: String, dialled: String) throws {
        #expect(try PhoneNumber(written).e164 == dialled)
    }

    @Test(
        "tells the language of its country, or of its area in North America",
        arguments: [
            ("+819012345678", "ja-JP"), ("+819012345678 ", "ja-JP"), ("+12025550123", "en-US"),
            ("+17875550123", "es-PR"), ("+18095550123", "es-DO"), ("+33123456789", "fr-FR"), ("+41441234567", "de-CH"),
            ("+4612345678", "sv-SE"), ("+85212345678", "zh-Hant-HK"), ("+886912345678", "zh-Hant-TW"),
            ("+351912345678", "pt-PT"), ("+5511912345678", "pt-BR"), ("+77011234567", "ru-KZ"),
            ("+919812345678", "hi-IN"), ("+97221234567", "he-IL"), ("+821012345678", "ko-KR"),
        ])
    func locale(number: String, locale: String) throws {
        #expect(try PhoneNumber(number).locale.description == locale)
    }

    @Test(
        "is refused where it cannot be dialled from abroad",
        arguments: [
            ("09012345678", PhoneNumberError.noCountryCode), ("", .noCountryCode),
            ("0081 90 1234 5678", .noCountryCode),
            ("+81 90 CALL ME", .notANumber), ("+81;90", .notANumber), ("+", .unknownCountry),
            ("+999 12345", .unknownCountry),
            ("+81", .length), ("+81 1", .length), ("+8190123456789012", .length),
        ])
    func refusals(number: String, reason: PhoneNumberError) {
        let error = #expect(throws: PhoneNumberError.self) { try PhoneNumber(number) }
        #expect(error == reason)
        #expect(
            error?.description.contains { $0.isNumber && $0 != "8" && $0 != "1" && $0 != "6" && $0 != "5" } == false)
    }

    @Test("does not show itself")
    func secrecy() throws {
        let number = try PhoneNumber("+819012345678")
        #expect("\(number)" == "PhoneNumber(ja-JP)")
        #expect(String(reflecting: number) == "PhoneNumber(ja-JP)")
        #expect(Mirror(reflecting: number).children.isEmpty)
    }

    @Test("of every country finds a voice or the service's own, and never crashes", arguments: 1...999)
    func allBeginnings(code: Int) {
        let number = try? PhoneNumber("+\(code)212345678")
        #expect(number == nil || number?.e164.hasPrefix("+\(code)".prefix(2)) == true)
    }
}
