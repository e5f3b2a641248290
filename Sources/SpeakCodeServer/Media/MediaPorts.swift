// SPDX-License-Identifier: GPL-3.0-or-later

internal import Synchronization

/// Where this node listens for media, known once it does.
final class MediaPorts: Sendable {
    /// The ports of AudioSocket and FastAGI; nil where there is none.
    struct Ports: Sendable {
        var audioSocket: Int?
        var fastAGI: Int?
    }

    /// The name by which gateways reach them.
    let host: String
    private let ports = Mutex(Ports())

    init(host: String) {
        self.host = host
    }

    var now: Ports {
        get { ports.withLock { $0 } }
        set { ports.withLock { $0 = newValue } }
    }

    /// The host as it stands before a port.
    var authority: String { host.contains(":") ? "[\(host)]" : host }
}
