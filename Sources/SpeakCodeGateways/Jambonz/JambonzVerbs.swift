// SPDX-License-Identifier: GPL-3.0-or-later

/// jambonz's list of verbs.
///
/// Source: jambonz-feature-server, `lib/tasks/play.js` (`loop` 0 plays once, only "forever" goes on) and `lib/tasks/gather.js` (a
/// key ends what is played; `timeout` 0 is none).
enum JambonzVerbs {
    private struct Verb: Encodable {
        var verb: String
        var url: String?
        var loop: String?
        var actionHook: String?
        var input: [String]?
        var numDigits: Int?
        var timeout: Int?
        var play: Play?

        struct Play: Encodable {
            let url: String
            let loop: String?
        }
    }

    @Sendable static func document(_ step: CallStep) throws -> [UInt8] {
        let verbs: [Verb]
        switch step {
        case .reading(let audio, let keys, let next):
            let play = Verb.Play(url: audio, loop: "forever")
            verbs = [
                Verb(verb: "answer"),
                keys.isEmpty
                    ? Verb(verb: "play", url: audio, loop: "forever") : gather(play, next, timeout: 0),
            ]
        case .gate(let audio, _, let next):
            verbs = [
                Verb(verb: "answer"),
                gather(Verb.Play(url: audio, loop: nil), next, timeout: CallStep.patience),
                Verb(verb: "hangup"),
            ]
        case .hangUp:
            verbs = [Verb(verb: "hangup")]
        }
        return try JSONDocument.encode(verbs)
    }

    private static func gather(_ play: Verb.Play, _ next: String, timeout: Int) -> Verb {
        Verb(verb: "gather", actionHook: next, input: ["digits"], numDigits: 1, timeout: timeout, play: play)
    }
}
