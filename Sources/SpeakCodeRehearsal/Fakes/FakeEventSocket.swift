// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCodeGateways

/// FreeSWITCH's event socket, without the socket: bytes go in, and bytes come out.
///
/// It does what FreeSWITCH 1.10.12 was seen to do, as far as calls are placed and ended: commands are answered in their order,
/// **an `origination_uuid` that is there already rings a second time, under another name**, and events come to who asked.
public struct FakeEventSocket: Sendable {
    private let password: String
    /// The one gateway that it has, which is registered.
    public var trunk = "trunk"
    /// What becomes of the calls that are asked for from now on.
    public var course: FakeCallCourse
    /// The dial strings of the calls that were placed, in their order.
    public private(set) var placed: [String] = []
    /// The applications that they run once they are answered.
    public private(set) var applications: [String] = []
    /// What was written to telephones as real-time text, in its order.
    public private(set) var texts: [String] = []
    /// The calls whose offer had text.
    private var textual: Set<String> = []
    private var bytes: [UInt8] = []
    private var isIn = false
    private var hasEvents = false
    private var living: [String: [FakeCallCourse.Moment]] = [:]
    private var answered: Set<String> = []
    private var order: [String] = []

    /// A switch without calls.
    public init(password: String, _ course: FakeCallCourse = .heard) {
        self.password = password
        self.course = course
    }

    /// What it says first on a new connection; its calls live on.
    public mutating func greet() -> [UInt8] {
        (bytes, isIn, hasEvents) = ([], false, false)
        return Array("Content-Type: auth/request\n\n".utf8)
    }

    /// Takes bytes, and answers the commands that are whole.
    public mutating func take(_ more: [UInt8]) -> [UInt8] {
        bytes += more
        var answers: [UInt8] = []
        while let end = bytes.firstRange(of: [0x0A, 0x0A]) {
            let command = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
            bytes.removeSubrange(..<end.upperBound)
            answers += answer(command)
        }
        return answers
    }

    /// The next event of the calls in the air; nil where nothing happens by itself.
    public mutating func next() -> [UInt8]? {
        guard let (_, event) = step() else { return nil }
        return event.isEmpty ? next() : event
    }

    /// Lets the first call that is in the air go on by one moment of its course.
    ///
    /// - Returns: the moment, and its event, which may be none; nil where nothing happens by itself.
    public mutating func step() -> (moment: FakeCallCourse.Moment, event: [UInt8])? {
        guard let id = order.first(where: { living[$0]?.isEmpty == false }), let moment = living[id]?.removeFirst()
        else { return nil }
        return (moment, happen(moment, id))
    }

    private mutating func answer(_ command: String) -> [UInt8] {
        let lines = command.split(separator: "\n").map(String.init)
        let line = lines.first ?? ""
        if line == "auth \(password)" {
            isIn = true
            return reply("+OK accepted")
        }
        guard isIn else { return reply("-ERR invalid") }
        let words = line.split(separator: " ").map(String.init)
        switch words.prefix(2).joined(separator: " ") {
        case "event json":
            hasEvents = true
            return reply("+OK event listener enabled json")
        case "bgapi originate":
            let job = lines.dropFirst().first { $0.hasPrefix("Job-UUID: ") }?.dropFirst("Job-UUID: ".count)
            return originate(line, job: String(job ?? "none"))
        case "api status": return response("UP 0 years, 0 days, 1 hour\nFreeSWITCH is ready\n")
        case "api sofia":
            return response(
                words.last == trunk
                    ? "Name    \t\(trunk)\nState   \tREGED\nStatus  \tUP\n" : "Invalid Gateway!\n")
        case "exit": return reply("+OK bye")
        case "api uuid_kill":
            return words.count > 2 ? kill(words[2], words.count > 3 ? words[3] : "MANAGER_REQUEST") : []
        case "api uuid_send_text":
            guard words.count > 3, textual.contains(words[2]), living[words[2]] != nil else {
                return response("-ERR no text stream\n")
            }
            texts.append(words.dropFirst(3).joined(separator: " "))
            return response("+OK\n")
        case "api uuid_exists": return response(words.count > 2 && living[words[2]] != nil ? "true" : "false")
        default: return reply("-ERR command not found")
        }
    }

