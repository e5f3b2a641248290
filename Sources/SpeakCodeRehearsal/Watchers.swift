// SPDX-License-Identifier: GPL-3.0-or-later

internal import Synchronization

/// Those who wait until a count has been reached, or until their task is cancelled, as a test's time limit does it.
package final class Watchers: Sendable {
    private struct Watcher {
        let id: Int
        let wanted: Int
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var count = 0
        var watchers: [Watcher] = []
        var nextID = 0
        var cancelled: Set<Int> = []
    }

    private let state = Mutex(State())

    /// Nobody waits yet.
    package init() {}

    /// Tells the count as it is now.
    package func tell(_ count: Int) {
        let content = state.withLock { state in
            state.count = count
            let content = state.watchers.filter { $0.wanted <= count }
            state.watchers.removeAll { $0.wanted <= count }
            return content
        }
        for watcher in content { watcher.continuation.resume() }
    }

    /// Waits until the count is so large.
    package func wait(for wanted: Int) async {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    let isOver = state.count >= wanted || state.cancelled.remove(id) != nil
                    if !isOver { state.watchers.append(Watcher(id: id, wanted: wanted, continuation: continuation)) }
                    return isOver
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            let watcher = state.withLock { state -> Watcher? in
                guard let index = state.watchers.firstIndex(where: { $0.id == id }) else {
                    state.cancelled.insert(id)
                    return nil
                }
                return state.watchers.remove(at: index)
            }
            watcher?.continuation.resume()
        }
    }
}
