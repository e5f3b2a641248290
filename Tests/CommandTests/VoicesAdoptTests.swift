// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCode
import SpeakCodePackTools
import SpeakCodeTesting
import TestSupport
import Testing

/// `speakcode voices adopt`, and what can be done with the voice that comes of it.
@Suite(.timeLimit(.minutes(10)))
struct VoicesAdoptTests {
    private static let french = try? VoicePackCatalog.builtIn.pack(for: "fr-FR")
    private static let who = "--locale fr-FR --speaker June --licence CC0-1.0 --gender female"
    /// The voices of whoever runs the tests are none of theirs, and there is no engine's data: what is recorded needs none.
    private static let noEngine = ["ESPEAK_DATA_PATH": "/nowhere", "HOME": "/nowhere", "XDG_DATA_HOME": "/nowhere"]

    /// Records lines as a person does, a file each.
    private static func record(
        _ places: [String], in folder: URL, speaker: FakeSpeaker = FakeSpeaker(),
        named name: (RecordingName) -> String = { "\($0)" }
    ) throws {
        for line in try RecordingScript(of: #require(french), places: places).lines {
            let file = folder.appending(path: name(line.name) + ".wav")
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(speaker.says("\(line.name)").wave(at: .hz16000)).write(to: file)
        }
    }

    /// Adopts phrases and digits.
    private static func lend(as folder: String, in shell: Shell) async throws {
        try record(RecordingScript.usualPlaces, in: shell.folder.appending(path: "takes"))
        let outcome = try await shell.bash("\"$speakcode\" voices adopt takes \(who) -o \(folder)")
        try #require(outcome.status == 0, "\(outcome.errors)\(outcome.text)")
    }

    @Test func aVoiceIsAdoptedHeardCheckedAndReadsACodeWithoutTheEngine() async throws {
        let shell = try Shell()
        defer { shell.remove() }
        try Self.record(RecordingScript.usualPlaces, in: shell.folder.appending(path: "takes"))
        let adopted = try await shell.bash(
            "\"$speakcode\" voices adopt takes \(Self.who) -o june", environment: Self.noEngine)
        #expect(adopted.status == 0, "\(adopted.errors)\(adopted.text)")
        #expect(adopted.text.contains("wrote june: 48 recordings\n"))
        #expect(shell.files == ["june", "takes"], "nothing is left behind")

        let spoken = try await shell.bash(
            "\"$speakcode\" 7193 --voice ./june -o x.wav --captions x.json --json", environment: Self.noEngine)
        #expect(spoken.status == 0, "\(spoken.errors)")
        let summary = try #require(try JSONSerialization.jsonObject(with: spoken.output) as? [String: Any])
        #expect(summary["locale"] as? String == "fr-FR" && summary["voice"] as? String == "june")
        #expect(summary["engine"] as? String == "recordings")
        #expect(abs(try #require(summary["activeLevel"] as? Double) + 22) < 1)
        #expect(try #require(summary["peak"] as? Double) <= -3)
        let captions = try #require(
            try JSONSerialization.jsonObject(with: Data(shell.bytes("x.json"))) as? [String: Any])
        let texts = (captions["cues"] as? [[String: Any]])?.compactMap { $0["text"] as? String } ?? []
        #expect(texts.first == "Votre code de vérification est le suivant :" && texts.contains("sept"))

