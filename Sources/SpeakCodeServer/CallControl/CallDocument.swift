// SPDX-License-Identifier: GPL-3.0-or-later

/// The documents by which gateways are told what to do in a call, by the extensions of their links.
enum CallDocument: String, CaseIterable, Hashable, Sendable {
    /// Twilio, SignalWire.
    case twiml
    /// Telnyx.
    case texml
    /// Plivo.
    case plivo
    /// Vonage.
    case ncco
    /// jambonz.
    case jambonz
    /// FreeSWITCH's mod_httapi.
    case httapi

    /// What stands before the sealed text in a document's path.
    static let prefix = "/c/"

    /// The media type, as each gateway wants it.
    var contentType: String {
        switch self {
        case .twiml, .texml, .plivo: "application/xml"
        // mod_httapi reads no other.
        case .httapi: "text/xml"
        case .ncco, .jambonz: "application/json"
        }
    }
}
