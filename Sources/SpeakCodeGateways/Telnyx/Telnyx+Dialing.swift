// SPDX-License-Identifier: GPL-3.0-or-later

internal import HTTPTypes
internal import JSON5

extension Telnyx {
    /// By TeXML, whose documents have keys and a gate; or by Call Control, which plays a file.
    static let calls = GatewayDialing<any Dialing>([
        GatewaySetting("telnyxApiKey", "the API key by which Telnyx places calls", .secret),
        GatewaySetting("telnyxAccount", "the account (the user's id), for a TeXML application"),
        GatewaySetting("telnyxApplication", "the TeXML application that calls are placed through"),
        GatewaySetting(
            "telnyxConnection",
            "in place of both, the Voice API application: it plays a file, without keys and a gate"),
        GatewaySetting(
            "telnyxNumbers", "the numbers that Telnyx calls from, the first by default", .list, isNeeded: true),
        GatewaySetting("telnyxURL", "the address of Telnyx's API, where it is not https://api.telnyx.com", .url),
    ]) { values throws(DialingError) in
        let base = try values.base("telnyxURL", "https://api.telnyx.com") + "/v2"
        let credential = GatewayCredential.bearer(try values.credential("telnyxApiKey"))
        let callers = try values.callers("telnyxNumbers")
        if values["telnyxConnection"] != nil {
            return CallControlCalls(
                base: base, connection: try values.name("telnyxConnection"), credential: credential, callers: callers)
        }
        return TeXMLCalls(
            base: base, account: try values.name("telnyxAccount"),
            application: try values.name("telnyxApplication"), credential: credential, callers: callers)
    }
}

extension GatewayAnswer {
    /// The code of Telnyx's first error.
    fileprivate var telnyxError: String? {
        object?["errors"]?.elements?.first?.members?["code"].flatMap { $0.text ?? $0.whole.map(String.init) }
    }

    /// What an answer of Telnyx's says that names no call; 10002 and 10016 are of numbers that are none.
    fileprivate var telnyxUnplaced: PlacedCall {
        let code = telnyxError
        return unplaced(["10002", "10016"].contains(code) ? .invalidNumber : .failed, cause: code)
    }
}

/// What Telnyx is asked about its settings.
///
/// Source: `resources/texml_applications.py`, `call_control_applications.py`, `phone_numbers/phone_numbers.py`,
/// `verified_numbers/verified_numbers.py`, `texml/accounts/calls/calls.py` and `types/texml_application.py` of
/// github.com/team-telnyx/telnyx-python.
private struct TelnyxChecks {
    let base: String
    let credential: GatewayCredential
    let callers: Callers

    private let keys = SetupKeys(account: "telnyxAccount", credential: "telnyxApiKey", url: "telnyxURL")

    private func get(_ path: String) -> GatewayRequest { GatewayRequest(.get, "\(base)/\(path)", as: credential) }

    /// - Parameter path: of the application.
    func application(_ path: String, _ setting: String) -> SetupCheck {
        keys.check(setting, get(path), missing: "Set its id as it stands in the portal.") { answer in
            guard let data = answer.object?["data"]?.members else {
                return .fail("telnyxURL", "what answers there has no such API", "Set the address of Telnyx's API.")
            }
            guard data["active"]?.isFalse != true else {
                return .fail(setting, "the application is not active", "Turn it on in the portal.")
            }
            guard data["outbound"]?.members?["outbound_voice_profile_id"]?.text != nil else {
                return .warning(
                    setting, "the application has no outbound voice profile",
                    "Give it one in the portal, with the countries that are called: calls are refused without.")
            }
            return .pass(setting, "the application is there, and its key is right")
        }
    }

    func account(_ account: String) -> SetupCheck {
        keys.check(
            "telnyxAccount", get("texml/Accounts/\(account)/Calls?PageSize=1"),
            missing: "Set the id of the user whose API key it is."
        ) { _ in .pass("telnyxAccount", "its calls may be looked at") }
    }

    var numbers: [SetupCheck] {
        let foreign = "Calls may come from numbers of this account, and from those that it has verified."
        return callers.checks { number, name in
            let number = "+" + number.drop { $0 == "+" }
            let filter = FormFields.encoded([("filter[phone_number]", number)])
            let setting = callers.setting
            return keys.check([
                keys.question(
                    setting, get("phone_numbers?" + String(decoding: filter, as: UTF8.self)), of: name, missing: foreign
                ) { answer in
                    let found = answer.object?["data"]?.elements?.compactMap(\.members)
                        .first { number.isNumber($0["phone_number"]?.text) }
                    guard let found else { return .fail(setting, "\(name) is not this account's", foreign) }
                    guard ["active", nil].contains(found["status"]?.text) else {
                        return .fail(setting, "\(name) is not active", "See in the portal what it waits for.")
                    }
                    return .pass(setting, "\(name) may be called from")
                },
                keys.question(
                    setting, get("verified_numbers/\(number.pathPart)"), of: name, missing: foreign
                ) { answer in
                    answer.object?["data"]?.members?["verified_at"]?.text == nil
                        ? .fail(setting, "\(name) is not verified", foreign)
                        : .pass(setting, "\(name) may be called from")
                },
            ])
        }
    }
}

