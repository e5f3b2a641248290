// SPDX-License-Identifier: GPL-3.0-or-later

internal import CoreMetrics
internal import SpeakCode

/// An answer whose end is not known when it begins.
package protocol LongAnswer: Sendable {
    /// The longest that it may take, however slowly its listener reads: who carries it closes it then.
    var latestEnd: Duration { get }

    /// Sends until it is over, or the listener hangs up.
    ///
    /// - Returns: why it ended before its time.
    func send(
        to write: BodyWriter, logging entry: AccessLog.Entry?, to log: AccessLog
    ) async -> (any Error)?
}

/// One listener of an endless representation.
package struct LiveCall: LongAnswer {
    let sound: LiveSound
    /// The longest that it goes on; a reading that would end later is not begun.
    let longest: Duration
    let time: SteadyTime
    let metrics: ServiceMetrics
    /// Its place among the listeners, given back with the call.
    let place: LiveCalls.Place

    package var latestEnd: Duration { longest + Self.lag }

    /// A reading that was begun in time, and how far a listener who reads may be behind.
    private static let lag: Duration = .seconds(60)

    /// How a call was.
    private struct Outcome {
        /// The readings sent to their end.
        var readings = 0
        var bytes = 0
        /// Why it ended before its time: nobody reads any more, or the grace time of a service that ends is over.
        var failure: (any Error)?
    }

    /// Sends until the listener hangs up, the time is over, or the service ends; the last two between readings.
    ///
    /// - Returns: why it ended before its time.
    package func send(
        to write: BodyWriter, logging entry: AccessLog.Entry?, to log: AccessLog
    ) async -> (any Error)? {
        let outcome = await play(to: write)
        withExtendedLifetime(place) {}
        if outcome.failure != nil { metrics.hangUps.increment() }
        guard var entry else { return outcome.failure }
        entry.readings = outcome.readings
        entry.bytes = outcome.bytes
        entry.hungUp = outcome.failure != nil
        log.write(entry)
        return outcome.failure
    }

    private func play(to write: BodyWriter) async -> Outcome {
        let began = time.now
        var outcome = Outcome()
        do {
            try await sound.forEach { piece in
                if !piece.bytes.isEmpty {
                    try await write(piece.bytes)
                    outcome.bytes += piece.bytes.count
                }
                guard piece.endsReading else { return true }
                outcome.readings += 1
                metrics.readingsSent.increment()
                let elapsed = time.now - began
                return !place.isEnding && elapsed + elapsed / outcome.readings <= longest
            }
            try Task.checkCancellation()
        } catch {
            outcome.failure = error
        }
        return outcome
    }
}
