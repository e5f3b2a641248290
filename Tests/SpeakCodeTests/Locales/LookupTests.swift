// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCode
import Testing

@Suite("The nearest voice for a language tag")
struct LookupTests {
    private func found(_ wanted: String, fallback: Bool = true) -> String? {
        LanguageTag(wanted)?.lookup(in: VoicePackCatalog.builtIn.locales, allowingFallback: fallback)?.description
    }

    @Test(
        "among the built-in ones",
        arguments: [
            ("zh-Hant-HK", "yue-HK"), ("zh-HK", "yue-HK"), ("zh-MO", "yue-HK"), ("zh-Hans-HK", "zh-CN"),
            ("zh", "zh-CN"),
            ("zh-Hant", "zh-TW"), ("zh-TW", "zh-TW"), ("cmn", "zh-CN"), ("yue", "yue-HK"),
            ("sr", "sr-RS"), ("sr-Latn", "sr-Latn-RS"), ("sr-Cyrl", "sr-RS"), ("sr-Latn-BA", "sr-Latn-RS"),
            ("sh", "sr-Latn-RS"),
            ("nb", "nb-NO"), ("no", "nb-NO"), ("nn-NO", "nb-NO"), ("pt", "pt-BR"), ("pt-AO", "pt-PT"),
            ("pt-BR", "pt-BR"),
            ("es-MX", "es-419"), ("es", "es-ES"), ("en-AU", "en-GB"), ("en", "en-US"), ("fr-LU", "fr-FR"),
            ("fr", "fr-FR"),
            ("de-LI", "de-CH"), ("de", "de-DE"), ("iw", "he-IL"), ("in", "id-ID"), ("tl", "fil-PH"), ("mo", "ro-RO"),
            ("en-CA", "en-US"), ("en-NZ", "en-GB"), ("en-MH", "en-US"), ("sr-ME", "sr-Latn-RS"),
            ("sr_RS@latin", "sr-Latn-RS"),
            ("zh-AU", "zh-TW"), ("zh-US", "zh-TW"), ("zh-ID", "zh-TW"), ("zh-SG", "zh-CN"), ("ca_ES@valencia", "ca-ES"),
            ("be_BY@latin", "be-BY"), ("it-CH", "it-IT"), ("eng", "en-US"), ("deu-AT", "de-AT"), ("ger", "de-DE"),
            ("zho-Hant", "zh-TW"), ("nor", "nb-NO"), ("arb", "ar-SA"), ("ar-EG", "ar-SA"), ("pes", "fa-IR"),
            ("zsm", "ms-MY"), ("swh", "sw-KE"),
        ])
    func builtIn(wanted: String, expected: String) {
        #expect(found(wanted) == expected)
    }

    @Test(
        "may be one that is understood, where that is allowed",
        arguments: [
            ("gsw", "de-CH"), ("gl", "es-ES"), ("fo", "da-DK"), ("br", "fr-FR"), ("tt", "ru-RU"), ("jv", "id-ID"),
        ])
    func kin(wanted: String, expected: String) {
        #expect(found(wanted) == expected)
        #expect(found(wanted, fallback: false) == nil)
    }

    @Test("is none for a language that nobody here understands", arguments: ["xh", "qaa", "tlh"])
    func none(wanted: String) {
        #expect(found(wanted) == nil)
    }
}
