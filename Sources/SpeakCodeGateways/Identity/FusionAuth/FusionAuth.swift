// SPDX-License-Identifier: GPL-3.0-or-later

/// FusionAuth's generic messenger, which knows voice since 1.65; numbers are as people have typed them, national ones too.
///
/// Source: `customize/email-and-messages/generic-messenger.mdx` of github.com/FusionAuth/fusionauth-site.
struct FusionAuth: IdentityServer {
    let name = "fusionauth"

    func message(in request: IdentityRequest) throws(IdentityError) -> VerificationMessage {
        let type = request.text("type")?.lowercased()
        return try VerificationMessage(
            request.text("code"), to: request.text("phoneNumber"),
            by: type == "voice" ? .call : type == "sms" ? .textMessage : .unsaid)
    }
}
