// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCodeEspeak

extension EngineProcess {
    /// The engine of this very program, which speaks in processes of its own.
    static var ofThisProgram: EngineProcess {
        #if os(Linux)
            EngineProcess(executable: "/proc/self/exe")
        #else
            EngineProcess(executable: CommandLine.arguments[0])
        #endif
    }
}
