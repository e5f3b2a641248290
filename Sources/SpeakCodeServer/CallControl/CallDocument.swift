// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCodeLinks

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

    /// What it is in a link's record.
    var carrier: CallCarrier {
        switch self {
        case .twiml: CallCarrier(3)
        case .texml: CallCarrier(4)
        case .plivo: CallCarrier(5)
        case .ncco: CallCarrier(6)
        case .jambonz: CallCarrier(7)
        case .httapi: CallCarrier(8)
        }
    }

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
