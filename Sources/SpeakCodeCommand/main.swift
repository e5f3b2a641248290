// SPDX-License-Identifier: GPL-3.0-or-later

internal import CProgram
internal import SpeakCodeEspeak

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

// A standard descriptor that is closed would be taken by the next file or pipe, and what is said on it would go there.
// Opened the wrong way round, so that to use one is still an error.
for (descriptor, mode) in [(STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_RDONLY)]
where fcntl(descriptor, F_GETFD) < 0 {
    _ = open("/dev/null", mode)
}
// A core file would have the code in it.
var noCore = rlimit(rlim_cur: 0, rlim_max: 0)
#if canImport(Glibc)
    setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &noCore)
#else
    setrlimit(RLIMIT_CORE, &noCore)
#endif

guard Descriptors.suffice() else {
    Terminal.say("too few files may be open at a time; raise the limit, such as with `ulimit -n 256`")
    _exit(EX_OSERR)
}

// Swift reads its arguments in /proc, and ends by a signal where there is none.
speakcode_tell_arguments()
// As the engine of another process, this program does nothing but speak units.
if CommandLine.arguments.dropFirst().first == EngineProcess.argument {
    exit(EngineServer.run())
}
let arguments = Array(CommandLine.arguments.dropFirst())
if RootCommand.isSpeech(arguments) { speakcode_keep_memory() }
var status = EX_OK
if arguments == ["--version"] {
    // The parser would take as long for it as the rest of the start.
    print(speakCodeVersionText)
} else if !Threads.canBeSeen {
    Terminal.say(
        "there is no /proc, without which no thread of Swift's can live; mount it (`mount -t proc proc /proc`)")
    status = EX_OSERR
} else if !Threads.suffice(forEventLoops: RootCommand.hasEventLoops(arguments)) {
    Terminal.say("too few processes may run; raise the limit (`ulimit -u`, TasksMax, or the container's limit of pids)")
    status = EX_OSERR
} else {
    status = await RootCommand.execute(arguments)
}
// Without the farewells of the thirty libraries that eSpeak NG brings with it: they cost 2 ms and do nothing here.
if fflush(nil) != 0, status == EX_OK {
    Terminal.say("standard output could not be written: \(String(cString: strerror(errno)))")
    status = EX_IOERR
}
_exit(status)
