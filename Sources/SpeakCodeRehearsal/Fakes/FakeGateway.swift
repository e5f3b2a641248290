// SPDX-License-Identifier: GPL-3.0-or-later

internal import JSON5
internal import SpeakCodeGateways

/// A gateway that places calls by requests over HTTP, without a socket: it takes a request, answers, and has reports to send.
///
/// It is strict where a gateway is: a request without a field that it needs, without credentials or to another path is
/// refused. It does not sign its reports.
///
/// Sources: each vendor's reference and libraries, as the gateways' own sources name them.
public struct FakeGateway: Sendable {
    /// Whose API it has.
    public enum Kind: String, CaseIterable, Sendable {
        case twilio, signalwire, telnyxTeXML, telnyxCallControl, plivo, vonage, jambonz
    }

    /// A request as it came.
    public struct Request: Sendable {
        let method: String
        let path: String
        let query: String
        let headers: [String: String]
        let body: [UInt8]

        /// A request, with its path, and its query without the question mark; the names of headers in any letters.
        public init(method: String, path: String, query: String = "", headers: [String: String], body: [UInt8]) {
            self.method = method
            self.path = path
            self.query = query
            self.headers = Dictionary(headers.map { ($0.key.lowercased(), $0.value) }) { $1 }
            self.body = body
        }
    }

    /// What it answers.
    public struct Answer: Sendable {
        /// The status of HTTP.
        public let status: Int
        /// By their names.
        public let headers: [String: String]
        /// JSON, or nothing.
        public let body: [UInt8]
    }

    /// A request of the gateway's own: a POST.
    public struct Report: Hashable, Sendable {
        /// Where it goes.
        public let url: String
        /// Of the body.
        public let contentType: String
        /// A form, or JSON.
        public let body: [UInt8]
    }

    /// A call that was placed.
    public struct Call: Sendable {
        /// The gateway's name of it.
        public let id: String
        /// Whom it rings.
        public let to: String
        /// Where its document is; of a file, where that is.
        public let document: String
        let reportTo: String?
        let detects: Bool
        let order: String?
        var moments: [FakeCallCourse.Moment]
        var isAnswered = false
        var isOver = false
        var told = 0
    }

    /// Whose API it has.
    public let kind: Kind
    /// What becomes of the calls that are asked for from now on.
    public var course: FakeCallCourse
    /// Whether it knows nobody by their credentials.
    public var refusesCredentials = false
    /// The numbers that are its account's.
    public var numbers: [String] = []
    /// All calls that were placed, in their order.
    public private(set) var calls: [Call] = []
    private var reports: [Report] = []

    /// A gateway without calls.
    public init(_ kind: Kind, _ course: FakeCallCourse = .heard) {
        self.kind = kind
        self.course = course
    }

    /// Takes a request.
    ///
    /// - Returns: nil where nothing comes back: nobody is there, or the answer is lost.
    public mutating func take(_ request: Request) -> Answer? {
        guard course != .down else { return nil }
        guard let credential = request.headers["authorization"], credential.count > 8, !refusesCredentials else {
            return answer(401, ["code": 20003])
        }
        if request.method == "GET", let answer = account(request) { return answer }
        switch (request.method, role(of: request.path)) {
        case ("POST", .calls): return create(request)
        case ("GET", .calls): return answer(200, list)
        case ("POST", .call(let id)), ("PUT", .call(let id)), ("DELETE", .call(let id)): return end(id, request)
        default: return answer(404, ["code": 20404])
        }
    }

    /// The reports that are due, and lets the calls go on until their courses are through.
    ///
    /// - Parameters:
    ///   - isTwice: whether each comes twice.
    ///   - isReversed: whether the last comes first.
    public mutating func nextReports(twice isTwice: Bool = false, reversed isReversed: Bool = false) -> [Report] {
        for index in calls.indices {
            let moments = calls[index].moments
            calls[index].moments = []
            for moment in moments { tell(moment, index) }
        }
        defer { reports = [] }
        let ordered = isReversed ? reports.reversed() : reports
        return isTwice ? ordered.flatMap { [$0, $0] } : ordered
    }

