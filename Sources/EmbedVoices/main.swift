// SPDX-License-Identifier: GPL-3.0-or-later

// EmbedVoices packs OUTPUT FILE…: writes voice packs, in their compact form, into one Swift source file;
// EmbedVoices variants OUTPUT FILE…: writes variants of eSpeak NG's voices, without their comments.

internal import FoundationEssentials
internal import JSON5

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

let arguments = CommandLine.arguments.dropFirst()
guard let kind = arguments.first, ["packs", "variants"].contains(kind), let output = arguments.dropFirst().first else {
    print("usage: EmbedVoices packs|variants OUTPUT FILE…")
    exit(EX_USAGE)
}

/// A raw string literal, with as many number signs as the text itself never has in a row behind a quotation mark.
func rawLiteral(_ text: String) -> String {
    var fence = "#"
    while text.contains("\"" + fence) || text.contains("\\" + fence) { fence += "#" }
    return "\(fence)\"\(text)\"\(fence)"
}

/// One pack as a Swift tuple: its locale's subtags, from the file's name, and a raw string literal.
func entry(path: String) throws -> String {
    let file = path.split(separator: "/").last.map(String.init) ?? path
    let subtags = file.prefix { $0 != "." }.split(separator: "-").map(String.init)
    func literal(_ subtag: String?) -> String { subtag.map { "\"\($0)\"" } ?? "nil" }
    let script = subtags.dropFirst().first { $0.utf8.count == 4 }
    let region = subtags.dropFirst().first { (2...3).contains($0.utf8.count) }
    let document = JSON5Document(try String(contentsOfFile: path, encoding: .utf8))
    guard let compact = document.value?.compact, document.duplicate == nil else {
        let place = (document.broken?.position ?? document.duplicate?.position).map { ":\($0.line):\($0.column)" } ?? ""
        print("\(path)\(place): error: is not JSON5, or has a key twice; `speakcode voices check \(path)` says more")
        exit(EX_DATAERR)
    }
    return "        ((\"\(subtags[0])\", \(literal(script)), \(literal(region))), \(rawLiteral(compact))),\n"
}

/// One variant as a case of its name with its lines, without those that name it and those that nothing reads.
func variant(path: String) throws -> String {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").filter { line in
        !["//", "language ", "name ", "gender "].contains { line.hasPrefix($0) }
    }
    return "        case \"\(name)\": \(lines.map { $0 + "\n" }.joined().debugDescription)\n"
}

func source(of kind: String, _ files: ArraySlice<String>) throws -> String {
    guard kind == "packs" else {
        return """
            // Written by EmbedVoices from voices/.
            enum BuiltInVariants {
                /// The lines of a variant in `voices/`.
                static func lines(of name: String) -> String? {
                    switch name {
            \(try files.map(variant).joined())        default: nil
                    }
                }
            }

            """
    }
    return """
        // Written by EmbedVoices from voices/.
        enum BuiltInVoicePacks {
            typealias Subtags = (language: String, script: String?, region: String?)

            /// Locale and compact form of each pack in `voices/`, sorted by the files' names.
            static let sources: [(locale: Subtags, compact: StaticString)] = [
        \(try files.map(entry).joined())    ]
        }

        """
}

do {
    try Data(source(of: kind, arguments.dropFirst(2)).utf8).write(to: URL(filePath: output))
} catch {
    print("EmbedVoices: \(error)")
    exit(EX_IOERR)
}
