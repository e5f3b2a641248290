// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser
internal import SpeakCodeLinks
internal import SpeakCodeService

/// `speakcode keys`: makes the service's keys.
struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Make keys for the service.",
        subcommands: [KeysNewCommand.self, KeysCallerCommand.self])
}

/// `speakcode keys new`.
struct KeysNewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: "Make a link key, a line for linkKeysFile.",
        discussion: """
            To rotate, put the new line below the old ones on every replica and reload; then move it to the top and reload; \
            and take the old line out when the last of its links has expired.
            """)

    func run() { print(LinkKey().text) }
}

/// `speakcode keys caller`.
struct KeysCallerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "caller", abstract: "Make an API key for a caller, a line for apiKeysFile.")

    @Argument(help: ArgumentHelp("The caller's name, which stands in logs.", valueName: "name"))
    var name: String

    func run() throws {
        let line = "\(name) \(LinkKey().text)"
        do { _ = try Caller(line: line) } catch {
            throw Failure.usage("a caller's name is 1 to 64 printable ASCII characters without spaces and colons")
        }
        print(line)
    }
}
