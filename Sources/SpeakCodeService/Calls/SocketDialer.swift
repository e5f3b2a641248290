// SPDX-License-Identifier: GPL-3.0-or-later

package import SpeakCodeGateways
internal import Synchronization

/// What places calls over a gateway's socket, whoever opened it: a session, the socket of the moment, and who waits for what.
package final class SocketDialer: Dialer {
    private struct State {
        var session: any DialingSession
        /// Which socket it is, counted, and how it is written to; nil while there is none.
        var socket: (number: Int, send: @Sendable ([UInt8]) -> Void)?
        var sockets = 0
        /// Who waits for what becomes of the request for an order.
        var waiting: [String: [CheckedContinuation<PlacedCall, Never>]] = [:]
        var reports: [String: @Sendable (CallProgress) -> Void] = [:]
        /// Who waits until no call is in the air.
        var idle: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>
    private let time: SteadyTime
    /// How long a gateway may say nothing of an order before nobody can tell what became of it.
    static let patience = Duration.seconds(10)

    /// - Parameter clock: by which a gateway's answer is waited for.
    package init(_ session: any DialingSession, clock: some Clock<Duration> = ContinuousClock()) {
        state = Mutex(State(session: session))
        time = SteadyTime(clock)
    }

    // MARK: Calls

    package func dial(_ order: CallOrder, report: @escaping @Sendable (CallProgress) -> Void) async -> PlacedCall {
        let alarm = Task { [weak self, time] in
            guard (try? await time.sleep(for: Self.patience)) != nil else { return }
            self?.perform { _ in [.placed(order.id, .unknown)] }
        }
        defer { alarm.cancel() }
        return await withCheckedContinuation { continuation in
            perform { state in
                state.waiting[order.id, default: []].append(continuation)
                do throws(DialingError) {
                    let steps = try state.session.dial(order)
                    state.reports[order.id] = report
                    return steps
                } catch {
                    return [.placed(order.id, .refused(CallEnd(.failed, cause: error.field)))]
                }
            }
        }
    }

    package func hangUp(_ id: String, isAnswered: Bool) async {
        perform { $0.session.hangUp(id) }
    }

    /// Whether calls can be asked for now.
    package var isReady: Bool { state.withLock { $0.socket != nil && $0.session.isReady } }

    /// Returns once no call is in the air, or the task is cancelled.
    package func untilIdle() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                perform { state in
                    state.idle.append(continuation)
                    if Task.isCancelled { state.reports = [:] }
                    return []
                }
            }
        } onCancel: {
            perform { state in
                state.reports = [:]
                return []
            }
        }
    }

    // MARK: The socket

    /// A socket is open; one that was before it is forgotten.
    ///
    /// - Parameter send: writes bytes to it, or one message, in the order in which it is called.
    /// - Returns: its number, by which what comes on it is told.
    package func opened(send: @escaping @Sendable ([UInt8]) -> Void) -> Int {
        var number = 0
        perform { state in
            var steps = state.socket == nil ? [] : state.session.closed()
            state.sockets += 1
            number = state.sockets
            state.socket = (number, send)
            steps += state.session.opened()
            return steps
        }
        return number
    }

    /// Bytes, or one message, came on a socket.
    ///
    /// - Throws: for what the gateway does not say; the socket is to be closed.
    package func received(_ bytes: [UInt8], on number: Int) throws(DialingViolation) {
        var violation: DialingViolation?
        perform { state in
            guard state.socket?.number == number else { return [] }
            do throws(DialingViolation) { return try state.session.received(bytes) } catch {
                violation = error
                return []
            }
        }
        if let violation { throw violation }
    }

    /// A socket is gone.
    package func closed(_ number: Int) {
        perform { state in
            guard state.socket?.number == number else { return [] }
            state.socket = nil
            return state.session.closed()
        }
    }

    // MARK: Steps

    /// Does what a session says: sends in its order, and tells outside of the lock.
    private func perform(_ body: (inout State) -> [DialingStep]) {
        let told = state.withLock { state in
            var told: [@Sendable () -> Void] = []
            for step in body(&state) {
                switch step {
                case .send(let bytes): state.socket?.send(bytes)
                case .placed(let id, let placed): told += Self.answer(id, placed, &state)
                case .progress(let id, let progress):
                    guard let report = progress.isEnd ? state.reports.removeValue(forKey: id) : state.reports[id] else {
                        continue
                    }
                    told.append { report(progress) }
                }
            }
            if state.reports.isEmpty {
                told += state.idle.map { waiting in { waiting.resume() } }
                state.idle = []
            }
            return told
        }
        for tell in told { tell() }
    }

    private static func answer(_ id: String, _ placed: PlacedCall, _ state: inout State) -> [@Sendable () -> Void] {
        switch placed {
        // What may be in the air is still told of.
        case .placed, .unknown: break
        case .refused, .busy: state.reports[id] = nil
        }
        return (state.waiting.removeValue(forKey: id) ?? []).map { continuation in
            { continuation.resume(returning: placed) }
        }
    }
}

extension SocketDialer: CustomStringConvertible, CustomReflectable {
    package var description: String { "SocketDialer" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
