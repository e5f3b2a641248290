// SPDX-License-Identifier: GPL-3.0-or-later

internal import NIOCore
internal import NIOPosix
package import SpeakCodeGateways
internal import SpeakCodeService
internal import Synchronization

/// Places calls over SIP, and sends what is heard in them by RTP.
package final class SIPDialer: Dialer {
    /// What a call is reached by from any thread.
    private struct Active: Sendable {
        let call: NIOLoopBound<RTPCall>
        let loop: any EventLoop
    }

    private struct State {
        var active: [String: Active] = [:]
        /// Those that were asked for, the latest last, so that none is placed twice.
        var known: Set<String> = []
        var order: [String] = []
        /// Whether nobody is rung any more.
        var isEnding = false
        /// Who waits until no call is left.
        var idle: [AsyncStream<Never>.Continuation] = []
    }

    private let signalling: any SIPSignalling
    private let calls: any LocalCalls
    private let account: SIPAccount
    private let most: Int
    private let group: any EventLoopGroup
    private let tickers = FrameTickers()
    private let state = Mutex(State())

    /// How many names of calls are kept.
    private static let mostKnown = 100_000
    /// Seconds behind which a place may be free.
    private static let pauseWhenBusy = 10

    /// - Parameters:
    ///   - signalling: what rings telephones.
    ///   - calls: what is heard.
    ///   - account: who calls, and through whom.
    ///   - most: how many calls there may be at a time.
    ///   - loops: how many event loops calls are spread over; nil for those of the process.
    package init(
        _ signalling: any SIPSignalling, _ calls: any LocalCalls, account: SIPAccount = SIPAccount(), most: Int,
        loops: Int? = nil
    ) {
        self.signalling = signalling
        self.calls = calls
        self.account = account
        self.most = most
        group = loops.map { MultiThreadedEventLoopGroup(numberOfThreads: $0) } ?? MultiThreadedEventLoopGroup.singleton
    }

    /// The way of a service's calls that go by it.
    var route: CallRoute {
        CallRoute(name: SIPAccount.route, dialer: self, hearing: .local, numbers: account.callers) {
            [account] order throws(DialingError) in try account.check(order)
        }
    }

    /// The descriptors that a call has open: of RTP and of RTCP, of sound and of text, and one by which its peer's direction is
    /// found out.
    static let filesPerCall = 5

    // MARK: Dialling

    package func dial(
        _ order: CallOrder, report: @escaping @Sendable (CallProgress) -> Void
    ) async -> PlacedCall {
        let address: SIPAddress
        do throws(DialingError) {
            address = try account.address(of: order.callee)
        } catch {
            return .refused(CallEnd(.invalidNumber, cause: error.description))
        }
        // What was asked for before is the same call, however full it is here.
        guard !isKnown(order.id) else { return .placed(order.id) }
        guard !isEnding, let local = calls.call(order) else {
            return isEnding ? Self.ending : .busy(after: Self.pauseWhenBusy)
        }
        guard let active = try? await make(order, local, on: group.next(), report) else { return Self.ending }
        switch take(active, as: order.id) {
        case .new: return await place(order, at: address, active)
        case .known: return .placed(order.id)
        case .full: return .busy(after: Self.pauseWhenBusy)
        case .ending: return Self.ending
        }
    }

    private static let ending = PlacedCall.refused(CallEnd(.canceled, cause: CallEnd.serviceEnded))

    private var isEnding: Bool { state.withLock(\.isEnding) }
    private func isKnown(_ id: String) -> Bool { state.withLock { $0.known.contains(id) } }

    private func place(_ order: CallOrder, at address: SIPAddress, _ active: Active) async -> PlacedCall {
        let hop = (account.proxy ?? address).resolved
        let sockets: RTPSockets
        var text: RTPSockets?
        do {
            sockets = try await RTPSockets.open(toward: hop.host, port: hop.port, on: active.loop)
            // Who has no ports left for it calls without a text.
            if account.offersText { text = try? await RTPSockets.open(at: sockets.local, on: active.loop) }
        } catch {
            return await refuse(active, "\(hop.host) cannot be reached: \(error)")
        }
        do {
            return try await active.loop.submit { [signalling, account, text] in
                let call = active.call.value
                guard try call.begin(on: sockets, textOn: text) else { return .placed(order.id) }
                let invitation = SIPInvitation(
                    to: address, from: try account.caller(of: order), local: sockets.local, mediaPort: sockets.port,
                    textPort: text?.port, timeout: order.timeout)
                call.invited(
                    try signalling.invite(invitation) { event in
                        active.loop.execute { active.call.value.take(event) }
                    })
                return .placed(order.id)
            }.get()
        } catch {
            return await refuse(active, "\(error)")
        }
    }

    private func refuse(_ active: Active, _ cause: String) async -> PlacedCall {
        _ = try? await active.loop.submit { active.call.value.refuse() }.get()
        return .refused(CallEnd(.failed, cause: cause))
    }

    // MARK: The calls that there are

    private enum Taken {
        case new
        case known
        case full
        case ending
    }

    /// Makes a call on its loop.
    private func make(
        _ order: CallOrder, _ local: any LocalCall, on loop: any EventLoop,
        _ report: @escaping @Sendable (CallProgress) -> Void
    ) async throws -> Active {
        try await loop.submit { [self] in
            Active(
                call: NIOLoopBound(
                    RTPCall(order, local, ticker: tickers.ticker(of: loop), on: loop, report: report) { [self] in
                        forget(order.id)
                    }, eventLoop: loop), loop: loop)
        }.get()
    }

    private func take(_ active: Active, as id: String) -> Taken {
        state.withLock { state in
            guard !state.known.contains(id) else { return .known }
            guard !state.isEnding else { return .ending }
            guard state.active.count < most else { return .full }
            state.active[id] = active
            state.known.insert(id)
            state.order.append(id)
            if state.order.count > Self.mostKnown { state.known.remove(state.order.removeFirst()) }
            return .new
        }
    }

    private func forget(_ id: String) {
        state.withLock { state in
            state.active[id] = nil
            Self.letWaitingGo(&state)
        }
    }

    private static func letWaitingGo(_ state: inout State) {
        guard state.active.isEmpty else { return }
        for waiting in state.idle { waiting.finish() }
        state.idle = []
    }

    package func hangUp(_ id: String, isAnswered: Bool) async {
        guard let active = state.withLock({ $0.active[id] }) else { return }
        active.loop.execute { active.call.value.hangUp() }
    }

    /// Rings nobody any more, and takes back what nobody has taken.
    package func endRinging() {
        let all = state.withLock { state in
            state.isEnding = true
            return Array(state.active.values)
        }
        for active in all { active.loop.execute { active.call.value.cut(onlyRinging: true) } }
    }

    /// Returns once no call is left, or the task is cancelled.
    package func untilIdle() async {
        let (idle, waiting) = AsyncStream.makeStream(of: Never.self)
        state.withLock { state in
            state.idle.append(waiting)
            Self.letWaitingGo(&state)
        }
        for await _ in idle {}
    }

    /// Ends every call, and waits until their peers know it.
    ///
    /// - Parameters:
    ///   - patience: for how long they are waited for.
    ///   - closed: told when it is over.
    package func close(within patience: Duration, closed: @escaping @Sendable () -> Void) {
        let all = state.withLock { state in
            state.isEnding = true
            return Array(state.active.values)
        }
        onLoops(of: all) { $0.call.value.cut(onlyRinging: false) }.whenComplete { [self] _ in
            signalling.close(within: patience) { [self] in
                // What signalling told last is on its way to the calls; behind it they have taken it.
                onLoops(of: all) { _ in }.whenComplete { _ in closed() }
            }
        }
    }

    /// Does something on the loop of each call.
    private func onLoops(
        of calls: [Active], _ body: @escaping @Sendable (Active) -> Void
    ) -> EventLoopFuture<Void> {
        .andAllComplete(calls.map { active in active.loop.submit { body(active) } }, on: group.next())
    }
}

extension SIPDialer: CustomStringConvertible, CustomReflectable {
    package var description: String { "SIPDialer" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
