// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser
internal import FoundationEssentials
internal import SpeakCode
internal import SpeakCodeEspeak
internal import SpeakCodePackTools

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// `speakcode voices`: the voice packs.
struct VoicesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "voices",
        abstract: "List the voice packs and recorded voices, check them, hear them, begin a new one, adopt recordings.",
        subcommands: [
            VoicesListCommand.self, VoicesCheckCommand.self, VoicesHearCommand.self, VoicesNewCommand.self,
            VoicesScriptCommand.self, VoicesAdoptCommand.self,
        ], defaultSubcommand: VoicesListCommand.self)
}

/// `speakcode voices list`.
struct VoicesListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the voice packs and the recorded voices (what voices does without a verb)."
    )

    @Argument(help: ArgumentHelp("Only those whose locale or name contains this.", valueName: "filter"))
    var filter: String?

    @Option(
        name: .long, help: ArgumentHelp("A folder of voice packs over the built-in ones.", valueName: "folder"),
        completion: .directory)
    var voices: String?

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    private struct Entry: Encodable {
        let locale: String
        let name: String
        let voice: String
        let styles: [String]
        let readsLetters: Bool
        let checkedBy: String
        let recordedVoices: [Recorded]
        let measured: [Measured]
    }

    /// How well a voice was heard, whether it is at hand or not.
    private struct Measured: Encodable {
        let voice: String
        let by: String
        let codes, clean, loss10: Int
        let isBetter: Bool

        init(_ row: MeasuredVoice) {
            voice = row.name ?? "eSpeak NG"
            (by, codes) = (MeasuredVoice.ear, MeasuredVoice.codes)
            (clean, loss10, isBetter) = (row.clean, row.lossy, row.isBetter)
        }
    }

    private struct Recorded: Encodable {
        let name: String
        let folder: String
        let speaker: String
        let gender: String?
        let licence: String
        let fill: String
        let heard: Heard?

        struct Heard: Encodable {
            let by: String
            let codes, right, engineRight: Int
        }

        init(_ voice: RecordedVoice) {
            (name, folder, speaker, licence) = (voice.name, voice.folder, voice.speaker, voice.licence)
            gender = voice.gender?.rawValue
            fill = voice.fill.rawValue
            heard = voice.heard.map {
                Heard(by: $0.by, codes: $0.codes, right: $0.right, engineRight: $0.engineRight)
            }
        }
    }

    func run() async throws {
        let catalog = try voices.map(VoicePackCatalog.init(overlaidBy:)) ?? .builtIn
        let wanted = filter?.lowercased() ?? ""
        let (recorded, faults) = RecordedVoices.usual.all()
        for fault in faults { Terminal.say("\(fault)") }
        let entries = try catalog.packs().map { pack in
            Entry(
                locale: pack.locale.description, name: pack.name,
                voice: ([pack.voice.name] + [pack.voice.variant].compactMap(\.self)).joined(separator: "+"),
                styles: Set(pack.digits.keys).union(pack.letters.keys).sorted(), readsLetters: !pack.letters.isEmpty,
                checkedBy: pack.checkedBy,
                recordedVoices: recorded.filter { $0.locale == pack.locale }.map(Recorded.init),
                measured: MeasuredVoice.all.filter { $0.locale == pack.locale.description }.map(Measured.init))
        }.filter {
            wanted.isEmpty || $0.locale.lowercased().contains(wanted) || $0.name.lowercased().contains(wanted)
        }
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return print(String(decoding: try encoder.encode(entries), as: UTF8.self))
        }
        guard !entries.isEmpty else {
            throw Failure.usage("no voice pack matches; `speakcode voices` lists them all")
        }
        for entry in entries {
            let letters = entry.readsLetters ? "" : ", digits only"
            print(
                Self.column(entry.locale, 8) + Self.column(entry.name, 26) + entry.styles.joined(separator: ", ")
                    + letters)
        }
        let voices = recorded.filter { voice in entries.contains { $0.locale == voice.locale.description } }
        if !voices.isEmpty { print("\nRecorded voices, for --voice:") }
        for voice in voices {
            print(
                Self.column("\(voice.locale)", 8) + Self.column(voice.name, 26) + Self.about(voice))
        }
        let better = entries.filter { $0.measured.contains(where: \.isBetter) }
        guard !better.isEmpty else { return }
        print(
            "\nHeard better than eSpeak NG's voice (docs/voices.md); of \(MeasuredVoice.codes) codes those that "
                + "\(MeasuredVoice.ear) writes down, on a clean line and with losses:")
        for entry in better {
            let told = entry.measured.filter { $0.isBetter || $0.voice == "eSpeak NG" }
            print(
                Self.column(entry.locale, 8)
                    + told.map { "\($0.voice) \($0.clean) and \($0.loss10)" }.joined(separator: "; "))
        }
    }

    /// Who speaks, and whether that is heard better than the engine's voice.
    private static func about(_ voice: RecordedVoice) -> String {
        let speaker = ([voice.speaker] + [voice.gender?.rawValue].compactMap(\.self)).joined(separator: ", ")
        guard let heard = voice.heard else {
            return speaker + (MeasuredVoice.of(voice)?.isBetter == true ? "; heard better, see below" : "")
        }
        let word = heard.right > heard.engineRight ? "better" : heard.right < heard.engineRight ? "worse" : "as well"
        return speaker + "; heard \(word): \(heard.right) of \(heard.codes) codes by \(heard.by), eSpeak NG's voice "
            + "\(heard.engineRight)"
    }

    private static func column(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }
}

