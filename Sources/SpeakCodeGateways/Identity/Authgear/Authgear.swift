// SPDX-License-Identifier: GPL-3.0-or-later

internal import Crypto

/// Authgear's custom gateway for texts.
///
/// It reads answers of 2xx alone, and in them a word of its own.
///
/// Source: `docs/specs/sms_gateway.md` and `docs/specs/hook.md` of github.com/authgear/authgear-server: the signature is
/// HMAC-SHA256 of the body in hexadecimal figures, without a time.
struct Authgear: IdentityServer {
    let name = "authgear"
    let signing: GatewaySigning? = GatewaySigning(
        setting: "authgearSecret", help: "what Authgear signs webhooks with", isSecret: true,
        read: { BodySignature(header: "x-authgear-body-signature", secret: SharedSecret($0)) })

    private struct BodySignature: RequestSigning {
        let header: String
        let secret: SharedSecret

        func isGenuine(_ request: SignedRequest) -> Bool {
            guard let figures = request.header(header), let code = Hexadecimal.decode(figures.utf8) else {
                return false
            }
            return secret.matches(code, of: request.body, hash: SHA256.self)
        }
    }

    func message(in request: IdentityRequest) throws(IdentityError) -> VerificationMessage {
        var code = request.text("template_variables", "code") ?? request.text("template_variables", "Code")
        if code == nil, let body = request.text("body") { code = try CodeInText.only(in: body) }
        return try VerificationMessage(code, to: request.text("to"), locale: request.text("language_tag"))
    }

    private struct Answer: Encodable {
        let code: String
        let description: String
    }

    func answer(to outcome: IdentityOutcome) -> GatewayAnswer {
        switch outcome {
        case .accepted: return .json(200, Answer(code: "ok", description: "ok"))
        case .refused(let refusal):
            let word =
                switch refusal.reason {
                case .notAuthenticated: "authentication_failed"
                case .nothingToSay, .textMessage: "unsupported_request"
                case .numberNotCalled: "invalid_phone_number"
                case .tooManyCalls: "rate_limited"
                case .unavailable: "unknown_error"
                }
            return .json(200, Answer(code: word, description: refusal.sentence))
        }
    }
}
