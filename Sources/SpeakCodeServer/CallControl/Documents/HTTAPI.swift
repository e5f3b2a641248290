// SPDX-License-Identifier: GPL-3.0-or-later

/// FreeSWITCH's documents for its application `httapi`.
///
/// Source: mod_httapi.c, `parse_playback`: a file with bindings is played `loops` times more than once, each time followed by
/// `input-timeout` milliseconds of listening; a key that is bound is sent to `action` under `name`. A document that is
/// through is asked for again; of a file without bindings, also where it could not be fetched, at once and without end. A key
/// that is not bound ends the file's loops, and what stands behind it follows. So there are always bindings, and before the
/// gate every key has one: the answer to another is the gate again. An `<answer/>` in front ended the work here: the dialplan answers.
enum HTTAPI {
    static func document(_ step: CallStep) -> String {
        let work: [XMLElement]
        switch step {
        case .reading(let audio, let keys, let next):
            work = [playback(audio, keys.isEmpty ? "#" : keys, next, loops: 1_000_000, timeout: 1)]
        case .gate(let audio, _, let next):
            work = [
                playback(
                    audio, "0123456789*#", next, loops: 0, timeout: 1000 * CallStep.patience),
                XMLElement("hangup"),
            ]
        case .hangUp:
            work = [XMLElement("hangup")]
        }
        return XMLElement("document", ["type": "xml/freeswitch-httapi"], [XMLElement("work", [:], work)]).document
    }

    private static func playback(
        _ audio: String, _ keys: String, _ next: String, loops: Int, timeout: Int
    ) -> XMLElement {
        XMLElement(
            "playback",
            [
                "file": audio, "name": "digits", "action": next, "loops": String(loops),
                "input-timeout": String(timeout), "digit-timeout": "1",
            ], keys.map { XMLElement("bind", text: String($0)) })
    }
}
