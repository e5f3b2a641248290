// SPDX-License-Identifier: GPL-3.0-or-later

package import SpeakCodeGateways
internal import Synchronization

/// Signalling that rings nobody: it keeps what it was asked, and tells what it is told to.
package final class FakeSignalling: SIPSignalling {
    private struct Placed: SIPCall {
        let signalling: FakeSignalling
        func end() {
            let count = signalling.state.withLock { state in
                state.ended += 1
                return state.ended
            }
            signalling.endings.tell(count)
        }
    }

    private struct State {
        var invitations: [SIPInvitation] = []
        var told: [@Sendable (SIPEvent) -> Void] = []
        var ended = 0
        var isClosed = false
    }

    private let state = Mutex(State())
    private let asked = Watchers()
    private let endings = Watchers()

    package init() {}

    /// What it was asked for, in order.
    package var invitations: [SIPInvitation] { state.withLock(\.invitations) }
    /// How many calls it was told to end.
    package var ended: Int { state.withLock(\.ended) }
    package var isClosed: Bool { state.withLock(\.isClosed) }

    /// Waits until it was asked for so many calls.
    package func waitForInvitations(_ count: Int) async { await asked.wait(for: count) }
    /// Waits until it was told to end so many.
    package func waitForEnds(_ count: Int) async { await endings.wait(for: count) }

    package func invite(
        _ invitation: SIPInvitation, told: @escaping @Sendable (SIPEvent) -> Void
    ) throws(DialingError) -> any SIPCall {
        let count = state.withLock { state in
            state.invitations.append(invitation)
            state.told.append(told)
            return state.told.count
        }
        asked.tell(count)
        return Placed(signalling: self)
    }

    package func close(within patience: Duration, closed: @escaping @Sendable () -> Void) {
        state.withLock { $0.isClosed = true }
        closed()
    }

    /// Tells of the call that was asked for last.
    package func tell(_ events: SIPEvent...) {
        let told = state.withLock(\.told.last)
        for event in events { told?(event) }
    }
}
