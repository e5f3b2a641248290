// SPDX-License-Identifier: GPL-3.0-or-later

internal import JSON5

/// FreeSWITCH's event socket, by which calls are placed: `bgapi originate` under the order's id, and then the document.
///
/// FreeSWITCH rings a second time where an `origination_uuid` is there already, under another name (seen with 1.10.12). So
/// it is asked first whether there is a channel of that name, and then for one.
///
/// Source: mod_event_socket.c, mod_commands.c (`originate_function`, `uuid_kill`) and switch_ivr_originate.c of
/// github.com/signalwire/freeswitch.
struct EventSocketSession: DialingSession {
    private let password: String
    /// How a number is reached: `sofia/gateway/trunk/{number}`.
    private let endpoint: DialString
    private let callers: Callers
    /// Whether what is read goes out as real-time text as well (RFC 4103), which FreeSWITCH makes of a line.
    private let writes: Bool

    private var frames = EventSocketFrames()
    private var state = State.closed
    /// What the answers to come are for; they come in the order in which was asked.
    private var asked: [Asked] = []
    private var calls = SessionCalls()

    private enum State: Sendable {
        case closed, greeting, entering, subscribing, ready
    }

    private enum Asked: Hashable, Sendable {
        case password, events
        /// Whether there is a channel of an order that is to be placed by this command.
        case check(String, command: String)
        case originate(String)
        case kill
        case text
        case exists(String)
    }

    init(password: String, endpoint: DialString, callers: Callers, writes: Bool = false) {
        (self.password, self.endpoint, self.callers, self.writes) = (password, endpoint, callers, writes)
    }

    var isReady: Bool { state == .ready }

    // MARK: The socket

    mutating func opened() -> [DialingStep] {
        (frames, state, asked) = (EventSocketFrames(), .greeting, [])
        return []
    }

    mutating func closed() -> [DialingStep] {
        let lost = asked
        (state, asked) = (.closed, [])
        return lost.compactMap { asked in
            switch asked {
            // Whether it was heard is asked on the next socket.
            case .originate(let id): return .placed(id, .unknown)
            case .check(let id, _): return drop(id, .busy(after: 5))
            case .password, .events, .kill, .text, .exists: return nil
            }
        }
    }

    /// Forgets a call that was not placed.
    private mutating func drop(_ id: String, _ placed: PlacedCall) -> DialingStep {
        _ = calls.end(id, CallEnd(.failed))
        return .placed(id, placed)
    }

    mutating func received(_ bytes: [UInt8]) throws(DialingViolation) -> [DialingStep] {
        var steps: [DialingStep] = []
        for frame in try frames.append(bytes) { steps += try read(frame) }
        return steps
    }

    private mutating func read(_ frame: EventSocketFrames.Frame) throws(DialingViolation) -> [DialingStep] {
        switch frame.type {
        case "auth/request":
            guard state == .greeting else { throw DialingViolation("it asked twice who we are") }
            state = .entering
            return [ask(.password, "auth \(password)")]
        case "command/reply":
            return try read(reply: frame.head["Reply-Text"] ?? "")
        case "api/response":
            return try read(reply: String(decoding: frame.body, as: UTF8.self))
        case "text/event-json":
            guard let event = JSON5Value.object(in: frame.body) else { throw DialingViolation("an event is no JSON") }
            return read(event: event)
        case "text/rude-rejection":
            throw DialingViolation("its access list does not let us in")
        case "text/disconnect-notice":
            throw DialingViolation("it ended the connection")
        default:
            return []
        }
    }

    private mutating func ask(_ what: Asked, _ command: String) -> DialingStep {
        asked.append(what)
        return .send(Array("\(command)\n\n".utf8))
    }

    private mutating func read(reply: String) throws(DialingViolation) -> [DialingStep] {
        guard !asked.isEmpty else { return [] }
        let isGood = reply.hasPrefix("+OK")
        switch asked.removeFirst() {
        case .password:
            guard isGood else { throw DialingViolation("it does not take the password") }
            state = .subscribing
            return [
                ask(
                    .events,
                    "event json CHANNEL_PROGRESS CHANNEL_PROGRESS_MEDIA CHANNEL_ANSWER CHANNEL_HANGUP_COMPLETE BACKGROUND_JOB"
                        + (writes ? " DTMF" : "")
                )
            ]
        case .events:
            guard isGood else { throw DialingViolation("it does not tell of events") }
            state = .ready
            return calls.ids.map { ask(.exists($0), "api uuid_exists \($0)") }
        case .check(let id, let command):
            guard !reply.hasPrefix("true") else { return [.placed(id, .placed(id))] }
            guard calls[id]?.isUnwanted == false else { return [drop(id, .refused(CallEnd(.canceled)))] }
            return [ask(.originate(id), command)]
        case .originate(let id):
            guard !isGood else { return [.placed(id, .placed(id))] }
            return [drop(id, .refused(CallEnd(.failed, cause: Self.word(reply))))]
        case .exists(let id):
            // Its end was told while nobody listened.
            return reply.hasPrefix("true") ? [] : calls.end(id, CallEnd(.failed, cause: "event socket lost"))
        // Who takes no text hears.
        case .kill, .text:
            return []
        }
    }

