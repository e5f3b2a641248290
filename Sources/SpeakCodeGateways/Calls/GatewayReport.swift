// SPDX-License-Identifier: GPL-3.0-or-later

internal import JSON5

/// What a gateway reports with its request for a document: nothing yet, a key, or that none was pressed.
package enum GatewayReport: Hashable, Sendable {
    case nothing
    case key(Character)
    /// It listened, and no key came.
    case noKey
    /// The call is over, and whatever is answered is not heard.
    case over
}

// How gateways tell of keys: by fields of a form, or by JSON.
extension GatewayReport {
    /// Reads a form, or the query where the form says nothing.
    @Sendable static func inForm(query: String, body: [UInt8]) -> GatewayReport {
        key(in: FormFields(body: body)) ?? key(in: FormFields(query: query)) ?? .nothing
    }

    /// Reads JSON, or the query where there is none that says anything.
    @Sendable static func inJSON(query: String, body: [UInt8]) -> GatewayReport {
        key(inJSON: body) ?? key(in: FormFields(query: query)) ?? .nothing
    }

    /// What the fields of a form say of keys; nil where they say nothing.
    static func key(in fields: FormFields) -> GatewayReport? {
        (fields["Digits"] ?? fields["digits"] ?? fields["dtmf"]).map { pressed($0) }
    }

    /// `{"dtmf": {"digits": "1", "timed_out": false}}`, `{"digits": "1", "reason": …}`, `{"reason": "timeout"}`.
    private static func key(inJSON body: [UInt8]) -> GatewayReport? {
        guard let object = JSON5Value.object(in: body) else { return nil }
        if case .object(let dtmf)? = object["dtmf"], case .text(let digits)? = dtmf["digits"] { return pressed(digits) }
        for name in ["digits", "dtmf"] {
            if case .text(let digits)? = object[name] { return pressed(digits) }
        }
        if case .text("timeout")? = object["reason"] { return .noKey }
        return nil
    }

    private static func pressed(_ digits: String) -> GatewayReport { digits.first.map { .key($0) } ?? .noKey }
}