/// Calls of TeXML, whose reports are like those of the markup's author.
///
/// The answer need not name the call: its name comes with its first report then.
///
/// Source: `types/texml/accounts/call_calls_params.py` and `call_calls_response.py` of github.com/team-telnyx/telnyx-python.
struct TeXMLCalls: Dialing {
    let base: String
    let account: String
    let application: String
    let credential: GatewayCredential
    let callers: Callers

    var numbers: [String] { callers.numbers }
    var isOnInternet: Bool { !base.isHere }
    var checks: [SetupCheck] {
        let checks = TelnyxChecks(base: base, credential: credential, callers: callers)
        return [
            checks.application("texml_applications/\(application)", "telnyxApplication"), checks.account(account),
        ] + checks.numbers
    }

    private var calls: String { "\(base)/texml/Accounts/\(account)/Calls" }

    private struct Create: Encodable {
        var applicationSid: String
        var to: String
        var from: String
        var url: String
        var urlMethod = "POST"
        var timeout: Int
        var timeLimit: Int
        var statusCallback: String?
        var statusCallbackMethod: String?
        var statusCallbackEvent: String?
        var machineDetection: String?
        var asyncAmd: Bool?
        var asyncAmdStatusCallback: String?
        var asyncAmdStatusCallbackMethod: String?
        var cancelPlaybackOnMachineDetection: Bool?
        var cancelPlaybackOnDetectMessageEnd: Bool?

        enum CodingKeys: String, CodingKey {
            case applicationSid = "ApplicationSid"
            case to = "To"
            case from = "From"
            case url = "Url"
            case urlMethod = "UrlMethod"
            case timeout = "Timeout"
            case timeLimit = "TimeLimit"
            case statusCallback = "StatusCallback"
            case statusCallbackMethod = "StatusCallbackMethod"
            case statusCallbackEvent = "StatusCallbackEvent"
            case machineDetection = "MachineDetection"
            case asyncAmd = "AsyncAmd"
            case asyncAmdStatusCallback = "AsyncAmdStatusCallback"
            case asyncAmdStatusCallbackMethod = "AsyncAmdStatusCallbackMethod"
            case cancelPlaybackOnMachineDetection = "CancelPlaybackOnMachineDetection"
            case cancelPlaybackOnDetectMessageEnd = "CancelPlaybackOnDetectMessageEnd"
        }
    }

    func create(_ order: CallOrder) throws(DialingError) -> GatewayRequest {
        var json = Create(
            applicationSid: application, to: try order.dialledWithPlus(), from: try callers.number(for: order),
            url: try order.document(for: "TeXML"), timeout: order.timeout.clamped(to: 5...600),
            timeLimit: order.longest.clamped(to: 30...14_400))
        if let url = order.reportTo {
            (json.statusCallback, json.statusCallbackMethod) = (url, "POST")
            json.statusCallbackEvent = "initiated ringing answered completed"
            if order.detectsMachine {
                (json.machineDetection, json.asyncAmd) = ("Enable", true)
                (json.asyncAmdStatusCallback, json.asyncAmdStatusCallbackMethod) = (url, "POST")
                // Whether a machine hears on is not for the detection to say.
                (json.cancelPlaybackOnMachineDetection, json.cancelPlaybackOnDetectMessageEnd) = (false, false)
            }
        }
        return GatewayRequest(.post, calls, as: credential, json: json)
    }

    func placed(_ answer: GatewayAnswer) -> PlacedCall {
        let object = answer.object
        if answer.isSuccess, let sid = (object?["sid"] ?? object?["call_sid"] ?? object?["CallSid"])?.text {
            return .placed(sid)
        }
        return answer.telnyxUnplaced
    }

    func hangUp(_ id: String, isAnswered: Bool) -> GatewayRequest {
        GatewayRequest(.post, "\(calls)/\(id.pathPart)", as: credential, json: ["Status": "completed"])
    }

    func report(query: String, body: [UInt8]) -> CallReport? { TwiMLCalls.report(query: query, body: body) }
}

