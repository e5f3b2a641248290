// SPDX-License-Identifier: GPL-3.0-or-later

internal import Glibc

/// Nanoseconds of the clock by which the kernel says when a packet came.
func nanoseconds() -> Int64 {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return now.nanoseconds
}

/// Sleeps until a time of that clock, less than a second ahead.
func wait(until deadline: Int64) {
    let left = deadline - nanoseconds()
    guard left > 0 else { return }
    var time = timespec(tv_sec: 0, tv_nsec: Int(left))
    nanosleep(&time, nil)
}

extension timespec {
    var nanoseconds: Int64 { Int64(tv_sec) * 1_000_000_000 + Int64(tv_nsec) }
}
