// SPDX-License-Identifier: GPL-3.0-or-later

internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Standard error as a person sees it: messages, and one live line below them.
enum Terminal {
    private static let isLineShown = Mutex(false)

    /// Whether somebody watches standard error.
    static var isWatched: Bool { isatty(STDERR_FILENO) == 1 }

    /// Says one line, with the command's name before it.
    static func say(_ message: String) {
        clearLine()
        write("speakcode: \(message)\n")
    }

    /// Shows the live line in place of the one before.
    static func showLine(_ text: String) {
        isLineShown.withLock { $0 = true }
        write("\r\u{1B}[K\(text)")
    }

    /// Takes the live line away.
    static func clearLine() {
        let wasShown = isLineShown.withLock { shown in
            defer { shown = false }
            return shown
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
