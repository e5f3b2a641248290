// SPDX-License-Identifier: GPL-3.0-or-later

/// Plivo: its XML.
struct Plivo: Gateway {
    let name = "plivo"
    let document: CallDocument? = CallDocument(
        "plivo", number: 5, contentType: "application/xml", encode: PlivoXML.document, read: GatewayReport.inForm)
    let signing: GatewaySigning? = GatewaySigning(
        setting: "plivoAuthToken", help: "what Plivo signs requests with, and takes them by", isSecret: true,
        read: { PlivoSignature(authToken: $0) })
    let dialing: GatewayDialing<any Dialing>? = Self.calls
}
