// SPDX-License-Identifier: GPL-3.0-or-later

import HTTPTypes

@testable import SpeakCodeGateways

/// Fields, errors and words as in Twilio's references: `spec/json/twilio_api_v2010.json` of github.com/twilio/twilio-oai,
/// and the pages of the Call resource, of status callbacks, of machine detection and of the errors.
extension DialingFixture {
    static let twilio = twiML(
        "twilio",
        settings: ["twilioAccount": "AC1", "twilioAuthToken": "t0ken", "twilioNumbers": "+4930987654,+4930987655"],
        secret: "t0ken", calls: "https://api.twilio.com/2010-04-01/Accounts/AC1/Calls", basic: "QUMxOnQwa2Vu")

    static let signalwire = twiML(
        "signalwire",
        settings: [
            "signalwireProject": "p-1", "signalwireToken": "PTx", "signalwireNumbers": "+4930987654,+4930987655",
            "signalwireURL": "https://example.signalwire.com/",
        ], secret: "PTx", calls: "https://example.signalwire.com/api/laml/2010-04-01/Accounts/p-1/Calls",
        basic: "cC0xOlBUeA==")

    private static func twiML(
        _ name: String, settings: [String: String], secret: String, calls: String, basic: String
    ) -> DialingFixture {
        func posted(_ url: String, _ body: String) -> Expected {
            Expected(
                .post, url,
                [.authorization: "Basic \(basic)", .contentType: "application/x-www-form-urlencoded"], body)
        }
        let report = "https%3A%2F%2Fcodes.example.net%2Fr%2FSEALED%3Fx%3D1%26y%3D2"
        let created =
            "To=%2B4930123456&From=%2B4930987654&Url=https%3A%2F%2Fcodes.example.net%2Fc%2FSEALED.twiml&Method=POST"
            + "&Timeout=30&TimeLimit=600&StatusCallback=\(report)&StatusCallbackMethod=POST"
            + "&StatusCallbackEvent=initiated&StatusCallbackEvent=ringing&StatusCallbackEvent=answered"
            + "&StatusCallbackEvent=completed"
        let hungUp = posted(calls + "/CA1.json", "Status=completed")
        return DialingFixture(
            testDescription: name, gateway: name, settings: settings, secrets: [secret],
            created: [
                posted(calls + ".json", created),
                posted(
                    calls + ".json",
                    created + "&MachineDetection=Enable&AsyncAmd=true&AsyncAmdStatusCallback=\(report)"
                        + "&AsyncAmdStatusCallbackMethod=POST"),
            ],
            hungUp: (ringing: hungUp, answered: hungUp),
            lookedUp: Expected(
                .get, calls + ".json?To=%2B4930123456&From=%2B4930987654&PageSize=20",
                [.authorization: "Basic \(basic)"]),
            found: [
                (#"{"calls":[{"sid":"CA1","status":"queued","direction":"outbound-api"}]}"#, "CA1"),
                (
                    #"{"calls":[{"sid":"CA0","status":"completed","direction":"outbound-api"},"#
                        + #"{"sid":"CA1","status":"in-progress","direction":"outbound-api"}]}"#, "CA1"
                ),
                // What cannot be told apart is not taken, nor what others called.
                (
                    #"{"calls":[{"sid":"CA1","status":"ringing","direction":"outbound-api"},"#
                        + #"{"sid":"CA2","status":"queued","direction":"outbound-api"}]}"#, nil
                ),
                (#"{"calls":[{"sid":"CA1","status":"ringing","direction":"inbound"}]}"#, nil),
                (#"{"calls":[]}"#, nil), ("", nil),
            ],
            answers: twiMLAnswers, reports: twiMLReports)
    }

    private static let twiMLAnswers = [
        Answer(status: 201, body: #"{"sid":"CA1","status":"queued","to":"+4930123456"}"#, means: .placed("CA1")),
        Answer(status: 200, body: #"{"sid":"CA1"}"#, means: .placed("CA1")),
        refused(400, 21_211, .invalidNumber), refused(400, 21_217, .invalidNumber),
        refused(400, 13_224, .invalidNumber),
        refused(400, 21_215, .failed), refused(403, 21_216, .failed), refused(400, 21_202, .failed),
        refused(401, 20_003, .failed),
        Answer(
            status: 429, headers: [.retryAfter: "7"], body: #"{"code":20429,"status":429}"#, means: .busy(after: 7)),
    ]

    private static func refused(_ status: Int, _ code: Int, _ outcome: CallOutcome) -> Answer {
        Answer(
            status: status,
            body: #"{"code":\#(code),"message":"The number +4930123456 …","status":\#(status)}"#,
            means: .refused(CallEnd(outcome, cause: "\(code)")))
    }

    /// The callbacks of a form that others send as well, but for what stands in `CallStatus`.
    static let twiMLReports = [
        status("queued", 0, []), status("initiated", 0, []), status("ringing", 1, [.ringing]),
        status("in-progress", 2, [.answered]),
        status(
            "completed", 3, [.ended(CallEnd(.completed, cause: "completed", sipStatus: 200, answeredSeconds: 41))],
            "&CallDuration=41&Duration=1&SipResponseCode=200"),
        status(
            "busy", 2, [.ended(CallEnd(.busy, cause: "busy", sipStatus: 486))],
            "&CallDuration=0&Duration=0&SipResponseCode=486"),
        status("busy", 2, [.ended(CallEnd(.rejected, cause: "busy", sipStatus: 603))], "&SipResponseCode=603"),
        status("failed", 1, [.ended(CallEnd(.invalidNumber, cause: "failed", sipStatus: 404))], "&SipResponseCode=404"),
        status("failed", 1, [.ended(CallEnd(.failed, cause: "failed", sipStatus: 503))], "&SipResponseCode=503"),
        status("failed", 1, [.ended(CallEnd(.failed, cause: "failed"))]),
        status(
            "no-answer", 2, [.ended(CallEnd(.noAnswer, cause: "no-answer", sipStatus: 487))], "&SipResponseCode=487"),
        status("canceled", 2, [.ended(CallEnd(.canceled, cause: "canceled"))]),
        // Machine detection, told by itself and with the end.
        Report(
            body: "CallSid=CA1&AccountSid=AC1&AnsweredBy=human&MachineDetectionDuration=2000",
            means: CallReport(of: "CA1", [.party(.human)])),
        Report(body: "CallSid=CA1&AnsweredBy=machine_start", means: CallReport(of: "CA1", [.party(.machine)])),
        Report(body: "CallSid=CA1&AnsweredBy=machine_end_beep", means: CallReport(of: "CA1", [.party(.machine)])),
        Report(body: "CallSid=CA1&AnsweredBy=fax", means: CallReport(of: "CA1", [.party(.machine)])),
        Report(body: "CallSid=CA1&AnsweredBy=unknown", means: CallReport(of: "CA1", [.party(.unsure)])),
        status(
            "completed", 3,
            [
                .party(.machine),
                .ended(CallEnd(.completed, cause: "completed", answeredSeconds: 9)),
            ], "&AnsweredBy=machine_start&CallDuration=9"),
        status("in-progress", 2, [.answered, .party(.human)], "&AnsweredBy=human"),
        // By GET, and what is unknown, missing or nonsense.
        Report(query: "CallSid=CA1&CallStatus=ringing", body: "", means: CallReport(of: "CA1", [.ringing])),
        status("transferring", 5, []), Report(body: "CallSid=CA1", means: nil), Report(body: "", means: nil),
        Report(body: "CallStatus=ringing", means: CallReport(of: nil, [.ringing])),
        Report(
            body: "CallSid=CA1&CallStatus=completed&CallDuration=-1&SipResponseCode=2000&SequenceNumber=x",
            means: CallReport(of: "CA1", [.ended(CallEnd(.completed, cause: "completed"))])),
        Report(body: "CallSid=CA1&AnsweredBy=martian", means: CallReport(of: "CA1", [])),
    ]

    private static func status(
        _ status: String, _ sequence: Int, _ progress: [CallProgress], _ more: String = ""
    ) -> Report {
        Report(
            body: "CallSid=CA1&AccountSid=AC1&From=%2B4930987654&To=%2B4930123456&CallStatus=\(status)"
                + "&ApiVersion=2010-04-01&Direction=outbound-api&Timestamp=Mon%2C%2030%20Nov%202026%2008%3A00%3A00%20%2B0000"
                + "&CallbackSource=call-progress-events&SequenceNumber=\(sequence)\(more)",
            means: CallReport(of: "CA1", progress, sequence: sequence))
    }
}
