// SPDX-License-Identifier: GPL-3.0-or-later

/// How late the frames of calls were.
enum Lateness {
    /// The upper ends of the histogram's steps, in microseconds; the last has no end.
    private static let steps: [Int32] = [
        250, 500, 1000, 2000, 3000, 4000, 5000, 7500, 10_000, 20_000, 50_000, 100_000, .max,
    ]

    /// As members of an object of JSON.
    ///
    /// - Parameter calls: of each, when its frames came, in microseconds against one each 20 ms.
    static func summary(of calls: [[Int32]]) -> String {
        var histogram = [Int](repeating: 0, count: steps.count)
        var (frames, withinOfLeast, withinOfMedian) = (0, 0, 0)
        var latest: Int32 = 0
        var drift: Int32 = 0
        for times in calls {
            let sorted = times.sorted()
            guard let least = sorted.first else { continue }
            let median = sorted[sorted.count / 2]
            frames += sorted.count
            latest = max(latest, (sorted.last ?? least) - least)
            for time in times {
                let late = time - least
                histogram[steps.firstIndex { late <= $0 } ?? steps.count - 1] += 1
                if late <= 5000 { withinOfLeast += 1 }
                if abs(time - median) <= 5000 { withinOfMedian += 1 }
            }
            // The least of the first tenth beside that of the last one: what a queue adds is not in them.
            let tenth = max(1, times.count / 10)
            if let first = times.prefix(tenth).min(), let last = times.suffix(tenth).min() {
                if abs(last - first) > abs(drift) { drift = last - first }
            }
        }
        let bars = zip(steps, histogram).map { "[\($0 == .max ? "null" : String($0)), \($1)]" }.joined(separator: ", ")
        return """
            "frames": \(frames), "withinOfLeast": \(withinOfLeast), "withinOfMedian": \(withinOfMedian), \
            "latest": \(latest), "drift": \(drift), "histogram": [\(bars)]
            """
    }
}