    /// Lets the first call that is in the air go on by one moment of its course.
    ///
    /// - Returns: the moment, and what is reported of it; nil where nothing happens by itself.
    public mutating func step() -> (moment: FakeCallCourse.Moment, reports: [Report])? {
        guard let index = calls.firstIndex(where: { !$0.isOver && !$0.moments.isEmpty }) else { return nil }
        let moment = calls[index].moments.removeFirst()
        tell(moment, index)
        return (moment, takeReports())
    }

    /// The reports that are due, without letting the calls go on.
    public mutating func takeReports() -> [Report] {
        defer { reports = [] }
        return reports
    }

    // MARK: Requests

    private enum Role: Hashable {
        case calls
        case call(String)
        case none
    }

    private func role(of path: String) -> Role {
        let parts = path.split(separator: "/").map(String.init)
        switch kind {
        case .twilio, .signalwire, .telnyxTeXML:
            guard let place = parts.firstIndex(of: "Accounts"), parts.count > place + 2 else { return .none }
            let rest = parts[(place + 2)...].map { $0.replacing(".json", with: "") }
            return rest.first != "Calls" ? .none : rest.count == 2 ? .call(rest[1]) : .calls
        case .telnyxCallControl:
            guard parts.starts(with: ["v2", "calls"]) else { return .none }
            return parts.count == 2
                ? .calls : Array(parts.suffix(2)) == ["actions", "hangup"] ? .call(parts[2]) : .none
        case .plivo:
            guard parts.starts(with: ["v1", "Account"]), parts.count > 3, path.hasSuffix("/") else { return .none }
            return parts.count == 4 ? (parts[3] == "Call" ? .calls : .none) : .call(parts[4])
        case .vonage:
            guard parts.starts(with: ["v1", "calls"]) else { return .none }
            return parts.count == 2 ? .calls : .call(parts[2])
        case .jambonz:
            guard parts.starts(with: ["v1", "Accounts"]), parts.count > 3, parts[3] == "Calls" else { return .none }
            return parts.count == 4 ? .calls : .call(parts[4])
        }
    }

    private mutating func create(_ request: Request) -> Answer? {
        switch course {
        case .tooMany: return answer(429, ["code": 20429], ["Retry-After": "7"])
        case .broken: return answer(503, [:])
        default: break
        }
        guard var call = call(of: request) else { return answer(400, ["code": 21201]) }
        if course == .badNumber, let refused = refusal { return refused }
        // The second of one order within a minute is the first.
        if kind == .telnyxCallControl, let known = calls.first(where: { $0.order == call.order }) {
            return course == .lost ? nil : answer(200, created(known))
        }
        call.moments = course.moments
        if course == .badNumber { call.moments = [.ended(.badNumber)] }
        calls.append(call)
        if course == .toldFirst {
            tell(.ringing, calls.count - 1)
            calls[calls.count - 1].moments.removeFirst()
        }
        if course == .lost { return nil }
        return answer(isTelnyx ? 200 : 201, created(call))
    }

    /// The reports that are due before a request is answered.
    public var early: [Report] { course == .toldFirst ? reports : [] }

    private var isTelnyx: Bool { kind == .telnyxCallControl || kind == .telnyxTeXML }

    /// Who knows at once that there is no such number.
    private var refusal: Answer? {
        switch kind {
        case .twilio, .signalwire: answer(400, ["code": 21211, "message": "Invalid 'To' number", "status": 400])
        case .telnyxTeXML, .telnyxCallControl: answer(422, ["errors": [["code": "10016", "title": "Invalid number"]]])
        case .vonage:
            answer(
                400, ["title": "Bad Request", "invalid_parameters": [["name": "to[0].number", "reason": "invalid"]]])
        case .plivo, .jambonz: nil
        }
    }

