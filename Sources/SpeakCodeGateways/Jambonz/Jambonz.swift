// SPDX-License-Identifier: GPL-3.0-or-later

/// jambonz: its verbs, and `listen`.
struct Jambonz: Gateway {
    let name = "jambonz"
    let document: CallDocument? = CallDocument(
        "jambonz", number: 7, contentType: "application/json", encode: JambonzVerbs.document,
        read: GatewayReport.inJSON)
    let signing: GatewaySigning? = GatewaySigning(
        setting: "jambonzSecret", help: "what jambonz signs webhooks with", isSecret: true,
        read: { JambonzSignature(secret: $0) })
    let dialing: GatewayDialing<any Dialing>? = Self.calls
    let mediaDialect: (any MediaStreamDialect.Type)? = JambonzDialect.self
}
