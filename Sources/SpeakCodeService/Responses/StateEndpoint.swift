// SPDX-License-Identifier: GPL-3.0-or-later

internal import HTTPTypes
internal import Synchronization

/// How the service is: alive, ready, what it has counted, and what can be asked of it.
struct StateEndpoint: Sendable {
    let readiness: Readiness
    let registry: PrometheusRegistry

    func respond(to path: String) -> Response {
        switch path {
        case "/healthz": Self.text("alive\n")
        case "/readyz":
            switch readiness.now {
            case .starting:
                Problem(
                    .serviceUnavailable, "not-ready", "the usual voice has not spoken yet; the log says why",
                    retryAfter: 1
                ).response
            case .ready: Self.text("ready\n")
            case .ending: Problem.ending.response
            }
        case "/metrics": Self.text(registry.exposition(), "text/plain; version=0.0.4; charset=utf-8")
        default: Self.text(OpenAPIDocument.text, "application/yaml")
        }
    }

    private static func text(_ text: String, _ type: String = "text/plain") -> Response {
        Response(
            status: .ok, headers: [.contentType: type, .cacheControl: "no-store"], bytes: Array(text.utf8))
    }
}

/// Whether the service takes work.
final class Readiness: Sendable {
    enum State: Sendable {
        /// The usual locale's units have not been spoken yet.
        case starting
        case ready
        /// It is told to end, and never takes any again.
        case ending
    }

    private let state = Mutex(State.starting)

    var now: State { state.withLock { $0 } }

    func becomeReady() {
        state.withLock { if $0 == .starting { $0 = .ready } }
    }

    func becomeEnding() {
        state.withLock { $0 = .ending }
    }
}
