// SPDX-License-Identifier: GPL-3.0-or-later

/// Vonage: NCCO.
struct Vonage: Gateway {
    let name = "vonage"
    let document: CallDocument? = CallDocument(
        "ncco", number: 6, contentType: "application/json", encode: NCCO.document, read: GatewayReport.inJSON)
    let signing: GatewaySigning? = GatewaySigning(
        setting: "vonageSignatureSecret", help: "what Vonage signs webhooks with", isSecret: true,
        read: { VonageSignature(secret: $0) })
    let dialing: GatewayDialing<any Dialing>? = Self.calls
}
