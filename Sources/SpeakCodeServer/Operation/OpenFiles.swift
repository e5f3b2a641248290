// SPDX-License-Identifier: GPL-3.0-or-later

internal import NIOCore
internal import SpeakCodeService

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The files that this process may have open, and how they are shared out: each connection is one, and the service itself
/// needs some that no stranger can take from it.
public struct OpenFiles: Hashable, Sendable {
    /// The most that may be open.
    public let limit: Int
    /// Those that are open from the start.
    let inUse: Int
    private let cores: Int

    init(limit: Int, inUse: Int, cores: Int) {
        (self.limit, self.inUse, self.cores) = (limit, inUse, cores)
    }

    /// As the system has them.
    ///
    /// - Parameter raising: whether the soft limit is raised to the hard one first.
    public init(raising: Bool = false) {
        #if canImport(Glibc)
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
            let resource = RLIMIT_NOFILE
        #endif
        var limits = rlimit()
        getrlimit(resource, &limits)
        if raising {
            let before = limits
            limits.rlim_cur = max(before.rlim_cur, min(before.rlim_max, Self.most))
            if setrlimit(resource, &limits) != 0 { limits = before }
        }
        limit = Int(min(limits.rlim_cur, Self.most))
        cores = System.coreCount
        inUse = (0..<CInt(min(limit, 4096))).count { fcntl($0, F_GETFD) >= 0 }
    }

    /// Beyond it nothing is gained, and programs that close all that might be open would take long.
    private static let most: rlim_t = 1 << 20

    /// How many engines are started at a time: a dozen files are open for each while it speaks.
    var engines: Int { min(8, max(1, limit / 64)) }

    /// What the service needs for itself: three for each event loop, the engines', and some for keys, packs, certificates,
    /// listening sockets and libraries.
    private var reserve: Int { inUse + 16 + 4 * cores + 12 * engines }

    /// What is had by default where there are files enough.
    private static let usualConnections = 20_000

    /// The connections that there may be at a time to each port.
    ///
    /// - Parameters:
    ///   - wanted: how many were asked for; nil for as many as are usual, or as there can be.
    ///   - ports: how many ports are listened on.
    ///   - others: how many files are open beside them at the most.
    /// - Throws: `SettingsError` where there are too few files.
    func connections(_ wanted: Int?, toEachOf ports: Int, besides others: Int = 0) throws(SettingsError) -> Int {
        let most = max(0, limit - reserve - others) / max(1, ports)
        let remedy = "raise it with `ulimit -Hn`, or LimitNOFILE in systemd"
        guard most > 0 else {
            throw SettingsError(
                "connections", "cannot be any: only \(limit) files may be open at a time; \(remedy)")
        }
        guard let wanted else { return min(Self.usualConnections, most) }
        guard wanted <= most else {
            throw SettingsError(
                "connections", "must be at most \(most): only \(limit) files may be open at a time; \(remedy)")
        }
        return wanted
    }
}

extension ServiceSettings {
    /// How many ports have connections of their own at a time.
    ///
    /// While a service ends, what calls over FastAGI fetch is had at one more (``FastAGICalls``).
    var portCount: Int { 1 + (audioSocketPort == nil ? 0 : 1) + (agiPort == nil ? 0 : 2) }
}
