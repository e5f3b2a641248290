// SPDX-License-Identifier: GPL-3.0-or-later

internal import HTTPTypes
internal import JSON5

extension Jambonz {
    static let calls = GatewayDialing<any Dialing>([
        GatewaySetting("jambonzAccount", "the account (its sid) whose calls SpeakCode places"),
        GatewaySetting(
            "jambonzURL", "the address of jambonz's API, such as https://jambonz.example.net", .url, isNeeded: true),
        GatewaySetting("jambonzApiKey", "the API key by which jambonz places calls", .secret, isNeeded: true),
        GatewaySetting(
            "jambonzNumbers", "the numbers that jambonz calls from, the first by default", .list, isNeeded: true),
    ]) { values throws(DialingError) in
        JambonzCalls(
            // It may stand in the same private network.
            base: try values.base("jambonzURL", allowsPlain: true) + "/v1/Accounts/"
                + values.name("jambonzAccount") + "/Calls",
            credential: .bearer(try values.credential("jambonzApiKey")),
            callers: try values.callers("jambonzNumbers"))
    }
}

/// jambonz's calls.
///
/// There is no key by which a call is placed once; its list of living calls has what we tagged ours with.
///
/// Source: `lib/routes/api/accounts.js` of github.com/jambonz/jambonz-api-server, `lib/http-routes/api/create-call.js`,
/// `lib/session/call-info.js` and `lib/utils/amd-utils.js` of github.com/jambonz/jambonz-feature-server.
struct JambonzCalls: Dialing {
    /// Such as `https://jambonz.example.net/v1/Accounts/…/Calls`.
    let base: String
    let credential: GatewayCredential
    let callers: Callers

    var numbers: [String] { callers.numbers }
    /// It may stand in the same private network.
    var isOnInternet: Bool { false }

    /// Source: `lib/routes/api/accounts.js` as above: the account, and its calls in the air.
    var checks: [SetupCheck] {
        let keys = SetupKeys(account: "jambonzAccount", credential: "jambonzApiKey", url: "jambonzURL")
        let account = String(base.dropLast("/Calls".count))
        let remedy = "Set the account's sid, and an API key of that account, as the portal shows them."
        return [
            keys.check("jambonzAccount", GatewayRequest(.get, account, as: credential), missing: remedy) {
                $0.object?["account_sid"] == nil
                    ? .fail("jambonzURL", "what answers there has no such API", "Set the address of jambonz's API.")
                    : .pass("jambonzAccount", "the account is there, and its key is right")
            },
            keys.check("jambonzApiKey", GatewayRequest(.get, base, as: credential), missing: remedy) {
                JSON5Value.list(in: $0.body) == nil
                    ? .fail("jambonzApiKey", "the account's calls are no list", remedy)
                    : .pass("jambonzApiKey", "the account's calls may be looked at")
            },
        ]
    }

    var unchecked: [SetupVerdict] {
        [
            .notApplicable(
                callers.setting, "jambonz holds calls to no list of numbers",
                "See that your carrier lets calls come from them.")
        ]
    }

    private struct Create: Encodable {
        let to: Target
        let from: String
        let hook: Hook
        let statusHook: Hook?
        let detection: Detection?
        let timeout: Int
        let timeLimit: Int
        let tag: [String: String]
        // It takes no call without them; nothing is spoken or recognised.
        let speaker = "google"
        let language = "en-US"
        let voice = "en-US-Standard-C"
        let recognizer = "google"
        let recognized = "en-US"

        struct Target: Encodable {
            let type: String
            var number: String?
            var sipUri: String?
        }

        struct Hook: Encodable {
            let url: String
            let method = "POST"
        }

        struct Detection: Encodable {
            let actionHook: String
        }

        enum CodingKeys: String, CodingKey {
            case to, from, timeout, timeLimit, tag
            case hook = "call_hook"
            case statusHook = "call_status_hook"
            case detection = "amd"
            case speaker = "speech_synthesis_vendor"
            case language = "speech_synthesis_language"
            case voice = "speech_synthesis_voice"
            case recognizer = "speech_recognizer_vendor"
            case recognized = "speech_recognizer_language"
        }
    }

