// SPDX-License-Identifier: GPL-3.0-or-later

/// FreeSWITCH's documents for its application `httapi`.
///
/// Source: mod_httapi.c, `parse_playback` and `parse_xml`: a file with bindings is played `loops` times more than once, each time
/// followed by `input-timeout` milliseconds of listening; a key that is bound is sent to `action` under `name`, but not before the
/// next tag has run, so nothing stands behind a file. A document that is through is asked for again: so the gate's says by a
/// parameter, which comes with every request behind it, that the next one without a key is from somebody who pressed none.
///
/// A file without bindings is asked for again at once and without end, also where it could not be fetched; so there are always
/// bindings, and before the gate every key has one, since one that has none ends the gate. An `<answer/>` in front ended the
/// work here: the dialplan answers.
enum HTTAPI {
    /// The parameter of requests behind a gate that was read.
    private static let asked = "asked"

    /// What a request reports, in its form or in its query.
    @Sendable static func report(query: String, body: [UInt8]) -> GatewayReport {
        report(in: FormFields(body: body)) ?? report(in: FormFields(query: query)) ?? .nothing
    }

    private static func report(in fields: FormFields) -> GatewayReport? {
        if fields["exiting"] == "true" { return .over }
        // FreeSWITCH asks again behind a document that is through, and says nothing of keys then.
        return GatewayReport.key(in: fields) ?? (fields[asked] == nil ? nil : .noKey)
    }

    @Sendable static func document(_ step: CallStep) -> [UInt8] {
        var parts: [XMLElement] = []
        let work: XMLElement
        switch step {
        case .reading(let audio, let keys, let next):
            work = playback(audio, keys.isEmpty ? "#" : keys, next, loops: 1_000_000, timeout: 1)
        case .gate(let audio, _, let next):
            parts.append(XMLElement("params", [:], [XMLElement(asked, text: "1")]))
            work = playback(audio, "0123456789*#", next, loops: 0, timeout: 1000 * CallStep.patience)
        case .hangUp:
            work = XMLElement("hangup")
        }
        parts.append(XMLElement("work", [:], [work]))
        return XMLElement("document", ["type": "xml/freeswitch-httapi"], parts).document
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
