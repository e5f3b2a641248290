// SPDX-License-Identifier: GPL-3.0-or-later

internal import CProgram
internal import SpeakCodeEspeak

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

extension EngineProcess {
    /// The engine of this very program, which speaks in processes of its own.
    static var ofThisProgram: EngineProcess { EngineProcess(executable: thisProgram) }

    /// The program that runs, also where its file has been replaced; where there is no /proc, the file that it was.
    private static var thisProgram: String {
        let running = "/proc/self/exe"
        if access(running, X_OK) == 0 { return running }
        return speakcode_program_path().map { String(cString: $0) } ?? CommandLine.arguments[0]
    }
}
