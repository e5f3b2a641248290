// SPDX-License-Identifier: GPL-3.0-or-later

internal import CryptoExtras
internal import FoundationEssentials
internal import HTTPTypes
internal import JSON5
internal import SpeakCodeLinks

extension Vonage {
    static let calls = GatewayDialing<any Dialing>([
        GatewaySetting("vonageApplication", "the application (its id) whose calls SpeakCode places"),
        GatewaySetting(
            "vonagePrivateKey", "the application's private key, the text of its PEM file", .secret, isNeeded: true),
        GatewaySetting(
            "vonageNumbers", "the numbers that Vonage calls from, the first by default", .list, isNeeded: true),
        GatewaySetting("vonageURL", "the address of Vonage's API, where it is not https://api.nexmo.com", .url),
    ]) { values throws(DialingError) in
        let key = try VonageToken.Key(pem: try values.needed("vonagePrivateKey"))
        return VonageCalls(
            base: try values.base("vonageURL", "https://api.nexmo.com") + "/v1/calls",
            token: VonageToken(application: try values.name("vonageApplication"), key: key, now: values.now),
            callers: try values.callers("vonageNumbers"))
    }
}

/// The token by which Vonage knows an application: a JSON web token signed with its private key (RS256).
///
/// Rules: RFC 7519, RFC 7518 (section 3.3), and `jwt/` of github.com/Vonage/vonage-python-sdk.
struct VonageToken: Sendable {
    let application: String
    let key: Key
    /// The time, in seconds since 1970.
    let now: @Sendable () -> Int

    /// A private key; it does not show itself.
    struct Key: Sendable {
        private let key: _RSA.Signing.PrivateKey

        /// - Parameter pem: as the dashboard gives it; a variable may have `\n` written out for its ends of lines.
        init(pem: String) throws(DialingError) {
            let text = pem.replacing("\\n", with: "\n").replacing("\r", with: "")
            guard let key = try? _RSA.Signing.PrivateKey(pemRepresentation: text) else {
                throw DialingError("vonagePrivateKey", "must be an RSA key as in the application's PEM file")
            }
            self.key = key
        }

        /// - Returns: empty where the key cannot sign, which one that was read can.
        fileprivate func signature(of text: [UInt8]) -> [UInt8] {
            (try? key.signature(for: Data(text), padding: .insecurePKCS1v1_5)).map { Array($0.rawRepresentation) } ?? []
        }
    }

    private struct Header: Encodable {
        let alg = "RS256"
        let typ = "JWT"
    }

    private struct Claims: Encodable {
        let applicationID: String
        let iat: Int
        let exp: Int
        let jti: String

        enum CodingKeys: String, CodingKey {
            case applicationID = "application_id"
            case iat, exp, jti
        }
    }

    /// A token for one request.
    ///
    /// - Parameter request: a name that no other request has.
    func text(for request: String) -> String {
        let time = now()
        let claims = Claims(applicationID: application, iat: time, exp: time + 900, jti: "\(request)-\(time)")
        let parts = [try? JSONDocument.encode(Header()), try? JSONDocument.encode(claims)]
        let text = parts.map { Base64URL.encode($0 ?? []) }.joined(separator: ".")
        return text + "." + Base64URL.encode(key.signature(of: Array(text.utf8)))
    }
}

extension VonageToken.Key: CustomStringConvertible, CustomReflectable {
    var description: String { "VonageToken.Key" }
    var customMirror: Mirror { Mirror(self, children: []) }
}

/// Vonage's calls.
///
/// There is no key by which a call is placed once, and calls cannot be asked for by their numbers.
///
/// Source: `voice/src/vonage_voice/models/` of github.com/Vonage/vonage-python-sdk, and Vonage's reference of webhooks.
struct VonageCalls: Dialing {
    /// Such as `https://api.nexmo.com/v1/calls`.
    let base: String
    let token: VonageToken
    let callers: Callers

    var numbers: [String] { callers.numbers }
    var isOnInternet: Bool { !base.isHere }

    /// Source: `list_calls` in `voice/src/vonage_voice/voice.py` of the same repository.
    var checks: [SetupCheck] {
        let keys = SetupKeys(account: "vonageApplication", credential: "vonagePrivateKey", url: "vonageURL")
        let request = GatewayRequest(.get, base + "?page_size=1", as: .bearer(token.text(for: "check")))
        return [
            keys.check("vonageApplication", request, missing: "Set its id, and turn on its voice, in the dashboard.") {
                $0.object == nil
                    ? .fail("vonageURL", "what answers there has no such API", "Set the address of Vonage's API.")
                    : .pass("vonageApplication", "the application is there, and its key is right")
            }
        ]
    }

