// SPDX-License-Identifier: GPL-3.0-or-later

internal import Synchronization

/// So many at a time; the others wait in a line of a bounded length, and who is cancelled leaves it.
final class Turns: Sendable {
    private struct State {
        var free: Int
        var line: [(number: Int, continuation: CheckedContinuation<Bool, Never>)] = []
        var nextNumber = 0
    }

    private let inLine: Int
    private let state: Mutex<State>

    init(atATime: Int, inLine: Int) {
        self.inLine = inLine
        state = Mutex(State(free: atATime))
    }

    /// Waits for a turn, to be given back.
    ///
    /// - Returns: false where the line is full, or the task was cancelled.
    func take() async -> Bool {
        let number = state.withLock { state in
            state.nextNumber += 1
            return state.nextNumber
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isTaken: Bool? = state.withLock { state in
                    if Task.isCancelled { return false }
                    if state.free > 0 {
                        state.free -= 1
                        return true
                    }
                    guard state.line.count < inLine else { return false }
                    state.line.append((number, continuation))
                    return nil
                }
                if let isTaken { continuation.resume(returning: isTaken) }
            }
        } onCancel: {
            let continuation = state.withLock { state -> CheckedContinuation<Bool, Never>? in
                guard let place = state.line.firstIndex(where: { $0.number == number }) else { return nil }
                return state.line.remove(at: place).continuation
            }
            continuation?.resume(returning: false)
        }
    }

    func giveBack() {
        let next = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard !state.line.isEmpty else {
                state.free += 1
                return nil
            }
            return state.line.removeFirst().continuation
        }
        next?.resume(returning: true)
    }
}
