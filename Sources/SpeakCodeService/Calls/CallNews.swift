// SPDX-License-Identifier: GPL-3.0-or-later

internal import CoreMetrics
internal import SpeakCodeGateways
internal import SpeakCodeLinks

/// Tells whom it concerns what happened to a call: the operator's address, who counts, who reads the log.
struct CallNews: Sendable {
    let metrics: ServiceMetrics
    let log: AccessLog
    let outbox: CallOutbox

    /// Tells of an event, in order for each call; it neither waits nor asks back.
    func tell(_ event: CallEvent, of call: PlacedCalls.Snapshot) {
        outbox.add(event, of: call)
        guard event.kind == .ended, let end = call.record.end else { return }
        metrics.ended(through: call.ticket.gateway, outcome: end.outcome.rawValue)
        log.write(
            AccessLog.Ended(
                call: log.digest(of: "\(call.ticket.id)"), through: call.ticket.gateway,
                outcome: end.outcome.rawValue, cause: end.cause, sip: end.sipStatus,
                answeredSeconds: end.answeredSeconds))
    }
}
