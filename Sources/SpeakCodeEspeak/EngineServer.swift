// SPDX-License-Identifier: GPL-3.0-or-later

internal import CEspeakNG
internal import SpeakCode

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The other end of `EngineProcess`: one request in the arguments, one answer to standard output.
public enum EngineServer {
    /// Answers one request.
    ///
    /// A program calls it before anything else when its first argument is ``EngineProcess/argument``, and ends with the
    /// status that it returns.
    ///
    /// - Returns: 0 when there is an answer, be it an error; else a status of `sysexits.h`.
    public static func run() -> Int32 {
        #if os(Linux)
            // An engine whose service is gone has nobody to speak to.
            speakcode_die_with_parent()
        #endif
        guard let request = CommandLine.arguments.dropFirst(2).first else { return EX_USAGE }
        let answer: [UInt8]
        do throws(EngineError) {
            let request = try EngineRequest.decode(request)
            answer = EngineAnswer.encode(try EspeakEngine().speakNow(request.utterances, voice: request.voice))
        } catch {
            answer = EngineAnswer.encode(error)
        }
        return writeAll(answer) ? EX_OK : EX_IOERR
    }

    private static func writeAll(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
