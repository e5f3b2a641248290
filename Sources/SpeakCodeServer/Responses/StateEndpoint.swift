// SPDX-License-Identifier: GPL-3.0-or-later

internal import HTTPTypes
internal import NIOCore
internal import Synchronization

/// How the service is: alive, ready, what it has counted, and what can be asked of it.
struct StateEndpoint: Sendable {
    let readiness: Readiness
    let registry: PrometheusRegistry

    func respond(to path: String) -> Response {
        switch path {
        case "/healthz": Self.text("alive\n")
        case "/readyz":
            readiness.isReady
                ? Self.text("ready\n")
                : Problem(
                    .serviceUnavailable, "not-ready", "the usual voice has not spoken yet; the log says why",
                    retryAfter: 1
                ).response
        case "/metrics": Self.text(registry.exposition(), "text/plain; version=0.0.4; charset=utf-8")
        default: Self.text(openAPIDocument, "application/yaml")
        }
    }

    private static func text(_ text: String, _ type: String = "text/plain") -> Response {
        Response(
            status: .ok, headers: [.contentType: type, .cacheControl: "no-store"], bytes: ByteBuffer(string: text))
    }
}

/// Whether the usual locale's units have been spoken.
final class Readiness: Sendable {
    private let ready = Mutex(false)

    var isReady: Bool {
        get { ready.withLock { $0 } }
        set { ready.withLock { $0 = newValue } }
    }
}
