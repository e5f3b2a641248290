// SPDX-License-Identifier: GPL-3.0-or-later

/// What a document tells a gateway to do: play audio, listen to keys meanwhile, and what then.
enum CallStep: Hashable, Sendable {
    /// Plays audio again and again until the caller hangs up.
    ///
    /// - `keys`: those that are told to `next`; none where it is empty.
    case reading(audio: String, keys: String, next: String)
    /// Plays the gate, its audio having all its readings; hangs up if no key is pressed behind it either.
    case gate(audio: String, keys: String, next: String)
    /// Hangs up.
    case hangUp

    /// Seconds behind a gate's last word in which a key is still waited for.
    static let patience = 5
}

extension CallDocument {
    /// The document for a step, in the gateway's own terms.
    ///
    /// - Throws: what the encoder throws, which it does not for texts and numbers.
    func encoded(_ step: CallStep) throws -> [UInt8] {
        switch self {
        case .twiml: Array(TwiML.document(step, dialect: .twilio).utf8)
        case .texml: Array(TwiML.document(step, dialect: .telnyx).utf8)
        case .plivo: Array(PlivoXML.document(step).utf8)
        case .httapi: Array(HTTAPI.document(step).utf8)
        case .ncco: try NCCO.document(step)
        case .jambonz: try JambonzVerbs.document(step)
        }
    }
}
