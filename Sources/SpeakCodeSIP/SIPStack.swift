// SPDX-License-Identifier: GPL-3.0-or-later

package import SpeakCodeGateways
internal import Synchronization

/// SIP by libre: an agent for each address of this machine from which somebody is called, made when the first is.
package final class SIPStack: SIPSignalling {
    private struct State {
        var agents: [String: SIPAgent] = [:]
        var isClosing = false
    }

    private let account: SIPAccount
    private let software: String
    private let state = Mutex(State())

    /// - Parameters:
    ///   - account: who calls.
    ///   - software: the name that it gives itself to peers.
    package init(_ account: SIPAccount, software: String) {
        self.account = account
        self.software = software
    }

    package func invite(
        _ invitation: SIPInvitation, told: @escaping @Sendable (SIPEvent) -> Void
    ) throws(DialingError) -> any SIPCall {
        let agent = try agent(for: invitation)
        return try agent.invite(invitation, account, told: told)
    }

    private func agent(for invitation: SIPInvitation) throws(DialingError) -> SIPAgent {
        let hop = account.proxy ?? invitation.to.resolved
        // A certificate is checked for one name, so that who is called over TLS without a proxy has an agent alone.
        let peer = hop.transport == .tls ? hop.host : nil
        let key = invitation.local + (peer.map { " \($0)" } ?? "")
        let found: Result<SIPAgent, DialingError> = state.withLock { state in
            if state.isClosing { return .failure(DialingError("sip", "is ending")) }
            if let agent = state.agents[key] {
                if agent.isOpen { return .success(agent) }
                // One that the registrar refused; the next may be taken.
                agent.close(within: .zero) {}
            }
            do throws(DialingError) {
                let agent = try SIPAgent(at: invitation.local, account, tlsPeer: peer, software: software)
                state.agents[key] = agent
                return .success(agent)
            } catch {
                return .failure(error)
            }
        }
        return try found.get()
    }

    package func close(within patience: Duration, closed: @escaping @Sendable () -> Void) {
        let agents = state.withLock { state in
            state.isClosing = true
            return Array(state.agents.values)
        }
        guard !agents.isEmpty else { return closed() }
        let count = Countdown(agents.count, then: closed)
        for agent in agents { agent.close(within: patience) { count.down() } }
    }

    /// Says when so many things are done.
    private final class Countdown: Sendable {
        private let left: Mutex<Int>
        private let then: @Sendable () -> Void

        init(_ count: Int, then: @escaping @Sendable () -> Void) {
            left = Mutex(count)
            self.then = then
        }

        func down() {
            let isLast = left.withLock { left in
                left -= 1
                return left == 0
            }
            if isLast { then() }
        }
    }
}

extension SIPStack: CustomStringConvertible, CustomReflectable {
    package var description: String { "SIPStack" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
