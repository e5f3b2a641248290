// SPDX-License-Identifier: GPL-3.0-or-later

/// The webhook of knadh/otpgateway, which waits three seconds and looks at no status.
///
/// Source: `internal/providers/webhook` of github.com/knadh/otpgateway.
struct OTPGateway: IdentityServer {
    let name = "otpgateway"

    func message(in request: IdentityRequest) throws(IdentityError) -> VerificationMessage {
        try VerificationMessage(
            request.text("otp", "otp"), to: request.text("otp", "to"), locale: request.text("otp", "extra", "locale"))
    }
}
