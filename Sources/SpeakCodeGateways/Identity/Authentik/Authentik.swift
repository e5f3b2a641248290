// SPDX-License-Identifier: GPL-3.0-or-later

/// authentik's stage for texts, with the generic provider: `Body` is the code.
///
/// It shows the person what it is answered.
///
/// Source: `authentik/stages/authenticator_sms/models.py` of github.com/goauthentik/authentik.
struct Authentik: IdentityServer {
    let name = "authentik"

    func message(in request: IdentityRequest) throws(IdentityError) -> VerificationMessage {
        guard let body = request.field("Body", "code", "Message") else { throw .noCode }
        return try VerificationMessage(
            CodeInText.only(in: body), to: request.field("To", "to"), locale: request.field("locale"))
    }
}
