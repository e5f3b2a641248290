// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser
internal import SpeakCode
internal import SpeakCodeEspeak
internal import SpeakCodePackTools

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// `speakcode voices new`: a pack to fill in.
struct VoicesNewCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new", abstract: "Write a voice pack to fill in, with what is known of the language.")

    @Argument(help: ArgumentHelp("The locale, a BCP 47 tag with a region such as mi-NZ.", valueName: "locale"))
    var locale: String

    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: ArgumentHelp("The folder to write it into. (default: this one)", valueName: "folder"),
        completion: .directory)
    var folder = "."

    func run() async throws {
        guard let tag = LanguageTag(locale), tag.description == locale, tag.region != nil else {
            throw Failure.usage(
                "\(LanguageTag(locale).map { "\($0)" } ?? "the locale") must be a language and a region, such as mi-NZ")
        }
        let voices = try await EngineProcess.ofThisProgram.voices()
        let found = tag.lookup(in: voices.map(\.locale), allowingFallback: false)
        guard let voice = voices.first(where: { $0.locale == found }) else {
            throw Failure(
                EX_DATAERR,
                "eSpeak NG has no voice for \(tag); a pack can name the voice of a language that sounds like it, see "
                    + "docs/adding-a-language.md")
        }
        let path = folder == "." ? "\(tag).json5" : "\(folder)/\(tag).json5"
        let text = Array(NewPack(locale: tag, voice: voice).json5.utf8)
        // Nobody's work is written over.
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard file >= 0 else {
            throw Failure(
                errno == EEXIST ? EX_USAGE : EX_CANTCREAT,
                errno == EEXIST ? "\(path) is there already" : "\(path): \(String(cString: strerror(errno)))")
        }
        defer { close(file) }
        guard write(file, text, text.count) == text.count else {
            unlink(path)
            throw Failure(EX_IOERR, "\(path) could not be written: \(String(cString: strerror(errno)))")
        }
        print(
            """
            wrote \(path)
            1. Fill in what stands between empty quotation marks; docs/adding-a-language.md explains every key.
            2. Hear it:   speakcode voices hear \(path) phrases digits
            3. Check it:  speakcode voices check \(path)
            """)
    }
}
