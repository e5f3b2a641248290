// SPDX-License-Identifier: GPL-3.0-or-later

/// Logto's HTTP connector for texts, which shows what it is answered.
///
/// An invitation has a link, and no code.
///
/// Source: `packages/connectors/connector-http-sms` of github.com/logto-io/logto.
struct Logto: IdentityServer {
    let name = "logto"

    func message(in request: IdentityRequest) throws(IdentityError) -> VerificationMessage {
        let languages = request.text("payload", "locale") ?? request.text("payload", "uiLocales")
        return try VerificationMessage(
            request.text("payload", "code"), to: request.text("to"),
            // The first of a list (OpenID Connect Core 1.0, section 3.1.2.1).
            locale: languages?.split(separator: " ").first.map(String.init))
    }
}
