// SPDX-License-Identifier: GPL-3.0-or-later

package import SpeakCodeGateways
internal import Synchronization

/// A gateway that rings nobody: it answers as it is told to, and keeps what it was asked.
package final class FakeDialer: Dialer {
    /// What is done with an order, the first, the second …; it may wait.
    package typealias Answer =
        @Sendable (
            _ order: CallOrder, _ attempt: Int, _ report: @Sendable (CallProgress) -> Void
        ) async -> PlacedCall

    private struct State {
        var orders: [CallOrder] = []
        var hungUp: [HangUp] = []
        /// The calls that are there, and where what becomes of them is told.
        var reports: [String: @Sendable (CallProgress) -> Void] = [:]
    }

    /// A call that was hung up, or taken back.
    package struct HangUp: Hashable, Sendable {
        package let id: String
        package let isAnswered: Bool

        package init(_ id: String, isAnswered: Bool) {
            (self.id, self.isAnswered) = (id, isAnswered)
        }
    }

    private let answer: Answer
    private let state = Mutex(State())
    private let asked = Watchers()
    private let ended = Watchers()

    /// - Parameter answer: what becomes of each order; every call is placed under its own name by default.
    package init(_ answer: @escaping Answer = { order, _, _ in .placed("gw-" + order.id) }) {
        self.answer = answer
    }

    /// What it was asked, in order.
    package var orders: [CallOrder] { state.withLock(\.orders) }
    /// What was hung up, in order.
    package var hungUp: [HangUp] { state.withLock(\.hungUp) }

    /// Waits until it was asked so often.
    package func waitForOrders(_ count: Int) async { await asked.wait(for: count) }
    /// Waits until it was told to hang up so often.
    package func waitForHangUps(_ count: Int) async { await ended.wait(for: count) }

    /// Tells what becomes of a call, by the order's name.
    package func tell(_ progress: CallProgress, of order: String) {
        state.withLock { $0.reports[order] }?(progress)
    }

    package func dial(
        _ order: CallOrder, report: @escaping @Sendable (CallProgress) -> Void
    ) async -> PlacedCall {
        let attempt = state.withLock { state in
            state.orders.append(order)
            state.reports[order.id] = report
            asked.tell(state.orders.count)
            return state.orders.count
        }
        return await answer(order, attempt, report)
    }

    package func hangUp(_ id: String, isAnswered: Bool) async {
        state.withLock { state in
            state.hungUp.append(HangUp(id, isAnswered: isAnswered))
            ended.tell(state.hungUp.count)
        }
    }
}
