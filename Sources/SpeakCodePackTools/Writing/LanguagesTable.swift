// SPDX-License-Identifier: GPL-3.0-or-later

public import SpeakCode

/// `docs/languages.md`: what each language has and what was measured of it, as Markdown.
public struct LanguagesTable: Sendable {
    private let packs: [(pack: VoicePack, report: PackChecker.Report)]
    private let others: [(voice: ListedVoice, outcome: DigitsOnlyVoices.Outcome)]
    private let engine: String

    /// Puts together what was measured.
    ///
    /// - Parameters:
    ///   - packs: the packs and what was heard of each, in the order of their locales.
    ///   - others: the engine's other voices and what became of each.
    ///   - engine: names the engine, such as `eSpeak NG 1.51`.
    public init(
        packs: [(pack: VoicePack, report: PackChecker.Report)],
        others: [(voice: ListedVoice, outcome: DigitsOnlyVoices.Outcome)], engine: String
    ) {
        self.packs = packs
        self.others = others
        self.engine = engine
    }

    /// The document.
    public var markdown: String {
        let good = others.filter { if case .pack = $0.outcome { true } else { false } }
        let bad = others.filter { if case .pack = $0.outcome { false } else { true } }
        let example = good.first.map { "\($0.voice.locale)" } ?? "tag"
        return """
            # Languages

            <!-- Written by `scripts/languages`; a test holds it to what the engine says. Do not edit by hand. -->

            \(packs.count) locales have a voice pack, and \(good.count) more voices of \(engine) read digits well enough to be used without one.
            Every pack has passed `speakcode voices check`: no unit is silent or goes over into another language, no two symbols of a
            style have the same phonemes, every symbol lasts 0.1 to 2 s and every phrase 0.5 to 6 s. Whether it sounds right no checker
            hears. **Checked by** says who has; [adding-a-language.md](adding-a-language.md) says how to become that person.

            There is such a page for eSpeak NG [1.51](languages.md) (Debian 12), [1.52](languages-1.52.md) (Debian 13, Ubuntu 26.04)
            and [1.53](languages-1.53.md) (its source of August 2026). Whatever version is installed, what it cuts, says in another language or as
            another symbol is never spoken; `speakcode --version` names it, `speakcode voices check` tries all packs with it.

            **Heard back** by a recogniser: English only (README has the rates, `scripts/listen` counts again). In the packages of Debian 12 no
            recogniser was found that has a model of another language, so for all others the checker's phonemes are what there is.

            - **Digits**, **letters**: the styles; the usual one first. What a style says otherwise stands in brackets.
            - **You**: the register of the phrases, and the other one where there is one.
            - **Near**: the two digits of the usual style that sound most alike, and their distance (below 0.75: one sound that a bad
              line blurs; the words that might help are listed as styles).
            - **Symbols**, **phrases**: the shortest and the longest in seconds. **Warnings**: pairs of symbols that are near, nearly all of
              them letters' names (B, D, P, T); `icao` parts them.

            | Locale | Language | Voice | Digits | Letters | You | Near | Symbols | Phrases | Warnings | Checked by |
            |---|---|---|---|---|---|---|---|---|---|---|
            \(packs.map(row).joined(separator: "\n"))

            ## Digits only

            No pack, but digits that can be told apart: `--locale \(example)` reads the code and nothing else.

            | Locale | Voice | Near |
            |---|---|---|
            \(good.map(digitsOnlyRow).joined(separator: "\n"))

            ## Not understood

            These voices fail the checker; a language that is understood there is spoken in their place, or the service's own. A
            newer eSpeak NG that mends one is found without a change here.

            | Locale | Voice | What is wrong |
            |---|---|---|
            \(bad.map(faultRow).joined(separator: "\n"))

            """
    }

    private func row(_ pack: VoicePack, _ report: PackChecker.Report) -> String {
        let voice = ([pack.voice.name] + [pack.voice.variant].compactMap(\.self)).joined(separator: "+")
        let cells = [
            "\(pack.locale)", pack.name, "`\(voice)`", Self.styles(pack.digits, usual: pack.usualStyles.digits),
            Self.styles(pack.letters, usual: pack.usualStyles.letters, listsWords: false), Self.registers(pack),
            Self.near(report), Self.seconds(report.symbolDurations), Self.seconds(report.phraseDurations),
            "\(report.warnings.count)", pack.checkedBy,
        ]
        return "| " + cells.joined(separator: " | ") + " |"
    }

    private func digitsOnlyRow(_ voice: ListedVoice, _ outcome: DigitsOnlyVoices.Outcome) -> String {
        guard case .pack(let pack, let report) = outcome else { return "" }
        return "| \(pack.locale) | \(voice.name) `\(voice.identifier)` | \(Self.near(report)) |"
    }

    private func faultRow(_ voice: ListedVoice, _ outcome: DigitsOnlyVoices.Outcome) -> String {
        let reason =
            switch outcome {
            case .faults(let findings): Self.reasons(findings)
            case .failed(let error): error.message
            case .pack: ""
            }
        return "| \(voice.locale) | \(voice.name) `\(voice.identifier)` | \(reason) |"
    }

    /// One finding of each kind, and how many there are of it.
    private static func reasons(_ findings: [PackChecker.Finding]) -> String {
        PackChecker.Finding.Fault.allCases.compactMap { fault in
            let same = findings.filter { $0.fault == fault }
            guard let first = same.first else { return nil }
            let place = first.path.split(separator: ".").last ?? ""
            return "\(place): \(first.message)" + (same.count > 1 ? " (and \(same.count - 1) more)" : "")
        }.joined(separator: "; ").replacing("|", with: "\\|")
    }

    private static func styles(
        _ styles: [String: [CodeSymbol: VoicePack.Line]], usual: String, listsWords: Bool = true
    ) -> String {
        let names = [usual] + styles.keys.filter { $0 != usual }.sorted()
        return names.filter { styles[$0] != nil }.map { name in
            guard listsWords, name != VoicePack.standard, let lines = styles[name] else { return name }
            let words = lines.sorted { $0.key.index < $1.key.index }.map { "\($0.key.character) \($0.value.caption)" }
            return "\(name) (\(words.joined(separator: ", ")))"
        }.joined(separator: ", ")
    }

    private static func registers(_ pack: VoicePack) -> String {
        let names = [pack.register].compactMap(\.self) + pack.registers.keys.filter { $0 != pack.register }
        return names.isEmpty ? "–" : names.map(\.rawValue).joined(separator: ", ")
    }

    private static func near(_ report: PackChecker.Report) -> String {
        report.nearestDigits.map { "\($0.first)/\($0.second) \(hundredths($0.distance))" } ?? "–"
    }

    /// A range in seconds with two decimals.
    package static func seconds(_ range: ClosedRange<Duration>?) -> String {
        range.map { "\(hundredths($0.lowerBound / .seconds(1)))–\(hundredths($0.upperBound / .seconds(1)))" } ?? "–"
    }

    /// A number with two decimals at the most.
    package static func hundredths(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }
}