        let check = try await shell.bash("\"$speakcode\" voices check june", environment: Self.noEngine)
        #expect(check.status == 0 && check.text.contains("june: good, 48 recordings"), "\(check.text)\(check.errors)")
        let report = try await shell.bash("\"$speakcode\" voices check --report june", environment: Self.noEngine)
        #expect(report.text.contains("speaker     June, female\n") && report.text.contains("licence     CC0-1.0\n"))
        let heard = try await shell.bash(
            "\"$speakcode\" voices hear ./june digits -o y.wav", environment: Self.noEngine)
        #expect(heard.status == 0, "\(heard.errors)")
        #expect(try shell.bytes("y.wav").count > 20 * 8000, "twenty digits")
        let again = try await shell.bash("\"$speakcode\" voices adopt takes \(Self.who) -o june")
        #expect(again.status == 73 && again.errors.contains("--replace"))
        let replaced = try await shell.bash("\"$speakcode\" voices adopt takes \(Self.who) -o june --replace")
        #expect(replaced.status == 0 && shell.files == ["june", "takes", "x.json", "x.wav", "y.wav"])
    }

    @Test func aLongRecordingIsCutAtItsLabels() async throws {
        let shell = try Shell()
        defer { shell.remove() }
        var samples: [Float] = []
        var labels = ""
        for line in try RecordingScript(of: #require(Self.french), places: ["digits"]).lines {
            let signal = FakeSpeaker().says("\(line.name)")
            let start = Double(samples.count) / 16_000
            samples += signal.samples
            labels += "\(start + 0.1)\t\(Double(samples.count) / 16_000 - 0.1)\t\(line.name)\n\\\t100\t200\n"
        }
        try Data(Signal(samples: samples, hertz: 16_000).wave(at: .hz16000)).write(
            to: shell.folder.appending(path: "take.wav"))
        try Data(labels.utf8).write(to: shell.folder.appending(path: "take.txt"))
        let outcome = try await shell.bash(
            "\"$speakcode\" voices adopt take.wav \(Self.who) --fill none -o june", environment: Self.noEngine)
        #expect(outcome.status == 0, "\(outcome.errors)\(outcome.text)")
        #expect(outcome.text.contains("20 recordings; nobody says 28 sentences"))
        let spoken = try await shell.bash("\"$speakcode\" 12 --voice ./june -o x.wav", environment: Self.noEngine)
        #expect(spoken.status == 65 && spoken.errors.contains("phrases/bridge, phrases/opening"))
        #expect(spoken.errorLines.count == 1 && !shell.exists("x.wav"))
        let bare = try await shell.bash(
            "\"$speakcode\" 12 --voice ./june --template code-only -o x.wav", environment: Self.noEngine)
        #expect(bare.status == 0, "\(bare.errors)")
        try Data("0.1\tx\tdigits/standard/1\n".utf8).write(to: shell.folder.appending(path: "take.txt"))
        let broken = try await shell.bash("\"$speakcode\" voices adopt take.wav \(Self.who) -o other")
        #expect(broken.status == 65 && broken.errors.contains("take.txt:1: must be a start and a later end"))
    }

    /// Two commands make a human voice of Asterisk's prompts: the sentence is the engine's.
    @Test(arguments: [
        ("asterisk", "fr_CA_f_June", "digits", "wav"), ("freeswitch", "fr/ca/june", "digits/8000", "wav"),
        ("freeswitch", "fr/ca/june", "digits/flac", "flac"),
    ])
    func aSwitchsPromptsAreAdopted(layout: String, folder: String, digits: String, ending: String) async throws {
        let shell = try Shell()
        defer { shell.remove() }
        var speaker = FakeSpeaker()
        speaker.silence = 0.02
        for digit in 0...9 {
            // What is in a file tells how it is read, and not its name.
            let file = shell.folder.appending(path: "\(folder)/\(digits)/\(digit).\(ending)")
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(speaker.says("\(digit)").wave(at: .hz16000)).write(to: file)
        }
        let missing = try await shell.bash("\"$speakcode\" voices adopt --\(layout) \(folder) -o june")
        #expect(missing.status == 65 && missing.errors.contains("--fill engine"))
        #expect(missing.text.contains("phrases/bridge: is missing; say \"Je répète"))
        #expect(!shell.exists("june"))
        let adopted = try await shell.bash("\"$speakcode\" voices adopt --\(layout) \(folder) --fill engine -o june")
        #expect(adopted.status == 0, "\(adopted.errors)\(adopted.text)")
        let text = String(decoding: try shell.bytes("june/voice.json5"), as: UTF8.self)
        #expect(
            text.contains("locale: \"fr-CA\"") && text.contains("speaker: \"June\"")
                && text.contains("fill: \"engine\""))
        #expect(text.contains("gender: \"female\"") == (layout == "asterisk"))
        let spoken = try await shell.bash("\"$speakcode\" 123456 --locale fr --voice ./june -o x.wav --json")
        #expect(spoken.status == 0, "\(spoken.errors)")
        #expect(spoken.text.contains("\"locale\":\"fr-CA\""))
    }

    /// Where Debian's prompts are installed, they come through the checks as they are.
    @Test(
        .enabled(if: FileManager.default.fileExists(atPath: "/usr/share/asterisk/sounds")),
        arguments: ["en_US_f_Allison", "es_MX_f_Allison", "fr_CA_f_June", "it_IT_m_Carlo", "ru_RU_f_IvrvoiceRU"])
    func debiansPromptsAreAdopted(folder: String) async throws {
        let prompts = "/usr/share/asterisk/sounds/\(folder)"
        guard FileManager.default.fileExists(atPath: prompts) else { return }
        let shell = try Shell()
        defer { shell.remove() }
        let adopted = try await shell.bash("\"$speakcode\" voices adopt --asterisk \(prompts) --fill engine -o voice")
        #expect(adopted.status == 0, "\(adopted.errors)\(adopted.text)")
        let spoken = try await shell.bash(
            "\"$speakcode\" 0123456789 --voice ./voice --template code-only -o x.wav --json --times 1",
            environment: Self.noEngine.filter { $0.key != "ESPEAK_DATA_PATH" })
        #expect(spoken.status == 0, "\(spoken.errors)")
        let summary = try #require(try JSONSerialization.jsonObject(with: spoken.output) as? [String: Any])
        #expect(abs(try #require(summary["activeLevel"] as? Double) + 22) < 1)
    }

    @Test(arguments: [
        ("", "name one place of recordings"), ("takes --locale fr-FR --licence x", "--speaker is missing"),
        ("takes --speaker x --licence x", "--locale is missing"),
        ("takes --locale fr-FR --speaker x", "--licence is missing"),
        ("nowhere --locale fr-FR --speaker x --licence x", "nowhere: "),
        ("takes --asterisk takes", "name one place of recordings"),
        ("takes --locale fr-FR --speaker x --licence x --labels y", "is a folder"),
        ("takes --locale fr-FR --speaker x --licence x --accept missing", "Please provide one of"),
        ("empty --locale fr-FR --speaker x --licence x", "has no WAV, FLAC or MP3 file"),
        ("stray --locale fr-FR --speaker x --licence x", "hello.wav is named as no line of the fr-FR script"),
        ("twice --locale fr-FR --speaker x --licence x", "is of the same line as"),
        ("noise --locale fr-FR --speaker x --licence x", "is not a sound file that can be read"),
        ("--asterisk empty --locale fr-FR", "is no folder of such prompts"),
        ("--asterisk empty", "--locale is missing"),
        ("takes --locale fr-FR --speaker x --licence x -o empty", "is there already and is no voice folder"),
    ])
    func whatCannotBeAdoptedIsRefusedInOneLine(arguments: String, problem: String) async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let files = [
            "takes/phrases/opening.wav", "stray/hello.wav", "twice/phrases/opening.wav", "twice/phrases-opening.wav",
        ]
        for file in files {
            let url = shell.folder.appending(path: file)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(FakeSpeaker().says(file).wave(at: .hz16000)).write(to: url)
        }
        for folder in ["empty", "noise/phrases"] {
            try FileManager.default.createDirectory(
                at: shell.folder.appending(path: folder), withIntermediateDirectories: true)
        }
        try Data("no sound".utf8).write(to: shell.folder.appending(path: "noise/phrases/opening.wav"))
        let output = arguments.contains("-o") ? "" : "-o june"
        let outcome = try await shell.bash("\"$speakcode\" voices adopt \(arguments) \(output)")
        #expect([64, 65, 66, 73].contains(outcome.status))
        #expect(outcome.errorLines.count == 1 && outcome.errors.contains(problem), "\(outcome.errors)")
        #expect(!shell.exists("june"))
    }

    @Test func aFaultIsNamedWithItsFileAndCanBeTakenAsItIs() async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let takes = shell.folder.appending(path: "takes")
        try Self.record(["digits"], in: takes) { "\($0)".replacing("/", with: "-") }
        var loud = FakeSpeaker().says("digits/standard/7-falling")
        loud.samples = loud.samples.map { max(-0.6, min(0.6, $0 * 4)) }
        try Data(loud.wave(at: .hz16000)).write(to: takes.appending(path: "digits-standard-7-falling.wav"))
        let refused = try await shell.bash("\"$speakcode\" voices adopt takes \(Self.who) --fill none -o june")
        #expect(refused.status == 65 && refused.errors.contains("1 recordings are faulty"))
        #expect(refused.text.hasPrefix("takes/digits-standard-7-falling.wav: is clipped"))
        #expect(refused.text.split(separator: "\n").count == 1 && !shell.exists("june"))
        let taken = try await shell.bash(
            "\"$speakcode\" voices adopt takes \(Self.who) --fill none -o june --accept clipped")
        #expect(taken.status == 0, "\(taken.errors)\(taken.text)")
    }

    /// A recogniser of the test's own, which hears by the order of the lines.
    @Test func aRecogniserHearsTheWrongWord() async throws {
        let shell = try Shell()
        defer { shell.remove() }
        try Self.record(["digits"], in: shell.folder.appending(path: "takes"))
        try shell.makeProgram("hears-well", "n=$(basename \"$1\" .wav); test -s \"$1\" && echo $((n / 2))")
        try shell.makeProgram("hears-five", "n=$(basename \"$1\" .wav); echo $((n == 14 ? 5 : n / 2))")
        let adopt = "\"$speakcode\" voices adopt takes \(Self.who) --fill none"
        let good = try await shell.bash("\(adopt) -o june --recogniser ./hears-well")
        #expect(good.status == 0, "\(good.errors)\(good.text)")
        let bad = try await shell.bash("\(adopt) -o other --recogniser ./hears-five")
        #expect(bad.status == 65 && !shell.exists("other"))
        #expect(
            bad.text.contains(
                "7-continuing.wav: the recogniser hears \"5\", which is nearer to \"cinq\" than to \"sept\""))
        let none = try await shell.bash("\(adopt) -o other --recogniser ./nothing-there 2>errors")
        #expect(none.status == 69)
    }

    @Test func aVoiceOfAnotherLanguageIsRefusedAndOneOfTheLanguageIsTaken() async throws {
        let shell = try Shell()
        defer { shell.remove() }
        try await Self.lend(as: "voices/speakcode/voices/june", in: shell)
        let shelf = Self.noEngine.merging(["XDG_DATA_HOME": shell.path("voices")]) { $1 }
        let list = try await shell.speakcode("voices", environment: shelf)
        #expect(list.text.contains("Recorded voices, for --voice:\nfr-FR   june"))
        for arguments in ["", "--locale fr", "--locale fr-CA", "--phone-number +33612345678"] {
            let outcome = try await shell.bash(
                "\"$speakcode\" 12 --voice june \(arguments) -o x.wav", environment: shelf)
            #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
        }
        let german = try await shell.bash("\"$speakcode\" 12 --voice june --locale de -o y.wav")
        #expect(german.status != 0)
        let refused = try await shell.bash(
            "\"$speakcode\" 12 --voice june --locale de -o y.wav",
            environment: shelf.filter { $0.key != "ESPEAK_DATA_PATH" })
        #expect(refused.status == 64 && refused.errors.contains("speaks fr-FR and not de-DE"))
        let rate = try await shell.bash("\"$speakcode\" 12 --voice june --rate 120 -o y.wav", environment: shelf)
        #expect(rate.status == 64 && rate.errors.contains("--rate changes eSpeak NG's voice"))
        let nowhere = try await shell.bash("\"$speakcode\" 12 --voice ./nowhere -o y.wav", environment: shelf)
        #expect(nowhere.status == 66 && nowhere.errors.contains("speakcode voices adopt"))
        #expect(!shell.exists("y.wav"))
    }
}