    /// The call that a request asks for; nil where a field is missing.
    private func call(of request: Request) -> Call? {
        let isForm = kind == .twilio || kind == .signalwire
        guard request.headers["content-type"] == (isForm ? "application/x-www-form-urlencoded" : "application/json")
        else {
            return nil
        }
        let form = FormFields(body: isForm ? request.body : [])
        let json = isForm ? [:] : Self.object(request.body)
        let id = "\(kind.rawValue)-\(calls.count + 1)"
        func call(
            _ to: String?, _ from: String?, _ document: String?, _ report: String?, _ detects: Bool,
            order: String? = nil
        ) -> Call? {
            guard let to, let from, !to.isEmpty, !from.isEmpty, let document, document.contains("://") else {
                return nil
            }
            return Call(
                id: id, to: to, document: document, reportTo: report, detects: detects, order: order, moments: [])
        }
        func text(_ name: String) -> String? { json[name]?.text }
        func text(_ name: String, _ inner: String) -> String? { json[name]?.members?[inner]?.text }
        switch kind {
        case .twilio, .signalwire:
            return call(form["To"], form["From"], form["Url"], form["StatusCallback"], form["AsyncAmd"] == "true")
        case .telnyxTeXML:
            guard text("ApplicationSid") != nil else { return nil }
            return call(
                text("To"), text("From"), text("Url"), text("StatusCallback"), json["AsyncAmd"] == true)
        case .telnyxCallControl:
            guard text("connection_id") != nil else { return nil }
            return call(
                text("to"), text("from"), text("audio_url"), text("webhook_url"),
                text("answering_machine_detection") != nil, order: text("command_id"))
        case .plivo:
            return call(
                text("to"), text("from"), text("answer_url"), text("hangup_url"), text("machine_detection_url") != nil)
        case .vonage:
            let to = json["to"]?.elements?.first?.members
            return call(
                (to?["number"] ?? to?["uri"])?.text, text("from", "number"),
                json["answer_url"]?.elements?.first?.text, json["event_url"]?.elements?.first?.text,
                text("machine_detection") != nil)
        case .jambonz:
            guard text("speech_synthesis_vendor") != nil, text("speech_recognizer_vendor") != nil else { return nil }
            return call(
                text("to", "number") ?? text("to", "sipUri"), text("from"), text("call_hook", "url"),
                text("call_status_hook", "url"), json["amd"] != nil, order: text("tag", "order"))
        }
    }

    private func created(_ call: Call) -> JSON5Value {
        let id = JSON5Value.text(call.id)
        return switch kind {
        case .twilio, .signalwire, .telnyxTeXML: ["sid": id, "status": "queued"]
        case .telnyxCallControl: ["data": ["call_control_id": id, "is_alive": false, "record_type": "call"]]
        case .plivo: ["message": "call fired", "request_uuid": id, "api_id": "a"]
        case .vonage: ["uuid": id, "status": "started", "direction": "outbound", "conversation_uuid": "CON-1"]
        case .jambonz: ["sid": id, "callId": "x@y"]
        }
    }

    private var list: JSON5Value {
        let living = calls.filter { !$0.isOver }
        switch kind {
        case .jambonz:
            return .list(
                living.map { ["call_sid": .text($0.id), "customer_data": ["order": .text($0.order ?? "")]] })
        case .vonage: return ["count": 0, "_embedded": ["calls": []]]
        default:
            return [
                "calls": .list(
                    living.map { call in
                        [
                            "sid": .text(call.id), "status": "queued", "direction": "outbound-api",
                            "to": .text(call.to),
                        ]
                    })
            ]
        }
    }

