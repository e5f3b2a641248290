// SPDX-License-Identifier: GPL-3.0-or-later

/// jambonz: its verbs, and `listen`.
struct Jambonz: Gateway {
    let name = "jambonz"
    let document: CallDocument? = CallDocument(
        "jambonz", number: 7, contentType: "application/json", encode: JambonzVerbs.document,
        read: GatewayReport.inJSON)
    /// `Jambonz-Signature: t=…,v1=…`.
    ///
    /// With GET, jambonz signs what it would have posted and sends it nowhere, so that nobody can check it: its hooks have to
    /// be of the method POST.
    ///
    /// Rules: `lib/utils/base-requestor.js` and `http-requestor.js` of github.com/jambonz/jambonz-feature-server, which
    /// signs, `typescript/src/webhook/response.ts` of github.com/jambonz/node-sdk, which checks, and
    /// <https://docs.jambonz.org/guides/features/securing-http-endpoints>.
    let signing: GatewaySigning? = GatewaySigning(
        setting: "jambonzSecret", help: "what jambonz signs webhooks with", isSecret: true,
        read: { Self.signature(secret: $0) })
    let dialing: GatewayDialing<any Dialing>? = Self.calls
    let mediaDialect: (any MediaStreamDialect.Type)? = JambonzDialect.self

    static func signature(secret: String) -> TimedSignature {
        TimedSignature(header: "Jambonz-Signature", secret: secret)
    }
}
