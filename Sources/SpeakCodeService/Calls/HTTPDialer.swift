// SPDX-License-Identifier: GPL-3.0-or-later

package import SpeakCodeGateways

/// Sends requests over HTTP, to gateways and to the operator's addresses.
package protocol HTTPSender: Sendable {
    /// Sends a request, once.
    ///
    /// - Parameter limit: how long its answer is waited for.
    func send(_ request: GatewayRequest, within limit: Duration) async throws(SendingError) -> GatewayAnswer
}

/// Why a request has no answer.
package enum SendingError: Error, Hashable, Sendable {
    /// Nothing of it has reached the other end.
    case notSent
    /// Nobody can tell whether it was taken.
    case noAnswer
}

/// Sends nothing: of a host that has given nothing that does.
struct NoHTTPSender: HTTPSender {
    func send(_ request: GatewayRequest, within limit: Duration) async throws(SendingError) -> GatewayAnswer {
        throw .notSent
    }
}

/// Places calls by a gateway's requests over HTTP.
///
/// A request to place a call that had no answer is sent again only where the gateway knows it by its id; else the gateway is
/// asked whether it has the call.
package struct HTTPDialer: Dialer {
    private let dialing: any Dialing
    private let sender: any HTTPSender
    private let time: SteadyTime

    /// How long an answer is waited for.
    static let limit: Duration = .seconds(10)
    /// Seconds before a gateway is asked whether it has a call, the first, the second … time.
    static let lookUps = [1, 3, 9]
    /// Seconds to wait for a gateway that cannot be reached.
    private static let unreachable = 2
    /// How often a request to hang up is sent.
    private static let hangUps = 3

    init(_ dialing: any Dialing, sender: any HTTPSender, time: SteadyTime) {
        (self.dialing, self.sender, self.time) = (dialing, sender, time)
    }

    package func dial(
        _ order: CallOrder, report: @escaping @Sendable (CallProgress) -> Void
    ) async -> PlacedCall {
        let request: GatewayRequest
        do throws(DialingError) {
            request = try dialing.create(order)
        } catch {
            return .refused(CallEnd(.failed, cause: "\(error.field)-not-taken"))
        }
        let began = time.now
        let first = await create(request)
        guard first == .unknown else { return first }
        if let seconds = dialing.repeatableFor, time.now - began + Self.limit < .seconds(seconds) {
            let again = await create(request)
            // What the first attempt has done is not known, whatever keeps the second from being taken.
            if case .placed = again { return again }
        }
        return await lookUp(order)
    }

    private func create(_ request: GatewayRequest) async -> PlacedCall {
        do throws(SendingError) {
            return dialing.placed(try await sender.send(request, within: Self.limit))
        } catch {
            return error == .notSent ? .busy(after: Self.unreachable) : .unknown
        }
    }

    private func lookUp(_ order: CallOrder) async -> PlacedCall {
        guard let request = dialing.lookUp(order) else { return .unknown }
        for seconds in Self.lookUps {
            guard (try? await time.sleep(for: .seconds(seconds))) != nil else { return .unknown }
            if let answer = try? await sender.send(request, within: Self.limit),
                let name = dialing.found(answer, order)
            {
                return .placed(name)
            }
        }
        return .unknown
    }

    package func hangUp(_ id: String, isAnswered: Bool) async {
        let request = dialing.hangUp(id, isAnswered: isAnswered)
        guard let status = await end(by: request), (400..<500).contains(status), !isAnswered else { return }
        // It was answered meanwhile, and some gateways have another request then.
        let other = dialing.hangUp(id, isAnswered: true)
        if (other.method, other.url) != (request.method, request.url) || other.body != request.body {
            _ = await end(by: other)
        }
    }

    /// Sends a request to hang up until it is taken or refused.
    ///
    /// - Returns: the status of what the gateway says; nil where it says nothing.
    private func end(by request: GatewayRequest) async -> Int? {
        for attempt in 1...Self.hangUps {
            if let answer = try? await sender.send(request, within: Self.limit), answer.status < 500,
                answer.status != 429
            {
                return answer.status
            }
            guard attempt < Self.hangUps, (try? await time.sleep(for: .seconds(attempt))) != nil else { return nil }
        }
        return nil
    }
}
