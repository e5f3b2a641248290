// SPDX-License-Identifier: GPL-3.0-or-later

internal import Dispatch
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Ctrl-C, and its relatives, are the listener who hangs up: everything ends at once and nothing is left behind.
final class HangUp: Sendable {
    /// The one of this process: signals are the process's.
    static let shared = HangUp()

    private struct State {
        var isListening = false
        var isOver = false
        var readings = 0
        var farewells: [Int: @Sendable () -> Void] = [:]
        var next = 0
    }

    private let state = Mutex(State())

    private init() {}

    /// Begins to listen for signals; a reader who closes a pipe is heard as an error of writing, not as a signal.
    func listen() {
        let isFirst = state.withLock { state in
            defer { state.isListening = true }
            return !state.isListening
        }
        guard isFirst else { return }
        signal(SIGPIPE, SIG_IGN)
        // A file that may not grow further is an error of writing as well, and the half of it is removed.
        signal(SIGXFSZ, SIG_IGN)
        for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] {
            // A parent that had this signal ignored, as nohup does, wants it so.
            var before = sigaction()
            sigaction(number, nil, &before)
            if Self.isIgnored(before) { continue }
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            // It listens for as long as the process lives: its handler keeps it.
            source.setEventHandler { [self] in withExtendedLifetime(source) { hangUp(number) } }
            source.resume()
        }
    }

    private static func isIgnored(_ action: sigaction) -> Bool {
        #if canImport(Glibc)
            unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
        #else
            unsafeBitCast(action.__sigaction_u.__sa_handler, to: Int.self) == 1
        #endif
    }

    /// Counts a reading that has been heard or sent whole.
    func readingEnded() {
        state.withLock { $0.readings += 1 }
    }

    /// Does something before the process ends by a signal, such as removing a half-written file.
    ///
    /// - Returns: a number by which to take it back. It does not return once somebody has hung up: what is begun then
    ///   would not be ended.
    func onHangUp(_ farewell: @escaping @Sendable () -> Void) -> Int {
        unlessOver { state in
            state.next += 1
            state.farewells[state.next] = farewell
            return state.next
        }
    }

    /// Takes back what was to be done.
    ///
    /// It does not return once somebody has hung up: a player that was ended then has not failed.
    func forget(_ farewell: Int) {
        unlessOver { $0.farewells[farewell] = nil }
    }

    private func unlessOver<Result: Sendable>(_ change: (inout sending State) -> Result) -> Result {
        let result: Result? = state.withLock { state in state.isOver ? nil : change(&state) }
        while true {
            if let result { return result }
            sleep(1)  // until the process has ended
        }
    }

    private func hangUp(_ number: Int32) {
        let (readings, farewells) = state.withLock { state in
            defer { state.farewells = [:] }
            state.isOver = true
            return (state.readings, Array(state.farewells.values))
        }
        for farewell in farewells { farewell() }
        Terminal.clearLine()
        // Done when at least one whole reading was heard, else ended by the signal, as shells count it.
        _exit(readings > 0 ? EX_OK : 128 + number)
    }
}
