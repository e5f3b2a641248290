// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser
internal import FoundationEssentials
internal import SpeakCode
internal import SpeakCodePackTools

/// `speakcode voices script`: what somebody who lends a voice reads aloud.
struct VoicesScriptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "script", abstract: "Print the lines that a person records to lend a voice.",
        discussion: """
            speakcode voices script fr-FR                                   phrases and digits, as a page to read from
            speakcode voices script fr-FR phrases digits letters            letters as well
            speakcode voices script fr-FR --format json > lines.json        for a program that speaks or cuts
            """)

    /// How the lines are printed.
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case md, csv, json
    }

    @Argument(
        help: ArgumentHelp("A voice pack's file, or the locale of a pack.", valueName: "pack"),
        completion: CompletionScript.locales)
    var pack: String

    @Argument(
        help: ArgumentHelp(
            "What is to be recorded, by its place in the pack. (default: phrases registers digits)",
            valueName: "place"))
    var places: [String] = []

    @Option(name: .long, help: ArgumentHelp("md, csv or json.", valueName: "name"))
    var format: Format = .md

    @Option(
        name: .long, help: ArgumentHelp("A folder of voice packs over the built-in ones.", valueName: "folder"),
        completion: .directory)
    var voices: String?

    func run() async throws {
        let catalog = try voices.map(VoicePackCatalog.init(overlaidBy:)) ?? .builtIn
        let pack =
            try pack.hasSuffix(".json5") ? VoicePack(file: pack) : catalog.pack(for: pack, allowingFallback: false)
        let script: RecordingScript
        do {
            script = try RecordingScript(of: pack, places: places.isEmpty ? RecordingScript.usualPlaces : places)
        } catch {
            throw Failure.usage(error.description)
        }
        switch format {
        case .md: print(script.markdown, terminator: "")
        case .csv: print(script.csv, terminator: "")
        case .json: print(try script.json())
        }
    }
}

extension RecordingScript {
    /// A page to read from.
    fileprivate var markdown: String {
        let rows = lines.enumerated().map { number, line in
            let caption = line.caption.replacing("\\", with: "\\\\").replacing("|", with: "\\|")
            return "| \(number + 1) | \(caption) | \(line.ending.advice) | `\(line.name)` |"
        }
        return """
            # \(pack.name), \(pack.locale): \(lines.count) lines to record

            Say each line by itself, calmly and clearly, at one distance, with half a second of silence before and behind it. Save
            it as WAV, FLAC or MP3 under its name, such as `\(lines[0].name).wav`; or record all of them in one file and label
            each with its name. Then: `speakcode voices adopt FOLDER --locale \(pack.locale)`.

            | | say | end | file |
            |---|---|---|---|
            \(rows.joined(separator: "\n"))

            """
    }

    /// RFC 4180, without the carriage returns.
    fileprivate var csv: String {
        func quoted(_ text: String) -> String { "\"" + text.replacing("\"", with: "\"\"") + "\"" }
        return "number,file,say,ending,locale\n"
            + lines.enumerated().map { number, line in
                "\(number + 1),\(line.name),\(quoted(line.caption)),\(line.ending.rawValue),\(pack.locale)\n"
            }.joined()
    }

    private struct Document: Encodable {
        let locale: String
        let name: String
        let lines: [Entry]

        struct Entry: Encodable {
            let number: Int
            let file: String
            let say: String
            let ending: String
            let kind: String
            let style: String?
            let symbol: String?
            let phrase: String?
            let register: String?
            let values: [String: String]?
            let engine: String?
            let engineVoice: String
        }
    }

    fileprivate func json() throws -> String {
        let entries = lines.enumerated().map { number, line in
            let engine = line.utterance.notation == .words ? line.utterance.text + line.utterance.ending : nil
            func entry(
                _ kind: String, style: String? = nil, symbol: String? = nil, phrase: Phrase? = nil
            ) -> Document.Entry {
                Document.Entry(
                    number: number + 1, file: line.name.text, say: line.caption, ending: line.ending.rawValue,
                    kind: kind, style: style, symbol: symbol, phrase: phrase?.name,
                    register: phrase?.register?.rawValue,
                    values: phrase.flatMap { $0.values.isEmpty ? nil : $0.values }, engine: engine,
                    engineVoice: pack.voice.name)
            }
            return switch line.unit {
            case .phrase(let phrase): entry("phrase", phrase: phrase)
            case .symbol(let symbol, let style, _):
                entry(symbol.isDigit ? "digit" : "letter", style: style, symbol: String(symbol.character))
            case .capital: entry("capital")
            }
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let document = Document(locale: pack.locale.description, name: pack.name, lines: entries)
        return String(decoding: try encoder.encode(document), as: UTF8.self)
    }
}

extension RecordingScript.Ending {
    /// What a reader does.
    fileprivate var advice: String {
        switch self {
        case .continuing: "more follows: the voice stays up"
        case .falling: "the last one: the voice falls"
        case .sentence: "as a sentence"
        }
    }
}
