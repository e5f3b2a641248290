// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCodeGateways
internal import SpeakCodeLinks

/// Asks gateways for the calls that were accepted, each once, behind the answer to who wants them.
struct CallPlacement: Sendable {
    private enum Work: Sendable {
        case place(CallID, CallRoute)
        case hangUp(String, isAnswered: Bool, CallRoute)
    }

    private let calls: PlacedCalls
    private let time: SteadyTime
    private let work: AsyncStream<Work>
    private let queue: AsyncStream<Work>.Continuation

    /// How often a gateway is asked that has too much to do, and the seconds that it may ask us to wait, each time.
    static let mostAttempts = 6
    static let waits = 1...20

    /// - Parameter time: by which a gateway is asked again.
    init(_ calls: PlacedCalls, time: SteadyTime) {
        (self.calls, self.time) = (calls, time)
        (work, queue) = AsyncStream.makeStream(of: Work.self)
    }

    /// Has a call placed, which ``PlacedCalls/begin(_:ended:)`` has taken.
    func place(_ id: CallID, by route: CallRoute) {
        queue.yield(.place(id, route))
    }

    /// Does what is left to do where a call was taken back.
    func finish(_ taking: PlacedCalls.TakingBack, by route: CallRoute) {
        guard case .hangUp(let name, let isAnswered) = taking else { return }
        queue.yield(.hangUp(name, isAnswered: isAnswered, route))
    }

    /// Takes nothing more; what was taken is done.
    func close() { queue.finish() }

    /// Works until it is closed and all is done.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await one in work {
                switch one {
                case .place(let id, let route): group.addTask { await ask(id, route) }
                case .hangUp(let name, let isAnswered, let route):
                    group.addTask { await route.dialer.hangUp(name, isAnswered: isAnswered) }
                }
            }
        }
    }

    private func ask(_ id: CallID, _ route: CallRoute) async {
        for attempt in 1...Self.mostAttempts {
            guard let order = calls.ask(id) else { return }
            let placed = await route.dialer.dial(order) { [calls] in calls.take($0, of: id) }
            guard case .busy(let seconds) = placed, attempt < Self.mostAttempts else {
                await conclude(placed, id, route)
                return
            }
            guard calls.askAgain(id) else { return }
            let wait = min(max(seconds, Self.waits.lowerBound), Self.waits.upperBound)
            guard (try? await time.sleep(for: .seconds(wait))) != nil else { break }
        }
        // No call was made, and none will be.
        calls.take(.ended(CallEnd(.failed, cause: Self.ending)), of: id)
    }

    private func conclude(_ placed: PlacedCall, _ id: CallID, _ route: CallRoute) async {
        switch placed {
        case .placed(let name):
            if case .hangUp(let name, let isAnswered) = calls.name(id, name) {
                await route.dialer.hangUp(name, isAnswered: isAnswered)
            }
        case .refused(let end): calls.take(.ended(end), of: id)
        case .busy: calls.take(.ended(CallEnd(.failed, cause: Self.busy)), of: id)
        case .unknown: calls.lose(id)
        }
    }

    /// Causes of our own.
    static let busy = "gateway-busy"
    static let ending = "service-ended"
}
