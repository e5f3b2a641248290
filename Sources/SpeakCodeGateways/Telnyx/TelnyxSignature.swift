// SPDX-License-Identifier: GPL-3.0-or-later

internal import Crypto
internal import FoundationEssentials

/// Telnyx's `telnyx-signature-ed25519`: an Ed25519 signature, in base64, of `telnyx-timestamp`, a bar and the body.
///
/// Covers the body and the time. It does not cover the method, the address and the query.
///
/// Rules: <https://developers.telnyx.com/docs/development/sdk/python/webhooks>, and Telnyx's own validators
/// (`src/telnyx/lib/webhook_verification.py` of github.com/team-telnyx/telnyx-python, `lib/webhook_verification.go` of
/// github.com/team-telnyx/telnyx-go).
struct TelnyxSignature: RequestSigning {
    private let key: Curve25519.Signing.PublicKey

    /// Takes the account's public key: 32 bytes in base64; nil for any other text.
    init?(publicKey: String) {
        guard let bytes = Data(base64Encoded: publicKey),
            let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes)
        else { return nil }
        self.key = key
    }

    func isGenuine(_ request: SignedRequest) -> Bool {
        guard let signature = request.header("telnyx-signature-ed25519").flatMap({ Data(base64Encoded: $0) }),
            let time = request.header("telnyx-timestamp"), let seconds = Int(time), request.isFresh(seconds)
        else { return false }
        return key.isValidSignature(signature, for: Array("\(time)|".utf8) + request.body)
    }
}
