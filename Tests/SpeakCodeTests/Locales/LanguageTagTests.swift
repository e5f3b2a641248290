// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCode
import Testing

@Suite("A language tag")
struct LanguageTagTests {
    @Test(
        "is written in canonical case",
        arguments: [
            ("ja", "ja"), ("JA-jp", "ja-JP"), ("en-us", "en-US"), ("ZH-HANT-TW", "zh-Hant-TW"), ("es-419", "es-419"),
            ("sr-latn", "sr-Latn"), ("de-CH-1996", "de-CH-1996"), ("SL-ROZAJ-BISKE", "sl-rozaj-biske"),
            ("ca-es-VALENCIA", "ca-ES-valencia"), ("yue", "yue"),
            // Extended languages are languages of their own; extensions and private use change no voice.
            ("zh-yue-HK", "yue-HK"), ("zh-cmn-Hans-CN", "cmn-Hans-CN"), ("en-US-u-ca-gregory", "en-US"),
            ("de-x-private", "de"),
        ])
    func canonicalCase(written: String, canonical: String) throws {
        let tag = try #require(LanguageTag(written))
        #expect(tag.description == canonical)
        #expect(LanguageTag(canonical) == tag)
    }

    @Test(
        "is taken from a POSIX locale's name",
        arguments: [
            ("ja_JP.UTF-8", "ja-JP"), ("en_US", "en-US"), ("de_DE@euro", "de-DE"), ("pt_BR.ISO8859-1@x", "pt-BR"),
            ("zh_Hant_TW.UTF-8", "zh-Hant-TW"), ("sr_RS@latin", "sr-Latn-RS"), ("sr_RS.UTF-8@latin", "sr-Latn-RS"),
            ("uz_UZ@cyrillic", "uz-Cyrl-UZ"), ("ca_ES@valencia", "ca-ES-valencia"), ("ca_ES.UTF-8@euro", "ca-ES"),
            ("sr_Cyrl_RS@latin", "sr-Cyrl-RS"),
        ])
    func posixNames(name: String, canonical: String) {
        #expect(LanguageTag(name)?.description == canonical)
    }

    @Test(
        "is none where an environment has no language",
        arguments: ["C", "C.UTF-8", "C.utf8", "POSIX", "POSIX.ISO-8859-1", "", "c", "C@euro"])
    func none(name: String) throws {
        #expect(LanguageTag.isNone(name))
        #expect(LanguageTag(name) == nil)
        #expect(try VoicePackCatalog.builtIn.pack(for: name).locale.description == "en-US")
    }

    @Test(
        "is not said to be none where something else is written",
        arguments: ["ca", "cs_CZ.UTF-8", "en", "xx", "C-x", "CC", "-", "../en-US", ".UTF-8", "@euro"])
    func some(name: String) {
        #expect(!LanguageTag.isNone(name))
    }

    @Test("has the parts that it was written with")
    func parts() throws {
        let tag = try #require(LanguageTag("zh-Hant-TW"))
        #expect(tag.language == "zh")
        #expect(tag.script == "Hant")
        #expect(tag.region == "TW")
        #expect(tag.variants == [])
        #expect(LanguageTag("de-DE-1996")?.variants == ["1996"])
    }

    @Test(
        "is not made of what is malformed",
        arguments: [
            "", "-", "e", "C", "POSIX", "C.UTF-8", "english-language", "en-", "-en", "en--US", "en US", "en/US",
            "../en",
            "12", "e1-US", "en-U", "en-US-GB", "en-Latn-Latn", "x-private", "i-klingon", "日本語", "ｅｎ", "en-\u{0}",
            "toolongsubtag-US", "en-toolongsubtag", "en-US-abc",
        ])
    func malformed(text: String) {
        #expect(LanguageTag(text) == nil)
    }

    @Test(
        "finds the best of those that there are",
        arguments: [
            // Exactly, and by shortening (RFC 4647, 3.4).
            ("ja-JP", ["en-US", "ja-JP"], "ja-JP"), ("de-CH-1996", ["de-CH", "de-DE"], "de-CH"),
            ("de-CH-1996", ["de-DE"], "de-DE"), ("en-US-x-tests", ["en-GB", "en-US"], "en-US"),
            ("zh-Hant-TW", ["zh-CN", "zh-Hant", "zh-TW"], "zh-Hant"),
            // A language alone finds its most usual region.
            ("ja", ["ja-JP"], "ja-JP"), ("en", ["en-GB", "en-US"], "en-US"), ("es", ["es-419", "es-ES"], "es-ES"),
            ("pt", ["pt-BR", "pt-PT"], "pt-BR"), ("zh", ["zh-CN", "zh-TW"], "zh-CN"), ("nb", ["nb-NO"], "nb-NO"),
            ("de", ["de-AT", "de-DE"], "de-DE"), ("fr", ["fr-CA", "fr-FR"], "fr-FR"),
            // Another region finds the one that speaks most like it.
            ("en-AU", ["en-GB", "en-US"], "en-GB"), ("en-IN", ["en-GB", "en-US"], "en-GB"),
            ("en-PH", ["en-GB", "en-US"], "en-US"), ("en-AU", ["en-US"], "en-US"),
            ("en-CA", ["en-GB", "en-US"], "en-US"),
            ("es-MX", ["es-419", "es-ES"], "es-419"),
            ("pt-AO", ["pt-BR", "pt-PT"], "pt-PT"), ("de-AT", ["de-DE"], "de-DE"), ("fr-CA", ["fr-FR"], "fr-FR"),
            // Scripts: what was asked for, or what does not say.
            ("zh-Hant-TW", ["zh-CN", "zh-TW"], "zh-TW"), ("zh-HK", ["zh-CN", "zh-TW"], "zh-TW"),
            ("zh-Hant", ["zh-CN", "zh-TW"], "zh-TW"), ("zh-Hans-SG", ["zh-CN", "zh-TW"], "zh-CN"),
            ("zh-Hant-TW", ["zh-CN"], "zh-CN"), ("sr-Latn", ["sr-Cyrl-RS", "sr-Latn-RS"], "sr-Latn-RS"),
            // The script that is usual in the region; another where that is all there is.
            ("sr-ME", ["sr-Latn-RS", "sr-RS"], "sr-Latn-RS"), ("sr-BA", ["sr-Latn-RS", "sr-RS"], "sr-RS"),
            ("sr-Cyrl-ME", ["sr-Latn-RS", "sr-RS"], "sr-RS"), ("sr-ME", ["sr-Cyrl-RS"], "sr-Cyrl-RS"),
            ("zh-AU", ["zh-CN", "zh-TW"], "zh-TW"), ("zh-Hans-AU", ["zh-CN", "zh-TW"], "zh-CN"),
            ("zh-US", ["zh-Hans-CN", "zh-Hant-TW"], "zh-Hant-TW"), ("zh-SG", ["zh-CN", "zh-TW"], "zh-CN"),
            ("zh-MY", ["zh-CN", "zh-TW"], "zh-CN"),
            // Nothing of the language, or nothing in the script.
            ("sr-Latn", ["sr-Cyrl-RS"], nil), ("ko", ["en-US", "ja-JP"], nil), ("en", [], nil), ("fr", ["fy-NL"], nil),
        ] as [(String, [String], String?)])
    func lookup(wanted: String, available: [String], found: String?) throws {
        let tags = available.compactMap { LanguageTag($0) }
        #expect(tags.count == available.count)
        let tag = try #require(LanguageTag(wanted))
        #expect(tag.lookup(in: tags)?.description == found)
        #expect(tag.lookup(in: tags.reversed())?.description == found, "the order of what there is does not matter")
    }
}
