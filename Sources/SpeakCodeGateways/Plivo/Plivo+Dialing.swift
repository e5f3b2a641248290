// SPDX-License-Identifier: GPL-3.0-or-later

internal import HTTPTypes

extension Plivo {
    static let calls = GatewayDialing<any Dialing>([
        GatewaySetting("plivoAccount", "the account (the auth id) whose calls SpeakCode places"),
        GatewaySetting("plivoAuthToken", "what Plivo signs requests with, and takes them by", .secret, isNeeded: true),
        GatewaySetting(
            "plivoNumbers", "the numbers that Plivo calls from, the first by default", .list, isNeeded: true),
        GatewaySetting("plivoURL", "the address of Plivo's API, where it is not https://api.plivo.com", .url),
    ]) { values throws(DialingError) in
        let account = try values.name("plivoAccount")
        return PlivoCalls(
            base: try values.base("plivoURL", "https://api.plivo.com") + "/v1/Account/" + account,
            credential: .basic(user: account, password: try values.credential("plivoAuthToken")),
            callers: try values.callers("plivoNumbers"))
    }
}

/// Plivo's calls.
///
/// There is no key by which a call is placed once, and no list of calls by their numbers before they end. That a call was
/// answered is told by the request for its document.
///
/// Source: `plivo/resources/calls.py` of github.com/plivo/plivo-python, Plivo's pages of making a call and of hang-up causes.
struct PlivoCalls: Dialing {
    /// Such as `https://api.plivo.com/v1/Account/MA…`.
    let base: String
    let credential: GatewayCredential
    let callers: Callers

    var numbers: [String] { callers.numbers }
    var isOnInternet: Bool { !base.isHere }

    /// Source: `plivo/resources/accounts.py`, `numbers.py` and `verify_callerid.py` of github.com/plivo/plivo-python.
    var checks: [SetupCheck] {
        let keys = SetupKeys(account: "plivoAccount", credential: "plivoAuthToken", url: "plivoURL")
        func get(_ path: String) -> GatewayRequest { GatewayRequest(.get, base + path, as: credential) }
        let account = keys.check("plivoAccount", get("/"), missing: "Set it as it stands in the console.") { answer in
            answer.object?["auth_id"] == nil
                ? .fail("plivoURL", "what answers there has no such API", "Set the address of Plivo's API.")
                : .pass("plivoAccount", "the account is there, and its token is right")
        }
        let foreign = "Calls may come from numbers of this account, and from caller ids that it has verified."
        let setting = callers.setting
        return [account]
            + callers.checks { number, name in
                let figures = number.drop { $0 == "+" }
                return keys.check(
                    ["Number", "VerifiedCallerId"].map { list in
                        keys.question(setting, get("/\(list)/\(figures)/"), of: name, missing: foreign) { answer in
                            answer.object?["voice_enabled"]?.isFalse == true
                                ? .fail(setting, "\(name) has no voice", "Take one that calls may be placed from.")
                                : .pass(setting, "\(name) may be called from")
                        }
                    })
            }
    }

    private struct Create: Encodable {
        let to: String
        let from: String
        let answerURL: String
        let answerMethod = "POST"
        let ringTimeout: Int
        let timeLimit: Int
        let ringURL: String?
        let ringMethod: String?
        let hangupURL: String?
        let hangupMethod: String?
        let detection: String?
        let detectionURL: String?
        let detectionMethod: String?

        enum CodingKeys: String, CodingKey {
            case to, from
            case answerURL = "answer_url"
            case answerMethod = "answer_method"
            case ringTimeout = "ring_timeout"
            case timeLimit = "time_limit"
            case ringURL = "ring_url"
            case ringMethod = "ring_method"
            case hangupURL = "hangup_url"
            case hangupMethod = "hangup_method"
            case detection = "machine_detection"
            case detectionURL = "machine_detection_url"
            case detectionMethod = "machine_detection_method"
        }
    }

    func create(_ order: CallOrder) throws(DialingError) -> GatewayRequest {
        let (url, method) = (order.reportTo, order.reportTo.map { _ in "POST" })
        // With an address of its own it is asynchronous: the document begins at once.
        let detects = order.detectsMachine && url != nil
        let json = Create(
            to: try order.dialledWithoutPlus(), from: String(try callers.number(for: order).drop { $0 == "+" }),
            answerURL: try order.document(for: "Plivo"), ringTimeout: order.timeout.clamped(to: 1...120),
            timeLimit: order.longest.clamped(to: 1...86_400), ringURL: url, ringMethod: method, hangupURL: url,
            hangupMethod: method, detection: detects ? "true" : nil, detectionURL: detects ? url : nil,
            detectionMethod: detects ? method : nil)
        return GatewayRequest(.post, base + "/Call/", as: credential, json: json)
    }

    func placed(_ answer: GatewayAnswer) -> PlacedCall {
        let object = answer.object
        if answer.isSuccess, let id = object?["request_uuid"]?.text { return .placed(id) }
        return answer.unplaced(cause: object?["error"]?.text)
    }

    /// A request that is not answered yet is taken back under its name; a call that is has the same name.
    func hangUp(_ id: String, isAnswered: Bool) -> GatewayRequest {
        GatewayRequest(.delete, "\(base)/\(isAnswered ? "Call" : "Request")/\(id.pathPart)/", as: credential)
    }

    func report(query: String, body: [UInt8]) -> CallReport? {
        let fields = body.isEmpty ? FormFields(query: query) : FormFields(body: body)
        let call = (fields["RequestUUID"] ?? fields["ALegRequestUUID"] ?? fields["CallUUID"])
            .flatMap { $0.isEmpty ? nil : $0 }
        let party: CallParty? =
            switch fields["Machine"]?.lowercased() {
            case "true": .machine
            case "false": .human
            default: nil
            }
        guard let status = fields["CallStatus"] else {
            return party.map { CallReport(of: call, [.party($0)]) }
        }
        var progress = Self.progress(of: status, fields).map { [$0] } ?? []
        if let party { progress.insert(.party(party), at: progress.first?.isEnd == true ? 0 : progress.count) }
        return CallReport(of: call, progress)
    }

    /// What a status says; nil where it says nothing new.
    private static func progress(of status: String, _ fields: FormFields) -> CallProgress? {
        func ended(_ outcome: CallOutcome) -> CallProgress {
            let seconds = Int.duration(fields["Duration"].flatMap { Int($0) })
            let outcome = Self.outcome(outcome, code: fields["HangupCauseCode"], cause: fields["HangupCause"])
            return .ended(
                CallEnd(
                    outcome, cause: CallEnd.word(fields["HangupCause"]) ?? status,
                    answeredSeconds: outcome == .completed ? seconds : nil))
        }
        switch status {
        case "ringing": return .ringing
        case "in-progress": return .answered
        case "completed": return ended(.completed)
        case "busy": return ended(.busy)
        case "no-answer", "timeout": return ended(.noAnswer)
        case "failed": return ended(.failed)
        case "cancel", "canceled", "cancelled": return ended(.canceled)
        default: return nil
        }
    }

    /// The status knows neither who took a call back, nor who declined it, nor a number that is none.
    private static func outcome(_ outcome: CallOutcome, code: String?, cause: String?) -> CallOutcome {
        guard outcome != .completed else { return outcome }
        switch (code, cause) {
        case ("1000", _): return .canceled
        case ("2000", _): return .invalidNumber
        case (_, "Rejected"): return .rejected
        default: return outcome
        }
    }
}
