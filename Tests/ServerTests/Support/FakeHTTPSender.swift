// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCodeGateways
import Synchronization

@testable import SpeakCodeService

/// Sends nothing anywhere: keeps what it was given, and answers as it is told to.
final class FakeHTTPSender: HTTPSender {
    typealias Answer = @Sendable (GatewayRequest, _ attempt: Int) async -> Result<GatewayAnswer, SendingError>

    private let answer: Answer
    private let sent = Mutex<[GatewayRequest]>([])
    private let (arrivals, arrived) = AsyncStream.makeStream(of: Void.self)

    init(_ answer: @escaping Answer = { _, _ in .success(GatewayAnswer(status: 204)) }) {
        self.answer = answer
    }

    var requests: [GatewayRequest] { sent.withLock { $0 } }

    func send(_ request: GatewayRequest, within limit: Duration) async throws(SendingError) -> GatewayAnswer {
        let attempt = sent.withLock { sent in
            sent.append(request)
            return sent.count
        }
        arrived.yield()
        return try await answer(request, attempt).get()
    }

    /// Waits for as many requests more; one waits at a time.
    func waitForRequests(_ count: Int) async {
        var left = count
        for await _ in arrivals {
            left -= 1
            if left == 0 { return }
        }
    }
}
