// SPDX-License-Identifier: GPL-3.0-or-later

internal import Glibc

/// How late this machine itself is: a thread that comes before all others waits for every millisecond and does nothing else.
///
/// A frame can be no more on time than that. On a machine that is shared, another guest takes the processor away meanwhile.
enum Floor {
    /// As JSON: how many milliseconds were waited for, and how many of them were over for more than 5 ms when it woke.
    static func summary(seconds: Int) -> String {
        var priority = sched_param(sched_priority: 50)
        let isFirst = sched_setscheduler(0, SCHED_FIFO, &priority) == 0
        let began = nanoseconds()
        var (count, late) = (0, 0)
        var latest: Int64 = 0
        while count < seconds * 1000 {
            count += 1
            let due = began + Int64(count) * 1_000_000
            wait(until: due)
            let lateness = nanoseconds() - due
            latest = max(latest, lateness)
            if lateness > 5_000_000 { late += 1 }
        }
        return #"{"milliseconds": \#(count), "late": \#(late), "latest": \#(latest / 1000), "isFirst": \#(isFirst)}"#
    }
}
