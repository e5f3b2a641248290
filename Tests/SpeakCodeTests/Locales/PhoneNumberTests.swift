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
            // Digits, plus signs and dashes of other keyboards.
            ("+٨١ ٩٠ ١٢٣٤ ٥٦٧٨", "+819012345678"), ("＋８１ー９０ー１２３４－５６７８", "+819012345678"),
            ("﹢81\u{A0}90\u{202F}1234\u{3000}5678", "+819012345678"), ("(+81) 90–1234—5678", "+819012345678"),
        ])
    func e164(written: String, dialled: String) throws {
        #expect(try PhoneNumber(written).e164 == dialled)
    }

    @Test(
        "is read as address books give it: with marks that nobody sees, as a link, with an extension",
        arguments: [
            "\u{202A}+81 90-1234-5678\u{202C}", "\u{2066}+81\u{A0}90\u{2011}1234\u{2011}5678\u{2069}",
            "\u{200E}+\u{200E}819012345678", "\u{FEFF}+8190\u{AD}12345678\u{200F}", "\u{61C}+81\u{2060}9012345678",
            "tel:+81-90-1234-5678", "TEL:+81(90)1234.5678", "tel:%2B81%2090%201234%205678", " tel: +81 90 1234 5678",
            "tel:+81-90-1234-5678;ext=12", "tel:+819012345678;isub=1;phone-context=example.com",
            "+81 90 1234 5678;ext=12",
            "+81 90 1234 5678 x12", "+81 90 1234 5678 ext. 12", "+819012345678#12", "+819012345678,,12#",
            "+81 90 1234 5678 (Ext 12)",
        ])
    func addressBooks(written: String) throws {
        #expect(try PhoneNumber(written).e164 == "+819012345678")
    }

    @Test(
        "of an area with a language of its own tells that language",
        arguments: [
            // Québec; its neighbours speak English.
            ("+1 (418) 555-0123", "fr-CA"), ("+1 514 555 0123", "fr-CA"), ("+14505550123", "fr-CA"),
            ("+18195550123", "fr-CA"), ("+12635550123", "fr-CA"), ("+14385550123", "fr-CA"), ("+14165550123", "en-US"),
            ("+15065550123", "en-US"),
            // French and Italian Switzerland, also behind the 0 that is dialled at home; mobiles tell nothing.
            ("+41 22 555 01 23", "fr-CH"), ("+41 (0)21 555 01 23", "fr-CH"), ("+41 91 555 01 23", "it-CH"),
            ("+41 79 555 01 23", "de-CH"),
            // Brussels and Wallonia.
            ("+32 2 555 01 23", "fr-BE"), ("+32 4 222 01 23", "fr-BE"), ("+32 (0)81 55 01 23", "fr-BE"),
            ("+32 3 555 01 23", "nl-BE"), ("+32 470 55 01 23", "nl-BE"),
        ])
    func areas(number: String, locale: String) throws {
        #expect(try PhoneNumber(number).locale.description == locale)
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
            ("09012345678", PhoneNumberError.Reason.noCountryCode), ("", .noCountryCode),
            ("0081 90 1234 5678", .internationalPrefix), ("\u{200E}00819012345678", .internationalPrefix),
            ("tel:7042;phone-context=example.com", .noCountryCode), ("tel:", .noCountryCode), ("81", .noCountryCode),
            ("+81 90 CALL ME", .letters), ("+81901234x", .letters), ("+81 90 1234 5678 ext", .letters),
            ("+81 90 1234 5678 x²", .letters), ("+81 90 1234 567²", .notANumber), ("+八一90", .letters),
            ("+81 90 1234;ex t=1", .notANumber), ("+81+90", .notANumber), ("+81 90 1234 #", .notANumber),
            ("+81;90", .length), ("+", .unknownCountry),
            ("+999 12345", .unknownCountry),
            ("+81", .length), ("+81 1", .length), ("+8190123456789012", .length),
        ])
    func refusals(number: String, reason: PhoneNumberError.Reason) {
        let error = #expect(throws: PhoneNumberError.self) { try PhoneNumber(number) }
        #expect(error?.reason == reason)
        #expect(
            error?.description.contains { $0.isNumber && !"81650".contains($0) } == false)
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
