// SPDX-License-Identifier: GPL-3.0-or-later

public import ArgumentParser
internal import FoundationEssentials
public import SpeakCode
public import SpeakCodePackTools
internal import SpeakCodeSndfile
internal import SpeakCodeSoxr

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// `speakcode voices adopt`: recordings made into a voice.
struct VoicesAdoptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "adopt", abstract: "Make a voice of recordings: cut them, level them, check them.",
        discussion: """
            speakcode voices adopt takes --locale fr-FR --speaker "June" --licence CC0-1.0 -o voices/june
            speakcode voices adopt take.wav --labels take.txt --locale fr-FR --speaker "June" --licence CC0-1.0
            speakcode voices adopt --asterisk /usr/share/asterisk/sounds/fr_CA_f_June --fill engine -o voices/june

            `speakcode voices script fr-FR` prints the lines and the names of their files; docs/voices.md explains all of it.
            """)

    @Argument(
        help: ArgumentHelp(
            "A folder of WAV, FLAC or MP3 files named as the script says, or one long file.",
            valueName: "recordings"), completion: .file())
    var recordings: String?

    @Option(
        name: .long, help: ArgumentHelp("The locale that is spoken, such as fr-FR.", valueName: "tag"),
        completion: CompletionScript.locales)
    var locale: String?

    @Option(
        name: .long,
        help: ArgumentHelp("Of one long file: its labels, as Audacity exports them.", valueName: "file"),
        completion: .file(extensions: ["txt"]))
    var labels: String?

    @Option(
        name: .long, help: ArgumentHelp("A folder of Asterisk's prompts.", valueName: "folder"),
        completion: .directory)
    var asterisk: String?

    @Option(
        name: .long, help: ArgumentHelp("A folder of FreeSWITCH's prompts.", valueName: "folder"),
        completion: .directory)
    var freeswitch: String?

    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: ArgumentHelp(
            "The voice folder. (default: one of the locale's name among your voices)", valueName: "folder"),
        completion: .directory)
    var output: String?

    @Option(name: .long, help: ArgumentHelp("Who spoke.", valueName: "name"))
    var speaker: String?

    @Option(name: .long, help: "female or male.")
    var gender: EngineVoice.Gender?

    @Option(
        name: .long, help: ArgumentHelp("Under which licence the recordings may be used.", valueName: "name"))
    var licence: String?

    @Option(name: .long, help: ArgumentHelp("Where they come from.", valueName: "text"))
    var source: String?

    @Option(
        name: .long,
        help: "Who says the sentences that are not recorded: engine is eSpeak NG, none is nobody. (default: an error)")
    var fill: RecordedVoice.Fill?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "A program that is given a WAV file of one line and prints what it hears.", valueName: "command"))
    var recogniser: String?

    @Option(
        name: .long, parsing: .singleValue,
        help: ArgumentHelp(
            "A fault to take as it is: \(Adoption.Fault.acceptable.map(\.rawValue).joined(separator: ", ")); can be repeated.",
            valueName: "fault"))
    var accept: [Adoption.Fault] = []

    @Flag(name: .long, help: "Replace the voice folder that is there.")
    var replace = false

    @Option(name: .long, help: ArgumentHelp("A folder of voice packs over the built-in ones.", valueName: "folder"))
    var voices: String?

    func run() async throws {
        HangUp.shared.listen()
        let origin = try origin()
        let catalog = try voices.map(VoicePackCatalog.init(overlaidBy:)) ?? .builtIn
        let pack = try catalog.pack(for: origin.locale, allowingFallback: false)
        let folder = try VoiceFolder(path: target(pack), replacing: replace)
        let description = VoiceDescription(
            locale: pack.locale, speaker: origin.speaker, gender: gender ?? origin.gender, licence: origin.licence,
            date: Date.now.formatted(.iso8601.year().month().day()), source: source ?? origin.source,
            fill: fill ?? .nobody)

        let takes =
            try origin.layout.map { try Takes(promptsIn: origin.path, $0, of: pack) }
            ?? Takes(in: origin.path, labels: labels, of: pack)
        let missing = Adoption.missing(from: Set(takes.all.map(\.name)), of: pack, fill: fill)
        let adoption = try Adoption(of: takes.all, promptsAreCut: origin.layout != nil, resampler: SoxrResampler())
        var findings = missing.map { line in
            Adoption.Finding(
                fault: .missing, source: "\(line.name)", message: "is missing; say \"\(line.caption)\"")
        }
        findings += adoption.findings
        if let recogniser, findings.allSatisfy({ $0.fault != .silent }) {
            findings += try Recogniser(command: recogniser).findings(in: adoption.sounds, of: pack)
        }
        try refuse(findings.filter { !accept.contains($0.fault) })
        try folder.write(adoption.sounds, description)
        tell(of: adoption.sounds, folder, pack)
    }

    // MARK: Where recordings are

    private struct Origin {
        let path: String
        let layout: PromptLayout?
        let locale: String
        let speaker, licence: String
        let gender: EngineVoice.Gender?
        let source: String?
    }

    private func origin() throws(Failure) -> Origin {
        let given = [recordings, asterisk, freeswitch].compactMap(\.self)
        guard given.count == 1, let path = given.first, !path.isEmpty else {
            throw .usage(
                "name one place of recordings: a folder, a long file, --asterisk FOLDER or --freeswitch FOLDER")
        }
        guard labels == nil || recordings != nil else { throw .usage("--labels goes with one long file") }
        let layout: PromptLayout? = asterisk != nil ? .asterisk : freeswitch != nil ? .freeswitch : nil
        guard let layout else {
            guard let locale else { throw .usage("--locale is missing: the language that is spoken, such as fr-FR") }
            guard let speaker else { throw .usage("--speaker is missing: who spoke; it is kept in the voice folder") }
            guard let licence else {
                throw .usage(
                    "--licence is missing: under which the recordings may be used, such as CC0-1.0 or \"ours\"")
            }
            return Origin(
                path: path, layout: nil, locale: locale, speaker: speaker, licence: licence, gender: nil, source: nil)
        }
        // The folder that a link such as fr leads to tells more: fr_CA_f_June.
        let real = realpath(path, nil).map { pointer in
            defer { free(pointer) }
            return String(cString: pointer)
        }
        let told = PromptLayout.Origin(path: real ?? path)
        guard let locale = locale ?? told.locale?.description else {
            throw .usage("--locale is missing: \(path) does not tell which language its prompts speak")
        }
        let name = layout == .asterisk ? "Asterisk" : "FreeSWITCH"
        return Origin(
            path: path, layout: layout, locale: locale, speaker: speaker ?? told.speaker ?? "\(name)'s prompts",
            licence: licence ?? "as \(name)'s prompts: see the licence that they came with", gender: told.gender,
            source: "\(name)'s prompts, \(real ?? path)")
    }

    private func target(_ pack: VoicePack) throws(Failure) -> String {
        if let output {
            guard !output.isEmpty else { throw .usage("-o is empty; name a folder") }
            return output
        }
        guard let shelf = RecordedVoices.ownShelf else {
            throw .usage("there is no home to keep voices in; name a folder with -o")
        }
        return "\(shelf)/\(pack.locale)"
    }

    // MARK: What comes of it

    private func refuse(_ findings: [Adoption.Finding]) throws(Failure) {
        guard !findings.isEmpty else { return }
        for finding in findings { print(finding) }
        let missing = findings.count { $0.fault == .missing }
        let others = findings.count - missing
        var advice: [String] = []
        if missing > 0 {
            let isPhrase = findings.allSatisfy { $0.fault != .missing || $0.source.hasPrefix("phrases/") }
            advice.append(
                "\(missing) lines are missing: record them"
                    + (isPhrase ? ", or have eSpeak NG say them with --fill engine, or nobody with --fill none" : ""))
        }
        if others > 0 {
            advice.append("\(others) recordings are faulty: record them again, or take a fault as it is with --accept")
        }
        throw Failure(EX_DATAERR, advice.joined(separator: "; "))
    }

    private func tell(of sounds: [Adoption.Sound], _ folder: VoiceFolder, _ pack: VoicePack) {
        let rest = Adoption.missing(from: Set(sounds.map(\.name)), of: pack, fill: nil).count
        let said = rest == 0 ? "" : "; \(fill == .engine ? "eSpeak NG says" : "nobody says") \(rest) sentences"
        print("wrote \(folder.path): \(sounds.count) recordings\(said)")
        let name = folder.path.contains("/") ? folder.path : "./\(folder.path)"
        print("hear it:  speakcode voices hear \(name) digits")
        let template = rest > 0 && fill != .engine ? " --template \(VoicePack.codeOnly)" : ""
        print("use it:   speakcode 123456 --voice \(name)\(template)")
    }
}

extension EngineVoice.Gender: ExpressibleByArgument {}
extension RecordedVoice.Fill: ExpressibleByArgument {}

extension Adoption.Fault: ExpressibleByArgument {
    /// A fault that can be taken as it is.
    public init?(argument: String) {
        guard let fault = Self(rawValue: argument), Self.acceptable.contains(fault) else { return nil }
        self = fault
    }

    /// The faults that can be taken as they are.
    public static var allValueStrings: [String] { acceptable.map(\.rawValue) }
}
