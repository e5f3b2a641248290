// SPDX-License-Identifier: GPL-3.0-or-later

internal import CoreMetrics
internal import HummingbirdCore
internal import NIOCore
internal import ServiceLifecycle
internal import SpeakCode

/// One listener of an endless representation.
struct LiveCall: Sendable {
    let sound: LiveSound
    /// The longest that it goes on; a reading that would end later is not begun.
    let longest: Duration
    let metrics: ServiceMetrics

    /// How a call was.
    struct Outcome: Sendable {
        /// The readings sent to their end.
        var readings = 0
        var bytes = 0
        /// Why it ended before its time: nobody reads any more, or the grace time of a service that ends is over.
        var failure: (any Error)?
    }

    /// Sends until the listener hangs up, the time is over, or the service ends; the last two between readings.
    func send(to writer: inout any ResponseBodyWriter) async -> Outcome {
        let began = ContinuousClock.now
        var outcome = Outcome()
        do {
            try await sound.forEach { piece in
                if !piece.bytes.isEmpty {
                    try await writer.write(ByteBuffer(bytes: piece.bytes))
                    outcome.bytes += piece.bytes.count
                }
                guard piece.endsReading else { return true }
                outcome.readings += 1
                metrics.readingsSent.increment()
                let elapsed = began.duration(to: .now)
                return !Task.isShuttingDownGracefully && elapsed + elapsed / outcome.readings <= longest
            }
            try Task.checkCancellation()
        } catch {
            outcome.failure = error
        }
        return outcome
    }
}
