// SPDX-License-Identifier: GPL-3.0-or-later

/// Ory Kratos's courier over HTTP, whose body is what its Jsonnet makes: docs/identity/kratos.md has one.
///
/// Without that, a body with the courier's own names is taken. What fails is sent again, five times.
///
/// Source: `courier/http_channel.go` and `courier/template/sms` of github.com/ory/kratos; the code of a recovery is called
/// `verification_code` there.
struct Kratos: IdentityServer {
    let name = "kratos"

    func message(in request: IdentityRequest) throws(IdentityError) -> VerificationMessage {
        let codes = ["login_code", "verification_code", "registration_code", "recovery_code"]
        return try VerificationMessage(
            request.text("code") ?? codes.lazy.compactMap { request.text("template_data", $0) }.first,
            to: request.text("to") ?? request.text("recipient"), locale: request.text("locale"))
    }
}
