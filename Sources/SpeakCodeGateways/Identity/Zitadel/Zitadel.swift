// SPDX-License-Identifier: GPL-3.0-or-later

/// Zitadel's HTTP provider for texts, which waits five seconds.
///
/// Codes of a telephone's verification have letters.
///
/// Source: `internal/notification/channels/webhook/channel.go` and `pkg/actions/signing.go` of github.com/zitadel/zitadel, and
/// <https://zitadel.com/docs/guides/manage/customize/notification-providers>.
struct Zitadel: IdentityServer {
    let name = "zitadel"
    let signing: GatewaySigning? = GatewaySigning(
        setting: "zitadelSecret", help: "the signing key of Zitadel's HTTP provider", isSecret: true,
        read: { TimedSignature(header: "ZITADEL-Signature", secret: $0) })

    /// The events that bring a code, and where it stands; there are others, such as that it was sent.
    private static let codes = [
        "session.otp.sms.challenged": "oTP", "user.human.mfa.otp.sms.code.added": "oTP",
        "user.human.phone.code.added": "code", "user.human.initialization.code.added": "code",
        "user.human.password.code.added": "code",
    ]

    func message(in request: IdentityRequest) throws(IdentityError) -> VerificationMessage {
        guard let field = request.text("contextInfo", "eventType").flatMap({ Self.codes[$0] }) else { throw .noCode }
        return try VerificationMessage(
            request.text("args", field), to: request.text("contextInfo", "recipientPhoneNumber"))
    }
}
