// SPDX-License-Identifier: GPL-3.0-or-later

internal import CoreMetrics
internal import Synchronization

/// How many listen to endless representations, and how many may.
package final class LiveCalls: Sendable {
    /// How many there may be.
    struct Bounds: Sendable {
        var all: Int
        /// By one link.
        var link: Int
        /// From one address, or network of IPv6; proxies that are trusted have none.
        var address: Int
    }

    private struct State {
        var count = 0
        var links: Shares<String>
        var clients: Shares<NetworkAddress>
    }

    private let most: Int
    private let proxies: TrustedProxies
    private let metrics: ServiceMetrics
    private let state: Mutex<State>
    private let isEnding = Atomic(false)

    init(_ bounds: Bounds, proxies: TrustedProxies, metrics: ServiceMetrics) {
        most = bounds.all
        self.proxies = proxies
        self.metrics = metrics
        state = Mutex(State(links: Shares(most: bounds.link), clients: Shares(most: bounds.address)))
    }

    /// The place of one listener, given back when nobody holds it any more.
    ///
    /// A listener who is gone before the answer's head is written never has a body written, so no line of code would be
    /// sure to run at the end of a call.
    package final class Place: Sendable {
        private let calls: LiveCalls
        private let link: String?
        private let client: NetworkAddress?
        private let isGivenBack = Atomic(false)

        fileprivate init(in calls: LiveCalls, link: String?, client: NetworkAddress?) {
            self.calls = calls
            (self.link, self.client) = (link, client)
        }

        /// Whether the call is to end with the reading that it is in.
        var isEnding: Bool { calls.isEnding.load(ordering: .relaxed) }

        /// Gives it back, before the call's end is told to anybody.
        func giveBack() {
            if !isGivenBack.exchange(true, ordering: .relaxed) { calls.giveBack(link, client) }
        }

        deinit {
            giveBack()
        }
    }

    /// Takes a place.
    ///
    /// - Parameters:
    ///   - link: the digest of the link that is asked for.
    ///   - client: the address of who asks.
    /// - Throws: ``Problem`` where none is free, this link or address has as many as one may, or the service ends.
    func takePlace(link: String?, client: String?) throws(Problem) -> Place {
        guard !isEnding.load(ordering: .relaxed) else { throw .ending }
        let client = client.flatMap { NetworkAddress($0) }.flatMap { proxies.trusts($0) ? nil : $0.neighbourhood }
        let problem: Problem? = state.withLock { state in
            guard state.count < most else { return .tooManyListeners }
            guard state.links.take(link) else { return .tooManyOfOne }
            guard state.clients.take(client) else {
                state.links.giveBack(link)
                return .tooManyOfOne
            }
            state.count += 1
            metrics.liveCalls.set(state.count)
            return nil
        }
        if let problem { throw problem }
        return Place(in: self, link: link, client: client)
    }

    /// Lets every call end with the reading that it is in.
    func endAfterReadings() {
        isEnding.store(true, ordering: .relaxed)
    }

    private func giveBack(_ link: String?, _ client: NetworkAddress?) {
        state.withLock { state in
            state.count -= 1
            state.links.giveBack(link)
            state.clients.giveBack(client)
            metrics.liveCalls.set(state.count)
        }
    }
}
