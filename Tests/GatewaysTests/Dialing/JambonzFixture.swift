// SPDX-License-Identifier: GPL-3.0-or-later

import HTTPTypes

@testable import SpeakCodeGateways

/// Fields and words as in `lib/swagger/swagger.yaml` of github.com/jambonz/jambonz-api-server, and `lib/session/call-info.js`
/// and `lib/utils/amd-utils.js` of github.com/jambonz/jambonz-feature-server.
extension DialingFixture {
    private static let base = "http://10.0.0.5:3000/v1/Accounts/a-1/Calls"
    private static let headers: HTTPFields = [.authorization: "Bearer k3y", .contentType: "application/json"]

    static let jambonz = DialingFixture(
        testDescription: "jambonz", gateway: "jambonz",
        settings: [
            "jambonzAccount": "a-1", "jambonzApiKey": "k3y", "jambonzURL": "http://10.0.0.5:3000",
            "jambonzNumbers": "+4930987654,+4930987655",
        ], secrets: ["k3y"], created: [created(""), created(#""amd":{"actionHook":"\#(reportTo)"},"#)],
        hungUp: (
            ringing: Expected(.put, base + "/CA1", headers, #"{"call_status":"no-answer"}"#),
            answered: Expected(.put, base + "/CA1", headers, #"{"call_status":"completed"}"#)
        ), lookedUp: Expected(.get, base, [.authorization: "Bearer k3y"]),
        found: [
            (
                #"[{"call_sid":"c0","customer_data":{"order":"x"}},{"call_sid":"c1","customer_data":{"order":"\#(id)"}}]"#,
                "c1"
            ),
            (#"[{"callSid":"c1","customerData":"{\"order\":\"\#(id)\"}"}]"#, "c1"),
            (#"[{"call_sid":"c0"}]"#, nil), ("[]", nil), ("{}", nil), ("", nil),
        ],
        answers: [
            Answer(status: 201, body: #"{"sid":"c1","callId":"x@y"}"#, means: .placed("c1")),
            Answer(status: 480, body: #"{"msg":"no available feature servers at this time"}"#, means: .busy(after: 1)),
            Answer(
                status: 400, body: #"{"msg":"missing or invalid to property"}"#,
                means: .refused(CallEnd(.failed, cause: "missing or invalid to property"))),
            Answer(status: 401, body: "", means: .refused(CallEnd(.failed, cause: "HTTP 401"))),
        ],
        reports: [
            status("trying", 100, [.ringing]), status("ringing", 180, [.ringing]),
            status("early-media", 183, [.ringing]),
            status("in-progress", 200, [.answered]),
            status(
                "completed", 200,
                [.ended(CallEnd(.completed, cause: "completed", sipStatus: 200, answeredSeconds: 41))],
                #","duration":41"#),
            status("busy", 486, [.ended(CallEnd(.busy, cause: "busy", sipStatus: 486))]),
            status("busy", 603, [.ended(CallEnd(.rejected, cause: "busy", sipStatus: 603))]),
            status("no-answer", 487, [.ended(CallEnd(.noAnswer, cause: "no-answer", sipStatus: 487))]),
            status("failed", 404, [.ended(CallEnd(.invalidNumber, cause: "failed", sipStatus: 404))]),
            status("failed", 503, [.ended(CallEnd(.failed, cause: "failed", sipStatus: 503))]),
            status("queued", 0, []), status("later-word", 0, []),
            Report(
                body: #"{"callSid":"c1","callStatus":"failed","sipStatus":"604"}"#,
                means: CallReport(of: "c1", [.ended(CallEnd(.invalidNumber, cause: "failed", sipStatus: 604))])),
            amd("amd_human_detected", [.party(.human)]), amd("amd_machine_detected", [.party(.machine)]),
            amd("amd_no_speech_detected", [.party(.unsure)]), amd("amd_decision_timeout", [.party(.unsure)]),
            amd("amd_machine_stopped_speaking", []), amd("amd_tone_detected", []),
            Report(body: "{}", means: nil), Report(body: "", means: nil),
            Report(body: #"{"call_sid":"c1"}"#, means: nil),
            Report(body: #"{"call_status":"ringing"}"#, means: CallReport(of: nil, [.ringing])),
        ])

    private static func created(_ detection: String) -> Expected {
        Expected(
            .post, base, headers,
            #"{\#(detection)"call_hook":{"method":"POST","url":"\#(document)"},"#
                + #""call_status_hook":{"method":"POST","url":"\#(reportTo)"},"from":"+4930987654","#
                + #""speech_recognizer_language":"en-US","speech_recognizer_vendor":"google","#
                + #""speech_synthesis_language":"en-US","speech_synthesis_vendor":"google","#
                + #""speech_synthesis_voice":"en-US-Standard-C","tag":{"order":"\#(id)"},"timeLimit":600,"timeout":30,"#
                + #""to":{"number":"+4930123456","type":"phone"}}"#)
    }

    private static func status(_ status: String, _ sip: Int, _ progress: [CallProgress], _ more: String = "") -> Report
    {
        Report(
            body: #"{"call_sid":"c1","direction":"outbound","from":"+4930987654","to":"+4930123456","call_id":"x@y","#
                + #""sip_status":\#(sip),"sip_reason":"x","call_status":"\#(status)","account_sid":"a-1"\#(more)}"#,
            means: CallReport(of: "c1", progress))
    }

    private static func amd(_ type: String, _ progress: [CallProgress]) -> Report {
        Report(
            body: #"{"call_sid":"c1","type":"\#(type)","reason":"hint","hint":"call has been forwarded"}"#,
            means: CallReport(of: "c1", progress))
    }
}
