// SPDX-License-Identifier: GPL-3.0-or-later

internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A player that runs, and the pipe through which it is fed.
struct PlayerProcess {
    /// Where the samples go.
    let input: ByteSink

    private let child: Child

    /// A child process that ends when somebody hangs up, from the moment at which it is there.
    private final class Child: Sendable {
        private struct State {
            var process: pid_t?
            var hasHungUp = false
        }

        private let state = Mutex(State())

        /// Starts the process, unless somebody has hung up; a hang-up waits until it is there, and ends it.
        func start(_ spawn: (inout pid_t) -> CInt) -> Bool {
            state.withLock { state in
                var process: pid_t = 0
                guard !state.hasHungUp, spawn(&process) == 0 else { return false }
                state.process = process
                return true
            }
        }

        func hangUp() {
            state.withLock { state in
                state.hasHungUp = true
                if let process = state.process { kill(process, SIGKILL) }
            }
        }

        /// Whether the process still runs.
        var isRunning: Bool {
            guard let process = state.withLock(\.process) else { return false }
            var info = siginfo_t()
            info.si_signo = 0
            return waitid(P_PID, id_t(process), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_signo == 0
        }

        /// Waits for the end of the process.
        func wait() -> CInt {
            guard let process = state.withLock(\.process) else { return -1 }
            var info = siginfo_t()
            while waitid(P_PID, id_t(process), &info, WEXITED | WNOWAIT) < 0, errno == EINTR {}
            // Its number may be another's as soon as its end has been taken note of.
            return state.withLock { state in
                state.process = nil
                var status: CInt = 0
                waitpid(process, &status, 0)
                return status
            }
        }
    }

    private let farewell: Int

    /// Starts a player; nil where the system does not let it start.
    ///
    /// - Parameter file: what it is to play, for a player that reads files only.
    init?(_ player: Player, file: String? = nil) {
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

        let words = [player.path] + player.arguments + [file].compactMap(\.self)
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        defer { for argument in arguments { free(argument) } }
        arguments.append(nil)
        let child = Child()
        farewell = HangUp.shared.onHangUp { child.hangUp() }
        let hasStarted = child.start { process in
            posix_spawn(&process, player.path, &actions, &attributes, arguments, environ)
        }
        close(ends[0])
        guard hasStarted else {
            HangUp.shared.forget(farewell)
            close(ends[1])
            return nil
        }
        self.child = child
        input = ByteSink(descriptor: ends[1])
    }

    /// Whether the player still plays.
    var isRunning: Bool { child.isRunning }

    /// Lets the player end what it has been given, and waits for it.
    ///
    /// - Returns: whether it has ended well.
    func finish() -> Bool {
        defer { HangUp.shared.forget(farewell) }
        close(input.descriptor)
        return child.wait() == 0
    }

    /// Ends the player at once.
    func end() {
        child.hangUp()
        _ = finish()
    }
}
