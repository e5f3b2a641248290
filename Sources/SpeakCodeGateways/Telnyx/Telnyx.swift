// SPDX-License-Identifier: GPL-3.0-or-later

/// Telnyx: TeXML.
struct Telnyx: Gateway {
    let name = "telnyx"
    let document: CallDocument? = CallDocument(
        "texml", number: 4, contentType: "application/xml",
        // Source: Telnyx's pages of the TeXML verbs, which describe no empty finishOnKey; the method is the application's.
        encode: TwiML(finishOnKey: nil, method: nil).document, read: GatewayReport.inForm)
    let signing: GatewaySigning? = GatewaySigning(
        setting: "telnyxPublicKey", help: "the public key of Telnyx's signatures, in base64", isSecret: false,
        requirement: "must be an Ed25519 public key in base64, as the portal shows it",
        read: { TelnyxSignature(publicKey: $0) })
    let dialing: GatewayDialing<any Dialing>? = Self.calls
}
