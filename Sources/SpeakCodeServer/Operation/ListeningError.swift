// SPDX-License-Identifier: GPL-3.0-or-later

internal import NIOCore

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Why a service cannot listen.
public struct ListeningError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The key of the setting that can be changed: `host`, or that of a port.
    public let key: String
    /// What is in the way, and what to do.
    public let problem: String

    /// The setting, and what to do.
    public var description: String { "\(key): \(problem)" }

    /// - Parameters:
    ///   - error: what SwiftNIO threw.
    ///   - setting: the key of the port's setting.
    init(_ error: any Error, host: String, port: Int, setting: String) {
        let wanted = "cannot listen on \(host) port \(port)"
        guard let number = (error as? IOError)?.errnoCode else {
            (key, problem) = ("host", "\(wanted), since \(host) is no address of this machine")
            return
        }
        (key, problem) =
            switch number {
            case EADDRINUSE:
                (setting, "\(wanted), since another program listens there; end it, or set another `\(setting)`")
            case EACCES, EPERM:
                (
                    setting,
                    "\(wanted), which this user may not; set `\(setting)` to 1024 or above, or give it "
                        + "CAP_NET_BIND_SERVICE"
                )
            case EADDRNOTAVAIL: ("host", "\(wanted), since this machine has no such address")
            case EMFILE, ENFILE: (setting, "\(wanted), since too many files are open; raise the limit (`ulimit -n`)")
            default: (setting, "\(wanted): \(String(cString: strerror(number)))")
            }
    }
}
