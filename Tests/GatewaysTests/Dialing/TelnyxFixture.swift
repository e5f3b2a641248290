// SPDX-License-Identifier: GPL-3.0-or-later

import HTTPTypes

@testable import SpeakCodeGateways

/// Fields, events and words as in `src/telnyx/types/` of github.com/team-telnyx/telnyx-python.
extension DialingFixture {
    private static let headers: HTTPFields = [.authorization: "Bearer KEY1x", .contentType: "application/json"]
    private static let settings = [
        "telnyxApiKey": "KEY1x", "telnyxNumbers": "+4930987654, +4930987655",
    ]

    static let texml = DialingFixture(
        testDescription: "telnyx by TeXML", gateway: "telnyx",
        settings: settings.merging(["telnyxAccount": "u-1", "telnyxApplication": "17"]) { $1 }, secrets: ["KEY1x"],
        created: [texmlCreated(""), texmlCreated(#","MachineDetection":"Enable""#)],
        hungUp: (ringing: texmlHungUp, answered: texmlHungUp),
        answers: [
            Answer(
                status: 200, body: #"{"sid":"v3:c1","from":"+4930987654","status":"queued"}"#, means: .placed("v3:c1")),
            Answer(status: 200, body: #"{"call_sid":"v3:c1"}"#, means: .placed("v3:c1")),
            // As its library has it: the name comes with the first report.
            Answer(status: 200, body: #"{"from":"+4930987654","to":"+4930123456","status":"queued"}"#, means: .unknown),
        ] + telnyxRefusals,
        reports: twiMLReports + [
            Report(body: "CallSid=CA1&AnsweredBy=not_sure", means: CallReport(of: "CA1", [.party(.unsure)])),
            Report(body: "CallSid=CA1&AnsweredBy=human_business", means: CallReport(of: "CA1", [.party(.human)])),
        ])

    private static func texmlCreated(_ detection: String) -> Expected {
        let async =
            detection.isEmpty
            ? "" : #""AsyncAmd":true,"AsyncAmdStatusCallback":"\#(reportTo)","AsyncAmdStatusCallbackMethod":"POST","#
        let going =
            detection.isEmpty
            ? "" : #""CancelPlaybackOnDetectMessageEnd":false,"CancelPlaybackOnMachineDetection":false,"#
        return Expected(
            .post, "https://api.telnyx.com/v2/texml/Accounts/u-1/Calls", headers,
            #"{"ApplicationSid":"17",\#(async)\#(going)"From":"+4930987654"\#(detection),"StatusCallback":"\#(reportTo)","#
                + #""StatusCallbackEvent":"initiated ringing answered completed","StatusCallbackMethod":"POST","#
                + #""TimeLimit":600,"Timeout":30,"To":"+4930123456","Url":"\#(document)","UrlMethod":"POST"}"#)
    }

    private static let texmlHungUp = Expected(
        .post, "https://api.telnyx.com/v2/texml/Accounts/u-1/Calls/CA1", headers, #"{"Status":"completed"}"#)

    static let callControl = DialingFixture(
        testDescription: "telnyx by Call Control", gateway: "telnyx",
        settings: settings.merging(["telnyxConnection": "c-7"]) { $1 }, secrets: ["KEY1x"],
        created: [callControlCreated(""), callControlCreated(#""answering_machine_detection":"detect","#)],
        hungUp: (ringing: callControlHungUp, answered: callControlHungUp),
        answers: [
            Answer(
                status: 200, body: #"{"data":{"call_control_id":"v3:x","call_leg_id":"l","is_alive":false}}"#,
                means: .placed("v3:x"))
        ] + telnyxRefusals,
        reports: callControlReports, hears: .audio)

    private static let telnyxRefusals = [
        Answer(
            status: 422, body: #"{"errors":[{"code":"10016","title":"Invalid number"}]}"#,
            means: .refused(CallEnd(.invalidNumber, cause: "10016"))),
        Answer(
            status: 401, body: #"{"errors":[{"code":"10009","title":"Authentication failed"}]}"#,
            means: .refused(CallEnd(.failed, cause: "10009"))),
        Answer(status: 403, body: #"{"errors":[]}"#, means: .refused(CallEnd(.failed, cause: "HTTP 403"))),
        Answer(status: 429, headers: [.retryAfter: "2"], body: "", means: .busy(after: 2)),
    ]

    private static func callControlCreated(_ detection: String) -> Expected {
        Expected(
            .post, "https://api.telnyx.com/v2/calls", headers,
            #"{\#(detection)"audio_url":"https://codes.example.net/a/SEALED.wav","command_id":"\#(id)","#
                + #""connection_id":"c-7","from":"+4930987654","time_limit_secs":600,"timeout_secs":30,"#
                + #""to":"+4930123456","webhook_url":"\#(reportTo)","webhook_url_method":"POST"}"#)
    }

    private static let callControlHungUp = Expected(
        .post, "https://api.telnyx.com/v2/calls/CA1/actions/hangup", headers, "{}")

    private static let callControlReports = [
        event("call.initiated", [.ringing]), event("call.answered", [.answered]),
        hangup("normal_clearing", "200", CallEnd(.completed, cause: "normal_clearing", sipStatus: 200)),
        hangup("time_limit", "200", CallEnd(.completed, cause: "time_limit", sipStatus: 200)),
        hangup("user_busy", "486", CallEnd(.busy, cause: "user_busy", sipStatus: 486)),
        hangup("timeout", "487", CallEnd(.noAnswer, cause: "timeout", sipStatus: 487)),
        hangup("no_answer", "480", CallEnd(.noAnswer, cause: "no_answer", sipStatus: 480)),
        hangup("call_rejected", "603", CallEnd(.rejected, cause: "call_rejected", sipStatus: 603)),
        hangup("not_found", "404", CallEnd(.invalidNumber, cause: "not_found", sipStatus: 404)),
        hangup("originator_cancel", "487", CallEnd(.canceled, cause: "originator_cancel", sipStatus: 487)),
        hangup("unspecified", "503", CallEnd(.failed, cause: "unspecified", sipStatus: 503)),
        hangup("unspecified", "404", CallEnd(.invalidNumber, cause: "unspecified", sipStatus: 404)),
        hangup("new_word", "x", CallEnd(.failed, cause: "new_word")),
        event("call.machine.detection.ended", [.party(.human)], #","result":"human""#),
        event("call.machine.detection.ended", [.party(.machine)], #","result":"machine""#),
        event("call.machine.detection.ended", [.party(.unsure)], #","result":"not_sure""#),
        event("call.machine.premium.detection.ended", [.party(.human)], #","result":"human_residence""#),
        event("call.machine.premium.detection.ended", [.party(.machine)], #","result":"fax_detected""#),
        event("call.machine.detection.ended", [], #","result":"martian""#),
        event("call.dtmf.received", [.key("1")], #","digit":"1""#), event("call.dtmf.received", [], #","digit":"12""#),
        event("call.playback.started", []), event("call.later.word", []),
        Report(body: #"{"data":{"event_type":"call.answered","payload":{}}}"#, means: CallReport(of: nil, [.answered])),
        Report(body: #"{"data":{"event_type":"call.answered"}}"#, means: nil), Report(body: "{}", means: nil),
        Report(query: "event_type=call.answered", body: "", means: nil),
        Report(
            body: #"{"data":{"event_type":"call.answered","occurred_at":"yesterday","payload":{"call_control_id":7}}}"#,
            means: CallReport(of: nil, [.answered])),
    ]

    private static func hangup(_ cause: String, _ sip: String, _ end: CallEnd) -> Report {
        event(
            "call.hangup", [.ended(end)],
            #","hangup_cause":"\#(cause)","hangup_source":"callee","sip_hangup_cause":"\#(sip)""#)
    }

    private static func event(_ type: String, _ progress: [CallProgress], _ more: String = "") -> Report {
        Report(
            body: #"{"data":{"record_type":"event","event_type":"\#(type)","id":"0cc","#
                + #""occurred_at":"2026-11-30T08:00:01.521992Z","payload":{"call_control_id":"v3:x","#
                + #""connection_id":"c-7","from":"+4930987654","to":"+4930123456"\#(more)}},"meta":{"attempt":1}}"#,
            means: CallReport(of: "v3:x", progress, sequence: 20_261_130_080_001_521))
    }
}
