// SPDX-License-Identifier: GPL-3.0-or-later

internal import FoundationEssentials
internal import HTTPTypes
internal import SpeakCodeGateways
package import SpeakCodeService

/// A service that runs somewhere, as its own settings name it: asked for a call, and followed until the call is over.
package final class RunningService: Sendable {
    /// Why it places no call.
    package enum Refusal: Error, Hashable, Sendable {
        /// Nothing answers there.
        case unreachable
        /// What it says in its own words, which never have the code or the number in them.
        case problem(status: Int, detail: String)
        /// It was asked, and what became of that nobody can tell.
        case unknown
    }

    /// Something that happened to a call, with how the call is.
    package struct Event: Sendable {
        /// `ringing`, `answered`, `reading` …, as the service's events are called.
        package let name: String
        package let call: Call
    }

    /// A call as the service tells of it.
    package struct Call: Decodable, Sendable {
        package let status: String
        package let outcome: String?
        package let cause: String?
        package let sip: Int?
        package let answeredSeconds: Int?
        package let warnings: [String]?
        /// Of the answer to who has asked for it.
        fileprivate let links: Links?

        fileprivate struct Links: Decodable, Sendable {
            let call: String
            let events: String
        }
    }

    /// Where it is asked.
    package let base: String
    private let authorization: String?
    private let sender = PooledHTTPSender()

    /// How long an answer is waited for: the voice may have to speak first.
    private static let patience: Duration = .seconds(20)
    /// How often a connection is made anew over which nothing more came.
    private static let mostConnections = 5

    /// - Parameter settings: the service's own.
    /// - Throws: ``SettingsError``.
    package init(_ settings: ServiceSettings) throws(SettingsError) {
        base = try settings.readCallingBase()
        authorization = try settings.readAPIKey().map { "Bearer " + $0 }
    }

    private var headers: HTTPFields {
        var headers: HTTPFields = [.contentType: "application/json"]
        headers[.authorization] = authorization
        return headers
    }

    /// What the service names by the address that gateways know is asked for where everything is.
    private func here(_ url: String?) -> String {
        let path = PlacedCallEndpoint.prefix
        return base + (url.flatMap { url in url.ranges(of: path).last.map { String(url[$0.lowerBound...]) } } ?? path)
    }

    /// Asks for a call; by the same key it is the same call, however often it is asked for.
    ///
    /// - Parameters:
    ///   - body: that of `POST /v1/calls`.
    ///   - key: the idempotency key.
    /// - Throws: ``Refusal``.
    package func place(_ body: [UInt8], key: String) async throws(Refusal) -> Call {
        var headers = headers
        headers[IdempotencyKey.header] = key
        let request = GatewayRequest(.post, base + PlacedCallEndpoint.path, headers: headers, body: body)
        return try Self.call(try await answer(to: request))
    }

    private func answer(to request: GatewayRequest) async throws(Refusal) -> GatewayAnswer {
        do throws(SendingError) { return try await send(request) } catch {
            guard error == .noAnswer else { throw .unreachable }
        }
        // It may have been placed: the same key asks for the same call.
        do throws(SendingError) { return try await send(request) } catch { throw .unknown }
    }

    private func send(_ request: GatewayRequest) async throws(SendingError) -> GatewayAnswer {
        try await sender.send(request, within: Self.patience)
    }

    private static func call(_ answer: GatewayAnswer) throws(Refusal) -> Call {
        guard answer.status == 202, let call = try? JSONDecoder().decode(Call.self, from: Data(answer.body)) else {
            struct Problem: Decodable {
                let detail: String
                let field: String?
            }
            let problem = try? JSONDecoder().decode(Problem.self, from: Data(answer.body))
            let words = [problem?.field, problem?.detail ?? "HTTP \(answer.status)"].compactMap { $0 }
            throw .problem(status: answer.status, detail: words.joined(separator: " "))
        }
        return call
    }

    /// Takes a call back, or hangs it up.
    package func hangUp(_ call: Call) async {
        _ = try? await send(GatewayRequest(.delete, here(call.links?.call), headers: headers))
    }

    /// Tells what happens to a call, each of it once, until it is over.
    ///
    /// - Throws: ``Refusal`` where the service tells nothing more, and the call may go on.
    package func follow(_ call: Call, _ take: (Event) -> Void) async throws(Refusal) {
        var last = 0
        for _ in 0..<Self.mostConnections {
            var headers = headers
            headers[.lastEvent] = "\(last)"
            let request = GatewayRequest(.get, here(call.links?.events), headers: headers)
            var (isOver, text) = (false, EventText())
            _ = try? await sender.follow(request) { bytes in
                for (number, event) in text.events(behind: bytes) {
                    last = max(last, number)
                    take(event)
                    isOver = isOver || event.name == "ended"
                }
                return !isOver
            }
            if isOver { return }
        }
        throw .unknown
    }

    /// Lets the connections go.
    package func close() async { await sender.close() }
}

/// Server-sent events, as they come (https://html.spec.whatwg.org/#event-stream-interpretation).
private struct EventText {
    private var rest: [UInt8] = []

    /// What is whole once some bytes have come, with its number; what has none is how the call was, and has happened before.
    mutating func events(behind bytes: [UInt8]) -> [(number: Int, event: RunningService.Event)] {
        rest += bytes
        var events: [(number: Int, event: RunningService.Event)] = []
        while let end = rest.firstRange(of: Array("\n\n".utf8)) {
            if let event = Self.event(String(decoding: rest[..<end.lowerBound], as: UTF8.self)) { events.append(event) }
            rest.removeSubrange(..<end.upperBound)
        }
        return events
    }

    private static func event(_ text: String) -> (number: Int, event: RunningService.Event)? {
        var fields: [Substring: Substring] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { fields[parts[0]] = parts[1].drop { $0 == " " } }
        }
        guard let number = fields["id"].flatMap({ Int($0) }), let name = fields["event"], let data = fields["data"],
            let call = try? JSONDecoder().decode(RunningService.Call.self, from: Data(data.utf8))
        else { return nil }
        return (number, RunningService.Event(name: String(name), call: call))
    }
}

extension HTTPField.Name {
    /// The number of the event that was told last.
    fileprivate static let lastEvent: HTTPField.Name = {
        guard let name = HTTPField.Name("Last-Event-ID") else { preconditionFailure("It is a header's name.") }
        return name
    }()
}
