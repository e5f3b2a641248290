// SPDX-License-Identifier: GPL-3.0-or-later

internal import HTTPTypes

/// For whoever writes the request: `{"to": …, "code": …, "locale": …}`, signed as Standard Webhooks has it.
///
/// Source of the signature: <https://www.standardwebhooks.com>.
struct Standard: IdentityServer {
    let name = "standard"
    let signing: GatewaySigning? = GatewaySigning(
        setting: "standardSecret",
        help: "what requests to /v1/providers/standard are signed with, as whsec_ and base64", isSecret: true,
        requirement: "must be whsec_ and the base64 of 24 to 64 random bytes",
        read: { WebhookKey($0) })

    func message(in request: IdentityRequest) throws(IdentityError) -> VerificationMessage {
        try VerificationMessage(request.text("code"), to: request.text("to"), locale: request.text("locale"), by: .call)
    }

    private struct Accepted: Encodable {
        let id: String
    }

    private struct Failure: Encodable {
        let type: String
        let status: Int
        let detail: String
    }

    /// 202 with the call's name, and problem details (RFC 9457).
    func answer(to outcome: IdentityOutcome) -> GatewayAnswer {
        switch outcome {
        case .accepted(let id): return .json(202, Accepted(id: id))
        case .refused(let refusal):
            let (reason, status) = (refusal.reason.rawValue, refusal.reason.status)
            var answer = GatewayAnswer.json(
                status, Failure(type: "urn:speakcode:problem:\(reason)", status: status, detail: refusal.sentence))
            answer.headers[.contentType] = "application/problem+json"
            return answer
        }
    }
}
