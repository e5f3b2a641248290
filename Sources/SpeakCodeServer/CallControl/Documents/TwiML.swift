// SPDX-License-Identifier: GPL-3.0-or-later

/// Twilio's markup, which SignalWire (cXML) and Telnyx (TeXML) speak too.
///
/// Sources: Twilio's pages of `<Gather>`, `<Play>` (`loop="0"` plays until the call ends), `<Redirect>`, `<Hangup>`; Telnyx's
/// pages of the TeXML verbs.
enum TwiML {
    enum Dialect {
        case twilio
        case telnyx
    }

    static func document(_ step: CallStep, dialect: Dialect) -> String {
        let elements: [XMLElement]
        switch step {
        case .reading(let audio, let keys, let next):
            let play = XMLElement("Play", ["loop": "0"], text: audio)
            // Whatever ends the listening without a key, the # for one, must not end the call.
            elements =
                keys.isEmpty
                ? [play] : [gather(play, next, dialect), XMLElement("Redirect", ["method": "POST"], text: next)]
        case .gate(let audio, _, let next):
            elements = [gather(XMLElement("Play", text: audio), next, dialect), XMLElement("Hangup")]
        case .hangUp:
            elements = [XMLElement("Hangup")]
        }
        return XMLElement("Response", [:], elements).document
    }

    private static func gather(_ play: XMLElement, _ next: String, _ dialect: Dialect) -> XMLElement {
        XMLElement(
            "Gather",
            [
                "input": "dtmf", "numDigits": "1", "timeout": String(CallStep.patience),
                // Without a key that finishes, a # is a key as others are; Telnyx describes no empty one.
                "finishOnKey": dialect == .twilio ? "" : nil,
                "action": next,
                // Telnyx uses the method of the application.
                "method": dialect == .twilio ? "POST" : nil,
            ], [play])
    }
}
