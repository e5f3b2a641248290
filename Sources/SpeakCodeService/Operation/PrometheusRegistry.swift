// SPDX-License-Identifier: GPL-3.0-or-later

internal import CoreMetrics
internal import Synchronization

/// Counts what swift-metrics is told, and writes it as Prometheus's text exposition format, version 0.0.4.
package final class PrometheusRegistry: MetricsFactory, Sendable {
    private struct Series: Hashable {
        let name: String
        let labels: String
    }

    private struct Values {
        var counters: [Series: Int64] = [:]
        var gauges: [Series: Double] = [:]
        var histograms: [Series: Histogram] = [:]
    }

    private struct Histogram {
        var counts = [Int64](repeating: 0, count: PrometheusRegistry.bounds.count + 1)
        var sum = 0.0
    }

    /// Upper bounds of the buckets of times, in seconds.
    static let bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    /// What each metric is, by its name.
    static let help = [
        "speakcode_announcements_total": "Announcements made, by locale.",
        "speakcode_documents_total": "Requests for documents that control calls, by document and status.",
        "speakcode_calls_total": "Calls over AudioSocket, FastAGI and WebSocket, by transport and why they ended.",
        "speakcode_placed_calls_total": "Calls accepted to be placed, by gateway.",
        "speakcode_placed_call_ends_total": "Placed calls that are over, by gateway and outcome.",
        "speakcode_call_reports_total": "Reports of gateways on calls, by gateway and whether they could be read.",
        "speakcode_call_events_total": "Messages to the operator's addresses, by what became of them.",
        "speakcode_fetches_total": "Fetches of links, by representation and status.",
        "speakcode_live_calls": "Listeners of endless representations at this moment.",
        "speakcode_readings_sent_total": "Readings sent to their end in endless representations.",
        "speakcode_hangups_total": "Endless representations that the listener ended.",
        "speakcode_refusals_total": "Requests refused for their rate, their quota or their key.",
        "speakcode_refused_connections_total": "Connections closed since their address had too many.",
        "speakcode_syntheses_total": "Requests to the speech engine, by outcome.",
        "speakcode_synthesis_seconds": "How long the speech engine took.",
        "speakcode_seals_total": "Texts sealed by a link key, of which it may seal 4294967296 in all replicas.",
        "speakcode_log_lines_dropped_total": "Log lines dropped since nobody read the log, or it could not be written.",
        "speakcode_encoded_files_total": "Wants of whole compressed files, by whether one was kept.",
    ]

    private let values = Mutex(Values())

    package init() {}

    // MARK: swift-metrics

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        Handler(registry: self, series: Self.series(label, dimensions))
    }

    func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        Handler(registry: self, series: Self.series(label, dimensions))
    }

    func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        Handler(registry: self, series: Self.series(label, dimensions))
    }

    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        Handler(registry: self, series: Self.series(label, dimensions))
    }

    func destroyCounter(_ handler: any CounterHandler) {}
    func destroyRecorder(_ handler: any RecorderHandler) {}
    func destroyMeter(_ handler: any MeterHandler) {}
    func destroyTimer(_ handler: any TimerHandler) {}

    private final class Handler: CounterHandler, RecorderHandler, MeterHandler, TimerHandler {
        private let registry: PrometheusRegistry
        private let series: Series

        init(registry: PrometheusRegistry, series: Series) {
            self.registry = registry
            self.series = series
        }

        func increment(by amount: Int64) { registry.values.withLock { $0.counters[series, default: 0] += amount } }
        func reset() { registry.values.withLock { $0.counters[series] = 0 } }
        func record(_ value: Int64) { record(Double(value)) }
        func record(_ value: Double) {
            registry.values.withLock { values in
                let place = PrometheusRegistry.bounds.firstIndex { value <= $0 } ?? PrometheusRegistry.bounds.count
                values.histograms[series, default: Histogram()].counts[place] += 1
                values.histograms[series]?.sum += value
            }
        }
        func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
        func set(_ value: Int64) { set(Double(value)) }
        func set(_ value: Double) { registry.values.withLock { $0.gauges[series] = value } }
        func increment(by amount: Double) { registry.values.withLock { $0.gauges[series, default: 0] += amount } }
        func decrement(by amount: Double) { increment(by: -amount) }
    }

    private static func series(_ name: String, _ dimensions: [(String, String)]) -> Series {
        var labels = ""
        for (label, value) in dimensions {
            if !labels.isEmpty { labels += "," }
            labels += label
            labels += "=\""
            labels += escaped(value)
            labels += "\""
        }
        return Series(name: name, labels: labels)
    }

    private static func escaped(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 == 0x5C || $0 == 0x22 || $0 == 0x0A }) else { return text }
        return text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }

    // MARK: The exposition

    /// All series, in alphabetical order.
    package func exposition() -> String {
        let values = values.withLock { $0 }
        var lines: [String] = []
        func family<Value>(_ series: [Series: Value], _ type: String, _ write: (Series, Value) -> Void) {
            var name: String?
            for (one, value) in series.sorted(by: { ($0.key.name, $0.key.labels) < ($1.key.name, $1.key.labels) }) {
                if one.name != name {
                    name = one.name
                    if let help = Self.help[one.name] { lines.append("# HELP \(one.name) \(help)") }
                    lines.append("# TYPE \(one.name) \(type)")
                }
                write(one, value)
            }
        }
        func line(_ name: String, _ labels: String, _ value: String) {
            lines.append(labels.isEmpty ? "\(name) \(value)" : "\(name){\(labels)} \(value)")
        }
        family(values.counters, "counter") { line($0.name, $0.labels, "\($1)") }
        family(values.gauges, "gauge") { line($0.name, $0.labels, "\($1)") }
        family(values.histograms, "histogram") { series, histogram in
            let before = series.labels.isEmpty ? "" : series.labels + ","
            var count: Int64 = 0
            for (bound, more) in zip(Self.bounds.map { "\($0)" } + ["+Inf"], histogram.counts) {
                count += more
                line(series.name + "_bucket", before + "le=\"\(bound)\"", "\(count)")
            }
            line(series.name + "_sum", series.labels, "\(histogram.sum)")
            line(series.name + "_count", series.labels, "\(count)")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
