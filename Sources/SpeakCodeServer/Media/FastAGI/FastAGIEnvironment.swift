// SPDX-License-Identifier: GPL-3.0-or-later

/// What Asterisk says of a call before it takes commands: lines of `name: value` until an empty one.
struct FastAGIEnvironment: Sendable {
    /// The most lines and bytes that are waited for; Asterisk sends about 30 lines, and one for each argument.
    static let mostLines = 256
    static let mostBytes = 65_536

    private var script = ""
    private var argument = ""
    private var lines = 0
    private var bytes = 0

    /// Takes a line, without its end.
    ///
    /// - Returns: false where it is one too many.
    mutating func take(_ line: some StringProtocol) -> Bool {
        lines += 1
        bytes += line.utf8.count
        guard lines <= Self.mostLines, bytes <= Self.mostBytes else { return false }
        if let value = Self.value(of: "agi_network_script", in: line) { script = value }
        if let value = Self.value(of: "agi_arg_1", in: line) { argument = value }
        return true
    }

    /// Where the call's link may be: behind the address, or as the first argument.
    var candidates: [Substring] {
        [script, argument].compactMap { text in
            // Of a query nothing is wanted, nor of folders before the link, nor of a whole address as an argument.
            text.prefix { $0 != "?" }.split(separator: "/").last
        }
    }

    private static func value(of name: String, in line: some StringProtocol) -> String? {
        guard line.hasPrefix(name + ":") else { return nil }
        return String(line.dropFirst(name.count + 1).drop { $0 == " " })
    }
}
