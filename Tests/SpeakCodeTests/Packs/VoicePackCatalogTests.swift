// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCode
import Testing

@Suite("The catalogue of voice packs")
struct VoicePackCatalogTests {
    /// Lets a test have a folder of its own that is gone behind it.
    private func withFolder(_ files: [String: String], _ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "packs-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in files {
            try Data(text.utf8).write(to: folder.appending(path: name))
        }
        try body(folder.path)
    }

    @Test("has every built-in pack, and each can be read", arguments: VoicePackCatalog.builtIn.locales)
    func builtIn(locale: LanguageTag) throws {
        let pack = try VoicePackCatalog.builtIn.pack(for: "\(locale)")
        #expect(pack.locale == locale)
        #expect(!pack.units.isEmpty)
    }

    @Test("has a pack for each file in voices/, built in as it stands")
    func everyFile() throws {
        let voices = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../voices")
        let files = try FileManager.default.contentsOfDirectory(atPath: voices.path).filter { $0.hasSuffix(".json5") }
        #expect(!files.isEmpty)
        #expect(VoicePackCatalog.builtIn.locales.map { "\($0).json5" } == files.sorted())
        for file in files {
            let onDisk = try VoicePack(file: voices.appending(path: file).path)
            #expect(try VoicePackCatalog.builtIn.pack(for: file.dropLast(6)).revision == onDisk.revision)
        }
    }

    @Test("finds a pack by the nearest locale", arguments: ["en", "en-US", "en_US.UTF-8", "EN-us"])
    func lookup(wanted: String) throws {
        #expect(try VoicePackCatalog.builtIn.pack(for: wanted).locale.description == "en-US")
    }

    @Test("puts an operator's folder over the built-in packs")
    func overlay() throws {
        let german = TestPack.json5.replacing("en-US\",\n", with: "de-LI\",\n").replacing("English", with: "German")
        try withFolder(["en-US.json5": TestPack.json5, "de-LI.json5": german, "README.md": "not a pack"]) { folder in
            let catalog = try VoicePackCatalog(overlaidBy: folder)
            #expect(try catalog.pack(for: "en-US").name == "English (tests)")
            #expect(try catalog.pack(for: "de-LI").name == "German (tests)")
            let builtIn = VoicePackCatalog.builtIn.locales.map(\.description)
            #expect(Set(catalog.locales.map(\.description)) == Set(builtIn + ["de-LI"]))
            #expect(catalog.locales.map(\.description) == catalog.locales.map(\.description).sorted())
        }
        #expect(try VoicePackCatalog.builtIn.pack(for: "en-US").name != "English (tests)")
    }

    @Test("names the file and the line of an operator's pack that is broken, when it is asked for, and no other")
    func brokenOverlay() throws {
        let broken = TestPack.json5.replacing("en-US\",\n", with: "qaa-ZZ\",\n").replacing("rate: 150", with: "rate: 7")
        try withFolder(["qaa-ZZ.json5": broken]) { folder in
            let catalog = try VoicePackCatalog(overlaidBy: folder)
            let error = #expect(throws: VoicePackError.self) { try catalog.pack(for: "qaa") }
            #expect(error?.description == "\(folder)/qaa-ZZ.json5:9: engine.rate: must be 80 to 450 words a minute")
            #expect(try catalog.pack(for: "en-US").locale.description == "en-US")
            #expect(throws: VoicePackError.self) { try catalog.packs() }
        }
    }

    @Test(
        "refuses a pack whose file's name is not its locale",
        arguments: ["en_US.json5", "english.json5", "EN-us.json5"])
    func wrongName(file: String) throws {
        try withFolder([file: TestPack.json5]) { folder in
            let error = #expect(throws: VoicePackError.self) { try VoicePackCatalog(overlaidBy: folder) }
            #expect(error?.description == "\(folder)/\(file): must be named by its locale, such as ja-JP.json5")
        }
        try withFolder(["fr-FR.json5": TestPack.json5]) { folder in
            let error = #expect(throws: VoicePackError.self) {
                try VoicePackCatalog(overlaidBy: folder).pack(for: "fr-FR")
            }
            #expect(
                error?.description
                    == "\(folder)/fr-FR.json5:3: locale: says en-US, so the file must be named en-US.json5")
        }
    }

    @Test("says that a folder or a file cannot be read")
    func unreadable() throws {
        let folder = #expect(throws: VoicePackError.self) { try VoicePackCatalog(overlaidBy: "/nowhere") }
        #expect(folder?.reason == .unreadable)
        #expect(folder?.description == "/nowhere: is not there")
        let file = #expect(throws: VoicePackError.self) { try VoicePack(file: "/nowhere/en-US.json5") }
        #expect(file?.reason == .unreadable)
        try withFolder(["en-US.json5": ""]) { folder in
            try Data([0x7B, 0xFF, 0xFE, 0x7D]).write(to: URL(filePath: folder).appending(path: "en-US.json5"))
            let error = #expect(throws: VoicePackError.self) { try VoicePack(file: "\(folder)/en-US.json5") }
            #expect(error?.description == "\(folder)/en-US.json5: cannot be read as UTF-8 text")
        }
    }

    @Test("reads a pack through a link, and waits for no pipe and reads no device or text without end")
    func notAFile() throws {
        try withFolder(["real": TestPack.json5]) { folder in
            let path = "\(folder)/en-US.json5"
            try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "real")
            #expect(try VoicePack(file: path).locale.description == "en-US")

            func refusal(of target: String) throws -> String? {
                try FileManager.default.removeItem(atPath: path)
                try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
                let error = #expect(throws: VoicePackError.self) { try VoicePack(file: path) }
                #expect(error?.source == path)
                #expect(error?.reason == .unreadable)
                return error?.problem
            }
            try #require(mkfifo("\(folder)/pipe", 0o600) == 0)
            for target in ["pipe", "/dev/zero", "/", "."] {
                #expect(try refusal(of: target) == "is not a regular file")
            }
            #expect(try refusal(of: "nowhere") == "is a link that leads nowhere")
            // As long as a pack may be, and one byte longer.
            for (more, problem) in [(0, nil), (1, "is larger than a voice pack, which has at most 1 MiB")] {
                let comment =
                    "//" + String(repeating: "x", count: VoicePack.longestFile - TestPack.json5.utf8.count - 3)
                let text = comment + String(repeating: "x", count: more) + "\n" + TestPack.json5
                try Data(text.utf8).write(to: URL(filePath: folder).appending(path: "long"))
                try FileManager.default.removeItem(atPath: path)
                try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "long")
                if let problem {
                    #expect(try refusal(of: "long") == problem)
                } else {
                    #expect(try VoicePack(file: path).locale.description == "en-US")
                }
            }
        }
    }

    @Test(
        "names what may have been meant where it has none, and nothing where nobody knows",
        arguments: [
            ("jp", "no voice speaks this language; JP is a country: for it there is ja-JP"),
            ("ua", "no voice speaks this language; UA is a country: for it there is uk-UA"),
            ("ch", "no voice speaks this language; CH is a country: for it there is de-CH, fr-CH"),
            ("ps", "no voice speaks this language"), ("xx", "no voice speaks this language"),
            ("tlh", "no voice speaks this language"), ("Englisch!", "is not a language tag; try en-US, "),
        ])
    func unknownLocale(wanted: String, problem: String) {
        let error = #expect(throws: VoicePackError.self) { try VoicePackCatalog.builtIn.pack(for: wanted) }
        #expect(error?.reason == .unknownLocale)
        #expect(error?.source == wanted)
        let said = error?.problem ?? ""
        #expect(problem.hasSuffix(" ") ? said.hasPrefix(problem) : said == problem, "\(said)")
    }
}
