// SPDX-License-Identifier: GPL-3.0-or-later

import HTTPTypes

@testable import SpeakCodeGateways

/// Fields and words as in `plivo/resources/calls.py` of github.com/plivo/plivo-python, and Plivo's page of hang-up causes.
extension DialingFixture {
    private static let base = "https://api.plivo.com/v1/Account/MA1"
    private static let basic = "Basic TUExOnQwa2Vu"

    static let plivo = DialingFixture(
        testDescription: "plivo", gateway: "plivo",
        settings: ["plivoAccount": "MA1", "plivoAuthToken": "t0ken", "plivoNumbers": "+4930987654,+4930987655"],
        secrets: ["t0ken", "TUExOnQwa2Vu"],
        created: [
            created(""),
            created(
                #""machine_detection":"true","machine_detection_method":"POST","machine_detection_url":"\#(reportTo)","#
            ),
        ],
        hungUp: (
            ringing: Expected(.delete, base + "/Request/CA1/", [.authorization: basic]),
            answered: Expected(.delete, base + "/Call/CA1/", [.authorization: basic])
        ),
        answers: [
            Answer(
                status: 201, body: #"{"message":"call fired","request_uuid":"9834","api_id":"97ce"}"#,
                means: .placed("9834")),
            Answer(
                status: 400, body: #"{"api_id":"97ce","error":"invalid destination"}"#,
                means: .refused(CallEnd(.failed, cause: "invalid destination"))),
            Answer(
                status: 400, body: #"{"api_id":"97ce","error":"4930123456 is not valid"}"#,
                means: .refused(CallEnd(.failed, cause: "HTTP 400"))),
            Answer(status: 401, body: "", means: .refused(CallEnd(.failed, cause: "HTTP 401"))),
            Answer(status: 429, body: #"{"error":"too many"}"#, means: .busy(after: 1)),
        ],
        reports: [
            status("ringing", [.ringing], "&Event=Ring"), status("in-progress", [.answered], "&Event=StartApp"),
            hangup(
                "completed", "4000", "Normal Hangup", CallEnd(.completed, cause: "Normal Hangup", answeredSeconds: 41)),
            hangup("busy", "3010", "Busy Line", CallEnd(.busy, cause: "Busy Line")),
            hangup("busy", "3020", "Rejected", CallEnd(.rejected, cause: "Rejected")),
            hangup("no-answer", "3000", "No Answer", CallEnd(.noAnswer, cause: "No Answer")),
            hangup("timeout", "3050", "Ring Timeout Reached", CallEnd(.noAnswer, cause: "Ring Timeout Reached")),
            hangup(
                "failed", "2000", "Invalid Destination Address",
                CallEnd(.invalidNumber, cause: "Invalid Destination Address")),
            hangup(
                "failed", "2030", "Destination Country Barred", CallEnd(.failed, cause: "Destination Country Barred")),
            hangup("failed", "1000", "Cancelled", CallEnd(.canceled, cause: "Cancelled")),
            hangup("cancel", "1000", "Cancelled", CallEnd(.canceled, cause: "Cancelled")),
            hangup("failed", "", "%2B4930123456", CallEnd(.failed, cause: "failed")),
            Report(
                body: "CallUUID=9834&Machine=true&Event=MachineDetection",
                means: CallReport(of: "9834", [.party(.machine)])),
            Report(body: "CallUUID=9834&Machine=false", means: CallReport(of: "9834", [.party(.human)])),
            status("in-progress", [.answered, .party(.machine)], "&Machine=true"),
            status(
                "completed", [.party(.machine), .ended(CallEnd(.completed, cause: "completed", answeredSeconds: 3))],
                "&Machine=true&Duration=3"),
            Report(query: "CallUUID=9834&CallStatus=ringing", body: "", means: CallReport(of: "9834", [.ringing])),
            status("new-word", []), Report(body: "CallUUID=9834", means: nil), Report(body: "", means: nil),
            Report(body: "CallUUID=&CallStatus=ringing&Machine=perhaps", means: CallReport(of: nil, [.ringing])),
        ])

    private static func created(_ detection: String) -> Expected {
        Expected(
            .post, base + "/Call/", [.authorization: basic, .contentType: "application/json"],
            #"{"answer_method":"POST","answer_url":"\#(document)","from":"4930987654","hangup_method":"POST","#
                + #""hangup_url":"\#(reportTo)",\#(detection)"ring_method":"POST","ring_timeout":30,"#
                + #""ring_url":"\#(reportTo)","time_limit":600,"to":"4930123456"}"#)
    }

    private static func status(_ status: String, _ progress: [CallProgress], _ more: String = "") -> Report {
        Report(
            body: "CallUUID=9834&RequestUUID=9834&From=4930987654&To=4930123456&Direction=outbound&CallStatus=\(status)"
                + more, means: CallReport(of: "9834", progress))
    }

    private static func hangup(_ word: String, _ code: String, _ cause: String, _ end: CallEnd) -> Report {
        status(
            word, [.ended(end)],
            "&Event=Hangup&HangupCause=\(cause.replacing(" ", with: "+"))&HangupCauseCode=\(code)"
                + "&HangupSource=Callee&Duration=\(word == "completed" ? 41 : 0)&BillDuration=60")
    }
}
