// SPDX-License-Identifier: GPL-3.0-or-later

// What an announcement costs in a process that has made one before: time, memory, and any range of its bytes.
//
// Prints what it measures and which goals are missed; a missed one is a failure, except with `--report`.

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

// Away from the main thread, where a service renders.
let missed = try await Task.detached { try await Warm().run() }.value
for goal in missed { print("missed: \(goal)") }
exit(missed.isEmpty || CommandLine.arguments.contains("--report") ? EX_OK : EXIT_FAILURE)
