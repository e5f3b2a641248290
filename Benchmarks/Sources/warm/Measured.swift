// SPDX-License-Identifier: GPL-3.0-or-later

/// Times of one operation: the best of several rounds, since all that other programs on the machine do is added to them.
struct Measured {
    /// Half of a round's times were no longer, in microseconds.
    private(set) var median = Double.infinity
    /// 99 of 100 were no longer.
    private(set) var p99 = Double.infinity

    /// Takes a round in, where it is the best so far.
    mutating func add(_ round: [Duration]) {
        let sorted = round.sorted()
        let middle = sorted[sorted.count / 2] / .microseconds(1)
        guard middle < median else { return }
        median = middle
        p99 = sorted[sorted.count * 99 / 100] / .microseconds(1)
    }
}