/// `speakcode voices check`.
struct VoicesCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Ask the engine for every phrase and symbol, and tell what would not be understood.",
        discussion: "Of a voice folder every recording is read, and held against its pack.")

    @Argument(
        help: ArgumentHelp(
            "Voice packs or voice folders to check. (default: all packs that are built in)", valueName: "file"),
        completion: .file(extensions: ["json5"]))
    var files: [String] = []

    @Option(
        name: .long, help: ArgumentHelp("A folder of voice packs over the built-in ones.", valueName: "folder"),
        completion: .directory)
    var voices: String?

    @Flag(name: .long, help: "Print what was measured: lengths, levels, the digits that sound most alike.")
    var report = false

    @Flag(name: .long, help: "Print all of it as a Markdown document, the engine's other voices included.")
    var markdown = false

    func run() async throws {
        let catalog = try voices.map(VoicePackCatalog.init(overlaidBy:)) ?? .builtIn
        let folders = files.filter { RecordedVoice.isVoice($0) }
        guard folders.isEmpty else {
            guard folders.count == files.count, !markdown else {
                throw Failure.usage("voice folders are checked by themselves; name either packs or folders")
            }
            return try VoiceFolderCheck(catalog: catalog, wantsReport: report).run(folders)
        }
        let packs = files.isEmpty ? try catalog.packs() : try files.map(VoicePack.init(file:))
        let engine = EngineProcess.ofThisProgram
        let checker = PackChecker(engine: engine)
        let reports = try await Self.inOrder(packs) { pack throws(EngineError) in try await checker.report(on: pack) }
        var faults = 0
        if markdown {
            try await print(table(of: Array(zip(packs, reports)), catalog, engine), terminator: "")
            faults = reports.reduce(0) { $0 + $1.faults.count }
            guard faults == 0 else {
                let names = zip(packs, reports).filter { !$1.faults.isEmpty }.map { "\($0.0.locale)" }
                throw Failure(EX_DATAERR, "\(faults) faults in \(names.joined(separator: ", "))")
            }
            return
        }
        for (index, (pack, found)) in zip(packs, reports).enumerated() {
            let source = files.isEmpty ? "\(pack.locale)" : files[index]
            faults += found.faults.count
            // A pack inside the binary has the warnings that its makers knew of.
            let shown = files.isEmpty ? found.faults : found.findings
            for finding in shown {
                let line = pack.line(ofPath: finding.path).map { ":\($0)" } ?? ""
                print("\(source)\(line): \(finding.fault.isWarning ? "warning: " : "")\(finding)")
            }
            if !report, found.faults.isEmpty {
                let warnings = found.warnings.isEmpty ? "" : ", \(found.warnings.count) warnings"
                print("\(source): good, \(pack.units.count) units\(warnings)")
            }
        }
        if report { printReport(Array(zip(packs, reports))) }
        guard faults == 0 else {
            throw Failure(EX_DATAERR, "\(faults) faults; docs/adding-a-language.md says how to mend them")
        }
    }

    private func table(
        of packs: [(VoicePack, PackChecker.Report)], _ catalog: VoicePackCatalog, _ engine: EngineProcess
    ) async throws -> String {
        let voices = DigitsOnlyVoices(engine: engine)
        let others = try await voices.voices(beside: catalog.locales)
        let outcomes = try await Self.inOrder(others) { voice in await voices.outcome(of: voice) }
        return LanguagesTable(
            packs: packs.map { (pack: $0.0, report: $0.1) },
            others: zip(others, outcomes).map { (voice: $0, outcome: $1) },
            engine: "eSpeak NG \(try EspeakEngine.version())"
        ).markdown
    }

    /// Does something with each element, as many at a time as there are processors, and keeps their order.
    private static func inOrder<Element: Sendable, Made: Sendable>(
        _ elements: [Element], _ body: @escaping @Sendable (Element) async throws -> Made
    ) async throws -> [Made] {
        try await withThrowingTaskGroup(of: (Int, Made).self) { group in
            var made: [Int: Made] = [:]
            var next = elements.indices.makeIterator()
            func addNext() {
                guard let index = next.next() else { return }
                group.addTask { (index, try await body(elements[index])) }
            }
            for _ in 0..<max(1, ProcessInfo.processInfo.activeProcessorCount) { addNext() }
            while let (index, result) = try await group.next() {
                made[index] = result
                addNext()
            }
            return elements.indices.compactMap { made[$0] }
        }
    }

    /// Prints what was measured as a table, a pack a line.
    private func printReport(_ packs: [(VoicePack, PackChecker.Report)]) {
        let head = [
            "locale", "units", "symbols, s", "phrases, s", "levels, dBov", "nearest digits", "faults", "warnings",
        ]
        let rows = packs.map { pack, report in
            [
                "\(pack.locale)", "\(pack.units.count)", LanguagesTable.seconds(report.symbolDurations),
                LanguagesTable.seconds(report.phraseDurations),
                report.levels.map { "\(Int($0.lowerBound.rounded()))…\(Int($0.upperBound.rounded()))" } ?? "–",
                report.nearestDigits.map { "\($0.first)/\($0.second) at \(LanguagesTable.hundredths($0.distance))" }
                    ?? "–",
                "\(report.faults.count)", "\(report.warnings.count)",
            ]
        }
        let widths = head.indices.map { column in ([head] + rows).map { $0[column].count }.max() ?? 0 }
        for row in [head] + rows {
            let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            print(cells.joined(separator: "  "))
        }
    }
}
