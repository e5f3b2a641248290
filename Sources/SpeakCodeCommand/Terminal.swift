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

    /// Whether somebody watches standard error.
    static var isWatched: Bool { isatty(STDERR_FILENO) == 1 }

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
    static func showLine(_ text: String) {
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
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { posixWrite(STDERR_FILENO, $0.baseAddress, $0.count) }
            guard count > 0 || (count < 0 && errno == EINTR) else { return }
            rest = rest.dropFirst(max(0, count))
        }
    }

    private static func posixWrite(_ file: CInt, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
        #if canImport(Glibc)
            Glibc.write(file, bytes, count)
        #else
            Darwin.write(file, bytes, count)
        #endif
    }
}
