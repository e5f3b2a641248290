// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCode
import SpeakCodePackTools
import Testing

@Suite
struct RecordingScriptTests {
    private static let french = try? VoicePackCatalog.builtIn.pack(for: "fr-FR")

    /// People record by these names, and programs cut by them: they stay as they are.
    @Test func theLinesOfAPackKeepTheirNamesAndTheirOrder() throws {
        let script = try RecordingScript(of: #require(Self.french))
        let names = script.lines.map(\.name.text)
        #expect(
            names.filter { $0.hasPrefix("phrases/") } == [
                "phrases/bridge", "phrases/closing", "phrases/counted-digits-10", "phrases/counted-digits-4",
                "phrases/counted-digits-5", "phrases/counted-digits-6", "phrases/counted-digits-7",
                "phrases/counted-digits-8", "phrases/counted-digits-9", "phrases/gate", "phrases/opening",
                "phrases/renewed", "phrases/validity-minutes-1", "phrases/validity-minutes-10",
                "phrases/validity-minutes-15",
                "phrases/validity-minutes-2", "phrases/validity-minutes-3", "phrases/validity-minutes-30",
                "phrases/validity-minutes-5", "phrases/informal/counted-digits-10",
                "phrases/informal/counted-digits-4", "phrases/informal/counted-digits-5",
                "phrases/informal/counted-digits-6", "phrases/informal/counted-digits-7",
                "phrases/informal/counted-digits-8", "phrases/informal/counted-digits-9", "phrases/informal/gate",
                "phrases/informal/opening",
            ])
        #expect(
            Array(names.suffix(20)) == (0...9).map { "digits/standard/\($0)-continuing" }
                + (0...9).map { "digits/standard/\($0)-falling" })
        #expect(names.count == 48, "nothing else is to be recorded")
        let seven = try #require(script.lines.first { $0.name.text == "digits/standard/7-falling" })
        #expect(seven.caption == "sept" && seven.ending == .falling && seven.utterance.ending == ".")
        let counted = try #require(script.lines.first { $0.name.text == "phrases/counted-digits-6" })
        #expect(counted.caption == "Votre code de vérification à 6 chiffres est le suivant :")
        #expect(counted.ending == .sentence)
    }

    @Test(arguments: [
        (["letters.icao"], 52, "letters/icao/A-continuing"), (["digits.standard.7"], 2, "digits/standard/7-continuing"),
        (["phrases.opening"], 1, "phrases/opening"), (["registers.informal.gate"], 1, "phrases/informal/gate"),
    ])
    func placesSayWhatIsRecorded(places: [String], count: Int, first: String) throws {
        let script = try RecordingScript(of: #require(Self.french), places: places)
        #expect(script.lines.count == count)
        #expect(script.lines.first?.name.text == first)
    }

    @Test func aPlaceThatIsNotThereIsRefused() throws {
        let pack = try #require(Self.french)
        #expect(throws: ScriptError(.nothingThere(pack.locale))) { try RecordingScript(of: pack, places: ["verses"]) }
    }

    /// Two sounds under one name would be one file.
    @Test(arguments: VoicePackCatalog.builtIn.locales)
    func everySoundOfAPackHasANameOfItsOwn(locale: LanguageTag) throws {
        let pack = try VoicePackCatalog.builtIn.pack(for: locale.description)
        let units = Set(pack.units)
        #expect(Set(units.map { RecordingName(of: $0).text.lowercased() }).count == units.count)
    }

    /// Names of phrases and values are an operator's: none of them leads out of the folder, or to another's file.
    @Test(arguments: [
        ("../../etc/passwd", "phrases/%2E%2E%2F%2E%2E%2Fetc%2Fpasswd"), ("a-b", "phrases/a%2Db"),
        ("é", "phrases/%C3%A9"), ("informal/opening", "phrases/informal%2Fopening"),
    ])
    func aPhrasesNameStaysInsideItsFolder(name: String, written: String) {
        #expect(RecordingName(of: .phrase(Phrase(name))).text == written)
    }
}
