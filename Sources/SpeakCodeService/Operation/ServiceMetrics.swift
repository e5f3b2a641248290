// SPDX-License-Identifier: GPL-3.0-or-later

package import Metrics
internal import SpeakCodeLinks

/// What the service counts.
///
/// No label ever has a code, a link or a caller.
package struct ServiceMetrics: Sendable {
    private let factory: any MetricsFactory
    let liveCalls: Meter
    let readingsSent: Counter
    let hangUps: Counter
    let refusals: Counter
    package let refusedConnections: Counter
    package let logLinesDropped: Counter

    init(factory: any MetricsFactory) {
        self.factory = factory
        liveCalls = Meter(label: "speakcode_live_calls", factory: factory)
        readingsSent = Counter(label: "speakcode_readings_sent_total", factory: factory)
        hangUps = Counter(label: "speakcode_hangups_total", factory: factory)
        refusals = Counter(label: "speakcode_refusals_total", factory: factory)
        refusedConnections = Counter(label: "speakcode_refused_connections_total", factory: factory)
        logLinesDropped = Counter(label: "speakcode_log_lines_dropped_total", factory: factory)
        liveCalls.set(0)
        // Without their zero the first increment of each would be no increase to Prometheus.
        for counter in [readingsSent, hangUps, refusals, refusedConnections, logLinesDropped] { counter.reset() }
        for outcome in ["spoken", "failed"] {
            Counter(label: "speakcode_syntheses_total", dimensions: [("outcome", outcome)], factory: factory).reset()
        }
    }

    /// An announcement was made.
    func announced(in locale: String) {
        Counter(label: "speakcode_announcements_total", dimensions: [("locale", locale)], factory: factory).increment()
    }

    /// A link was fetched.
    func fetched(_ representation: String, status: Int) {
        Counter(
            label: "speakcode_fetches_total",
            dimensions: [("representation", representation), ("status", String(status))], factory: factory
        ).increment()
    }

    /// A document was asked for.
    func asked(for document: String, status: Int) {
        Counter(
            label: "speakcode_documents_total", dimensions: [("document", document), ("status", String(status))],
            factory: factory
        ).increment()
    }

    /// A call has ended.
    func ended(over transport: String, reason: String) {
        Counter(
            label: "speakcode_calls_total", dimensions: [("transport", transport), ("end", reason)], factory: factory
        ).increment()
    }

    /// A call was accepted, and its gateway is asked.
    func accepted(through gateway: String) {
        Counter(label: "speakcode_placed_calls_total", dimensions: [("through", gateway)], factory: factory).increment()
    }

    /// A placed call is over.
    func ended(through gateway: String, outcome: String) {
        Counter(
            label: "speakcode_placed_call_ends_total", dimensions: [("through", gateway), ("outcome", outcome)],
            factory: factory
        ).increment()
    }

    /// A gateway has reported of a call.
    func reported(through gateway: String, isRead: Bool) {
        Counter(
            label: "speakcode_call_reports_total", dimensions: [("through", gateway), ("read", "\(isRead)")],
            factory: factory
        ).increment()
    }

    /// What became of a message to the operator's addresses.
    enum Telling: String {
        case delivered
        case failed
        /// Too many waited.
        case dropped
    }

    /// A message to the operator's addresses has come, or has not.
    func told(_ telling: Telling) {
        Counter(label: "speakcode_call_events_total", dimensions: [("outcome", telling.rawValue)], factory: factory)
            .increment()
    }

    /// Counts what a link key seals; its name stands in each of its links.
    func seals(by key: LinkKey) -> Counter {
        Counter(label: "speakcode_seals_total", dimensions: [("key", key.name)], factory: factory)
    }

    /// The engine has spoken, or failed to.
    func spoke(for duration: Duration, successfully: Bool) {
        let outcome = [("outcome", successfully ? "spoken" : "failed")]
        Counter(label: "speakcode_syntheses_total", dimensions: outcome, factory: factory).increment()
        Timer(label: "speakcode_synthesis_seconds", factory: factory).recordNanoseconds(
            Int64(clamping: Int(duration / .nanoseconds(1))))
    }

    /// A compressed file was wanted, and was or was not at hand.
    func wantedFile(atHand: Bool) {
        Counter(
            label: "speakcode_encoded_files_total", dimensions: [("cache", atHand ? "hit" : "miss")], factory: factory
        ).increment()
    }
}
