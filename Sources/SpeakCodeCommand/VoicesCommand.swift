// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser
internal import FoundationEssentials
internal import SpeakCode
internal import SpeakCodeEspeak

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// `speakcode voices`: the voice packs.
struct VoicesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "voices", abstract: "List the voice packs, check them, hear them, begin a new one.",
        subcommands: [
            VoicesListCommand.self, VoicesCheckCommand.self, VoicesHearCommand.self, VoicesNewCommand.self,
            VoicesScriptCommand.self,
        ], defaultSubcommand: VoicesListCommand.self)
}

/// `speakcode voices list`.
struct VoicesListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the voice packs (what voices does without a verb).")

    @Argument(help: ArgumentHelp("Only those whose locale or name contains this.", valueName: "filter"))
    var filter: String?

    @Option(name: .long, help: ArgumentHelp("A folder of voice packs over the built-in ones.", valueName: "folder"))
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
    }

    func run() async throws {
        let catalog = try voices.map(VoicePackCatalog.init(overlaidBy:)) ?? .builtIn
        let wanted = filter?.lowercased() ?? ""
        let entries = try catalog.packs().map { pack in
            Entry(
                locale: pack.locale.description, name: pack.name,
                voice: ([pack.voice.name] + [pack.voice.variant].compactMap(\.self)).joined(separator: "+"),
                styles: Set(pack.digits.keys).union(pack.letters.keys).sorted(), readsLetters: !pack.letters.isEmpty,
                checkedBy: pack.checkedBy)
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
    }

    private static func column(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }
}

/// `speakcode voices check`.
struct VoicesCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Ask the engine for every phrase and symbol, and tell what would not be understood.")

    @Argument(help: ArgumentHelp("Voice packs to check. (default: all that are built in)", valueName: "file"))
    var files: [String] = []

    @Option(name: .long, help: ArgumentHelp("A folder of voice packs over the built-in ones.", valueName: "folder"))
    var voices: String?

    @Flag(name: .long, help: "Print what was measured: lengths, levels, the digits that sound most alike.")
    var report = false

    @Flag(name: .long, help: "Print all of it as a Markdown document, the engine's other voices included.")
    var markdown = false

    func run() async throws {
        let catalog = try voices.map(VoicePackCatalog.init(overlaidBy:)) ?? .builtIn
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
