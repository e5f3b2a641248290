// SPDX-License-Identifier: GPL-3.0-or-later

/// Plivo's markup.
///
/// Sources: Plivo's pages of `<GetInput>` (the timeout counts from the end of what is played), `<Play>` (`loop="0"`:
/// until the call ends), `<Redirect>`, `<Hangup>`.
enum PlivoXML {
    @Sendable static func document(_ step: CallStep) -> [UInt8] {
        let elements: [XMLElement]
        switch step {
        case .reading(let audio, let keys, let next):
            let play = XMLElement("Play", ["loop": "0"], text: audio)
            elements =
                keys.isEmpty ? [play] : [input(play, next), XMLElement("Redirect", ["method": "POST"], text: next)]
        case .gate(let audio, _, let next):
            elements = [input(XMLElement("Play", text: audio), next), XMLElement("Hangup")]
        case .hangUp:
            elements = [XMLElement("Hangup")]
        }
        return XMLElement("Response", [:], elements).document
    }

    private static func input(_ play: XMLElement, _ next: String) -> XMLElement {
        XMLElement(
            "GetInput",
            [
                "inputType": "dtmf", "numDigits": "1", "executionTimeout": String(CallStep.patience),
                "finishOnKey": "none", "action": next, "method": "POST",
                // Somebody may type the code itself.
                "log": "false",
            ], [play])
    }
}
