// SPDX-License-Identifier: GPL-3.0-or-later

package import SpeakCodeGateways
internal import Synchronization

/// The telephone on a page, as what places calls: it rings there, and who takes the call hears it over a WebSocket of the
/// service's own.
package final class PageTelephone: Dialer {
    private struct Line {
        /// The path of the WebSocket.
        let media: String
        let report: @Sendable (CallProgress) -> Void
        let ringsUntil: Duration
        var answered: Duration?
        /// When the page was heard of last.
        var seen: Duration
    }

    private let lines = Mutex<[String: Line]>([:])
    private let elapsed: @Sendable () -> Duration
    private let rest: @Sendable (Duration) async throws -> Void

    /// By which name calls go here, among gateways.
    package static let route = "page"
    /// Calls at a time.
    static let most = 100
    /// How long a page may say nothing before the person has gone; a tab in the background has a timer a minute.
    static let patience: Duration = .seconds(90)

    package init(clock: some Clock<Duration> = ContinuousClock()) {
        let start = clock.now
        elapsed = { start.duration(to: clock.now) }
        rest = { try await clock.sleep(for: $0) }
    }

    // MARK: The service's side

    package func dial(_ order: CallOrder, report: @escaping @Sendable (CallProgress) -> Void) async -> PlacedCall {
        guard case .webSocket(let url) = order.heard, let path = Self.path(of: url) else {
            return .refused(CallEnd(.failed, cause: "no-media"))
        }
        let now = elapsed()
        let isPlaced = lines.withLock { lines in
            guard lines.count < Self.most else { return false }
            lines[order.id] = Line(
                media: path, report: report, ringsUntil: now + .seconds(order.timeout), seen: now)
            return true
        }
        guard isPlaced else { return .refused(CallEnd(.busy)) }
        report(.ringing)
        watch(order.id)
        return .placed(order.id)
    }

    package func hangUp(_ id: String, isAnswered: Bool) async { end(id, .canceled) }

    /// What stands behind the host of an address.
    private static func path(of url: String) -> String? {
        guard let scheme = url.firstRange(of: "://"),
            let slash = url[scheme.upperBound...].firstIndex(of: "/")
        else { return nil }
        return String(url[slash...])
    }

    /// Ends a call that nobody takes, or whose page is gone.
    private func watch(_ id: String) {
        // It is over with the call, and nobody waits for it.
        Task { [weak self, rest] in
            while (try? await rest(.seconds(1))) != nil {
                guard let self, self.look(at: id) else { return }
            }
        }
    }

    /// - Returns: whether the call goes on.
    private func look(at id: String) -> Bool {
        let now = elapsed()
        let isOver: Bool? = lines.withLock { lines in
            lines[id].map { line in
                line.answered == nil ? now >= line.ringsUntil : now >= line.seen + Self.patience
            }
        }
        guard let isOver else { return false }
        if isOver { end(id, .noAnswer) }
        return !isOver
    }

    // MARK: The page's side

    /// Takes a call that rings.
    ///
    /// - Returns: the path of its sound; nil for one that rings no more, or is taken already.
    package func answer(_ id: String) -> String? {
        let now = elapsed()
        let taken: Line? = lines.withLock { lines in
            guard var line = lines[id], line.answered == nil else { return nil }
            (line.answered, line.seen) = (now, now)
            lines[id] = line
            return line
        }
        taken?.report(.answered)
        return taken?.media
    }

    /// Declines a call that rings, and hangs up one that was taken.
    package func hangUp(_ id: String) { end(id, .rejected) }

    /// The page that has a call is there.
    package func isSeen(_ id: String) {
        let now = elapsed()
        lines.withLock { $0[id]?.seen = now }
    }

    /// - Parameter outcome: what becomes of a call that nobody has taken.
    private func end(_ id: String, _ outcome: CallOutcome) {
        let now = elapsed()
        guard let line = lines.withLock({ $0.removeValue(forKey: id) }) else { return }
        let end = line.answered.map { answered in
            CallEnd(.completed, answeredSeconds: Int((now - answered).components.seconds))
        }
        line.report(.ended(end ?? CallEnd(outcome)))
    }
}

extension PageTelephone: CustomStringConvertible, CustomReflectable {
    package var description: String { "PageTelephone" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