    var unchecked: [SetupVerdict] {
        [
            .notApplicable(
                callers.setting, "an application's key may not ask for numbers",
                "See in the dashboard that they are linked to the application.")
        ]
    }

    private struct Create: Encodable {
        let to: [Endpoint]
        let from: Endpoint
        let answerURL: [String]
        let answerMethod = "POST"
        let eventURL: [String]?
        let eventMethod: String?
        let ringing: Int
        let length: Int
        let detection: String?

        struct Endpoint: Encodable {
            let type: String
            var number: String?
            var uri: String?
        }

        enum CodingKeys: String, CodingKey {
            case to, from
            case answerURL = "answer_url"
            case answerMethod = "answer_method"
            case eventURL = "event_url"
            case eventMethod = "event_method"
            case ringing = "ringing_timer"
            case length = "length_timer"
            case detection = "machine_detection"
        }
    }

    func create(_ order: CallOrder) throws(DialingError) -> GatewayRequest {
        let dialled = try order.dialledWithoutPlus()
        let to: Create.Endpoint =
            if case .sip = order.callee {
                Create.Endpoint(type: "sip", uri: dialled)
            } else {
                Create.Endpoint(type: "phone", number: dialled)
            }
        let from = String(try callers.number(for: order).drop { $0 == "+" })
        let json = Create(
            to: [to], from: Create.Endpoint(type: "phone", number: from),
            answerURL: [try order.document(for: "Vonage")], eventURL: order.reportTo.map { [$0] },
            eventMethod: order.reportTo.map { _ in "POST" }, ringing: order.timeout.clamped(to: 1...120),
            length: order.longest.clamped(to: 1...86_400), detection: order.detectsMachine ? "continue" : nil)
        return GatewayRequest(.post, base, as: .bearer(token.text(for: order.id)), json: json)
    }

    func placed(_ answer: GatewayAnswer) -> PlacedCall {
        let object = answer.object
        if answer.isSuccess, let id = object?["uuid"]?.text { return .placed(id) }
        let names = object?["invalid_parameters"]?.elements?.compactMap { $0.members?["name"]?.text } ?? []
        let isOfNumber = names.contains { $0 == "to" || $0.hasPrefix("to[") || $0.hasPrefix("to.") }
        let cause = object?["error_title"]?.text ?? object?["title"]?.text
        return answer.unplaced(isOfNumber ? .invalidNumber : .failed, cause: cause)
    }

    func hangUp(_ id: String, isAnswered: Bool) -> GatewayRequest {
        GatewayRequest(
            .put, "\(base)/\(id.pathPart)", as: .bearer(token.text(for: "hangup-\(id.pathPart)")),
            json: ["action": "hangup"])
    }

    func report(query: String, body: [UInt8]) -> CallReport? {
        guard let event = JSON5Value.object(in: body), let status = event["status"]?.text else { return nil }
        return CallReport(
            of: event["uuid"]?.text, Self.progress(of: status, event).map { [$0] } ?? [],
            sequence: CallReport.sequence(ofTime: event["timestamp"]?.text))
    }

    /// What a status says; nil where it says nothing new.
    private static func progress(of status: String, _ event: [String: JSON5Value]) -> CallProgress? {
        func ended(_ outcome: CallOutcome) -> CallProgress {
            let sip = Int.sipStatus(event["sip_code"]?.whole)
            let seconds = Int.duration(event["duration"]?.whole)
            return .ended(
                CallEnd(
                    outcome.refined(by: sip), cause: CallEnd.word(event["detail"]?.text) ?? status, sipStatus: sip,
                    answeredSeconds: outcome == .completed ? seconds : nil))
        }
        switch status {
        case "ringing": return .ringing
        case "answered": return .answered
        case "human": return .party(.human)
        case "machine": return .party(.machine)
        case "completed": return ended(.completed)
        case "busy": return ended(.busy)
        case "timeout", "unanswered": return ended(.noAnswer)
        case "rejected": return ended(.rejected)
        case "failed": return ended(.failed)
        case "cancelled": return ended(.canceled)
        default: return nil
        }
    }
}
