// SPDX-License-Identifier: GPL-3.0-or-later

internal import Logging
internal import ServiceLifecycle

/// The calls over SIP of a service that ends: who is rung is rung no longer, who listens hears the reading to its end, and
/// each is told that the call is over before the process is.
struct SIPCalls: Service, CustomStringConvertible {
    let dialer: SIPDialer
    let logger: Logger

    var description: String { "calls over SIP" }

    /// How long telephones may take to acknowledge that a call is over.
    private static let patience: Duration = .seconds(2)

    func run() async {
        if (try? await gracefulShutdown()) != nil {
            dialer.endRinging()
            // Until the grace time is over, and the task is cancelled.
            await dialer.untilIdle()
        }
        await withCheckedContinuation { continuation in
            dialer.close(within: Self.patience) { continuation.resume() }
        }
        logger.debug("no calls over SIP any more")
    }
}
