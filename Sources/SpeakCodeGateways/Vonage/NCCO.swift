// SPDX-License-Identifier: GPL-3.0-or-later

/// Vonage's call control object: a list of actions.
///
/// Source: Vonage's NCCO reference: `loop` 0 streams until the call ends; with `bargeIn` a key ends the stream and goes to the
/// `input` behind it; `streamUrl` and `eventUrl` are lists of exactly one; the call ends with its last action.
enum NCCO {
    private struct Action: Encodable {
        var action: String
        var streamUrl: [String]?
        var loop: Int?
        var bargeIn: Bool?
        var type: [String]?
        var dtmf: DTMF?
        var eventUrl: [String]?
        var eventMethod: String?

        struct DTMF: Encodable {
            let maxDigits: Int
            let timeOut: Int
        }
    }

    @Sendable static func document(_ step: CallStep) throws -> [UInt8] {
        let actions: [Action]
        switch step {
        case .reading(let audio, let keys, let next):
            let stream = Action(action: "stream", streamUrl: [audio], loop: 0, bargeIn: keys.isEmpty ? nil : true)
            actions = keys.isEmpty ? [stream] : [stream, input(next)]
        case .gate(let audio, _, let next):
            actions = [Action(action: "stream", streamUrl: [audio], loop: 1, bargeIn: true), input(next)]
        case .hangUp:
            actions = []
        }
        return try JSONDocument.encode(actions)
    }

    private static func input(_ next: String) -> Action {
        Action(
            action: "input", type: ["dtmf"], dtmf: Action.DTMF(maxDigits: 1, timeOut: CallStep.patience),
            eventUrl: [next], eventMethod: "POST")
    }
}
