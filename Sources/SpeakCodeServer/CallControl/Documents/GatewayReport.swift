// SPDX-License-Identifier: GPL-3.0-or-later

internal import FoundationEssentials

/// What a gateway reports with its request for a document: nothing yet, a key, or that none was pressed.
enum GatewayReport: Hashable, Sendable {
    case nothing
    case key(Character)
    /// It listened, and no key came.
    case noKey
    /// The call is over, and whatever is answered is not heard.
    case over

    /// Reads a request.
    ///
    /// - Parameters:
    ///   - query: without its question mark.
    ///   - body: a form, or JSON.
    init(_ document: CallDocument, query: String, body: [UInt8]) {
        switch document {
        case .ncco, .jambonz:
            if let report = Self.report(inJSON: body) {
                self = report
                return
            }
            self = Self.report(in: FormFields(query: query), document)
        case .twiml, .texml, .plivo, .httapi:
            let form = Self.report(in: FormFields(body: body), document)
            self = form == .nothing ? Self.report(in: FormFields(query: query), document) : form
        }
    }

    private static func report(in fields: FormFields, _ document: CallDocument) -> GatewayReport {
        if document == .httapi, fields["exiting"] == "true" { return .over }
        guard let digits = fields["Digits"] ?? fields["digits"] ?? fields["dtmf"] else {
            // FreeSWITCH asks again behind a document that is through, and says nothing of keys then.
            return document == .httapi && fields[HTTAPI.asked] != nil ? .noKey : .nothing
        }
        return digits.first.map { .key($0) } ?? .noKey
    }

    /// What Vonage and jambonz send: `{"dtmf": {"digits": "1", "timed_out": false}}`, `{"digits": "1", "reason": …}`.
    private static func report(inJSON body: [UInt8]) -> GatewayReport? {
        guard case .object(let object)? = try? JSONDecoder().decode(JSONValue.self, from: Data(body)) else {
            return nil
        }
        if case .object(let dtmf)? = object["dtmf"], case .text(let digits)? = dtmf["digits"] {
            return digits.first.map { .key($0) } ?? .noKey
        }
        for name in ["digits", "dtmf"] {
            if case .text(let digits)? = object[name] { return digits.first.map { .key($0) } ?? .noKey }
        }
        if case .text("timeout")? = object["reason"] { return .noKey }
        return nil
    }
}
