// SPDX-License-Identifier: GPL-3.0-or-later

internal import FoundationEssentials
internal import SpeakCodeEspeak

/// The file that runs.
enum ThisProgram {
    /// What it was installed under, such as `/usr/local` for `/usr/local/bin/speakcode`; nil where that cannot be told.
    static var prefix: String? {
        #if os(Linux)
            let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        #else
            let path = CommandLine.arguments.first
        #endif
        guard let path, path.hasPrefix("/") else { return nil }
        return "/" + path.split(separator: "/").dropLast(2).joined(separator: "/")
    }
}

extension EngineProcess {
    /// The engine of this very program, which speaks in processes of its own.
    static var ofThisProgram: EngineProcess { ofThisProgram(within: .seconds(30)) }

    /// The same, with a time in which each request must be answered.
    static func ofThisProgram(within limit: Duration) -> EngineProcess {
        #if os(Linux)
            EngineProcess(executable: "/proc/self/exe", limit: limit)
        #else
            EngineProcess(executable: CommandLine.arguments[0], limit: limit)
        #endif
    }
}