/// Calls of Call Control, which knows an order by its `command_id` for 60 seconds and wants it sent again where no answer
/// came: <https://developers.telnyx.com/docs/voice/programmable-voice/command-retries>.
///
/// Source: `types/call_dial_params.py`, `call_hangup.py` and `call_machine_detection_ended.py` of
/// github.com/team-telnyx/telnyx-python.
struct CallControlCalls: Dialing {
    let base: String
    let connection: String
    let credential: GatewayCredential
    let callers: Callers

    var numbers: [String] { callers.numbers }
    var isOnInternet: Bool { !base.isHere }
    var checks: [SetupCheck] {
        let checks = TelnyxChecks(base: base, credential: credential, callers: callers)
        return [checks.application("call_control_applications/\(connection)", "telnyxConnection")] + checks.numbers
    }
    var hears: HeardMeans { .audio }
    /// Less than the 60 seconds, since they count from when it came.
    var repeatableFor: Int? { 50 }

    private struct Create: Encodable {
        let connectionID: String
        let commandID: String
        let to: String
        let from: String
        let audioURL: String
        let timeout: Int
        let limit: Int
        let webhook: String?
        let webhookMethod: String?
        let detection: String?

        enum CodingKeys: String, CodingKey {
            case connectionID = "connection_id"
            case commandID = "command_id"
            case to, from
            case audioURL = "audio_url"
            case timeout = "timeout_secs"
            case limit = "time_limit_secs"
            case webhook = "webhook_url"
            case webhookMethod = "webhook_url_method"
            case detection = "answering_machine_detection"
        }
    }

    func create(_ order: CallOrder) throws(DialingError) -> GatewayRequest {
        guard case .audio(let url) = order.heard else {
            throw DialingError(
                "heard", "must be a file: telnyxApplication in place of telnyxConnection takes documents")
        }
        let json = Create(
            connectionID: connection, commandID: order.id, to: try order.dialledWithPlus(),
            from: try callers.number(for: order), audioURL: url, timeout: order.timeout.clamped(to: 5...600),
            limit: order.longest.clamped(to: 30...14_400), webhook: order.reportTo,
            webhookMethod: order.reportTo.map { _ in "POST" }, detection: order.detectsMachine ? "detect" : nil)
        return GatewayRequest(.post, base + "/calls", as: credential, json: json)
    }

    func placed(_ answer: GatewayAnswer) -> PlacedCall {
        if answer.isSuccess, let id = answer.object?["data"]?.members?["call_control_id"]?.text { return .placed(id) }
        return answer.telnyxUnplaced
    }

    func hangUp(_ id: String, isAnswered: Bool) -> GatewayRequest {
        GatewayRequest(
            .post, "\(base)/calls/\(id.pathPart)/actions/hangup", as: credential, json: [String: String]())
    }

    func report(query: String, body: [UInt8]) -> CallReport? {
        guard let data = JSON5Value.object(in: body)?["data"]?.members, let event = data["event_type"]?.text,
            let payload = data["payload"]?.members
        else { return nil }
        let progress = Self.progress(of: event, payload)
        return CallReport(
            of: payload["call_control_id"]?.text, progress.map { [$0] } ?? [],
            sequence: CallReport.sequence(ofTime: data["occurred_at"]?.text))
    }

    /// What an event says; nil where it says nothing new.
    private static func progress(of event: String, _ payload: [String: JSON5Value]) -> CallProgress? {
        switch event {
        case "call.initiated": return .ringing
        case "call.answered": return .answered
        case "call.hangup": return .ended(end(payload))
        case "call.machine.detection.ended", "call.machine.premium.detection.ended":
            return payload["result"]?.text.flatMap { CallParty(word: $0) }.map { .party($0) }
        case "call.dtmf.received":
            guard let digit = payload["digit"]?.text, digit.count == 1, let key = digit.first else { return nil }
            return .key(key)
        default: return nil
        }
    }

    private static func end(_ payload: [String: JSON5Value]) -> CallEnd {
        let cause = payload["hangup_cause"]?.text
        let sip = Int.sipStatus(payload["sip_hangup_cause"]?.whole)
        let outcome: CallOutcome =
            switch cause {
            case "normal_clearing", "time_limit": .completed
            case "user_busy": .busy
            case "timeout", "no_answer": .noAnswer
            case "call_rejected": .rejected
            case "not_found": .invalidNumber
            case "originator_cancel": .canceled
            default: .failed
            }
        return CallEnd(outcome.refined(by: sip), cause: CallEnd.word(cause), sipStatus: sip)
    }
}
