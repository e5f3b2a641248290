// SPDX-License-Identifier: GPL-3.0-or-later

internal import FoundationEssentials
internal import SpeakCodeGateways
internal import SpeakCodeLinks

/// What happens to a call, as server-sent events (https://html.spec.whatwg.org/#server-sent-events): how it is, what has
/// happened, then each event when it comes, until the call is over.
package struct CallEventStream: LongAnswer {
    let calls: PlacedCalls
    let first: PlacedCalls.Snapshot
    let events: AsyncStream<CallEvent>
    /// Its place among those who listen, given back with it.
    let place: LiveCalls.Place
    let longest: Duration
    let time: SteadyTime

    /// How often something is written, so that nobody between takes the connection for a dead one.
    static let keepAlive: Duration = .seconds(10)

    package var latestEnd: Duration { longest }

    private enum Piece: Sendable {
        case event(CallEvent)
        case nothing
    }

    package func send(
        to write: BodyWriter, logging entry: AccessLog.Entry?, to log: AccessLog
    ) async -> (any Error)? {
        var bytes = 0
        let failure = await writeAll(to: write, counting: &bytes)
        withExtendedLifetime(place) {}
        if var entry {
            entry.bytes = bytes
            entry.hungUp = failure != nil
            log.write(entry)
        }
        return failure
    }

    private func writeAll(to write: BodyWriter, counting bytes: inout Int) async -> (any Error)? {
        do {
            try await Self.write(Self.text("state", first, number: nil), to: write, counting: &bytes)
            try await writeEvents(to: write, counting: &bytes)
            return nil
        } catch {
            return error
        }
    }

    private func writeEvents(to write: BodyWriter, counting bytes: inout Int) async throws {
        let (pieces, sink) = AsyncStream.makeStream(of: Piece.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await event in events { sink.yield(.event(event)) }
                sink.finish()
            }
            group.addTask {
                while (try? await time.sleep(for: Self.keepAlive)) != nil { sink.yield(.nothing) }
            }
            defer { group.cancelAll() }
            for await piece in pieces {
                try await Self.write(text(piece), to: write, counting: &bytes)
            }
            try Task.checkCancellation()
        }
    }

    private static func write(
        _ text: String, to write: BodyWriter, counting bytes: inout Int
    ) async throws {
        let utf8 = Array(text.utf8)
        bytes += utf8.count
        try await write(utf8[...])
    }

    private func text(_ piece: Piece) throws -> String {
        switch piece {
        case .nothing: ":\n\n"
        case .event(let event):
            try Self.text(event.kind.name, calls[first.ticket.id] ?? first, number: event.number)
        }
    }

    /// An event; its data is one line, since JSON without blanks has none.
    private static func text(_ name: String, _ call: PlacedCalls.Snapshot, number: Int?) throws -> String {
        let data = String(decoding: try JSONDocument.encode(CallAnswer(call)), as: UTF8.self)
        return (number.map { "id: \($0)\n" } ?? "") + "event: \(name)\ndata: \(data)\n\n"
    }
}