    private mutating func end(_ id: String, _ request: Request) -> Answer {
        guard let index = calls.firstIndex(where: { $0.id == id }), !calls[index].isOver else {
            return answer(404, [:])
        }
        // What was not told yet happened before, and is told.
        let due = calls[index].moments.filter { if case .ended = $0 { false } else { true } }
        calls[index].moments = []
        for moment in due { tell(moment, index) }
        let isAnswered = calls[index].isAnswered
        // Plivo takes back a request, and jambonz calls a call unanswered, as long as nobody answered.
        let isMeant =
            switch kind {
            case .plivo: request.path.contains("/Request/") != isAnswered
            case .jambonz:
                (Self.object(request.body)["call_status"] == "no-answer") != isAnswered
            default: true
            }
        guard isMeant else { return answer(404, [:]) }
        tell(.ended(isAnswered ? .completed : .canceled), index)
        return answer(kind == .vonage || kind == .plivo ? 204 : 200, [:])
    }

    private func answer(_ status: Int, _ json: JSON5Value, _ headers: [String: String] = [:]) -> Answer {
        Answer(
            status: status, headers: headers.merging(["Content-Type": "application/json"]) { $1 },
            body: status == 204 ? [] : Self.bytes(json))
    }

    // MARK: Reports

    private mutating func tell(_ moment: FakeCallCourse.Moment, _ index: Int) {
        guard !calls[index].isOver else { return }
        if moment == .answered { calls[index].isAnswered = true }
        if case .ended = moment { calls[index].isOver = true }
        let call = calls[index]
        if moment == .human || moment == .machine, !call.detects { return }
        guard let url = call.reportTo, let fields = fields(of: moment, call) else { return }
        calls[index].told += 1
        switch kind {
        case .twilio, .signalwire, .telnyxTeXML, .plivo:
            let pairs = fields.sorted { $0.key < $1.key }.map { ($0.key, $0.value.word) }
            reports.append(
                Report(url: url, contentType: "application/x-www-form-urlencoded", body: FormFields.encoded(pairs)))
        case .telnyxCallControl, .vonage, .jambonz:
            reports.append(Report(url: url, contentType: "application/json", body: Self.bytes(.object(fields))))
        }
    }

    /// What is told; nil for what this gateway does not tell.
    private func fields(of moment: FakeCallCourse.Moment, _ call: Call) -> [String: JSON5Value]? {
        switch kind {
        case .twilio, .signalwire, .telnyxTeXML: twiML(moment, call)
        case .telnyxCallControl: callControl(moment, call)
        case .plivo: plivo(moment, call)
        case .vonage: vonage(moment, call)
        case .jambonz: jambonz(moment, call)
        }
    }

    private func twiML(_ moment: FakeCallCourse.Moment, _ call: Call) -> [String: JSON5Value] {
        var fields: [String: JSON5Value] = ["CallSid": .text(call.id), "AccountSid": "AC1", "To": .text(call.to)]
        if moment == .human || moment == .machine {
            fields["AnsweredBy"] = moment == .human ? "human" : "machine_start"
            return fields
        }
        fields["SequenceNumber"] = .text("\(call.told + 1)")
        fields["CallbackSource"] = "call-progress-events"
        switch moment {
        case .ringing, .human, .machine: fields["CallStatus"] = "ringing"
        case .answered: fields["CallStatus"] = "in-progress"
        case .ended(let end):
            let (status, sip): (JSON5Value, JSON5Value) = [
                .completed: ("completed", "200"), .busy: ("busy", "486"), .noAnswer: ("no-answer", "487"),
                .declined: ("busy", "603"), .badNumber: ("failed", "404"), .canceled: ("canceled", "487"),
            ][end, default: ("failed", "500")]
            (fields["CallStatus"], fields["SipResponseCode"]) = (status, sip)
            fields["CallDuration"] = end == .completed ? "41" : "0"
        }
        return fields
    }

