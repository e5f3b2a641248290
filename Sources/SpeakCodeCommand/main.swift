// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCodeEspeak

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

// As the engine of another process, this program does nothing but speak units.
if CommandLine.arguments.dropFirst().first == EngineProcess.argument {
    exit(EngineServer.run())
}
exit(await RootCommand.execute(Array(CommandLine.arguments.dropFirst())))
