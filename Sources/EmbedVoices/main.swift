// SPDX-License-Identifier: GPL-3.0-or-later

// embed-voices OUTPUT PACK…: writes voice packs, in their compact form, into one Swift source file.

internal import FoundationEssentials
internal import VoicePackTree

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

let arguments = CommandLine.arguments.dropFirst()
guard let output = arguments.first else {
    print("usage: EmbedVoices OUTPUT PACK…")
    exit(EX_USAGE)
}

/// One pack as a Swift tuple: its locale's subtags, from the file's name, and a raw string literal.
func entry(path: String) throws -> String {
    let file = path.split(separator: "/").last.map(String.init) ?? path
    let subtags = file.prefix { $0 != "." }.split(separator: "-").map(String.init)
    func literal(_ subtag: String?) -> String { subtag.map { "\"\($0)\"" } ?? "nil" }
    let script = subtags.dropFirst().first { $0.utf8.count == 4 }
    let region = subtags.dropFirst().first { (2...3).contains($0.utf8.count) }
    let compact: String
    do {
        compact = try PackValue(json5: String(contentsOfFile: path, encoding: .utf8)).compact
    } catch {
        // Not JSON5: the file is told of, with its line, by whoever reads it.
        print("\(path): error: is not JSON5; `speakcode voices check \(path)` names the line")
        throw error
    }
    // As many number signs as the text itself never has in a row behind a quotation mark.
    var fence = "#"
    while compact.contains("\"" + fence) || compact.contains("\\" + fence) { fence += "#" }
    return "        ((\"\(subtags[0])\", \(literal(script)), \(literal(region))), \(fence)\"\(compact)\"\(fence)),\n"
}

do {
    let entries = try arguments.dropFirst().map(entry).joined()
    let source = """
        // Written by EmbedVoices from voices/.
        enum BuiltInVoicePacks {
            typealias Subtags = (language: String, script: String?, region: String?)

            /// Locale and compact form of each pack in `voices/`, sorted by the files' names.
            static let sources: [(locale: Subtags, compact: StaticString)] = [
        \(entries)    ]
        }

        """
    try Data(source.utf8).write(to: URL(filePath: output))
} catch {
    print("embed-voices: \(error)")
    exit(EX_IOERR)
}
