// SPDX-License-Identifier: GPL-3.0-or-later

/// What places calls, whatever it does so by: requests over HTTP, a socket to a gateway, or SIP.
package protocol Dialer: Sendable {
    /// Places a call once; what was asked for under the same ``CallOrder/id`` is never placed twice.
    ///
    /// - Parameters:
    ///   - order: the call.
    ///   - report: told what becomes of it, in order, as far as this dialer hears of it itself; its last is
    ///     ``CallProgress/ended(_:)``. Gateways that report to ``CallOrder/reportTo`` are heard there.
    /// - Returns: what became of the request.
    func dial(_ order: CallOrder, report: @escaping @Sendable (CallProgress) -> Void) async -> PlacedCall

    /// Ends a call, or takes it back while it rings; nothing happens to one that is over.
    ///
    /// - Parameters:
    ///   - id: the gateway's name of it.
    ///   - isAnswered: whether it was answered, as far as we know.
    func hangUp(_ id: String, isAnswered: Bool) async
}
