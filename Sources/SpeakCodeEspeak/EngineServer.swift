// SPDX-License-Identifier: GPL-3.0-or-later

internal import CEspeakFork
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
        speakcode_harden()
        guard let request = CommandLine.arguments.dropFirst(2).first else { return EX_USAGE }
        let answer: [UInt8]
        do throws(EngineError) {
            guard request != EngineProcess.listing else {
                return write(EngineAnswer.encode(try EspeakLibrary().voices()))
            }
            if request.hasPrefix(EngineProcess.naming) {
                let name = String(request.dropFirst(EngineProcess.naming.count))
                return write(EngineAnswer.encode([try EspeakLibrary().voice(named: name)]))
            }
            let request = try EngineRequest.decode(request)
            answer = EngineAnswer.encode(try EspeakEngine().speakNow(request.utterances, voice: request.voice))
        } catch {
            answer = EngineAnswer.encode(error)
        }
        return write(answer)
    }

    private static func write(_ answer: [UInt8]) -> Int32 {
        guard let output = fdopen(STDOUT_FILENO, "w") else { return EX_IOERR }
        return fwrite(answer, 1, answer.count, output) == answer.count && fflush(output) == 0 ? EX_OK : EX_IOERR
    }
}