    func create(_ order: CallOrder) throws(DialingError) -> GatewayRequest {
        let dialled = try order.dialledWithPlus()
        let to: Create.Target =
            if case .sip = order.callee {
                Create.Target(type: "sip", sipUri: dialled)
            } else {
                Create.Target(type: "phone", number: dialled)
            }
        // Its own WebSocket application is another thing than the `listen` of a document.
        let hook = Create.Hook(url: try order.document(for: "jambonz"))
        let json = Create(
            to: to, from: try callers.number(for: order), hook: hook,
            statusHook: order.reportTo.map { Create.Hook(url: $0) },
            detection: order.detectsMachine ? order.reportTo.map { Create.Detection(actionHook: $0) } : nil,
            timeout: order.timeout.clamped(to: 1...600), timeLimit: order.longest.clamped(to: 1...86_400),
            tag: ["order": order.id])
        return GatewayRequest(.post, base, as: credential, json: json)
    }

    func placed(_ answer: GatewayAnswer) -> PlacedCall {
        let object = answer.object
        if answer.isSuccess, let sid = object?["sid"]?.text { return .placed(sid) }
        // No feature server is there to take it.
        if answer.status == 480 { return .busy(after: answer.retryAfter) }
        return answer.unplaced(cause: object?["msg"]?.text)
    }

    func hangUp(_ id: String, isAnswered: Bool) -> GatewayRequest {
        GatewayRequest(
            .put, "\(base)/\(id.pathPart)", as: credential,
            json: ["call_status": isAnswered ? "completed" : "no-answer"])
    }

    func lookUp(_ order: CallOrder) -> GatewayRequest? { GatewayRequest(.get, base, as: credential) }

    func found(_ answer: GatewayAnswer, _ order: CallOrder) -> String? {
        guard answer.isSuccess, let calls = JSON5Value.list(in: answer.body) else { return nil }
        let ours = calls.compactMap(\.members).first { call in
            let tag = call["customer_data"] ?? call["customerData"]
            return tag?.members?["order"]?.text == order.id || tag?.text?.contains(order.id) == true
        }
        return (ours?["call_sid"] ?? ours?["callSid"] ?? ours?["sid"])?.text
    }

    func report(query: String, body: [UInt8]) -> CallReport? {
        guard let event = JSON5Value.object(in: body) else { return nil }
        let call = (event["call_sid"] ?? event["callSid"])?.text
        if let type = event["type"]?.text, type.hasPrefix("amd_") {
            return CallReport(of: call, Self.party(type).map { [.party($0)] } ?? [])
        }
        guard let status = (event["call_status"] ?? event["callStatus"])?.text else { return nil }
        return CallReport(of: call, Self.progress(of: status, event).map { [$0] } ?? [])
    }

    private static func party(_ event: String) -> CallParty? {
        switch event {
        case "amd_human_detected": .human
        case "amd_machine_detected": .machine
        case "amd_no_speech_detected", "amd_decision_timeout": .unsure
        default: nil
        }
    }

    /// What a status says; nil where it says nothing new.
    private static func progress(of status: String, _ event: [String: JSON5Value]) -> CallProgress? {
        let sip = Int.sipStatus((event["sip_status"] ?? event["sipStatus"])?.whole)
        func ended(_ outcome: CallOutcome) -> CallProgress {
            .ended(
                CallEnd(
                    outcome.refined(by: sip), cause: status, sipStatus: sip,
                    answeredSeconds: outcome == .completed ? Int.duration(event["duration"]?.whole) : nil))
        }
        switch status {
        case "trying", "ringing", "early-media": return .ringing
        case "in-progress": return .answered
        case "completed": return ended(.completed)
        case "busy": return ended(.busy)
        case "no-answer": return ended(.noAnswer)
        case "failed": return ended(.failed)
        default: return nil
        }
    }
}
