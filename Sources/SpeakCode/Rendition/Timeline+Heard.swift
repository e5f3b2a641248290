// SPDX-License-Identifier: GPL-3.0-or-later

extension Timeline {
    /// How many readings have ended, with the pause behind them, where so many samples were heard.
    ///
    /// - Parameter sample: what a gateway says that was heard; any number.
    public func readingsEnded(by sample: Int) -> Int {
        let sample = min(max(0, sample), sampleCount)
        var ended = 0
        var index = laid.startIndex
        while index < laid.endIndex {
            let first = laid[index]
            let next = laid[index...].firstIndex { $0.reading != first.reading } ?? laid.endIndex
            if let loop, loop.segments.contains(index) {
                ended += min(max(0, (sample - first.start) / loop.sampleCount), loop.count)
            } else if laid[next - 1].end <= sample {
                ended += 1
            }
            index = next
        }
        return ended
    }
}
