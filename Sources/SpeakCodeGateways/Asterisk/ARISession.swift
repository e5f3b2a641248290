// SPDX-License-Identifier: GPL-3.0-or-later

internal import FoundationEssentials
internal import JSON5

/// Asterisk's REST interface over a WebSocket that Asterisk opens itself (22.5, 20.15 and later), by which calls are placed:
/// a channel under the order's id, which Asterisk has once, and whose answer is handed on to the dialplan.
///
/// The channel is asked to `continue` in a context of the operator's, with the call's link in a variable, so that what is
/// heard comes over AudioSocket or FastAGI as in any call. The application keeps its subscription to it, to hear of the end.
///
/// Source: `rest-api/api-docs/channels.json`, `applications.json`, `res/ari/resource_channels.c` and `res/ari/ari_websockets.c`
/// of github.com/asterisk/asterisk, and Asterisk's page of REST over WebSocket.
struct ARISession: DialingSession {
    private let application: String
    /// How a number is reached: `PJSIP/{number}@trunk`.
    private let endpoint: DialString
    /// Where an answered channel goes on; its extensions are `audiosocket` and `agi`.
    private let context: String
    private let callers: Callers

    private(set) var isReady = false
    private var calls = SessionCalls()
    /// Where each call goes on once it is answered.
    private var extensions: [String: String] = [:]
    /// Those whose creation was asked for, and not answered.
    private var creating: Set<String> = []

    init(application: String, endpoint: DialString, context: String, callers: Callers) {
        (self.application, self.endpoint, self.context, self.callers) = (application, endpoint, context, callers)
    }

    // MARK: The socket

    mutating func opened() -> [DialingStep] {
        isReady = true
        // What was in the air while no socket was: a channel that is gone has ended unheard.
        return calls.ids.flatMap { [subscribe($0), request("state", $0, "GET", "channels/\($0)")] }
    }

    mutating func closed() -> [DialingStep] {
        isReady = false
        let lost = creating.sorted()
        creating = []
        return lost.map { .placed($0, .unknown) }
    }

    /// The longest message; an event has a channel with its variables in it.
    static let longestMessage = 1_048_576

    mutating func received(_ bytes: [UInt8]) throws(DialingViolation) -> [DialingStep] {
        guard bytes.count <= Self.longestMessage else { throw DialingViolation("a message is too long") }
        guard let message = JSON5Value.object(in: bytes), let type = message["type"]?.text else {
            throw DialingViolation("a message is no object with a type")
        }
        if type == "RESTResponse" { return read(response: message) }
        return read(event: type, message)
    }

    // MARK: Requests

    private struct Request: Encodable {
        let type = "RESTRequest"
        let transaction: String
        let request: String
        let method: String
        let uri: String
        var contentType: String?
        var body: String?

        enum CodingKeys: String, CodingKey {
            case type, method, uri
            case transaction = "transaction_id"
            case request = "request_id"
            case contentType = "content_type"
            case body = "message_body"
        }
    }

    /// - Parameters:
    ///   - what: what its answer is for.
    ///   - id: the call.
    private func request(
        _ what: String, _ id: String, _ method: String, _ uri: String, body: (any Encodable)? = nil
    ) -> DialingStep {
        let name = "\(what) \(id)"
        var request = Request(transaction: name, request: name, method: method, uri: uri)
        if let body {
            request.contentType = "application/json"
            request.body = String(decoding: (try? JSONDocument.encode(body)) ?? [], as: UTF8.self)
        }
        return .send((try? JSONDocument.encode(request)) ?? [])
    }

    private struct Channel: Encodable {
        let endpoint: String
        let app: String
        let callerId: String
        let timeout: Int
        let variables: [String: String]
    }

    mutating func dial(_ order: CallOrder) throws(DialingError) -> [DialingStep] {
        guard order.isUUID else { throw DialingError("id", "must be a UUID") }
        let (next, variables) = try Self.continuation(of: order)
        let channel = Channel(
            endpoint: try endpoint.text(for: order), app: application, callerId: try callers.number(for: order),
            timeout: order.timeout.clamped(to: 1...600),
            variables: variables.merging(["TIMEOUT(absolute)": String(order.longest.clamped(to: 1...86_400))]) { $1 })
        guard isReady else { return [.placed(order.id, .busy(after: 5))] }
        guard calls.ids.count < SessionCalls.most else { return [.placed(order.id, .busy(after: 60))] }
        guard calls.insert(order.id) else { return [.placed(order.id, .placed(order.id))] }
        extensions[order.id] = next
        creating.insert(order.id)
        return [request("create", order.id, "POST", "channels/\(order.id)", body: channel)]
    }

    /// The extension in which a call goes on, and the variables that it takes there.
    private static func continuation(of order: CallOrder) throws(DialingError) -> (String, [String: String]) {
        switch order.heard {
        case .audioSocket(let uuid, let address):
            return ("audiosocket", ["CALL_UUID": uuid, "CALL_ADDRESS": address])
        case .fastAGI(let url):
            return ("agi", ["CALL_ADDRESS": url])
        case .document, .audio, .webSocket, .local:
            throw DialingError("heard", "must be AudioSocket or FastAGI: set audioSocketPort or agiPort")
        }
    }

