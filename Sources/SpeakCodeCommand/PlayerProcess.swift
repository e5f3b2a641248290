// SPDX-License-Identifier: GPL-3.0-or-later

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A player that runs, and the pipe through which it is fed.
struct PlayerProcess {
    /// Where the samples go.
    let input: ByteSink

    private let process: pid_t

    /// Starts a player; nil where the system does not let it start.
    init?(_ player: Player) {
        var ends: [CInt] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)

        // This process ignores signals that it waits for; a player does with them what it always does.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

        var arguments: [UnsafeMutablePointer<CChar>?] = ([player.path] + player.arguments).map { strdup($0) }
        defer { for argument in arguments { free(argument) } }
        arguments.append(nil)
        var process: pid_t = 0
        let failure = posix_spawn(&process, player.path, &actions, &attributes, arguments, environ)
        close(ends[0])
        guard failure == 0 else {
            close(ends[1])
            return nil
        }
        self.process = process
        input = ByteSink(descriptor: ends[1])
    }

    /// Lets the player end what it has been given, and waits for it.
    ///
    /// - Returns: whether it has ended well.
    func finish() -> Bool {
        close(input.descriptor)
        return wait() == 0
    }

    /// Ends the player at once.
    func end() {
        kill()
        close(input.descriptor)
        _ = wait()
    }

    /// Ends the player at once and does not wait, for a process that ends itself.
    func kill() {
        #if canImport(Glibc)
            _ = Glibc.kill(process, SIGKILL)
        #else
            _ = Darwin.kill(process, SIGKILL)
        #endif
    }

    private func wait() -> CInt {
        var status: CInt = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        return status
    }
}
