// SPDX-License-Identifier: GPL-3.0-or-later

internal import Synchronization

/// Where this node listens for media, known once it does.
package final class MediaPorts: Sendable {
    /// The ports of HTTP, AudioSocket and FastAGI; nil where there is none.
    package struct Ports: Sendable {
        package var http: Int?
        package var audioSocket: Int?
        package var fastAGI: Int?
    }

    /// The name by which gateways reach them.
    let host: String
    private let ports = Mutex(Ports())

    init(host: String) {
        self.host = host
    }

    /// What is known so far.
    ///
    /// A port that is known stays: listeners begin side by side, and none undoes what another has set.
    package var now: Ports {
        get { ports.withLock { $0 } }
        set {
            ports.withLock { ports in
                ports.http = newValue.http ?? ports.http
                ports.audioSocket = newValue.audioSocket ?? ports.audioSocket
                ports.fastAGI = newValue.fastAGI ?? ports.fastAGI
            }
        }
    }

    /// The host as it stands before a port.
    package var authority: String { host.contains(":") ? "[\(host)]" : host }
}