    mutating func hangUp(_ id: String) -> [DialingStep] {
        guard calls[id] != nil else { return [] }
        calls.change(id) { $0.isUnwanted = true }
        return isReady ? [end(id)] : []
    }

    private func end(_ id: String) -> DialingStep { request("end", id, "DELETE", "channels/\(id)?reason=normal") }

    private func subscribe(_ id: String) -> DialingStep {
        request("subscribe", id, "POST", "applications/\(application)/subscription?eventSource=channel:\(id)")
    }

    // MARK: Answers

    private mutating func read(response: [String: JSON5Value]) -> [DialingStep] {
        guard let name = response["request_id"]?.text ?? response["transaction_id"]?.text,
            let status = response["status_code"]?.whole
        else { return [] }
        let words = name.split(separator: " ")
        guard words.count == 2, calls[String(words[1])] != nil else { return [] }
        let id = String(words[1])
        switch words[0] {
        case "create": return created(id, status)
        // A channel that could not be made, or one of which nothing more will be told.
        case "check", "state": return status == 404 ? gone(id) : known(id, status)
        default: return []
        }
    }

    private mutating func created(_ id: String, _ status: Int) -> [DialingStep] {
        switch status {
        // A channel of this id is there already: the order was heard before.
        case 200..<300, 409:
            creating.remove(id)
            var steps: [DialingStep] = [.placed(id, .placed(id)), subscribe(id)]
            if calls[id]?.isUnwanted == true { steps.append(end(id)) }
            return steps
        case 500...: return [request("check", id, "GET", "channels/\(id)")]
        default: return refused(id, "HTTP \(status)")
        }
    }

    private mutating func refused(_ id: String, _ cause: String) -> [DialingStep] {
        creating.remove(id)
        extensions[id] = nil
        _ = calls.end(id, CallEnd(.failed))
        return [.placed(id, .refused(CallEnd(.failed, cause: cause)))]
    }

    private mutating func gone(_ id: String) -> [DialingStep] {
        guard !creating.contains(id) else { return refused(id, "HTTP 500") }
        extensions[id] = nil
        return calls.end(id, CallEnd(.failed, cause: "ARI socket lost"))
    }

    private mutating func known(_ id: String, _ status: Int) -> [DialingStep] {
        guard (200..<300).contains(status), creating.remove(id) != nil else { return [] }
        return [.placed(id, .placed(id)), subscribe(id)]
    }

    // MARK: Events

    private mutating func read(event: String, _ message: [String: JSON5Value]) -> [DialingStep] {
        // A channel's own events, and what became of dialling it.
        guard let id = (message["peer"] ?? message["channel"])?.members?["id"]?.text, let call = calls[id] else {
            return []
        }
        var steps: [DialingStep] = []
        switch event {
        case "Dial": steps = dialled(id, message["dialstatus"]?.text ?? "")
        case "ChannelStateChange":
            if message["channel"]?.members?["state"]?.text == "Ringing" { steps = calls.ring(id) }
        case "StasisStart":
            guard !call.isUnwanted else { return calls.answer(id) + [end(id)] }
            steps = calls.answer(id)
            if let next = extensions[id] {
                let uri = "channels/\(id)/continue?context=\(context)&extension=\(next)&priority=1"
                steps.append(request("continue", id, "POST", uri))
            }
        case "ChannelDestroyed":
            extensions[id] = nil
            return calls.end(id, end(of: call, message))
        default: break
        }
        // It was taken back before there was a channel to end.
        if call.isUnwanted, event == "Dial" || event == "ChannelStateChange" { steps.append(end(id)) }
        return steps
    }

    private mutating func dialled(_ id: String, _ status: String) -> [DialingStep] {
        switch status {
        case "RINGING", "PROGRESS": return calls.ring(id)
        case "ANSWER": return []
        default:
            if ["BUSY", "NOANSWER", "CONGESTION", "CHANUNAVAIL", "CANCEL"].contains(status) {
                calls.change(id) { $0.word = status }
            }
            return []
        }
    }

    /// By the cause; where that says nothing, by what became of dialling.
    private func end(of call: SessionCalls.Call, _ message: [String: JSON5Value]) -> CallEnd {
        let cause = message["cause"]?.whole ?? 0
        var outcome = ReleaseCause.outcome(cause)
        if outcome == .failed || outcome == .completed {
            switch call.word {
            case "BUSY": outcome = .busy
            case "NOANSWER": outcome = .noAnswer
            case "CANCEL": outcome = .canceled
            default: break
            }
        }
        return CallEnd(outcome, cause: CallEnd.word(message["cause_txt"]?.text) ?? "\(cause)")
    }
}

extension ARISession: CustomStringConvertible, CustomReflectable {
    var description: String { "ARISession" }
    var customMirror: Mirror { Mirror(self, children: []) }
}