    /// The word behind `-ERR`.
    private static func word(_ reply: String) -> String? {
        CallEnd.word(reply.drop { $0 != " " }.dropFirst().split(whereSeparator: \.isNewline).first.map(String.init))
    }

    // MARK: Calls

    mutating func dial(_ order: CallOrder) throws(DialingError) -> [DialingStep] {
        let command = try originate(order)
        guard state == .ready else { return [.placed(order.id, .busy(after: 5))] }
        guard calls.ids.count < SessionCalls.most else { return [.placed(order.id, .busy(after: 60))] }
        guard calls.insert(order.id) else { return [.placed(order.id, .placed(order.id))] }
        if writes { calls.change(order.id) { $0.text = order.text } }
        return [ask(.check(order.id, command: command), "api uuid_exists \(order.id)")]
    }

    private func originate(_ order: CallOrder) throws(DialingError) -> String {
        guard order.isUUID else { throw DialingError("id", "must be a UUID") }
        let from = try callers.number(for: order)
        let number = try endpoint.text(for: order)
        let url = try order.document(for: "FreeSWITCH")
        // Between braces and brackets, where these would end the text or begin another.
        guard url.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !",{}()'\"\\^|$".utf8.contains($0) }) else {
            throw DialingError("heard", "must be an address without commas, brackets and quotes")
        }
        let variables =
            [
                "origination_uuid=\(order.id)", "origination_caller_id_number=\(from)",
                "originate_timeout=\(order.timeout.clamped(to: 1...600))", "ignore_early_media=true",
                "originate_retries=0",
                "execute_on_answer='sched_hangup +\(order.longest.clamped(to: 1...86_400)) ALLOTTED_TIMEOUT'",
            ] + (writes && order.text != nil ? ["rtp_enable_text=true"] : [])
        return "bgapi originate {\(variables.joined(separator: ","))}\(number) &httapi({url=\(url),method=POST})"
            + "\nJob-UUID: \(order.id)"
    }

    mutating func hangUp(_ id: String) -> [DialingStep] {
        guard calls[id] != nil else { return [] }
        calls.change(id) { $0.isUnwanted = true }
        return state == .ready ? [kill(id)] : []
    }

    private mutating func kill(_ id: String) -> DialingStep {
        let cause = calls[id]?.isAnswered == true ? "NORMAL_CLEARING" : "ORIGINATOR_CANCEL"
        return ask(.kill, "api uuid_kill \(id) \(cause)")
    }

    // MARK: Events

    private mutating func read(event: [String: JSON5Value]) -> [DialingStep] {
        func text(_ name: String) -> String? { event[name]?.text }
        if text("Event-Name") == "BACKGROUND_JOB" {
            guard let id = text("Job-UUID"), calls[id] != nil, let body = text("_body") else { return [] }
            guard !body.hasPrefix("+OK") else { return [] }
            let word = Self.word(body)
            return calls.end(id, CallEnd(word.map { ReleaseCause.outcome($0) } ?? .failed, cause: word))
        }
        guard let id = text("Unique-ID"), let call = calls[id] else { return [] }
        var steps: [DialingStep] = []
        switch text("Event-Name") {
        case "CHANNEL_PROGRESS", "CHANNEL_PROGRESS_MEDIA": steps = calls.ring(id)
        case "CHANNEL_ANSWER":
            steps = calls.answer(id)
            if !steps.isEmpty { steps += write(call.text.map { $0.question ?? $0.reading }, to: id) }
        // The key that opens the gate, and that asks for the code once more.
        case "DTMF" where call.isAnswered && text("DTMF-Digit") == "1":
            return write(call.text?.reading, to: id)
        case "CHANNEL_HANGUP_COMPLETE": return calls.end(id, Self.end(event))
        default: return []
        }
        // It was taken back before there was a channel to end.
        if call.isUnwanted, state == .ready { steps.append(kill(id)) }
        return steps
    }

    /// Has a text shown, as one line.
    private mutating func write(_ text: String?, to id: String) -> [DialingStep] {
        guard let text else { return [] }
        let line = text.split { $0.isNewline || $0.isWhitespace }.joined(separator: " ")
        return [ask(.text, "api uuid_send_text \(id) \(line)")]
    }

    private static func end(_ event: [String: JSON5Value]) -> CallEnd {
        let cause = event["Hangup-Cause"]?.text
        let sip = event["variable_sip_term_status"]?.whole ?? event["variable_sip_invite_failure_status"]?.whole
        return CallEnd(
            cause.map { ReleaseCause.outcome($0) } ?? .failed, cause: CallEnd.word(cause),
            sipStatus: Int.sipStatus(sip), answeredSeconds: Int.duration(event["variable_billsec"]?.whole))
    }
}

extension EventSocketSession: CustomStringConvertible, CustomReflectable {
    var description: String { "EventSocketSession" }
    var customMirror: Mirror { Mirror(self, children: []) }
}
