// SPDX-License-Identifier: GPL-3.0-or-later

internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Standard error as a person sees it: messages, and one live line below them.
enum Terminal {
    private static let shownLine = Mutex<String?>(nil)
    private static let saidLine = Mutex<String?>(nil)

    /// Whether somebody watches standard error.
    static var isWatched: Bool { isatty(STDERR_FILENO) == 1 }

    /// Whether a line can be rewritten there: not where `TERM` is missing or `dumb`, nor for who asks for plain text by
    /// `NO_COLOR` (no-color.org).
    private static let takesEscapes: Bool = {
        func value(_ name: String) -> String { getenv(name).map { String(cString: $0) } ?? "" }
        return isatty(STDERR_FILENO) == 1 && !["", "dumb"].contains(value("TERM")) && value("NO_COLOR").isEmpty
    }()

    /// Says one line, with the command's name before it.
    ///
    /// A message may quote a file's name or an argument, and those may have line breaks and a terminal's commands in them.
    static func say(_ message: String) {
        clearLine()
        let line = String(String.UnicodeScalarView(message.unicodeScalars.map { isControl($0) ? "\u{FFFD}" : $0 }))
        write("speakcode: \(line)\n")
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }

    /// Shows the live line in place of the one before.
    ///
    /// It is not wrapped: of a line that goes over two rows only the second can be taken away.
    ///
    /// - Parameters:
    ///   - text: the line.
    ///   - plain: what is said in its place where a line cannot be rewritten, once as long as it stays the same.
    static func showLine(_ text: String, plain: String) {
        guard takesEscapes else {
            let isNew = saidLine.withLock { said in
                defer { said = plain }
                return said != plain
            }
            if isNew { write("\(plain)\n") }
            return
        }
        let isNew = shownLine.withLock { shown in
            defer { shown = text }
            return shown != text
        }
        if isNew { write("\r\u{1B}[K\u{1B}[?7l\(text)\u{1B}[?7h") }
    }

    /// Takes the live line away.
    static func clearLine() {
        let wasShown = shownLine.withLock { shown in
            defer { shown = nil }
            return shown != nil
        }
        if wasShown { write("\r\u{1B}[K") }
    }

    /// Writes to standard error; a reader who is gone misses nothing.
    static func write(_ text: String) {
        try? ByteSink.standardError.write(Array(text.utf8)[...])
    }
}