    private func callControl(_ moment: FakeCallCourse.Moment, _ call: Call) -> [String: JSON5Value] {
        var payload: [String: JSON5Value] = ["call_control_id": .text(call.id), "to": .text(call.to)]
        let type: String
        switch moment {
        case .ringing: type = "call.initiated"
        case .answered: type = "call.answered"
        case .human, .machine:
            type = "call.machine.detection.ended"
            payload["result"] = moment == .human ? "human" : "machine"
        case .ended(let end):
            type = "call.hangup"
            let (cause, sip): (JSON5Value, JSON5Value) = [
                .completed: ("normal_clearing", "200"), .busy: ("user_busy", "486"), .noAnswer: ("timeout", "487"),
                .declined: ("call_rejected", "603"), .badNumber: ("not_found", "404"),
                .canceled: ("originator_cancel", "487"),
            ][end, default: ("unspecified", "500")]
            (payload["hangup_cause"], payload["sip_hangup_cause"]) = (cause, sip)
        }
        return [
            "data": [
                "record_type": "event", "event_type": .text(type), "payload": .object(payload),
                "occurred_at": .text("2026-11-30T08:00:0\(call.told).000000Z"),
            ], "meta": ["attempt": 1],
        ]
    }

    private func plivo(_ moment: FakeCallCourse.Moment, _ call: Call) -> [String: JSON5Value]? {
        var fields: [String: JSON5Value] = [
            "CallUUID": .text(call.id), "RequestUUID": .text(call.id), "To": .text(call.to),
        ]
        switch moment {
        case .ringing: (fields["CallStatus"], fields["Event"]) = ("ringing", "Ring")
        // The request for the document tells it.
        case .answered: return nil
        case .human, .machine:
            (fields["Machine"], fields["Event"]) = (.text("\(moment == .machine)"), "MachineDetection")
        case .ended(let end):
            let (status, code, cause): (JSON5Value, JSON5Value, JSON5Value) = [
                .completed: ("completed", "4000", "Normal Hangup"), .busy: ("busy", "3010", "Busy Line"),
                .noAnswer: ("no-answer", "3000", "No Answer"), .declined: ("busy", "3020", "Rejected"),
                .badNumber: ("failed", "2000", "Invalid Destination Address"),
                .canceled: ("failed", "1000", "Canceled"),
            ][end, default: ("failed", "0", "Unknown")]
            (fields["CallStatus"], fields["HangupCauseCode"], fields["HangupCause"]) = (status, code, cause)
            (fields["Event"], fields["Duration"]) = ("Hangup", end == .completed ? "41" : "0")
        }
        return fields
    }

    private func vonage(_ moment: FakeCallCourse.Moment, _ call: Call) -> [String: JSON5Value] {
        var fields: [String: JSON5Value] = [
            "uuid": .text(call.id), "to": .text(call.to), "direction": "outbound",
            "timestamp": .text("2026-11-30T08:00:0\(call.told).000Z"),
        ]
        switch moment {
        case .ringing: fields["status"] = "ringing"
        case .answered: fields["status"] = "answered"
        case .human: fields["status"] = "human"
        case .machine: fields["status"] = "machine"
        case .ended(let end):
            fields["status"] =
                [
                    .completed: "completed", .busy: "busy", .noAnswer: "timeout", .declined: "rejected",
                    .badNumber: "failed", .canceled: "cancelled",
                ][end, default: "failed"]
            if end == .completed { fields["duration"] = "41" }
            if end == .badNumber { fields["sip_code"] = 404 }
        }
        return fields
    }

    private func jambonz(_ moment: FakeCallCourse.Moment, _ call: Call) -> [String: JSON5Value] {
        var fields: [String: JSON5Value] = ["call_sid": .text(call.id), "direction": "outbound", "to": .text(call.to)]
        switch moment {
        case .ringing: (fields["call_status"], fields["sip_status"]) = ("ringing", 180)
        case .answered: (fields["call_status"], fields["sip_status"]) = ("in-progress", 200)
        case .human: fields["type"] = "amd_human_detected"
        case .machine: fields["type"] = "amd_machine_detected"
        case .ended(let end):
            let (status, sip): (JSON5Value, JSON5Value) = [
                .completed: ("completed", 200), .busy: ("busy", 486), .noAnswer: ("no-answer", 487),
                .declined: ("busy", 603), .badNumber: ("failed", 404), .canceled: ("no-answer", 487),
            ][end, default: ("failed", 500)]
            (fields["call_status"], fields["sip_status"]) = (status, sip)
            if end == .completed { fields["duration"] = 41 }
        }
        return fields
    }

