// SPDX-License-Identifier: GPL-3.0-or-later

internal import CEspeakFork
internal import SpeakCode
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// One run of an engine's program, from its start to its end, on a thread of its own.
///
/// The system ends the program with the thread that started it, so that thread waits for it. Whatever the system refuses
/// is an error, and never the end of this process.
final class EngineRun: Sendable {
    private struct State {
        var process: pid_t?
        var isCancelled = false
    }

    private let program: String
    private let arguments: [String]
    private let limit: Duration
    private let state = Mutex(State())

    /// - Parameters:
    ///   - program: a path.
    ///   - arguments: what stands behind the program's name.
    ///   - limit: how long it may take.
    init(_ program: String, _ arguments: [String], limit: Duration) {
        self.program = program
        self.arguments = arguments
        self.limit = limit
    }

    /// What a program has written to its standard output when it ended with status 0.
    ///
    /// - Throws: `EngineError`; cancelling the task ends the program.
    func output() async throws(EngineError) -> [UInt8] {
        let result: Result<[UInt8], EngineError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                begin { continuation.resume(returning: $0) }
            }
        } onCancel: {
            cancel()
        }
        return try result.get()
    }

    /// Ends the program, and all that it has started.
    private func cancel() {
        state.withLock { state in
            state.isCancelled = true
            if let process = state.process { Self.kill(process) }
        }
    }

    private static func kill(_ process: pid_t) {
        for target in [-process, process] {
            #if canImport(Glibc)
                _ = Glibc.kill(target, SIGKILL)
            #else
                _ = Darwin.kill(target, SIGKILL)
            #endif
        }
    }

    // MARK: The thread

    /// What a thread is given, once.
    private final class Work: Sendable {
        let run: EngineRun
        let done: @Sendable (Result<[UInt8], EngineError>) -> Void

        init(_ run: EngineRun, _ done: @escaping @Sendable (Result<[UInt8], EngineError>) -> Void) {
            self.run = run
            self.done = done
        }

        func carryOut() {
            do throws(EngineError) { done(.success(try run.run())) } catch { done(.failure(error)) }
        }
    }

    private func begin(_ done: @escaping @Sendable (Result<[UInt8], EngineError>) -> Void) {
        let work = Unmanaged.passRetained(Work(self, done))
        let failure = speakcode_begin_thread({ EngineRun.carryOut($0) }, work.toOpaque())
        guard failure != 0 else { return }
        work.release()
        done(.failure(EngineError(refusing: "thread", because: failure)))
    }

    private static func carryOut(_ work: UnsafeMutableRawPointer?) {
        guard let work else { return }
        Unmanaged<Work>.fromOpaque(work).takeRetainedValue().carryOut()
    }

    // MARK: The run

    /// The longest time between two looks at whether a program that ends has ended, in microseconds.
    private static let longestLook: UInt32 = 5000
    /// Milliseconds after which it is looked whether somebody has cancelled: a program that was ended may have left one
    /// that keeps its output open.
    private static let cancellationLook: CInt = 500

    private func run() throws(EngineError) -> [UInt8] {
        let deadline = ContinuousClock.now + limit
        let output = try start()
        let answer: Result<[UInt8], EngineError>
        do throws(EngineError) {
            answer = .success(try read(output, until: deadline))
        } catch {
            answer = .failure(error)
        }
        close(output)
        // Who has answered may take a moment to end; who has not is ended.
        let ended = if case .success = answer { waitForEnd(until: deadline) } else { false }
        let status = reap(killing: !ended)
        let bytes = try answer.get()
        guard ended else { throw hung }
        // As WIFEXITED and its like, which Swift does not import.
        let signal = status & 0x7F
        guard signal == 0 else {
            throw EngineError(.crashed, "the engine's process was ended by signal \(signal) before it had spoken")
        }
        guard status == 0 else {
            throw EngineError(
                .crashed, "the engine's process ended with status \(status >> 8) before it had spoken")
        }
        return bytes
    }

    private var hung: EngineError {
        EngineError(.hung, "the engine's process did not answer within \(limit) and was ended")
    }

    private static let cancelled = EngineError(.failed, "the engine was told to stop before it had spoken")

    private func start() throws(EngineError) -> CInt {
        var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) }
        defer { for word in words { free(word) } }
        guard !words.contains(nil) else { throw EngineError(refusing: "memory", because: ENOMEM) }
        words.append(nil)
        var output: CInt = -1
        // A cancellation waits until the process is there, and ends it.
        let failure = try state.withLock { state throws(EngineError) in
            guard !state.isCancelled else { throw Self.cancelled }
            var process: pid_t = 0
            let failure = speakcode_start(program, words, &process, &output)
            if failure == 0 { state.process = process }
            return failure
        }
        switch failure {
        case 0: return output
        case ENOENT, ENOTDIR, EACCES, ENOEXEC, ELOOP:
            throw EngineError(
                .missing, "the engine's program `\(program)` is not there; install speakcode or name its path")
        default: throw EngineError(refusing: "process", because: failure)
        }
    }

    private func read(_ output: CInt, until deadline: ContinuousClock.Instant) throws(EngineError) -> [UInt8] {
        var answer: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let left = (deadline - .now) / .milliseconds(1)
            guard left > 0 else { throw hung }
            var wait = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            let ready = poll(&wait, 1, CInt(min(Double(Self.cancellationLook), left.rounded(.up))))
            guard !state.withLock(\.isCancelled) else { throw Self.cancelled }
            guard ready > 0 else { continue }
            let count = Speakers.posixRead(output, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return answer }
            answer += chunk[..<count]
            guard answer.count <= EngineAnswer.maximumLength else {
                throw EngineError(.failed, "the engine's process did not stop answering")
            }
        }
    }

    /// Waits for a program to end by itself.
    private func waitForEnd(until deadline: ContinuousClock.Instant) -> Bool {
        guard let process = state.withLock(\.process) else { return false }
        var pause: UInt32 = 100
        while true {
            var info = siginfo_t()
            info.si_signo = 0
            let result = waitid(P_PID, id_t(process), &info, WEXITED | WNOHANG | WNOWAIT)
            if result == 0, info.si_signo != 0 { return true }
            // Where the signal of a child's end is ignored, as it may be from the start, nothing is left of it.
            if result < 0, errno == ECHILD { return true }
            guard ContinuousClock.now < deadline else { return false }
            usleep(pause)
            pause = min(2 * pause, Self.longestLook)
        }
    }

    /// Takes note of a program's end: its number may be another's from then on.
    ///
    /// - Returns: its status, as `waitpid` has it.
    private func reap(killing: Bool) -> CInt {
        guard let process = state.withLock(\.process) else { return 0 }
        if killing { Self.kill(process) }
        var info = siginfo_t()
        while waitid(P_PID, id_t(process), &info, WEXITED | WNOWAIT) < 0, errno == EINTR {}
        return state.withLock { state in
            state.process = nil
            var status: CInt = 0
            while waitpid(process, &status, 0) < 0, errno == EINTR {}
            return status
        }
    }
}