    private mutating func originate(_ line: String, job: String) -> [UInt8] {
        let accepted = Array("Content-Type: command/reply\nReply-Text: +OK Job-UUID: \(job)\nJob-UUID: \(job)\n\n".utf8)
        guard let variables = line.firstMatch(of: /originate \{([^}]*)\}(\S+) &(.*)/),
            let id = variables.1.split(separator: ",").first(where: { $0.hasPrefix("origination_uuid=") })
        else { return accepted + event("BACKGROUND_JOB", ["Job-UUID": job, "_body": "-USAGE\n"]) }
        let uuid = String(id.dropFirst("origination_uuid=".count))
        placed.append(String(variables.2))
        applications.append(String(variables.3))
        let name = living[uuid] == nil ? uuid : "\(uuid)-\(placed.count)"
        order.append(name)
        living[name] = course.moments
        if variables.1.split(separator: ",").contains("rtp_enable_text=true") { textual.insert(name) }
        return accepted
    }

    private mutating func kill(_ id: String, _ cause: String) -> [UInt8] {
        guard living.removeValue(forKey: id) != nil else { return response("-ERR No such channel!\n") }
        return response("+OK\n") + hangup(id, cause, answered.contains(id) ? 41 : 0)
    }

    private mutating func happen(_ moment: FakeCallCourse.Moment, _ id: String) -> [UInt8] {
        switch moment {
        case .ringing: return event("CHANNEL_PROGRESS", ["Unique-ID": id])
        case .answered:
            answered.insert(id)
            return event("CHANNEL_ANSWER", ["Unique-ID": id])
                + event("BACKGROUND_JOB", ["Job-UUID": id, "_body": "+OK \(id)\n"])
        case .human, .machine: return []
        case .ended(let end):
            living[id] = nil
            let (cause, sip) = [
                .completed: ("NORMAL_CLEARING", 200), .busy: ("USER_BUSY", 486), .noAnswer: ("NO_ANSWER", 487),
                .declined: ("CALL_REJECTED", 603), .badNumber: ("UNALLOCATED_NUMBER", 404),
                .canceled: ("ORIGINATOR_CANCEL", 487),
            ][end, default: ("NORMAL_UNSPECIFIED", 500)]
            let job =
                answered.contains(id) ? [] : event("BACKGROUND_JOB", ["Job-UUID": id, "_body": "-ERR \(cause)\n"])
            return hangup(id, cause, answered.contains(id) ? 41 : 0, sip) + job
        }
    }

    private func hangup(_ id: String, _ cause: String, _ seconds: Int, _ sip: Int = 487) -> [UInt8] {
        event(
            "CHANNEL_HANGUP_COMPLETE",
            [
                "Unique-ID": id, "Hangup-Cause": cause, "variable_billsec": "\(seconds)",
                "variable_sip_term_status": "\(sip)",
            ])
    }

    private func event(_ name: String, _ fields: [String: String]) -> [UInt8] {
        guard hasEvents else { return [] }
        let json = fields.merging(["Event-Name": name]) { $1 }
        let body = (try? JSONDocument.encode(json)) ?? []
        return Array("Content-Length: \(body.count)\nContent-Type: text/event-json\n\n".utf8) + body
    }

    private func reply(_ text: String) -> [UInt8] {
        Array("Content-Type: command/reply\nReply-Text: \(text)\n\n".utf8)
    }

    private func response(_ text: String) -> [UInt8] {
        Array("Content-Type: api/response\nContent-Length: \(text.utf8.count)\n\n\(text)".utf8)
    }
}
