// SPDX-License-Identifier: GPL-3.0-or-later

// embed-voices OUTPUT PACK…: writes voice packs, as they stand, into one Swift source file.

import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

let arguments = CommandLine.arguments.dropFirst()
guard let output = arguments.first else {
    print("usage: EmbedVoices OUTPUT PACK…")
    exit(EX_USAGE)
}

/// Locale, from the file's name, and text of one pack as a Swift tuple of raw string literals.
func entry(path: String) throws -> String {
    let file = path.split(separator: "/").last.map(String.init) ?? path
    let text = try String(contentsOfFile: path, encoding: .utf8)
    // As many number signs as the text itself never has in a row behind a quotation mark.
    var fence = "#"
    while text.contains("\"\"\"" + fence) || text.contains("\\" + fence) { fence += "#" }
    return "        (\"\(file.prefix(while: { $0 != "." }))\", \(fence)\"\"\"\n\(text)\n\"\"\"\(fence)),\n"
}

do {
    let entries = try arguments.dropFirst().map(entry).joined()
    let source = """
        // Written by EmbedVoices from voices/.
        enum BuiltInVoicePacks {
            /// Locale and JSON5 text of each pack in `voices/`, sorted by locale.
            static let sources: [(locale: StaticString, json5: StaticString)] = [
        \(entries)    ]
        }

        """
    try Data(source.utf8).write(to: URL(filePath: output))
} catch {
    print("embed-voices: \(error)")
    exit(EX_IOERR)
}
