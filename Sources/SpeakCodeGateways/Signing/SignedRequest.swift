// SPDX-License-Identifier: GPL-3.0-or-later

internal import Crypto
package import HTTPTypes

/// What of a request a gateway signs.
package struct SignedRequest: Sendable {
    let method: HTTPRequest.Method
    /// The address as the gateway knows it: scheme, authority, path, and the query with its question mark, if any.
    let url: String
    let headers: HTTPFields
    let body: [UInt8]
    /// Now, in seconds since 1970.
    let now: Int

    package init(method: HTTPRequest.Method, url: String, headers: HTTPFields, body: [UInt8], now: Int) {
        (self.method, self.url, self.headers, self.body, self.now) = (method, url, headers, body, now)
    }

    /// How far a signature's time may be from ours, in seconds: what Telnyx and jambonz themselves take.
    static let tolerance = 300

    /// Whether a time, in seconds since 1970, is near enough to now, in the past or in the future.
    func isFresh(_ time: Int) -> Bool {
        let (age, overflow) = now.subtractingReportingOverflow(time)
        return !overflow && (-Self.tolerance...Self.tolerance).contains(age)
    }

    /// A header's value; a header that stands twice is one list.
    func header(_ name: String) -> String? {
        HTTPField.Name(name).flatMap { headers[$0] }
    }

    /// The address in front of its query.
    var urlWithoutQuery: Substring { url[..<queryStart] }

    /// The query, with its question mark; empty where there is none.
    var query: Substring { url[queryStart...] }

    private var queryStart: String.Index { url.utf8.firstIndex(of: UInt8(ascii: "?")) ?? url.endIndex }

    /// The fields of a posted form: none without a body, nil for a body that is not a form.
    var form: FormFields? {
        guard !body.isEmpty else { return FormFields(body: []) }
        let type = headers[.contentType]?.prefix { $0 != ";" && $0 != " " && $0 != "\t" }.lowercased()
        return method == .post && type == "application/x-www-form-urlencoded" ? FormFields(body: body) : nil
    }

    /// Whether the body has a SHA-256 hash, in hexadecimal figures.
    func bodyHasHash(_ figures: String) -> Bool {
        Hexadecimal.decode(figures.utf8).map { SHA256.hash(data: body) == $0 } ?? false
    }
}
