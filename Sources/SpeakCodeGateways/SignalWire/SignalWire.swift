// SPDX-License-Identifier: GPL-3.0-or-later

/// SignalWire, which takes TwiML as it is (cXML) and signs as its author does: its signing key stands in that one's setting.
struct SignalWire: Gateway {
    let name = "signalwire"
    let document: CallDocument? = .twiml

    /// Source: SignalWire's Compatibility API, which is the same beneath `/api/laml`.
    let dialing: GatewayDialing<any Dialing>? = GatewayDialing([
        GatewaySetting("signalwireProject", "the project whose calls SpeakCode places"),
        GatewaySetting("signalwireURL", "the space, such as https://example.signalwire.com", .url, isNeeded: true),
        GatewaySetting("signalwireToken", "the project's API token", .secret, isNeeded: true),
        GatewaySetting(
            "signalwireNumbers", "the numbers that calls come from, the first by default", .list, isNeeded: true),
    ]) { values throws(DialingError) in
        let project = try values.name("signalwireProject")
        return TwiMLCalls(
            base: try values.base("signalwireURL") + "/api/laml/2010-04-01", account: project,
            credential: .basic(user: project, password: try values.credential("signalwireToken")),
            callers: try values.callers("signalwireNumbers"),
            keys: SetupKeys(account: "signalwireProject", credential: "signalwireToken", url: "signalwireURL"))
    }
}
