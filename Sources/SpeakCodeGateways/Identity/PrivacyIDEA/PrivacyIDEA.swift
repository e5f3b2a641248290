// SPDX-License-Identifier: GPL-3.0-or-later

/// privacyIDEA's HttpSMSProvider, by POST, with a form or JSON whose fields the operator names.
///
/// It waits three seconds.
///
/// Source: `privacyidea/lib/smsprovider/HttpSMSProvider.py` of github.com/privacyidea/privacyidea.
struct PrivacyIDEA: IdentityServer {
    let name = "privacyidea"

    func message(in request: IdentityRequest) throws(IdentityError) -> VerificationMessage {
        var code = request.field("code", "otp")
        if code == nil, let text = request.field("text", "message") { code = try CodeInText.only(in: text) }
        return try VerificationMessage(
            code, to: request.field("to", "phone", "number"), locale: request.field("locale", "lang"))
    }
}
