// SPDX-License-Identifier: GPL-3.0-or-later

public import ArgumentParser
internal import SpeakCode
internal import SpeakCodeAMR
public import SpeakCodeCorpus
internal import SpeakCodeEspeak
internal import SpeakCodeSndfile
internal import SpeakCodeSoxr

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// `speakcode corpus`: known codes over known lines, for those who test recognisers and lines.
struct CorpusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "corpus",
        abstract:
            "Make a folder of spoken codes over bad lines, with what is heard when, the same bytes for the same seed.",
        discussion: """
            speakcode corpus --codes 500 --locales en-US,de-DE --lines clean,ulaw,babble5,loss10 --seed 7 -o digits

            Lines are \(Line.names.joined(separator: ", ")), and several behind each other, such as babble5+ulaw. \
            A run that was interrupted goes on where it was. docs/testing-material.md tells of layouts and lines.
            """)

    static let counts = 1...100_000

    @Option(name: .long, help: ArgumentHelp("How many codes.", valueName: "n"))
    var codes = 100

    @Option(name: .long, help: ArgumentHelp("The symbols of a code, 1 to 32.", valueName: "n"))
    var length = 6

    @Flag(name: .long, help: "Of digits and letters, and not of digits alone.")
    var letters = false

    @Option(
        name: .long, help: ArgumentHelp("The languages, which take turns.", valueName: "tag,…"),
        completion: CompletionScript.locales)
    var locales = "en-US"

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Who reads, in turn: male, female, or a recorded voice's folder or name.",
            valueName: "name,…"
        ), completion: CompletionScript.speakers)
    var voices = "male"

    @Option(
        name: .long,
        help: ArgumentHelp("The lines, each of which every code goes over.", valueName: "name,…"),
        completion: CompletionScript.words(Line.names))
    var lines = "clean"

    @Option(name: .long, help: ArgumentHelp("How it is laid out.", valueName: "name"))
    var layout: CorpusPlan.Layout = .plain

    @Option(name: .long, help: ArgumentHelp("What all that is left to chance follows from.", valueName: "n"))
    var seed: UInt64 = 1

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Under which licence you give it away, as SPDX names it. (default: CC0-1.0, but where a recorded voice has another)",
            valueName: "name"))
    var licence: String?

    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: ArgumentHelp("The folder, a new one or that of a run which was interrupted.", valueName: "folder"),
        completion: .directory)
    var output: String

    @Flag(name: .shortAndLong, help: "Say nothing but errors.")
    var quiet = false

    func run() async throws {
        HangUp.shared.listen()
        let (lines, speakers) = (try checkedLines(), try await checkedSpeakers())
        let plan = CorpusPlan(
            codes: codes, length: length, hasLetters: letters, speakers: speakers.map(\.name),
            lines: lines.map(\.name), layout: layout, seed: seed,
            maker: speakCodeOrigin, licence: try checkedLicence(speakers))
        let folder = CorpusFolder(path: output)
        if try folder.begin(plan) == .whole {
            if !quiet { Terminal.say("\(output) is whole already") }
            return print(try folder.digestLine())
        }
        let reader = CodeReader(
            engine: EngineProcess.ofThisProgram, resampler: SoxrResampler(), encoder: SoundFileEncoder(),
            prefetch: .section, retry: .none)
        let maker = try await CorpusMaker(
            plan, speakers: speakers, lines: lines, reader: reader, coder: TelephoneCoders())
        try await make(maker, folder)
        print(try folder.digestLine())
    }

    private func checkedLines() throws(Failure) -> [Line] {
        guard Self.counts.contains(codes) else {
            throw .usage("--codes must be \(Self.counts.lowerBound) to \(Self.counts.upperBound)")
        }
        guard (1...VerificationCode.maximumLength).contains(length) else {
            throw .usage("--length must be 1 to \(VerificationCode.maximumLength)")
        }
        guard !output.isEmpty else { throw .usage("-o is empty; name a folder") }
        var made: [Line] = []
        for name in try Self.names(lines, "--lines") {
            do throws(LineError) { made.append(try Line(name)) } catch { throw .usage("--lines: \(error)") }
        }
        if made.contains(where: { $0.codecs.contains { $0.amrMode != nil } }), !AMRCoder.isInstalled {
            throw Failure(
                EX_UNAVAILABLE,
                "AMR needs libopencore-amrnb, which is not installed; `apt-get install libopencore-amrnb0`, or leave the line out"
            )
        }
        let files = codes * made.count * (layout == .fsdd ? length : 1)
        guard files <= Self.mostFiles else {
            throw .usage("--codes and --lines make \(files) files; \(Self.mostFiles) are the most")
        }
        return made
    }

    private static let mostFiles = 1_000_000

    /// Whoever records may not have given it away.
    private func checkedLicence(_ speakers: [CorpusSpeaker]) throws(Failure) -> String {
        let usual = "CC0-1.0"
        if licence == nil, let other = speakers.compactMap(\.pack.recordings).first(where: { $0.licence != usual }) {
            throw .usage(
                "--licence is missing, and a recorded voice is under \(other.licence); say which the corpus has")
        }
        let licence = licence ?? usual
        guard !licence.isEmpty, licence.allSatisfy({ $0.isASCII && !$0.isNewline }) else {
            throw .usage("--licence is one line, such as CC0-1.0")
        }
        return licence
    }

    private static func names(_ list: String, _ option: String) throws(Failure) -> [String] {
        let names = list.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard names.allSatisfy({ !$0.isEmpty }) else { throw .usage("\(option) has an empty name in it") }
        guard Set(names).count == names.count else { throw .usage("\(option) has a name twice") }
        return names
    }

    private func checkedSpeakers() async throws -> [CorpusSpeaker] {
        let (locales, voices) = (try Self.names(locales, "--locales"), try Self.names(voices, "--voices"))
        let search = PackSearch(catalog: .builtIn, isQuiet: quiet)
        var speakers: [CorpusSpeaker] = []
        var voiceOf: [String: String] = [:]
        for locale in locales {
            let pack = try await search.pack(for: locale)
            guard !letters || !pack.letters.isEmpty else {
                throw Failure.usage("--letters cannot be had in \(pack.locale), whose voice reads digits only")
            }
            for voice in voices {
                guard let spoken = try Self.pack(pack, spokenBy: voice) else { continue }
                let speaker = CorpusSpeaker(voice, speaking: spoken)
                guard let known = voiceOf.updateValue(voice, forKey: speaker.name) else {
                    speakers.append(speaker)
                    continue
                }
                // Two tags may be one language; two voices are two speakers.
                guard known == voice else {
                    throw Failure.usage("--voices has two that are both called \(speaker.name); rename one's folder")
                }
            }
        }
        guard !speakers.isEmpty else {
            throw Failure.usage("--voices has nobody who speaks \(locales.joined(separator: " or "))")
        }
        return speakers
    }

    /// - Returns: nil for a recorded voice of another language.
    private static func pack(_ pack: VoicePack, spokenBy voice: String) throws -> VoicePack? {
        if let gender = EngineVoice.Gender(rawValue: voice) {
            guard let spoken = pack.spoken(by: gender) else {
                throw Failure.usage(
                    "--voices \(voice) cannot be chosen for \(pack.locale), whose voice is one of your own")
            }
            return spoken
        }
        guard let recorded = try RecordedVoices.usual.voice(named: voice) else {
            throw Failure.usage("--voices takes female, male, or a recorded voice's folder or name")
        }
        return recorded.locale == pack.locale ? try recorded.pack(in: .builtIn) : nil
    }

    /// Makes what is not there yet, as many codes at once as there are processors.
    private func make(_ maker: CorpusMaker, _ folder: CorpusFolder) async throws {
        let progress = CorpusProgress(of: maker.plan.codes, isQuiet: quiet)
        let missing = (0..<maker.plan.codes).filter { !folder.has($0) }
        var rest = missing.makeIterator()
        progress.begin(with: maker.plan.codes - missing.count)
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                func addNext() {
                    guard let index = rest.next() else { return }
                    group.addTask { try await Self.make(index, maker, folder) }
                }
                for _ in 0..<max(1, sysconf(CInt(_SC_NPROCESSORS_ONLN))) { addNext() }
                while try await group.next() != nil {
                    progress.advance()
                    addNext()
                }
            }
        } catch {
            Terminal.clearLine()
            throw Failure(error) ?? Failure(EX_SOFTWARE, "\(error)")
        }
        Terminal.clearLine()
        try folder.finish(maker)
    }

    private static func make(_ index: Int, _ maker: CorpusMaker, _ folder: CorpusFolder) async throws {
        let (files, records) = try await maker.files(of: index)
        try folder.write(files, records, of: index)
    }
}

extension CorpusPlan.Layout: ExpressibleByArgument {}
