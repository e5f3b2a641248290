// SPDX-License-Identifier: GPL-3.0-or-later

internal import NIOCore
internal import NIOPosix
package import SpeakCodeGateways
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
    }

    private let signalling: any SIPSignalling
    private let calls: any LocalCalls
    private let proxy: SIPAddress?
    private let from: SIPAddress?
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
    ///   - proxy: where requests go first; numbers are called at its host.
    ///   - from: who calls where an order does not say.
    ///   - most: how many calls there may be at a time.
    ///   - loops: how many event loops calls are spread over; nil for those of the process.
    package init(
        _ signalling: any SIPSignalling, _ calls: any LocalCalls, proxy: SIPAddress? = nil, from: SIPAddress? = nil,
        most: Int, loops: Int? = nil
    ) {
        self.signalling = signalling
        self.calls = calls
        self.proxy = proxy
        self.from = from
        self.most = most
        group = loops.map { MultiThreadedEventLoopGroup(numberOfThreads: $0) } ?? MultiThreadedEventLoopGroup.singleton
    }

    // MARK: Dialling

    package func dial(
        _ order: CallOrder, report: @escaping @Sendable (CallProgress) -> Void
    ) async -> PlacedCall {
        let address: SIPAddress
        do throws(DialingError) {
            address = try self.address(of: order)
        } catch {
            return .refused(CallEnd(.invalidNumber, cause: error.description))
        }
        guard let active = try? await make(order, on: group.next(), report) else {
            return .refused(CallEnd(.canceled, cause: "the process ends"))
        }
        switch take(active, as: order.id) {
        case .new: return await place(order, at: address, active)
        case .known: return .placed(order.id)
        case .full: return .busy(after: Self.pauseWhenBusy)
        }
    }

    private func address(of order: CallOrder) throws(DialingError) -> SIPAddress {
        switch order.callee {
        case .sip(let text): return try SIPAddress(text, field: "to")
        case .number(let number):
            guard let proxy else {
                throw DialingError("to", "is a number, for which SIP needs a proxy: set sipProxy")
            }
            return SIPAddress(user: number, host: proxy.host, port: proxy.port, isPhone: true)
        }
    }

    private func place(_ order: CallOrder, at address: SIPAddress, _ active: Active) async -> PlacedCall {
        let hop = (proxy ?? address).resolved
        let sockets: RTPSockets
        do {
            sockets = try await RTPSockets.open(toward: hop.host, port: hop.port, on: active.loop)
        } catch {
            return await refuse(active, "\(hop.host) cannot be reached: \(error)")
        }
        do {
            return try await active.loop.submit { [signalling] in
                let call = active.call.value
                guard try call.begin(on: sockets) else { return .placed(order.id) }
                let invitation = SIPInvitation(
                    to: address, from: try self.from(order), local: sockets.local, mediaPort: sockets.port,
                    timeout: order.timeout)
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

    private func from(_ order: CallOrder) throws(DialingError) -> SIPAddress? {
        guard let from = order.from else { return self.from }
        let home = proxy ?? self.from
        guard !from.contains("@"), let home else { return try SIPAddress(from, field: "from") }
        return try SIPAddress("sip:\(from)@\(home.host)", field: "from")
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
    }

    /// Makes a call on its loop.
    private func make(
        _ order: CallOrder, on loop: any EventLoop, _ report: @escaping @Sendable (CallProgress) -> Void
    ) async throws -> Active {
        try await loop.submit { [self] in
            Active(
                call: NIOLoopBound(
                    RTPCall(order, calls, ticker: tickers.ticker(of: loop), on: loop, report: report) { [self] in
                        forget(order.id)
                    }, eventLoop: loop), loop: loop)
        }.get()
    }

    private func take(_ active: Active, as id: String) -> Taken {
        state.withLock { state in
            guard !state.known.contains(id) else { return .known }
            guard state.active.count < most else { return .full }
            state.active[id] = active
            state.known.insert(id)
            state.order.append(id)
            if state.order.count > Self.mostKnown { state.known.remove(state.order.removeFirst()) }
            return .new
        }
    }

    private func forget(_ id: String) {
        _ = state.withLock { $0.active.removeValue(forKey: id) }
    }

    package func hangUp(_ id: String, isAnswered: Bool) async {
        guard let active = state.withLock({ $0.active[id] }) else { return }
        active.loop.execute { active.call.value.hangUp() }
    }

    /// Ends every call, and waits until their peers know it.
    ///
    /// - Parameters:
    ///   - patience: for how long they are waited for.
    ///   - closed: told when it is over.
    package func close(within patience: Duration, closed: @escaping @Sendable () -> Void) {
        for active in state.withLock({ Array($0.active.values) }) {
            active.loop.execute { active.call.value.hangUp() }
        }
        signalling.close(within: patience, closed: closed)
    }
}

extension SIPDialer: CustomStringConvertible, CustomReflectable {
    package var description: String { "SIPDialer" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
