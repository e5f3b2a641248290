// SPDX-License-Identifier: GPL-3.0-or-later

/// Twilio: TwiML, and Media Streams.
struct Twilio: Gateway {
    let name = "twilio"
    let document: CallDocument? = .twiml
    let signing: GatewaySigning? = GatewaySigning(
        setting: "twilioAuthToken", help: "what Twilio signs requests with, and takes them by", isSecret: true,
        read: { TwilioSignature(authToken: $0) })
    let dialing: GatewayDialing<any Dialing>? = Self.calls
    let mediaDialect: (any MediaStreamDialect.Type)? = TwilioDialect.self
}

extension CallDocument {
    /// What Twilio takes, and whoever takes its documents unchanged.
    static let twiml = CallDocument(
        "twiml", number: 3, contentType: "application/xml",
        // Without a key that finishes, a # is a key as others are.
        encode: TwiML(finishOnKey: "", method: "POST").document, read: GatewayReport.inForm)
}
