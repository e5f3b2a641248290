// SPDX-License-Identifier: GPL-3.0-or-later

internal import CoreMetrics
internal import Logging
internal import SpeakCodeLinks

extension SealCount {
    /// Counts in the service's metrics, and warns in its log, by a key's public name alone.
    convenience init(metrics: ServiceMetrics, logger: Logger, firstWarning: Int = most / 16) {
        self.init(
            firstWarning: firstWarning,
            tally: { key in
                let counter = metrics.seals(by: key)
                return { counter.increment() }
            },
            warn: { key, count in
                logger.warning(
                    "a link key has sealed so much that it is time to rotate it: all replicas together may seal 2^32 texts with it",
                    metadata: ["key": "\(key.name)", "sealed": "\(count)"])
            })
    }
}