    // MARK: JSON

    private static func object(_ body: [UInt8]) -> [String: JSON5Value] { JSON5Value.object(in: body) ?? [:] }

    private static func bytes(_ json: JSON5Value) -> [UInt8] { (try? JSONDocument.encode(json)) ?? [] }
}

extension JSON5Value {
    /// As a form has it.
    fileprivate var word: String {
        switch self {
        case .text(let text): text
        case .number(let number): "\(Int(number))"
        case .flag(let bool): "\(bool)"
        case .nothing, .list, .object: ""
        }
    }
}

// MARK: - Accounts and numbers

extension FakeGateway {
    /// Answers what the account and its numbers are asked for; nil for a request of another kind.
    private func account(_ request: Request) -> Answer? {
        let parts = request.path.split(separator: "/").map { String($0.replacing(".json", with: "")) }
        let fields = FormFields(query: request.query)
        switch kind {
        case .twilio, .signalwire:
            guard let place = parts.firstIndex(of: "Accounts"), parts.count > place + 1 else { return nil }
            let list = parts.count > place + 2 ? parts[place + 2] : ""
            return twiMLAccount(parts[place + 1], list, fields["PhoneNumber"] ?? "")
        case .telnyxTeXML, .telnyxCallControl:
            return telnyxAccount(parts.dropFirst().first ?? "", fields["filter[phone_number]"] ?? "")
        case .plivo:
            guard parts.starts(with: ["v1", "Account"]), request.path.hasSuffix("/") else { return nil }
            if parts.count == 3 { return answer(200, ["auth_id": .text(parts[2]), "account_type": "standard"]) }
            guard parts.count == 5, ["Number", "VerifiedCallerId"].contains(parts[3]) else { return nil }
            let isOurs = parts[3] == "Number" && isOurs(parts[4])
            return isOurs ? answer(200, ["number": .text(parts[4]), "voice_enabled": true]) : answer(404, [:])
        case .jambonz:
            guard parts.starts(with: ["v1", "Accounts"]), parts.count == 3 else { return nil }
            return answer(200, ["account_sid": .text(parts[2])])
        case .vonage: return nil
        }
    }

    private func twiMLAccount(_ account: String, _ list: String, _ number: String) -> Answer? {
        let found: [JSON5Value] = [["phone_number": .text(number), "capabilities": ["voice": true]]]
        switch list {
        case "": return answer(200, ["sid": .text(account), "status": "active", "type": "Full"])
        case "IncomingPhoneNumbers": return answer(200, ["incoming_phone_numbers": .list(isOurs(number) ? found : [])])
        case "OutgoingCallerIds": return answer(200, ["outgoing_caller_ids": []])
        default: return nil
        }
    }

    private func telnyxAccount(_ list: String, _ number: String) -> Answer? {
        let found: [JSON5Value] = [["phone_number": .text(number), "status": "active"]]
        switch list {
        case "texml_applications", "call_control_applications":
            return answer(200, ["data": ["active": true, "outbound": ["outbound_voice_profile_id": "1"]]])
        case "phone_numbers": return answer(200, ["data": .list(isOurs(number) ? found : [])])
        case "verified_numbers": return answer(404, ["errors": [["code": "10005"]]])
        default: return nil
        }
    }

    private func isOurs(_ number: String) -> Bool {
        numbers.contains { $0.drop { $0 == "+" } == number.drop { $0 == "+" } }
    }
}
