// SPDX-License-Identifier: GPL-3.0-or-later

/// Supabase's hook for sending texts.
///
/// It waits five seconds in all, and a second time has another `webhook-id`.
///
/// Source: `internal/hooks/hookshttp/hookshttp.go` and `internal/hooks/hookserrors` of github.com/supabase/auth: an error is an
/// answer that succeeds, and says so; 429 and 503 with `Retry-After` are asked again at once.
struct Supabase: IdentityServer {
    let name = "supabase"
    let omitsPlus = true
    let signing: GatewaySigning? = GatewaySigning(
        setting: "supabaseSecret", help: "what Supabase signs its hook with, as v1,whsec_ and base64", isSecret: true,
        requirement: "must be v1,whsec_ and the base64 of 24 to 64 bytes, as Supabase shows it",
        read: { WebhookKey($0.hasPrefix("v1,") ? $0.dropFirst("v1,".count) : $0[...]) })

    func message(in request: IdentityRequest) throws(IdentityError) -> VerificationMessage {
        try VerificationMessage(
            request.text("sms", "otp"), to: request.text("sms", "phone") ?? request.text("user", "phone"),
            locale: request.text("user", "user_metadata", "locale"))
    }

    private struct Failure: Encodable {
        struct Content: Encodable {
            let code: Int
            let message: String

            enum CodingKeys: String, CodingKey {
                case code = "http_code"
                case message
            }
        }
        let error: Content
    }

    func answer(to outcome: IdentityOutcome) -> GatewayAnswer {
        switch outcome {
        case .accepted: GatewayAnswer(status: 204)
        case .refused(let refusal) where refusal.reason == .notAuthenticated: .plain(outcome)
        case .refused(let refusal):
            .json(200, Failure(error: .init(code: refusal.reason.status, message: refusal.sentence)))
        }
    }
}
