// SPDX-License-Identifier: GPL-3.0-or-later

internal import HTTPTypes
internal import Synchronization

/// How the service is: alive, ready, what it has counted, and what can be asked of it.
struct StateEndpoint: Sendable {
    let readiness: Readiness
    let refused: RefusedVoices
    /// What it has counted, as Prometheus reads it; nil where somebody else counts.
    let exposition: (@Sendable () -> String)?

    /// What a service says that lives.
    static let alive = "alive\n"

    /// - Throws: ``Problem`` for the address of metrics that somebody else has.
    func respond(to path: String) throws(Problem) -> Response {
        switch path {
        case "/healthz": return Self.text(Self.alive)
        case "/readyz":
            switch readiness.now {
            case .starting:
                return Problem(
                    .serviceUnavailable, "not-ready", "the usual voice has not spoken yet; the log says why",
                    retryAfter: 1
                ).response
            case .refused(let reason): return Problem(.serviceUnavailable, "voice-refused", reason).response
            case .ready: return Self.text("ready\n" + refused.all.map { "refused: \($0)\n" }.joined())
            case .ending: return Problem.ending.response
            }
        case "/metrics":
            guard let exposition else { throw .noSuchRoute }
            return Self.text(exposition(), "text/plain; version=0.0.4; charset=utf-8")
        default: return Self.text(OpenAPIDocument.text, "application/yaml")
        }
    }

    private static func text(_ text: String, _ type: String = "text/plain") -> Response {
        Response(
            status: .ok, headers: [.contentType: type, .cacheControl: "no-store"], bytes: Array(text.utf8))
    }
}

/// Whether the service takes work.
final class Readiness: Sendable {
    enum State: Equatable, Sendable {
        /// The usual locale's units have not been spoken yet.
        case starting
        /// The engine says the usual locale's units wrong, and would again.
        case refused(String)
        case ready
        /// It is told to end, and never takes any again.
        case ending
    }

    private let state = Mutex(State.starting)

    var now: State { state.withLock { $0 } }

    func becomeReady() {
        become(.ready)
    }

    func refuse(_ reason: String) {
        become(.refused(reason))
    }

    /// Ends the start.
    private func become(_ next: State) {
        state.withLock { state in if case .starting = state { state = next } }
    }

    func becomeEnding() {
        state.withLock { $0 = .ending }
    }
}
