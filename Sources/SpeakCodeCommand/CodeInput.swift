// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCode
internal import SpeakCodeLinks

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Where the code comes from: the command line, standard input, or a person at the terminal.
enum CodeInput {
    /// The most bytes that are read: thirty-two symbols of four bytes with a space between each two, and to spare.
    private static let limit = 1024

    /// The code of a command line, its case kept.
    ///
    /// - Parameter words: what stands on the command line; several words are groups, `-` is standard input, none asks.
    /// - Throws: ``CodeError`` or ``Failure``; neither shows what was given.
    static func code(from words: [String]) throws -> VerificationCode {
        let isTerminal = isatty(STDIN_FILENO) == 1
        switch words {
        case ["-"]:
            return try VerificationCode(isTerminal ? ask() : line(from: STDIN_FILENO), keepingCase: true)
        case []:
            guard isTerminal, Terminal.isWatched else {
                throw Failure.usage("no code: give one, or - to read it from standard input")
            }
            return try VerificationCode(ask(), keepingCase: true)
        default:
            return try VerificationCode(words.joined(separator: " "), keepingCase: true)
        }
    }

    /// What an authenticator's app has been given.
    ///
    /// - Parameter path: a file, or `-` for standard input; it may be the secret itself by mistake, and is never shown.
    /// - Throws: ``Failure``, which names the field that is wrong and shows nothing.
    static func totp(from path: String) throws -> TOTP {
        let text: String
        if path == "-" {
            text =
                try isatty(STDIN_FILENO) == 1
                ? ask("The app's URI or secret") : line(from: STDIN_FILENO, totpLimit, what: "the URI")
        } else {
            let file = open(path, O_RDONLY | O_CLOEXEC)
            guard file >= 0 else {
                let reason = String(cString: strerror(errno))
                throw Failure(EX_NOINPUT, "--totp-uri names no file that can be read: \(reason)")
            }
            defer { close(file) }
            text = try line(from: file, totpLimit, named: "the file of --totp-uri", what: "the URI")
        }
        do {
            return try TOTP(text)
        } catch {
            throw Failure(EX_DATAERR, "\(error)")
        }
    }

    private static let totpLimit = TOTP.longestURI

    /// Asks at the terminal, without echo.
    private static func ask(_ what: String = "Code") throws -> String {
        var settings = termios()
        guard tcgetattr(STDIN_FILENO, &settings) == 0 else {
            throw Failure(EX_NOINPUT, "standard input cannot be read: \(String(cString: strerror(errno)))")
        }
        let usual = settings
        settings.c_lflag &= ~tcflag_t(ECHO)
        let farewell = HangUp.shared.onHangUp { restore(usual) }
        defer {
            restore(usual)
            HangUp.shared.forget(farewell)
            if Terminal.isWatched { Terminal.write("\n") }
        }
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings)
        if Terminal.isWatched { Terminal.write("\(what) (it is not shown): ") }
        return try line(from: STDIN_FILENO, totpLimit)
    }

    private static func restore(_ settings: termios) {
        var settings = settings
        tcsetattr(STDIN_FILENO, TCSANOW, &settings)
    }

    /// The first line; from a pipe or file, all there is, which must be one line.
    private static func line(
        from file: CInt, _ limit: Int = limit, named name: String = "standard input", what: String = "the code"
    ) throws -> String {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: limit)
        let isTerminal = isatty(file) == 1
        while bytes.count <= limit, !(isTerminal && bytes.contains(UInt8(ascii: "\n"))) {
            let count = read(file, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN {
                wait(for: POLLIN, on: file)
                continue
            }
            guard count >= 0 else {
                throw Failure(EX_NOINPUT, "\(name) cannot be read: \(String(cString: strerror(errno)))")
            }
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        // A byte order mark is how some editors begin UTF-8.
        if bytes.starts(with: "\u{FEFF}".utf8) { bytes.removeFirst(3) }
        let lines = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 1, omittingEmptySubsequences: false)
        let rest = lines.count > 1 ? lines[1] : []
        guard bytes.count <= limit, rest.allSatisfy({ $0 <= 0x20 }) else {
            throw Failure(EX_DATAERR, "\(name) must be one line with \(what) and nothing else")
        }
        return String(decoding: lines.first ?? [], as: UTF8.self)
    }
}
