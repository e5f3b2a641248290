// SPDX-License-Identifier: GPL-3.0-or-later

/// Twilio's markup, which others speak too.
///
/// Sources: Twilio's pages of `<Gather>`, `<Play>` (`loop="0"` plays until the call ends), `<Redirect>`, `<Hangup>`.
struct TwiML: Sendable {
    /// The key that ends listening; nil for the gateway's own.
    let finishOnKey: String?
    /// The method by which keys are told; nil for the gateway's own.
    let method: String?

    func document(_ step: CallStep) -> [UInt8] {
        let elements: [XMLElement]
        switch step {
        case .reading(let audio, let keys, let next):
            let play = XMLElement("Play", ["loop": "0"], text: audio)
            // Whatever ends the listening without a key, the # for one, must not end the call.
            elements =
                keys.isEmpty ? [play] : [gather(play, next), XMLElement("Redirect", ["method": "POST"], text: next)]
        case .gate(let audio, _, let next):
            elements = [gather(XMLElement("Play", text: audio), next), XMLElement("Hangup")]
        case .hangUp:
            elements = [XMLElement("Hangup")]
        }
        return XMLElement("Response", [:], elements).document
    }

    private func gather(_ play: XMLElement, _ next: String) -> XMLElement {
        XMLElement(
            "Gather",
            [
                "input": "dtmf", "numDigits": "1", "timeout": String(CallStep.patience), "finishOnKey": finishOnKey,
                "action": next, "method": method,
            ], [play])
    }
}
