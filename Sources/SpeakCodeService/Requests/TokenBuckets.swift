// SPDX-License-Identifier: GPL-3.0-or-later

internal import Synchronization

/// How often each caller may ask: a bucket of tokens that fills at a steady rate, and a quota for a day.
final class TokenBuckets: Sendable {
    /// The bounds.
    struct Bounds: Hashable, Sendable {
        /// Announcements a second, in the long run.
        var rate: Double
        /// Announcements at once.
        var burst: Int
        /// Announcements in 24 hours from the first; nil for any number.
        var daily: Int?
    }

    private struct Bucket {
        var tokens: Double
        var filled: Duration
        var dayBegan: Duration
        var today: Int
    }

    private let bounds: Bounds
    private let time: SteadyTime
    private let buckets = Mutex<[String: Bucket]>([:])

    init(_ bounds: Bounds, time: SteadyTime) {
        self.bounds = bounds
        self.time = time
    }

    /// Takes a token from a caller's bucket.
    ///
    /// - Returns: nil, or the seconds until there will be one.
    func take(for name: String) -> Int? {
        let now = time.now
        let day = Duration.seconds(86_400)
        return buckets.withLock { buckets in
            var bucket =
                buckets[name] ?? Bucket(tokens: Double(bounds.burst), filled: now, dayBegan: now, today: 0)
            defer { buckets[name] = bucket }
            let elapsed = (now - bucket.filled) / .seconds(1)
            bucket.tokens = min(Double(bounds.burst), bucket.tokens + elapsed * bounds.rate)
            bucket.filled = now
            if now - bucket.dayBegan >= day { (bucket.dayBegan, bucket.today) = (now, 0) }
            if let daily = bounds.daily, bucket.today >= daily {
                return Self.seconds(day - (now - bucket.dayBegan))
            }
            guard bucket.tokens >= 1 else {
                return Self.seconds(.seconds((1 - bucket.tokens) / max(bounds.rate, 1e-6)))
            }
            bucket.tokens -= 1
            bucket.today += 1
            return nil
        }
    }

    private static func seconds(_ duration: Duration) -> Int {
        max(1, Int((duration / .seconds(1)).rounded(.up)))
    }
}
