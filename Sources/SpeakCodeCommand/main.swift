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
let status = await RootCommand.execute(Array(CommandLine.arguments.dropFirst()))
// Without the farewells of the thirty libraries that eSpeak NG brings with it: they cost 2 ms and do nothing here.
fflush(nil)
_exit(status)
