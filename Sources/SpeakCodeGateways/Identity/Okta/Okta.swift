// SPDX-License-Identifier: GPL-3.0-or-later

/// Okta's telephony inline hook.
///
/// It waits three seconds, and asks a second time at most, not behind a 4xx.
///
/// Source: `docs/reference/telephony-hook` and `docs/concepts/inline-hooks` of github.com/okta/okta-developer-docs.
struct Okta: IdentityServer {
    let name = "okta"

    func message(in request: IdentityRequest) throws(IdentityError) -> VerificationMessage {
        func text(_ key: String) -> String? { request.text("data", "messageProfile", key) }
        let channel = text("deliveryChannel")?.uppercased()
        return try VerificationMessage(
            text("otpCode"), to: text("phoneNumber"), locale: text("locale"),
            by: channel == nil ? .unsaid : channel == "SMS" ? .textMessage : .call)
    }

    private struct Commands: Encodable {
        struct Command: Encodable {
            let type = "com.okta.telephony.action"
            let value: [Value]
        }
        struct Value: Encodable {
            let status: String
            let provider = "SpeakCode"
            var transactionId: String?
        }
        let commands: [Command]

        init(_ status: String, _ id: String? = nil) {
            commands = [Command(value: [Value(status: status, transactionId: id)])]
        }
    }

    private struct Failure: Encodable {
        struct Summary: Encodable {
            let errorSummary: String
            let errorCauses: [Cause]
        }
        struct Cause: Encodable {
            let errorSummary: String
            let reason: String
        }
        let error: Summary
    }

    /// Where a text message is refused, Okta sends it itself: that is no error of the hook.
    func answer(to outcome: IdentityOutcome) -> GatewayAnswer {
        switch outcome {
        case .accepted(let id): return .json(200, Commands("PENDING", id))
        case .refused(let refusal) where refusal.reason == .textMessage: return .json(200, Commands("FAILED"))
        case .refused(let refusal):
            let cause = Failure.Cause(errorSummary: refusal.sentence, reason: refusal.reason.rawValue)
            return .json(
                refusal.reason.status, Failure(error: .init(errorSummary: refusal.sentence, errorCauses: [cause])))
        }
    }
}
