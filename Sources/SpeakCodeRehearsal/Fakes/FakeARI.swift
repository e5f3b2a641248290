// SPDX-License-Identifier: GPL-3.0-or-later

internal import JSON5
internal import SpeakCodeGateways

/// Asterisk's REST interface over a WebSocket that Asterisk opened, without the socket: text messages go in and come out.
///
/// It keeps to `res/ari/resource_channels.c` and the events of `rest-api/api-docs/events.json`: a channel of an id that is there is
/// refused with 409, an answered channel enters the application, and one that goes on in the dialplan leaves it.
public struct FakeARI: Sendable {
    /// What becomes of the calls that are asked for from now on.
    public var course: FakeCallCourse
    /// The endpoints of the calls that were placed, in their order.
    public private(set) var placed: [String] = []
    /// Where answered channels went on, as `context,extension`, and with which variables.
    public private(set) var continued: [String] = []
    /// The variables of the channels, by their ids.
    public private(set) var variables: [String: [String: String]] = [:]
    private var living: [String: [FakeCallCourse.Moment]] = [:]
    private var order: [String] = []

    /// A switch without calls.
    public init(_ course: FakeCallCourse = .heard) {
        self.course = course
    }

    /// Takes a request, and answers it; with what happens at once.
    public mutating func take(_ message: [UInt8]) -> [[UInt8]] {
        guard let request = JSON5Value.object(in: message), request["type"] == "RESTRequest",
            let uri = request["uri"]?.text, let method = request["method"]?.text, !uri.hasPrefix("/")
        else { return [] }
        let parts = uri.split(separator: "?", maxSplits: 1)
        let path = parts[0].split(separator: "/").map(String.init)
        let query = parts.count > 1 ? String(parts[1]) : ""
        func answer(_ status: Int, _ events: [[UInt8]] = []) -> [[UInt8]] {
            let response: [String: JSON5Value] = [
                "type": "RESTResponse", "status_code": .number(Double(status)), "reason_phrase": "x", "uri": .text(uri),
                "transaction_id": request["transaction_id"] ?? "", "request_id": request["request_id"] ?? "",
            ]
            return [Self.encoded(response)] + events
        }
        guard path.count >= 2 else { return answer(404) }
        switch (method, path[0], path.count > 2 ? path[2] : "") {
        case ("POST", "applications", "subscription"): return answer(200)
        case ("GET", "channels", ""): return answer(living[path[1]] == nil ? 404 : 200)
        case ("POST", "channels", ""): return answer(create(path[1], request["message_body"]?.text ?? ""))
        case ("POST", "channels", "continue"):
            guard living[path[1]] != nil else { return answer(404) }
            continued.append(query)
            return answer(204, [event("StasisEnd", path[1])])
        case ("DELETE", "channels", ""):
            guard living.removeValue(forKey: path[1]) != nil else { return answer(404) }
            return answer(204, [event("ChannelDestroyed", path[1], ["cause": 16, "cause_txt": "Normal Clearing"])])
        default: return answer(404)
        }
    }

    /// The next event of the calls in the air; nil where nothing happens by itself.
    public mutating func next() -> [[UInt8]]? {
        guard let (_, events) = step() else { return nil }
        return events.isEmpty ? next() : events
    }

    /// Lets the first call in the air go on by one moment of its course.
    ///
    /// - Returns: the moment, and what is told of it; nil where nothing happens by itself.
    public mutating func step() -> (moment: FakeCallCourse.Moment, events: [[UInt8]])? {
        guard let id = order.first(where: { living[$0]?.isEmpty == false }), let moment = living[id]?.removeFirst()
        else { return nil }
        return (moment, happen(moment, id))
    }

    private mutating func create(_ id: String, _ body: String) -> Int {
        guard course != .broken else { return 500 }
        guard let json = JSON5Value.object(in: Array(body.utf8)), let endpoint = json["endpoint"]?.text,
            endpoint.contains("/"), json["app"]?.text != nil
        else { return 400 }
        guard living[id] == nil else { return 409 }
        placed.append(endpoint)
        variables[id] = json["variables"]?.members?.compactMapValues(\.text)
        order.append(id)
        living[id] = course.moments
        return 200
    }

    private mutating func happen(_ moment: FakeCallCourse.Moment, _ id: String) -> [[UInt8]] {
        switch moment {
        case .ringing: return [dial("", id), dial("RINGING", id), event("ChannelStateChange", id, state: "Ringing")]
        case .answered:
            return [
                dial("ANSWER", id), event("ChannelStateChange", id, state: "Up"),
                event("StasisStart", id, ["args": []]),
            ]
        case .human, .machine: return []
        case .ended(let end):
            living[id] = nil
            let (status, cause, text): (String, Double, String) = [
                .completed: ("", 16, "Normal Clearing"), .busy: ("BUSY", 17, "User busy"),
                .noAnswer: ("NOANSWER", 0, "Unknown"), .declined: ("CONGESTION", 21, "Call Rejected"),
                .badNumber: ("CONGESTION", 1, "Unallocated (unassigned) number"),
                .canceled: ("CANCEL", 0, "Unknown"),
            ][end, default: ("CHANUNAVAIL", 38, "Network out of order")]
            let destroyed = event("ChannelDestroyed", id, ["cause": .number(cause), "cause_txt": .text(text)])
            return status.isEmpty ? [destroyed] : [dial(status, id), destroyed]
        }
    }

    private func dial(_ status: String, _ id: String) -> [UInt8] {
        Self.encoded([
            "type": "Dial", "application": "speakcode", "dialstatus": .text(status), "dialstring": "x",
            "peer": ["id": .text(id), "state": "Down"],
        ])
    }

    private func event(
        _ type: String, _ id: String, _ more: [String: JSON5Value] = [:], state: String = "Up"
    ) -> [UInt8] {
        let event: [String: JSON5Value] = [
            "type": .text(type), "application": "speakcode", "timestamp": "2026-11-30T08:00:00.000+0000",
            "channel": ["id": .text(id), "state": .text(state)],
        ]
        return Self.encoded(event.merging(more) { $1 })
    }

    private static func encoded(_ json: [String: JSON5Value]) -> [UInt8] { (try? JSONDocument.encode(json)) ?? [] }
}
