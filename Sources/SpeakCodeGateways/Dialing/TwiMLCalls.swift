// SPDX-License-Identifier: GPL-3.0-or-later

internal import HTTPTypes
internal import JSON5

/// Calls as Twilio's REST API has them, and others do.
///
/// There is no key by which a call is placed once: it is looked up.
///
/// Source: `spec/json/twilio_api_v2010.json` of github.com/twilio/twilio-oai, and Twilio's page of the Call resource:
/// `completed` ends a call in any state, `canceled` one that is not answered yet.
struct TwiMLCalls: Dialing {
    /// Such as `https://api.twilio.com/2010-04-01`.
    let base: String
    let account: String
    let credential: GatewayCredential
    let callers: Callers
    let keys: SetupKeys

    var isOnInternet: Bool { !base.isHere }
    var numbers: [String] { callers.numbers }

    private var calls: String { "\(base)/Accounts/\(account)/Calls" }

    // MARK: Requests

    func create(_ order: CallOrder) throws(DialingError) -> GatewayRequest {
        var form = [("To", try order.dialledWithPlus()), ("From", try callers.number(for: order))]
        switch order.heard {
        case .document(let url): form += [("Url", url), ("Method", "POST")]
        case .webSocket(let url):
            let stream = XMLElement("Connect", [:], [XMLElement("Stream", ["url": url])])
            form.append(("Twiml", String(decoding: XMLElement("Response", [:], [stream]).document, as: UTF8.self)))
        case .audio, .audioSocket, .fastAGI, .local:
            throw DialingError("heard", "must be a document or a WebSocket")
        }
        form += [("Timeout", String(order.timeout.clamped(to: 1...600)))]
        form += [("TimeLimit", String(order.longest.clamped(to: 1...14_400)))]
        if let url = order.reportTo {
            form += [("StatusCallback", url), ("StatusCallbackMethod", "POST")]
            form += ["initiated", "ringing", "answered", "completed"].map { ("StatusCallbackEvent", $0) }
            // What is heard begins at once, and who hears it is told when it is known.
            if order.detectsMachine {
                form += [("MachineDetection", "Enable"), ("AsyncAmd", "true")]
                form += [("AsyncAmdStatusCallback", url), ("AsyncAmdStatusCallbackMethod", "POST")]
            }
        }
        return GatewayRequest(.post, calls + ".json", as: credential, form: form)
    }

    func hangUp(_ id: String, isAnswered: Bool) -> GatewayRequest {
        GatewayRequest(.post, "\(calls)/\(id.pathPart).json", as: credential, form: [("Status", "completed")])
    }

    /// Asks for the calls between the two numbers: a call that is queued has no time yet to ask by.
    func lookUp(_ order: CallOrder) -> GatewayRequest? {
        guard let to = try? order.dialledWithPlus(), let from = try? callers.number(for: order) else { return nil }
        let query = FormFields.encoded([("To", to), ("From", from), ("PageSize", "20")])
        return GatewayRequest(.get, "\(calls).json?\(String(decoding: query, as: UTF8.self))", as: credential)
    }

    /// The one call between the two numbers that is in the air; two of them are told apart by nothing.
    func found(_ answer: GatewayAnswer, _ order: CallOrder) -> String? {
        guard answer.isSuccess, let calls = answer.object?["calls"]?.elements else { return nil }
        let living = calls.compactMap(\.members).filter { call in
            call["direction"]?.text == "outbound-api"
                && ["queued", "initiated", "ringing", "in-progress"].contains(call["status"]?.text)
        }
        return living.count == 1 ? living.first?["sid"]?.text : nil
    }

    // MARK: Checks

    /// Source: Account, IncomingPhoneNumber and OutgoingCallerId in the same file, and SignalWire's pages of the first two.
    var checks: [SetupCheck] {
        let account = "\(base)/Accounts/\(account)"
        let ours = GatewayRequest(.get, account + ".json", as: credential)
        return [keys.check(keys.account, ours, missing: "Set it as it stands in the console.", verdict: verdict)]
            + callers.checks { number, name in
                keys.check(
                    [
                        ("IncomingPhoneNumbers", "incoming_phone_numbers"),
                        ("OutgoingCallerIds", "outgoing_caller_ids"),
                    ].map { list, field in
                        let query = String(
                            decoding: FormFields.encoded([("PhoneNumber", number), ("PageSize", "20")]), as: UTF8.self)
                        let request = GatewayRequest(.get, "\(account)/\(list).json?\(query)", as: credential)
                        return keys.question(callers.setting, request, of: name, missing: Self.foreign) {
                            [callers] answer in
                            Self.verdict(of: number, name, answer.object?[field]?.elements, callers.setting)
                        }
                    })
            }
    }

