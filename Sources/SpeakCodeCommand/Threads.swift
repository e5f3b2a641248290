// SPDX-License-Identifier: GPL-3.0-or-later

internal import CProgram

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The threads that a process may have: Swift's executors wait for ever for one that they do not get, and SwiftNIO ends the
/// process.
enum Threads {
    /// How many a command needs besides the first: its executor's, the one that hears signals, and to spare.
    private static let ofACommand = 6
    /// How many more one needs that serves or fetches, for each processor.
    private static let ofEachLoop = 2

    /// Whether Swift can look after its threads: its queues open their files in /proc, and end a process where they cannot.
    static var canBeSeen: Bool {
        #if os(Linux)
            access("/proc/self/task", R_OK | X_OK) == 0
        #else
            true
        #endif
    }

    /// Whether there are as many as are needed.
    static func suffice(forEventLoops hasLoops: Bool) -> Bool {
        let processors = max(1, sysconf(CInt(_SC_NPROCESSORS_ONLN)))
        let wanted = ofACommand + (hasLoops ? ofEachLoop * processors : 0)
        return speakcode_threads_suffice(CInt(clamping: wanted)) != 0
    }
}
