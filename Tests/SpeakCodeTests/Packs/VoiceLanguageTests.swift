// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCode
import Testing

@Suite("A voice that is put in a pack's place")
struct VoiceLanguageTests {
    @Test(
        "may be of another region, and of no other language than the words",
        arguments: [
            ("en-US", "en-us", "en-gb", true), ("en-US", "en-us", "en-029", true), ("nb-NO", "nb", "no", true),
            ("zh-CN", "cmn-latn-pinyin", "cmn-latn-pinyin", true), ("sr-Latn-RS", "sr", "sr", true),
            ("mt-MT", "it", "it", true), ("mt-MT", "it", "mt", true), ("fil-PH", "id", "tl", true),
            ("en-US", "en-us", "de", false), ("fr-FR", "fr-fr", "ja", false), ("pt-BR", "pt-br", "es", false),
            ("mt-MT", "it", "en-us", false), ("zh-CN", "cmn-latn-pinyin", "cmn", false), ("nb-NO", "nb", "da", false),
            ("yue-HK", "yue", "cmn", false),
        ])
    func language(pack: String, own: String, voice: String, isRight: Bool) throws {
        let pack = try VoicePackCatalog.builtIn.pack(for: pack)
        let own = try #require(LanguageTag(own))
        let voice = try #require(LanguageTag(voice))
        #expect(pack.isSpoken(by: voice, asBy: own) == isRight)
    }
}
