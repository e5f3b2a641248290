// SPDX-License-Identifier: GPL-3.0-or-later

// The engine's process for programs that use the library and have no command `speakcode` beside them: EngineProcess starts it.

internal import SpeakCodeEspeak

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

guard CommandLine.arguments.dropFirst().first == EngineProcess.argument else {
    let usage = "speakcode-engine: is started by programs that read codes, to speak for them\n"
    _ = write(STDERR_FILENO, usage, usage.utf8.count)
    exit(EX_USAGE)
}
exit(EngineServer.run())
