// SPDX-License-Identifier: GPL-3.0-or-later

/// Casdoor's own HTTP provider for texts, by POST; the operator names the fields.
///
/// It takes 200 for success, and nothing else.
///
/// Source: `object/sms_custom_http.go` of github.com/casdoor/casdoor.
struct Casdoor: IdentityServer {
    let name = "casdoor"

    func message(in request: IdentityRequest) throws(IdentityError) -> VerificationMessage {
        guard let text = request.field("code", "content", "text", "message") else { throw .noCode }
        return try VerificationMessage(
            CodeInText.only(in: text), to: request.field("to", "phone", "phoneNumber", "mobile"),
            locale: request.field("locale"))
    }
}