    private static let foreign =
        "Calls may come from numbers of this account, and from caller ids that it has verified."

    private func verdict(_ answer: GatewayAnswer) -> SetupVerdict {
        guard let account = answer.object, account["sid"]?.text == self.account else {
            return .fail(keys.url, "what answers there has no such API", "Set the address of the gateway's API.")
        }
        if let status = account["status"]?.text, status != "active" {
            let state = CallEnd.word(status) ?? "not active"
            return .fail(keys.account, "the account is \(state)", "Have it opened again in the console.")
        }
        guard account["type"]?.text != "Trial" else {
            return .warning(
                keys.account, "a trial account", "It calls numbers that it has verified and no others: upgrade it.")
        }
        return .pass(keys.account, "the account is there, and its token is right")
    }

    /// A part of a number finds others as well.
    private static func verdict(
        of number: String, _ name: String, _ list: [JSON5Value]?, _ setting: String
    ) -> SetupVerdict {
        let found = list?.compactMap(\.members).first { number.isNumber($0["phone_number"]?.text) }
        guard let found else { return .fail(setting, "\(name) is not this account's", foreign) }
        guard found["capabilities"]?.members?["voice"]?.isFalse != true else {
            return .fail(setting, "\(name) has no voice", "Take a number that calls may be placed from.")
        }
        return .pass(setting, "\(name) may be called from")
    }

    // MARK: Answers and reports

    func placed(_ answer: GatewayAnswer) -> PlacedCall {
        let object = answer.object
        if answer.isSuccess, let sid = object?["sid"]?.text { return .placed(sid) }
        let code = object?["code"]?.whole
        return answer.unplaced(Self.outcome(ofError: code), cause: code.map(String.init))
    }

    /// Twilio's errors of numbers that are none: <https://www.twilio.com/docs/api/errors>.
    private static func outcome(ofError code: Int?) -> CallOutcome {
        switch code {
        case 13_224, 13_223, 21_201, 21_211, 21_214, 21_217, 21_401, 21_421: .invalidNumber
        default: .failed
        }
    }

    func report(query: String, body: [UInt8]) -> CallReport? { Self.report(query: query, body: body) }

    /// What a status callback says.
    static func report(query: String, body: [UInt8]) -> CallReport? {
        let fields = body.isEmpty ? FormFields(query: query) : FormFields(body: body)
        let (status, party) = (fields["CallStatus"], fields["AnsweredBy"].flatMap { CallParty(word: $0) })
        guard status != nil || fields["AnsweredBy"] != nil else { return nil }
        var progress = status.flatMap { Self.progress(of: $0, fields) }.map { [$0] } ?? []
        if let party {
            // Nothing follows an end.
            progress.insert(.party(party), at: progress.first?.isEnd == true ? 0 : progress.count)
        }
        let sequence = fields["SequenceNumber"].flatMap { Int($0) }
        return CallReport(of: fields["CallSid"].flatMap { $0.isEmpty ? nil : $0 }, progress, sequence: sequence)
    }

    /// What a status says; nil where it says nothing new.
    private static func progress(of status: String, _ fields: FormFields) -> CallProgress? {
        let sip = Int.sipStatus(fields["SipResponseCode"].flatMap { Int($0) })
        func ended(_ outcome: CallOutcome) -> CallProgress {
            // `Duration` is in minutes, as they are charged.
            let seconds = Int.duration(fields["CallDuration"].flatMap { Int($0) })
            return .ended(
                CallEnd(
                    outcome.refined(by: sip), cause: status, sipStatus: sip,
                    answeredSeconds: outcome == .completed ? seconds : nil))
        }
        switch status {
        case "ringing": return .ringing
        case "in-progress", "answered": return .answered
        case "completed": return ended(.completed)
        case "busy": return ended(.busy)
        case "no-answer": return ended(.noAnswer)
        case "failed": return ended(.failed)
        case "canceled": return ended(.canceled)
        default: return nil
        }
    }
}

extension CallProgress {
    /// Whether nothing follows.
    package var isEnd: Bool {
        if case .ended = self { true } else { false }
    }
}

extension Comparable {
    func clamped(to range: ClosedRange<Self>) -> Self { min(max(self, range.lowerBound), range.upperBound) }
}

extension String {
    /// As one part of an address's path, whatever is in it.
    var pathPart: String {
        var bytes: [UInt8] = []
        for byte in utf8 {
            bytes += FormFields.isPlain(byte) ? [byte] : [UInt8(ascii: "%")] + Hexadecimal.encode(byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
