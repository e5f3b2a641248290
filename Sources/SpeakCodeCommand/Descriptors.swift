// SPDX-License-Identifier: GPL-3.0-or-later

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The descriptors that a process may have: Swift's runtime and eSpeak NG end it by a signal where they get none.
enum Descriptors {
    /// What it may have where the system lets it ask for more: two for each unit of the longest code, and to spare.
    private static let wanted: rlim_t = 256
    /// How many it needs beyond those that it begins with: two for each unit of a usual code, and to spare.
    private static let needed = 48

    /// Asks for as many as are wanted.
    ///
    /// - Returns: whether there are as many as are needed.
    static func suffice() -> Bool {
        var limit = rlimit()
        #if canImport(Glibc)
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
            let resource = RLIMIT_NOFILE
        #endif
        if getrlimit(resource, &limit) == 0, limit.rlim_cur < wanted {
            limit.rlim_cur = min(wanted, limit.rlim_max)
            setrlimit(resource, &limit)
        }
        // Counted, since some may be open from the start.
        var held: [CInt] = []
        defer { for descriptor in held { close(descriptor) } }
        while held.count < needed {
            let descriptor = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0)
            guard descriptor >= 0 else { return false }
            held.append(descriptor)
        }
        return true
    }
}
