// SPDX-License-Identifier: GPL-3.0-or-later

/// LinOTP's CustomVoiceProvider, which waits five seconds.
///
/// What it says of an account at Twilio is not looked at.
///
/// Its test of the connection posts `{}`, and takes "400 Bad Request" for success.
///
/// Source: `linotp/provider/voiceprovider/custom_voice_provider.py` of github.com/LinOTP/LinOTP.
struct LinOTP: IdentityServer {
    let name = "linotp"

    func message(in request: IdentityRequest) throws(IdentityError) -> VerificationMessage {
        try VerificationMessage(
            request.text("call", "otp"), to: request.text("call", "calleeNumber"),
            locale: request.text("call", "locale"), by: .call)
    }
}
