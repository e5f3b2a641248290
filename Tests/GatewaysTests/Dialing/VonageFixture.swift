// SPDX-License-Identifier: GPL-3.0-or-later

import Crypto
import CryptoExtras
import Foundation
import HTTPTypes

@testable import SpeakCodeGateways

/// Fields and words as in `voice/src/vonage_voice/models/` of github.com/Vonage/vonage-python-sdk, and Vonage's reference of
/// webhooks; the token after RFC 7519.
extension DialingFixture {
    private static let base = "https://api.nexmo.com/v1/calls"
    /// Made anew in each run.
    private static let key: _RSA.Signing.PrivateKey = {
        guard let key = try? _RSA.Signing.PrivateKey(keySize: .bits2048) else { preconditionFailure("no key") }
        return key
    }()

    private static func headers(_ request: String) -> HTTPFields {
        func encoded(_ data: Data) -> String {
            data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        }
        let claims = #"{"application_id":"app-1","exp":1700000900,"iat":1700000000,"jti":"\#(request)-1700000000"}"#
        let text = encoded(Data(#"{"alg":"RS256","typ":"JWT"}"#.utf8)) + "." + encoded(Data(claims.utf8))
        guard let signature = try? key.signature(for: Data(text.utf8), padding: .insecurePKCS1v1_5) else {
            preconditionFailure("no signature")
        }
        return [
            .authorization: "Bearer \(text).\(encoded(signature.rawRepresentation))", .contentType: "application/json",
        ]
    }

    static let vonage = DialingFixture(
        testDescription: "vonage", gateway: "vonage",
        settings: [
            // As a variable has it: its ends of lines written out.
            "vonageApplication": "app-1", "vonagePrivateKey": key.pemRepresentation.replacing("\n", with: "\\n"),
            "vonageNumbers": "+4930987654,+4930987655",
        ], secrets: ["PRIVATE KEY", "eyJ"], created: [created(""), created(#""machine_detection":"continue","#)],
        hungUp: (ringing: vonageHungUp, answered: vonageHungUp),
        answers: [
            Answer(
                status: 201,
                body: #"{"uuid":"63f6","status":"started","direction":"outbound","conversation_uuid":"CON-1"}"#,
                means: .placed("63f6")),
            Answer(
                status: 400,
                body:
                    #"{"type":"https://x","title":"Bad Request","invalid_parameters":[{"name":"to[0].number","reason":"x"}]}"#,
                means: .refused(CallEnd(.invalidNumber, cause: "Bad Request"))),
            Answer(
                status: 400, body: #"{"title":"Bad Request","invalid_parameters":[{"name":"event_url"}]}"#,
                means: .refused(CallEnd(.failed, cause: "Bad Request"))),
            Answer(
                status: 401, body: #"{"type":"UNAUTHORIZED","error_title":"Unauthorized"}"#,
                means: .refused(CallEnd(.failed, cause: "Unauthorized"))),
            Answer(status: 429, body: "", means: .busy(after: 1)),
        ],
        reports: [
            event("started", []), event("ringing", [.ringing]), event("answered", [.answered]),
            event("human", [.party(.human)]), event("machine", [.party(.machine)]),
            event("machine", [.party(.machine)], #","sub_state":"beep_start""#), event("disconnected", []),
            event(
                "completed", [.ended(CallEnd(.completed, cause: "completed", answeredSeconds: 41))],
                #","duration":"41","rate":"0.1","price":"0.02","network":"26201","start_time":"x","end_time":"y""#),
            event("busy", [.ended(CallEnd(.busy, cause: "busy"))]),
            event("timeout", [.ended(CallEnd(.noAnswer, cause: "timeout"))]),
            event("unanswered", [.ended(CallEnd(.noAnswer, cause: "unanswered"))]),
            event("rejected", [.ended(CallEnd(.rejected, cause: "restricted"))], #","detail":"restricted""#),
            event("failed", [.ended(CallEnd(.failed, cause: "failed"))]),
            event("failed", [.ended(CallEnd(.invalidNumber, cause: "failed", sipStatus: 404))], #","sip_code":404"#),
            event("failed", [.ended(CallEnd(.failed, cause: "failed"))], #","detail":"+4930123456""#),
            event("cancelled", [.ended(CallEnd(.canceled, cause: "cancelled"))]),
            event("later-word", []), Report(body: "{}", means: nil), Report(body: "", means: nil),
            Report(body: #"{"status":7}"#, means: nil), Report(body: "[]", means: nil),
            Report(body: #"{"status":"ringing","uuid":""}"#, means: CallReport(of: nil, [.ringing])),
        ])

    private static func created(_ detection: String) -> Expected {
        Expected(
            .post, base, headers(id),
            #"{"answer_method":"POST","answer_url":["\#(document)"],"event_method":"POST","event_url":["\#(reportTo)"],"#
                + #""from":{"number":"4930987654","type":"phone"},"length_timer":600,\#(detection)"ringing_timer":30,"#
                + #""to":[{"number":"4930123456","type":"phone"}]}"#)
    }

    private static let vonageHungUp = Expected(.put, base + "/CA1", headers("hangup-CA1"), #"{"action":"hangup"}"#)

    private static func event(_ status: String, _ progress: [CallProgress], _ more: String = "") -> Report {
        Report(
            body: #"{"from":"4930987654","to":"4930123456","uuid":"63f6","conversation_uuid":"CON-1","#
                + #""status":"\#(status)","direction":"outbound","timestamp":"2026-11-30T08:00:01.5Z"\#(more)}"#,
            means: CallReport(of: "63f6", progress, sequence: 20_261_130_080_001_500))
    }
}
